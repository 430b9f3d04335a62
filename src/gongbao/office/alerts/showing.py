"""A series made ready for a page: the chart in two widths, and the same readings as a table."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gongbao.engine.series import DAY
from gongbao.office.alerts import readings
from gongbao.office.alerts.assessment import Assessment
from gongbao.office.alerts.chart import Chart, draw
from gongbao.office.alerts.warnings import Kind


def charts(kind: Kind, a: Assessment, now: dt.datetime) -> list[tuple[str, Chart]]:
    """(class, chart): the wide one and the one for a phone; the stylesheet shows one of them."""
    marks = tuple(kind.series.marks)
    return [
        ("wide-chart", draw(a, name=kind.name, now=now, marks=marks)),
        ("narrow-chart", draw(a, name=kind.name, now=now, marks=marks, narrow=True)),
    ]


def rows(kind: Kind, a: Assessment) -> list[dict[str, Any]]:
    """The readings with the episode each lies in, for the table under the chart."""
    made = []
    for i, (time, value, mark) in enumerate(readings.as_rows(a.series)):
        at = a.series.at(i)
        inside = next(
            (e for e in a.episodes or () if at is not None and e.start is not None and e.end is not None
             and e.start <= at < e.end), None,
        )  # fmt: skip
        made.append({
            "time": time, "value": value, "mark": mark, "episode": inside.number if inside else "",
            "over": [line.words for line in a.lines if value and _beyond(line, a.series.values[i])],
        })  # fmt: skip
    return made


def _beyond(line: Any, value: Any) -> bool:
    return value > line.value if line.op == ">" else value >= line.value


def window_words(a: Assessment) -> str:
    hours = a.window_hours
    if a.series.step == DAY:
        return f"{hours}小时均值"
    return f"任意连续{hours}小时的均值，可跨零点"
