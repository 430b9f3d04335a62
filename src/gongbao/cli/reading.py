"""Input of the commands: JSON with exact decimals, days, names; and files written whole or not at all."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from gongbao.cli.failure import Failure

if TYPE_CHECKING:
    pass


MAX_INPUT = 50_000_000  # bytes of a facts, events or settings file


def read_json(name: str) -> Any:
    """JSON with exact decimals, from a file or standard input; an object may stand there itself."""
    from decimal import Decimal, InvalidOperation

    try:
        if name == "-":
            data = sys.stdin.buffer.read(MAX_INPUT + 1)
        elif name.lstrip().startswith(("{", "[")):
            data, name = os.fsencode(name), "命令行里的 JSON"
        else:
            path = Path(name)
            if not path.is_file():
                raise Failure(f"没有这个文件：{name}")
            data = path.read_bytes() if path.stat().st_size <= MAX_INPUT else b" " * (MAX_INPUT + 1)
        if len(data) > MAX_INPUT:
            raise Failure(f"{name}：文件过大，上限 {MAX_INPUT:,} 字节")
        return json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant,
                          object_pairs_hook=_no_duplicates)  # fmt: skip
    except UnicodeDecodeError:
        raise Failure(f"{name}：不是 UTF-8 文本") from None
    except json.JSONDecodeError as e:
        raise Failure(f"{name}：不是正确的 JSON（第 {e.lineno} 行第 {e.colno} 列）") from None
    except RecursionError:
        raise Failure(f"{name}：嵌套过深") from None
    except (ValueError, InvalidOperation):  # a number of more digits than Python takes
        raise Failure(f"{name}：其中有一个数太长") from None
    except OSError as e:
        raise Failure(f"{name}：读不出（{e.strerror}）") from None


def _no_constant(text: str) -> NoReturn:
    raise Failure(f"JSON 里不允许 {text}")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise Failure(f"JSON 里“{key}”写了两次")
        made[key] = value
    return made


def mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Failure(f'{what}文件应是一个映射（JSON 对象），如 {{"名称": 值}}')
    return value


def known(name: str, known: Mapping[str, Any], kind: str) -> None:
    if name not in known:
        raise Failure(f"没有“{name}”这个{kind}；有：{'、'.join(known) or '无'}")


def day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Failure(f"日期应写作 2023-02-03，现为“{text}”") from None


def day_start(text: str) -> dt.datetime:
    from gongbao.policy.times import moment

    return moment(day(text))


def write_whole(path: Path, data: bytes) -> None:
    """The whole file under its name, or none: an earlier one of that name stands until then."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as e:
        beside.unlink(missing_ok=True)
        raise Failure(f"{path}：写不进（{e.strerror}）") from None
