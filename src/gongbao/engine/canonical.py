"""One JSON form for every value of the engine, so that the same content always has the same bytes and the same hash.

Numbers that are not whole are written as their digits in a string (`"1.20"` stays `"1.20"`), days and moments in
ISO 8601 (moments in Asia/Shanghai), lengths of time as ISO durations, a series as the form `read_facts` reads.
Read back through the specs of the facts (`engine.fact.read_facts`), a written fact is the same value again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gongbao.engine.series import Series, series_form
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.feel import FeelFunction, YearsMonths
from gongbao.feel.temporal import write, write_number


def to_jsonable(value: Any) -> Any:
    """The value as JSON data. TypeError for a float, a datetime without zone, a NaN, or a foreign object."""
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, Mapping):
        return {_key(key): to_jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_jsonable(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((to_jsonable(item) for item in value), key=canonical_json)
    if isinstance(value, Series):
        return to_jsonable(series_form(value))
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return write_number(value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise TypeError(f"时间 {value.isoformat()} 没有时区，不能存入记录")
        return value.astimezone(SHANGHAI).isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta | YearsMonths):
        return write(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type | FeelFunction):
        return {f.name: to_jsonable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    for plain in (bool, int, str):
        if isinstance(value, plain):
            return plain(value)
    raise TypeError(f"这类值不能存入记录：{type(value).__name__} {value!r}")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"记录的键须为文本，给出的是 {key!r}")
    return key


def canonical_json(value: Any) -> bytes:
    """The bytes of a value: UTF-8, keys sorted, no spaces; equal content gives equal bytes."""
    text = json.dumps(to_jsonable(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
