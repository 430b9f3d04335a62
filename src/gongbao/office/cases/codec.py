"""Values as they are stored: JSON that gives back the same typed value, and one canonical text for hashing.

Numbers stay exact: an integer is a JSON integer, a decimal is `{"$": "decimal", "v": "1.20"}`. Dates, times,
durations and series carry their kind in the same way, so that a replay years later sees what the engine saw then.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any

from gongbao.office.clock import SHANGHAI

# Value classes of the engine that may stand in facts; stored field by field under their class name.
_RECORDS = {
    "YearsMonths": "gongbao.feel.values",
    "Range": "gongbao.feel.values",
    "Series": "gongbao.engine.series",
}


def encode(value: Any) -> Any:
    """A FEEL value as JSON; `TypeError` for a float or a foreign object."""
    if value is None or isinstance(value, (bool, str, int)):
        return value
    if isinstance(value, Decimal):
        return {"$": "decimal", "v": str(value)}
    if isinstance(value, dt.datetime):
        return {"$": "datetime", "v": moment(value)}
    if isinstance(value, dt.date):
        return {"$": "date", "v": value.isoformat()}
    if isinstance(value, dt.time):
        return {"$": "time", "v": value.isoformat()}
    if isinstance(value, dt.timedelta):
        return {"$": "duration", "v": [value.days, value.seconds, value.microseconds]}
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [encode(item) for item in items]
    name = type(value).__name__
    if dataclasses.is_dataclass(value) and _RECORDS.get(name) == type(value).__module__:
        fields = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value) if f.init}
        return {"$": name, "v": fields}
    raise TypeError(f"这类值不能入库：{type(value).__name__} {value!r}")


def decode(stored: Any) -> Any:
    if isinstance(stored, list):
        return [decode(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    kind = stored.get("$")
    if kind is None or set(stored) != {"$", "v"}:
        return {key: decode(item) for key, item in stored.items()}
    v = stored["v"]
    if kind == "decimal":
        return Decimal(v)
    if kind == "datetime":
        return dt.datetime.fromisoformat(v).astimezone(SHANGHAI)
    if kind == "date":
        return dt.date.fromisoformat(v)
    if kind == "time":
        return dt.time.fromisoformat(v)
    if kind == "duration":
        return dt.timedelta(*v)
    return _rebuild(kind, v)


@cache
def _record(name: str) -> tuple[type, frozenset[str]]:
    cls = getattr(import_module(_RECORDS[name]), name)
    tuples = frozenset(f.name for f in dataclasses.fields(cls) if str(f.type).startswith("tuple"))
    return cls, tuples


def _rebuild(name: str, fields: dict[str, Any]) -> Any:
    cls, tuples = _record(name)
    values = {key: decode(item) for key, item in fields.items()}
    return cls(**{key: tuple(item) if key in tuples else item for key, item in values.items()})


def moment(value: dt.datetime) -> str:
    """A moment in one form, whatever zone or database it came from."""
    return value.astimezone(SHANGHAI).isoformat()


def canonical(content: Any) -> str:
    """One text for one content: keys sorted, no spaces, Chinese as it is."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
