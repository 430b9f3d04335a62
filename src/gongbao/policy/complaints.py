"""Pydantic's findings in the words of a pack author: which key, what was given, what is allowed, in Chinese."""

from __future__ import annotations

import difflib
import types
import typing
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from gongbao.policy.errors import Problem
from gongbao.policy.yaml_core import Parsed, Path, dotted

_KINDS = {
    "string_type": "应是文字（数字和表达式要加引号）",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "int_from_float": "应是整数",
    "decimal_type": "应是数",
    "decimal_parsing": "应是数",
    "bool_type": "应是 true 或 false",
    "bool_parsing": "应是 true 或 false",
    "dict_type": "应是映射（键: 值）",
    "model_type": "应是映射（键: 值）",
    "tuple_type": "应是列表",
    "list_type": "应是列表",
    "date_type": "应是日期（年-月-日）",
    "date_parsing": "应是日期（年-月-日）",
    "date_from_datetime_parsing": "应是日期（年-月-日）",
    "date_from_datetime_inexact": "应是日期（年-月-日）",
    "datetime_type": "应是时间（年-月-日 时:分）",
    "datetime_parsing": "应是时间（年-月-日 时:分）",
    "datetime_from_date_parsing": "应是时间（年-月-日 时:分）",
}


def in_chinese(error: ValidationError, file: str, adapter: TypeAdapter[Any], parsed: Parsed) -> list[Problem]:
    """One problem per place; the alternatives of a union at one place are joined by 或."""
    told: dict[Path, list[str]] = {}
    for found in error.errors(include_url=False):
        path = _written(found["loc"], parsed.value)
        if found["type"] == "missing":
            path = (*path, str(found["loc"][-1]))
        message = _message(found, adapter, path)
        messages = told.setdefault(path, [])
        if message not in messages:
            messages.append(message)
    problems = []
    for path, messages in told.items():
        if len(messages) > 1:  # a union: keep what each branch says of the value, not that one branch knows no key
            messages = [m for m in messages if not m.startswith("未知的键")] or messages
        line = next((parsed.lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in parsed.lines), None)
        problems.append(Problem(file, line, dotted(path), " 或 ".join(messages), code="schema"))
    return problems


def _written(loc: tuple[int | str, ...], value: Any) -> Path:
    """The part of Pydantic's location that exists in the file (it also names union members and `[key]`)."""
    path: Path = ()
    part: Any
    for part in loc:
        if (isinstance(value, dict) and part in value) or (
            isinstance(value, list) and isinstance(part, int) and part < len(value)
        ):
            value = value[part]
            path = (*path, part)
    return path


def _message(found: Any, adapter: TypeAdapter[Any], path: Path) -> str:
    kind = found["type"]
    if kind == "missing":
        return "缺少这一项"
    if kind == "extra_forbidden":
        allowed = _allowed(adapter, path)
        near = difflib.get_close_matches(str(path[-1]), allowed, n=1, cutoff=0.6)
        hint = f"，是否应为“{near[0]}”" if near else ""
        return f"未知的键{hint}；允许：{'、'.join(allowed)}" if allowed else "未知的键"
    if kind == "value_error":
        return str(found["ctx"]["error"])
    given = found.get("input")
    shown = f"，现为 {_shown(given)}"
    if kind == "literal_error":
        expected = found["ctx"]["expected"].replace(" or ", "、").replace(", ", "、").replace("'", "")
        return f"只能是 {expected}{shown}"
    if kind in _KINDS:
        return _KINDS[kind] + shown
    return f"不合规定（{found['msg']}）{shown}"


def _shown(value: Any) -> str:
    text = "空" if value is None else "一个列表" if isinstance(value, list) else str(value)
    if isinstance(value, dict):
        text = "一个映射"
    return text if len(text) <= 40 else text[:40] + "…"


def _allowed(adapter: TypeAdapter[Any], path: Path) -> list[str]:
    names: dict[str, None] = {}
    for model in _models(adapter._type, path[:-1]):
        for name, info in model.model_fields.items():
            names[info.alias or name] = None
    return list(names)


def _models(annotation: Any, path: Path) -> Iterator[type[BaseModel]]:
    """The models that may stand at this path, by walking the annotations."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is typing.Annotated:
        yield from _models(arguments[0], path)
        if path and isinstance(path[0], str):  # `by: {...}` where a list may also be written as its only item
            yield from _models(arguments[0], (0, *path))
        elif not path:
            yield from _models(arguments[0], (0,))
    elif origin in (typing.Union, types.UnionType):
        for member in arguments:
            yield from _models(member, path)
    elif origin is dict and path:
        yield from _models(arguments[1], path[1:])
    elif origin is tuple and path and isinstance(path[0], int):
        yield from _models(arguments[0], path[1:])
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not path:
            yield annotation
            return
        for name, info in annotation.model_fields.items():
            if path[0] in (name, info.alias):
                yield from _models(_whole(info), path[1:])


def _whole(info: Any) -> Any:
    return typing.Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
