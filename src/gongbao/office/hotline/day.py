"""One day of the desk in figures: how many calls of which kind and from where, what was answered and how it was liked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet

from gongbao.office import clock
from gongbao.office.hotline import desk
from gongbao.office.hotline.models import Matter

GOOD = ("满意", "基本满意")


def bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime.combine(day, dt.time(), clock.SHANGHAI)
    return start, start + dt.timedelta(days=1)


def figures(day: dt.date) -> dict[str, Any]:
    """Figures and tables of matters opened on `day` at this desk."""
    start, end = bounds(day)
    rows = Matter.objects.filter(
        procedure=desk.ALARM if desk.is_police() else desk.REQUEST, opened_at__gte=start, opened_at__lt=end
    )
    total = rows.aggregate(
        all=Count("case_id"), open=Count("case_id", filter=Q(open=True)),
        replied=Count("case_id", filter=Q(replied_at__isnull=False)),
        visited=Count("case_id", filter=~Q(satisfied="")), pleased=Count("case_id", filter=Q(satisfied__in=GOOD)),
        danger=Count("case_id", filter=Q(case__alarm=5)), sent=Count("case_id", filter=~Q(from_site="")),
    )  # fmt: skip
    return {
        "day": day, "total": total,
        "tables": [
            ("按县（市、区）", _by(rows, "place")), ("按事项类别", _by(rows, "category")),
            ("按诉求类型", _by(rows, "request_type")), ("按承办单位", _by(rows, "handler")),
        ],
    }  # fmt: skip


def _by(rows: QuerySet[Matter], name: str) -> list[dict[str, Any]]:
    found = list(
        rows.values(name).annotate(n=Count("case_id"), done=Count("case_id", filter=Q(open=False))).order_by("-n")[:20]
    )
    most = max((row["n"] for row in found), default=1)
    return [
        {"name": row[name] or "未填", "n": row["n"], "done": row["done"], "width": 100 * row["n"] // most}
        for row in found
    ]
