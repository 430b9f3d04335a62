"""A paper the office produces, filled from a case: what it says, apart from how it is laid out.

A template's paragraphs hold FEEL in braces. A paragraph whose expressions all come out unknown is left out, so that
one template serves the cases in which a part does not apply; a paragraph without braces always stands.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

NOT_CERTIFIED = "未经发布机关审定，仅供参考"
_BRACES = re.compile(r"\{([^{}]+)\}")

Evaluate = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Paper:
    """One official document before layout. `kind`: red_head, letter, report, form or notice. `mark`: a word at the head of
    every page (演练, 演示), so that no page can be taken for another thing.
    """

    title: str
    kind: str = "notice"
    issuer: str = ""
    number: str = ""
    addressees: str = ""
    paragraphs: tuple[str, ...] = ()
    table: tuple[tuple[str, str], ...] = ()
    signed_by: str = ""
    dated: dt.date | None = None
    copies: tuple[str, ...] = ()
    signer: str = ""  # 签发人, printed at the right of the number on papers that go upwards
    remark: str = ""  # e.g. 未经发布机关审定，仅供参考
    mark: str = ""


def say(value: Any) -> str:
    """A value as a Chinese office writes it: 2023年2月8日, 2023年2月8日18时00分, 是/否, 甲、乙."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.datetime):
        return f"{value.year}年{value.month}月{value.day}日{value.hour}时{value.minute:02}分"
    if isinstance(value, dt.date):
        return f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Mapping):
        return "；".join(f"{k}：{say(v)}" for k, v in value.items() if v is not None)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(say(v) for v in value)
    return str(value)


def fill_text(text: str, evaluate: Evaluate) -> str | None:
    """The text with its expressions filled in; None if it has expressions and none of them is known."""
    known = False
    holes = 0

    def one(match: re.Match[str]) -> str:
        nonlocal known, holes
        holes += 1
        value = say(evaluate(match.group(1)))
        known = known or bool(value)
        return value

    filled = _BRACES.sub(one, text)
    return filled if known or not holes else None


def fill(
    *,
    title: str,
    body: Sequence[str],
    evaluate: Evaluate,
    table: Mapping[str, str] | None = None,
    addressees: str | None = None,
    issuer: str = "",
    dated: dt.date | None = None,
    copies: Sequence[str] = (),
    **rest: Any,
) -> Paper:
    """A paper from a template's parts; `evaluate` gives the value of one FEEL expression in the case.

    issuer: a name, or `{unit}` for a paper that each unit issues in its own name. copies: one whose expressions all come
    out unknown or empty (no unit to be sent one) is left out.
    """
    return Paper(
        title=fill_text(title, evaluate) or "",
        addressees=(fill_text(addressees, evaluate) or "") if addressees else "",
        issuer=fill_text(issuer, evaluate) or "",
        paragraphs=tuple(p for p in (fill_text(text, evaluate) for text in body) if p is not None),
        table=tuple((label, say(evaluate(expression))) for label, expression in (table or {}).items()),
        dated=dated,
        copies=tuple(c for c in (fill_text(text, evaluate) for text in copies) if c),
        **rest,
    )


def number(form: str, *, unit: str, year: int, seq: int) -> str:
    """The document number, e.g. `廊热督〔2023〕5号` from `廊热督〔{year}〕{seq}号`."""
    return form.format(unit=unit, year=year, seq=seq)
