"""Which database a row belongs to: transfers between the sites live in the exchange table, all else in the default."""

from __future__ import annotations

from typing import Any

APP = "exchange_table"


class ExchangeRouter:
    def db_for_read(self, model: Any, **_: Any) -> str | None:
        return "exchange" if model._meta.app_label == APP else None

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **_: Any) -> bool | None:
        apps = {one._meta.app_label, other._meta.app_label}
        return False if APP in apps and len(apps) > 1 else None

    def allow_migrate(self, db: str, app_label: str, **_: Any) -> bool | None:
        if db == "real":  # the office's own, seen from the drill site
            return False
        return (db == "exchange") == (app_label == APP)
