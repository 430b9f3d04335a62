"""How long a personal fact is kept: `3 years after closed`, `6 months after recorded`, counted to the corresponding day.

The day itself still belongs to the period; the value is due to be erased from the day after.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from gongbao.engine.time.calendar import ONE_DAY, SHANGHAI, add_months

_AMOUNT = r"(?P<n{0}>\d{{1,4}})\s*(?P<unit{0}>years?|months?|days?|年|个月|月|日|天)"
_KEEP = re.compile(
    _AMOUNT.format(1) + r"\s+after\s+(?P<since1>closed|recorded)|(?P<since2>办结|记录)后\s*" + _AMOUNT.format(2)
)
_UNITS: dict[str, Literal["年", "个月", "日"]] = {
    "year": "年",
    "month": "个月",
    "day": "日",
    "年": "年",
    "个月": "个月",
    "月": "个月",
    "日": "日",
    "天": "日",
}


@dataclass(frozen=True, slots=True)
class Keep:
    """`amount` of `unit` (年, 个月, 日) from the closing of the case, or from when the value was recorded."""

    amount: int
    unit: Literal["年", "个月", "日"]
    since: Literal["closed", "recorded"]

    def __str__(self) -> str:
        return f"{'办结' if self.since == 'closed' else '记录'}后{self.amount}{self.unit}"

    def ends(self, start: dt.datetime) -> dt.datetime:
        """The moment from which the value may be held no longer. ValueError where it is beyond the calendar."""
        day = start.astimezone(SHANGHAI).date()
        if self.unit == "日":
            last = day + dt.timedelta(days=self.amount)
        else:
            last = add_months(day, self.amount * (12 if self.unit == "年" else 1))
        return dt.datetime.combine(last + ONE_DAY, dt.time(), SHANGHAI)


def parse_keep(text: str) -> Keep:
    """Raises ValueError, in Chinese, for anything else."""
    found = _KEEP.fullmatch(text.strip())
    amount, unit, since = (found[k + "1"] or found[k + "2"] for k in ("n", "unit", "since")) if found else ("0", "", "")
    if int(amount) == 0:
        raise ValueError(
            f"保存期限“{text}”读不懂；须写作 办结后3年（3 years after closed）或 记录后6个月（6 months after recorded）"
        )
    return Keep(int(amount), _UNITS[unit.rstrip("s")], "closed" if since in ("closed", "办结") else "recorded")
