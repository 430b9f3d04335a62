"""The values as they stand and as they came about: the only writer of reports, and what the engine judges.

enter   a unit's values, all or none            give_back   supervision sends one value back, with the reason
held    what stands now, by line and period     history     every report of one value, newest first
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.indicator_observations import Book, Observation, Period, parse_period
from gongbao.office import clock
from gongbao.office.cases.models import Notice
from gongbao.office.indicators.lines import Line
from gongbao.office.indicators.models import Report
from gongbao.office.people import access
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.supervision import rule

MOST = 20_000


class Refused(ValueError):
    """`faults`: line id -> the sentence about its value. Nothing was written."""

    def __init__(self, message: str, faults: Mapping[str, str] | None = None) -> None:
        self.faults = dict(faults or {})
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody typed for a line; an empty value leaves it as it is."""

    line: Line
    value: str
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """The last report of a value. corrected: it was reported before; late: after the days that are allowed."""

    report: Report
    corrected: bool
    late: bool


def enter(
    account: Account,
    period: Period,
    given: Iterable[Given],
    *,
    evidence: Sequence[str] = (),
    at: dt.datetime | None = None,
) -> int:
    """Write the values that differ from what stands; how many. Refused with every fault, by line."""
    now = at or clock.now()
    if period.end > now.date():
        raise Refused(f"{period}还没有结束（{period.end}），不能填报")
    given = [each for each in given if each.value.strip()]
    faults: dict[str, str] = {}
    made: list[Report] = []
    standing = held(period)
    for each in given:
        line = each.line
        if account.unit not in line.units:
            faults[line.id] = f"“{line.label}”由{'、'.join(sorted(line.units))}填报，您代表{account.unit}"
            continue
        try:
            value = read_facts({line.fact.id: line.fact}, {line.fact.id: each.value.strip()})[line.fact.id]
        except FactErrors as wrong:
            faults[line.id] = f"“{line.label}”（{line.whom}）现为“{each.value}”，应为{wrong.items[0].allowed}"
            continue
        text = str(to_jsonable(value))
        before = standing.get(line.id)
        if before is not None and not before.report.returned and before.report.value == text:
            continue
        if before is not None and not before.report.returned and not each.note.strip():
            faults[line.id] = f"“{line.label}”（{line.whom}）已报 {before.report.value}，更正须写明原因"
            continue
        made.append(Report(
            key=line.key, subject=line.subject, period=period.code, value=text, source=each.source.strip()[:120],
            note=each.note.strip()[:300], evidence=list(evidence), unit=account.unit, by=account.username, at=now,
        ))  # fmt: skip
    if faults:
        raise Refused(f"有 {len(faults)} 处须改正，没有保存任何一处", faults)
    with transaction.atomic():
        Report.objects.bulk_create(made, batch_size=500)
    return len(made)


def give_back(
    account: Account, key: str, subject: str, period: Period, why: str, *, at: dt.datetime | None = None
) -> None:
    """Send the value that stands back to the unit that reported it; Refused where there is none, or no reason."""
    access.require(account, r.INSPECTOR)
    if not why.strip():
        raise Refused("退回须写明理由")
    now = at or clock.now()
    last = Report.objects.filter(key=key, subject=subject, period=period.code, of="value").order_by("-id").first()
    if last is None or last.returned:
        raise Refused("没有可以退回的数值")
    with transaction.atomic():
        Report.objects.create(
            key=key, subject=subject, period=period.code, returned=True, note=why.strip()[:300], unit=account.unit,
            by=account.username, at=now,
        )  # fmt: skip
        Notice.objects.create(
            who=last.unit, text=f"指标数值被退回：{period} {last.value}（{why.strip()}）"[:300], kind="value", at=now
        )


def held(period: Period) -> dict[str, Held]:
    """The last report of every value of a period, by line id."""
    found: dict[str, Held] = {}
    allowed = rule.days(rule.find(), "report_days")
    for report in Report.objects.filter(period=period.code, of="value").order_by("id"):
        name = f"{report.key}|{report.subject}"
        earlier = found.get(name)
        late = allowed is not None and report.at.astimezone(clock.SHANGHAI).date() > period.end + dt.timedelta(
            days=allowed
        )
        found[name] = Held(report, corrected=earlier is not None and not report.returned, late=late)
    return found


def history(key: str, subject: str, period: str) -> list[Report]:
    return list(Report.objects.filter(key=key, subject=subject, period=period).order_by("-id"))


def observations(keys: Iterable[str] | None = None) -> Book:
    """What counts, for the engine: a value that was sent back is not there."""
    rows = Report.objects.all() if keys is None else Report.objects.filter(key__in=list(keys))
    last: dict[tuple[str, str, str, str], Report] = {}
    earlier: list[Report] = []
    for report in rows.order_by("id"):
        name = (report.key, report.subject, report.period, report.of)
        if name in last and not last[name].returned:
            earlier.append(last[name])
        last[name] = report
    return Book.of(_observed(report) for report in (*earlier, *last.values()) if _counts(report, last))


def _counts(report: Report, last: Mapping[Any, Report]) -> bool:
    return not report.returned and not last[report.key, report.subject, report.period, report.of].returned


def _observed(report: Report) -> Observation:
    number = read_number(report.value)
    return Observation(
        report.key, report.subject, parse_period(report.period), number, report.of, report.source,
        report.at.astimezone(clock.SHANGHAI), report.by, None, str(report.pk), report.note,
    )  # fmt: skip


def read_number(text: str) -> Any:
    """A kept value: exact, or the word of a person."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return int(number) if number == number.to_integral_value() and "." not in text else number
