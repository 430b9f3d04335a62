"""What is nearest: by great-circle distance where place and row have coordinates, else by county.

Without coordinates: the same county first (and in it what names the township), then neighbouring counties where units
have entered which neighbour, then the others in the order of the city's list. Kilometres are for sorting and reading;
no rule stands on them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

T = TypeVar("T")
EARTH_KM = 6371.0088  # mean radius, IUGG

Point = tuple[Decimal, Decimal]  # longitude, latitude in degrees


@dataclass(frozen=True, slots=True)
class Where:
    """Where help is wanted: a county, words of a township or village, coordinates; any of them may be absent."""

    place: str = ""
    spot: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Candidate(Generic[T]):
    """One row with what is known of where it is."""

    of: T
    name: str
    place: str = ""
    text: str = ""
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """`km` to one decimal, or None; `relation`: 本乡镇, 本县, 相邻, 其他, or empty where no county was asked for."""

    of: T
    km: Decimal | None
    relation: str


def kilometres(a: Point, b: Point) -> Decimal:
    """The great-circle distance, to one decimal."""
    (lon1, lat1), (lon2, lat2) = ((math.radians(p[0]), math.radians(p[1])) for p in (a, b))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return Decimal(f"{2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half))):.1f}")


def ordered(
    candidates: Iterable[Candidate[T]], where: Where, neighbours: Mapping[str, frozenset[str]], areas: Sequence[str]
) -> tuple[list[Placed[T]], list[Placed[T]]]:
    """(those with a distance, the nearest first; the others by county)."""
    order = {area: i for i, area in enumerate(areas)}
    near = neighbours.get(where.place, frozenset())
    measured: list[tuple[Decimal, str, Placed[T]]] = []
    others: list[tuple[int, int, str, Placed[T]]] = []
    for one in candidates:
        rank, relation = _relation(one, where, near)
        if where.point is not None and one.point is not None:
            km = kilometres(where.point, one.point)
            measured.append((km, one.name, Placed(one.of, km, relation)))
        else:
            others.append((rank, order.get(one.place, len(order)), one.name, Placed(one.of, None, relation)))
    measured.sort(key=lambda m: m[:2])
    others.sort(key=lambda o: o[:3])
    return [m[2] for m in measured], [o[3] for o in others]


def _relation(one: Candidate[T], where: Where, near: frozenset[str]) -> tuple[int, str]:
    if not where.place:
        return 0, ""
    if one.place == where.place:
        return (0, "本乡镇") if where.spot and where.spot in one.text else (1, "本县")
    return (2, "相邻") if one.place in near else (3, "其他")
