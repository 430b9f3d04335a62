"""The counties of a city as a grid of tiles: how many incidents and warnings are open in each, and the gravest.

Where a tile stands is data of the city (`tiles` of units.yaml); a city without it gets its areas in the printed order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from gongbao.engine.units import Units
from gongbao.office.cases.lists import level_of
from gongbao.office.incidents import plans
from gongbao.office.incidents.listing import Row


@dataclass(frozen=True, slots=True)
class Tile:
    """One area; `at`: its row and column, or None. `colour`: 1 蓝 .. 4 红, 5 a danger to life, of the gravest warning."""

    area: str
    at: tuple[int, int] | None
    count: int
    late: int
    level: str  # of the gravest incident, in words
    colour: int
    warning: str  # the gravest warning, in words
    address: str


@dataclass(frozen=True, slots=True)
class Grid:
    """`whole`: what holds for the whole city or names no area; the first of its tiles."""

    city: str
    whole: Tile
    tiles: tuple[Tile, ...]
    source: str


def grids(rows: Iterable[Row]) -> tuple[Grid, ...]:
    """One grid for each city whose plans are at the desk and that has areas. rows: the open ones."""
    listed = tuple(rows)
    cities: dict[str, Units] = {world.units.city: world.units for world in plans.packs() if world.units.areas}
    return tuple(_grid(units, [r for r in listed if r.city == city]) for city, units in cities.items())


def _grid(units: Units, rows: list[Row]) -> Grid:
    by: dict[str, list[Row]] = {}
    for row in rows:
        by.setdefault(row.area, []).append(row)
    ordered = sorted(units.areas, key=lambda area: units.tiles.get(area, (0, 0)))
    return Grid(
        units.city,
        _tile(units.city, None, by.get("", [])),
        tuple(_tile(area, units.tiles.get(area), by.get(area, [])) for area in ordered),
        "方位为示意" if units.tiles else "",
    )


def _tile(area: str, at: tuple[int, int] | None, rows: list[Row]) -> Tile:
    gravest = max(rows, key=lambda r: r.gravity, default=None)
    loudest = max(rows, key=lambda r: r.case.alarm, default=None)
    warned = loudest.case if loudest is not None and loudest.case.alarm else None
    words = "" if warned is None else f"{level_of(warned)}预警" if level_of(warned) else warned.alarm_text
    level = gravest.level if gravest is not None and gravest.gravity and gravest.case != warned else ""
    return Tile(
        area, at, len(rows), sum(r.late for r in rows), level, warned.alarm if warned else 0, words,
        f"{reverse('incidents:home')}?{urlencode({'place': area})}",
    )  # fmt: skip
