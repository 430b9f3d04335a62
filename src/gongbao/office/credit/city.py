"""The city at a glance: how many enterprises hold which grade, by county, by sector, by directory, and for whom it is open."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from gongbao.office.credit import models
from gongbao.office.credit.models import Enterprise
from gongbao.office.people import units

GRADES = ("A", "B", "C", "D")
UNKNOWN = "未定"
COLUMNS = (*GRADES, UNKNOWN, "未评")
WIDTH = 240  # of a bar, in its own units


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar, as SVG attributes."""

    name: str
    count: int
    x: str
    width: str
    share: str


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    counts: tuple[int, ...]  # in the order of COLUMNS
    parts: tuple[Part, ...]

    @property
    def total(self) -> int:
        return sum(self.counts)


def by(field: str, order: Sequence[str] = (), found: QuerySet[Enterprise] | None = None) -> list[Line]:
    """A line per value of a field of Enterprise: `order` first, others after it."""
    rows = (Enterprise.objects.all() if found is None else found).order_by()
    held: dict[str, list[int]] = defaultdict(lambda: [0] * len(COLUMNS))
    for name, grade, status, number in rows.values_list(field, "grade", "grade_status").annotate(n=Count("pk")):
        held[str(name) or "（未填）"][_column(grade, status)] += number
    names = [n for n in order if n in held] + sorted(set(held) - set(order), key=lambda n: -sum(held[n]))
    return [line(name, held[name]) for name in names]


def _column(grade: str, status: str) -> int:
    return GRADES.index(grade) if grade in GRADES else COLUMNS.index(UNKNOWN if status else "未评")


def whole(lines: Iterable[Line]) -> Line:
    counts = [0] * len(COLUMNS)
    for each in lines:
        counts = [a + b for a, b in zip(counts, each.counts, strict=True)]
    return line("全市", counts)


def line(name: str, counts: Sequence[int]) -> Line:
    total, parts, x = sum(counts), [], 0
    for column, number in zip(COLUMNS, counts, strict=True):
        if number:
            end = x + number * WIDTH * 100
            left, right = x // total, end // total
            share = f"{number * 1000 // total / 10:g}%"
            parts.append(Part(column, number, _hundredths(left), _hundredths(max(right - left, 60)), share))
            x = end
    return Line(name, tuple(counts), tuple(parts))


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02}"


def by_county() -> list[Line]:
    return by("county", units.areas())


def by_sector() -> list[Line]:
    return by("sector")


def directories() -> list[Line]:
    """二（二）: the city's own directory first, then each county's, which leaves the city's out."""
    own = by("city_owned", found=Enterprise.objects.filter(city_owned=True))
    city = [line("市级", each.counts) for each in own] or [line("市级", [0] * len(COLUMNS))]
    return city + by("county", units.areas(), Enterprise.objects.filter(city_owned=False))


def filtered(asked: dict[str, str]) -> QuerySet[Enterprise]:
    """Enterprises by what a page asks: q, county, directory, sector, grade, status, field."""
    found = Enterprise.objects.all()
    if q := asked.get("q"):
        found = found.filter(credit_code__startswith=q.upper()) if _is_code(q) else found.filter(name__contains=q)
    if asked.get("directory") == "市级":
        found = found.filter(city_owned=True)
    elif asked.get("directory"):
        found = found.filter(county=asked["directory"], city_owned=False)
    for name in ("county", "sector", "field", "sector_risk"):
        if asked.get(name):
            found = found.filter(**{name: asked[name]})
    grade = asked.get("grade", "")
    if grade in GRADES:
        found = found.filter(grade=grade)
    elif grade == UNKNOWN:
        found = found.filter(grade_status__in=(models.OPEN, models.PERSON))
    elif grade == "未评":
        found = found.filter(grade_status="")
    return found


def _is_code(text: str) -> bool:
    return text.isascii() and text.isalnum() and text[:1].isdigit()
