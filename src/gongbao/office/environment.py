"""What an instance of the office is told from outside: its folder, its databases, which desk it is.

GONGBAO_HOME          folder of the instance: SQLite files, secret key, uploads (default: var)
DATABASE_URL          sqlite:///PATH or postgres://USER:PASSWORD@HOST:PORT/NAME (?host=/socket/folder)
GONGBAO_EXCHANGE_URL  the exchange table (中间库) between two sites; default: exchange.sqlite3 in GONGBAO_HOME
GONGBAO_SITE          12345 | 110 | office
GONGBAO_PACKS         folder of the packs (default: packs beside src, else ./packs)
GONGBAO_GAZETTES      folder of the gazettes that the city has loaded (optional)
GONGBAO_DEMO          1: demonstration: accounts listed at sign-in, 演示日期 on every page
GONGBAO_HOSTS         host names served, comma separated (default: this machine only)
GONGBAO_HTTPS         1: served behind TLS: cookies only over HTTPS
GONGBAO_DEBUG         1: Django's debug pages; never in an office
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SITES = ("12345", "110", "office")


class EnvironmentError_(ValueError):
    """An environment variable that the office cannot use; says which, what it holds and what is allowed."""


def flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def home() -> Path:
    folder = Path(os.environ.get("GONGBAO_HOME", "var")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def site() -> str:
    name = os.environ.get("GONGBAO_SITE", "office")
    if name not in SITES:
        raise EnvironmentError_(f"GONGBAO_SITE 为“{name}”，只能是 {'、'.join(SITES)}")
    return name


def packs() -> Path:
    if given := os.environ.get("GONGBAO_PACKS"):
        return Path(given).resolve()
    beside = Path(__file__).resolve().parents[3] / "packs"
    return beside if beside.is_dir() else Path("packs").resolve()


def secret_key(folder: Path) -> str:
    """The key that signs sessions: made once for this instance and kept in its folder, readable by its owner only."""
    if given := os.environ.get("GONGBAO_SECRET_KEY"):
        return given
    file = folder / "secret_key"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        key = secrets.token_urlsafe(64)
        out.write(key)
    return key


def database(url: str) -> dict[str, Any]:
    """A database as Django wants it, from a URL; SQLite in WAL with immediate transactions, PostgreSQL as it is."""
    parts = urlsplit(url)
    if parts.scheme in ("sqlite", "sqlite3"):
        name = unquote(parts.path)[1:] if parts.path.startswith("//") or not parts.netloc else unquote(parts.path)
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name or ":memory:",
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;"
                    "PRAGMA cache_size=-65536; PRAGMA foreign_keys=ON"
                ),
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.get("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    raise EnvironmentError_(
        f"数据库地址“{parts.scheme}:”不认识；只能是 sqlite:///文件 或 postgres://用户:密码@主机/库名"
    )
