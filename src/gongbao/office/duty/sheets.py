"""Shifts as people give them: one by one, in turn, or as a file; and back as rows of a sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from gongbao.exchange.tables import TableError, read_table
from gongbao.office import clock
from gongbao.office.duty.models import Shift
from gongbao.office.duty.roster import BadRoster, Given, rotation

YEARS = range(2000, 2201)
HEAD = ("类别", "开始", "结束", "姓名", "电话")


def asked(post: Any, upload: Any) -> list[Given]:
    """The shifts that a form asks for. BadRoster where what is written cannot be read."""
    match post.get("do"):
        case "file":
            if upload is None:
                raise BadRoster(["没有选文件"])
            return from_file(upload.read(), upload.name or "")
        case "turn":
            return rotation(
                post.get("kind", ""), _people(post.get("people", "")), _day(post.get("first", ""), "起"),
                _day(post.get("last", ""), "止"), _times(post.get("changes", "")),
            )  # fmt: skip
    return [Given(
        post.get("kind", ""), _moment(post.get("starts", ""), "开始"), _moment(post.get("ends", ""), "结束"),
        post.get("name", "").strip(), post.get("phone", "").strip(), "这个班次",
    )]  # fmt: skip


def from_file(data: bytes, name: str) -> list[Given]:
    """Rows of a CSV or XLSX sheet with the columns of HEAD. BadRoster names each cell that cannot be read."""
    try:
        table = read_table(data, name)
    except TableError as error:
        raise BadRoster([str(error)]) from error
    missing = [word for word in HEAD[:4] if word not in table.header]
    if missing:
        raise BadRoster([f"缺少列 {'、'.join(missing)}；须有 {'、'.join(HEAD)}"])
    made, faults = [], []
    for n, row in enumerate(table.records(), 2):
        if not any(cell.text for cell in row.values()):
            continue
        try:
            made.append(Given(
                row["类别"].text, _moment(row["开始"].text, f"{row['开始'].address} 开始"),
                _moment(row["结束"].text, f"{row['结束'].address} 结束"), row["姓名"].text,
                row["电话"].text if "电话" in row else "", f"第{n}行",
            ))  # fmt: skip
        except BadRoster as bad:
            faults += bad.faults
    if faults:
        raise BadRoster(faults)
    return made


def rows(shifts: Iterable[Shift]) -> list[list[Any]]:
    return [
        [s.kind, *(f"{m.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" for m in (s.starts, s.ends)), s.name, s.phone]
        for s in shifts
    ]


def _moment(text: str, what: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text.strip().replace("/", "-")).replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise BadRoster([f"{what}“{text}”不是时间，须写作 2023-03-01 08:00"]) from None
    return _of_our_time(moment, text, what)


def _day(text: str, what: str) -> dt.date:
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise BadRoster([f"{what}“{text}”不是日期，须写作 2023-03-01"]) from None
    return _of_our_time(day, text, what)


def _of_our_time(day: Any, text: str, what: str) -> Any:
    if day.year not in YEARS:
        raise BadRoster([f"{what}“{text}”不对，须在 {YEARS[0]} 年到 {YEARS[-1]} 年之间"])
    return day


def _times(text: str) -> list[dt.time]:
    found = []
    for part in text.replace("，", " ").replace("、", " ").replace("：", ":").split():
        try:
            found.append(dt.datetime.strptime(part, "%H:%M").replace(tzinfo=clock.SHANGHAI).time())
        except ValueError:
            raise BadRoster([f"交接班时间“{part}”不对，须写作 08:00，几个之间空格"]) from None
    return found


def _people(text: str) -> list[tuple[str, str]]:
    """One person a line: the name, and after a space the phone."""
    found = []
    for line in text.splitlines():
        name, _, phone = line.strip().partition(" ")
        if name:
            found.append((name, phone.strip()))
    return found
