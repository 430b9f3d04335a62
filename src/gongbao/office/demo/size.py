"""The stated date of the demonstration, its seed, and how much of everything there is.

On the date all documents that the demonstration works with are in force (the credit measures since 2023-01-19).
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from zoneinfo import ZoneInfo

DATE = dt.datetime(2023, 2, 15, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
DAYS = 30
SEED = 20230215


@dataclass(frozen=True, slots=True)
class Size:
    matters: int  # of the hotline, over DAYS
    alarms: int  # of 110, over the same days
    handed_over: int  # matters that the hotline gave to 110 through the exchange table
    handed_back: int  # calls that 110 gave to the hotline the same way
    enterprises: int


FULL = Size(matters=3_000, alarms=300, handed_over=36, handed_back=24, enterprises=20_000)
SMALL = Size(matters=60, alarms=12, handed_over=2, handed_back=2, enterprises=200)


def size() -> Size:
    """The size asked for by GONGBAO_DEMO_SIZE: full (default) or small (tests)."""
    name = os.environ.get("GONGBAO_DEMO_SIZE", "full")
    if name not in ("full", "small"):
        raise ValueError(f"GONGBAO_DEMO_SIZE 为“{name}”，只能是 full、small")
    return SMALL if name == "small" else FULL
