"""The organs of a city as a document of a given date knows them: names, successions, groups, areas and posts.

A document of 2017 says 市环保局; a case of 2023 goes to its successor. `Units` finds an organ by its full name, short
name or alias and follows successions that had taken place by the day asked about. It is built from plain data in the
shape of `packs/<city>/units.yaml` (policy.schema.UnitsFile, dumped by alias); a unit's key, name, short name and
aliases all find it.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any


class UnitNotFound(LookupError):
    """No organ, group or area of that name; the message (Chinese) lists near names."""

    def __init__(self, message: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.near = near

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True, slots=True)
class Post:
    """A post of a unit (值班室, 分管副市长 ...) with the fields of its portfolio."""

    unit: str
    name: str
    holder: str | None = None
    portfolio: tuple[str, ...] = ()
    acts_for: str | None = None


@dataclass(frozen=True, slots=True)
class Succession:
    """`unit` took over on `on`; None: the day is not known, the takeover is taken as always having happened."""

    unit: str
    on: dt.date | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Unit:
    """An organ of the city. `level` is 国家, 省, 市, 县 or 乡; `functions` is what `relative` may ask for."""

    key: str
    name: str
    short: str | None = None
    level: str = "市"
    kind: str = "部门"
    area: str | None = None
    functions: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    parent: str | None = None
    profession_parent: str | None = None
    posts: Mapping[str, Post] = field(default_factory=dict)
    from_: dt.date | None = None
    until: dt.date | None = None  # the last day it existed
    successors: tuple[Succession, ...] = ()
    note: str | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that finds this unit, the full name first."""
        return tuple(dict.fromkeys(n for n in (self.name, self.short, *self.aliases, self.key) if n))

    def exists(self, on: dt.date | None) -> bool:
        if on is None:
            return True
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)

    def succeeded(self, on: dt.date | None) -> bool:
        """Whether another unit had taken over by that day."""
        return on is not None and any(s.on is None or s.on <= on for s in self.successors)

    @property
    def last_day(self) -> dt.date | None:
        """The last day on which it bore its name: `until`, or the day before it was first succeeded."""
        ends = [self.until] if self.until else []
        ends += [s.on - dt.timedelta(days=1) for s in self.successors if s.on]
        return min(ends) if ends else None


@dataclass(frozen=True, slots=True)
class Group:
    """A named set of units (各县（市、区）...), possibly only for one document or one span of days."""

    key: str
    label: str
    members: tuple[str, ...]
    document: str | None = None
    from_: dt.date | None = None
    until: dt.date | None = None

    def holds(self, on: dt.date | None) -> bool:
        if on is None:
            return True
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)


class Units:
    """The organs, areas and groups of one city.

    data: {city, areas: [...], tiles: {at: {area: [row, column]}}, units: {key: {...}}, groups: {key: {...}}}. Raises
    ValueError, naming the entry, when two units share a name on the same days or two areas a tile, or when a parent,
    successor, member or area is not in the file.
    """

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        data = data or {}
        self.city: str = data.get("city", "")
        self.areas: tuple[str, ...] = tuple(data.get("areas") or ())
        at = (data.get("tiles") or {}).get("at") or {}
        self.tiles: dict[str, tuple[int, int]] = {area: (row, column) for area, (row, column) in at.items()}
        self.units: dict[str, Unit] = {key: _unit(key, raw) for key, raw in (data.get("units") or {}).items()}
        self.groups: dict[str, Group] = {key: _group(key, raw) for key, raw in (data.get("groups") or {}).items()}
        self._by_name: dict[str, list[Unit]] = {}
        for unit in self.units.values():
            for name in unit.names:
                self._by_name.setdefault(name, []).append(unit)
        self._check()

    # ------------------------------------------------------------------------------------------------ one unit

    def find(self, name: str, on: dt.date | None = None) -> Unit:
        """The unit that bears `name` (full, short, alias or key) or its successor on day `on`.

        on=None: the name as it stands, no succession followed. A name of several units (one before, one after a
        reform) means the one that existed on that day. Raises UnitNotFound with near names; also when the duties
        went to several successors, since which one then depends on the matter.
        """
        return self._follow(self._named(name, on), on)

    def knows(self, name: str) -> bool:
        return name in self._by_name

    def successors(self, name: str, on: dt.date | None = None) -> tuple[Unit, ...]:
        """The units that carry on the work of `name` on that day: itself while it exists, else all that took over."""
        unit = self._named(name, on)
        taken = [s for s in unit.successors if on is not None and (s.on is None or s.on <= on)]
        if not taken:
            return (unit,)
        found: dict[str, Unit] = {}
        for succession in taken:
            for after in self.successors(succession.unit, on):
                found[after.key] = after
        return tuple(found.values())

    def other_names(self) -> dict[str, tuple[str, ...]]:
        """Each name of a unit with every other name under which it, its predecessors and its successors stand."""
        after = {key: [self._named(s.unit, None) for s in unit.successors] for key, unit in self.units.items()}
        before: dict[str, list[Unit]] = {}
        for key, successors in after.items():
            for successor in successors:
                before.setdefault(successor.key, []).append(self.units[key])
        made: dict[str, dict[str, None]] = {}
        for unit in self.units.values():
            kin = [*_along(unit, lambda u: after[u.key]), *_along(unit, lambda u: before.get(u.key, []))]
            names = dict.fromkeys(name for each in (unit, *kin) for name in each.names)
            for name in unit.names:
                made.setdefault(name, {}).update(names)
        return {name: tuple(other for other in others if other != name) for name, others in made.items()}

    def near(self, name: str, limit: int = 3) -> tuple[str, ...]:
        """Names like `name`, the likeliest first: for error messages and suggestions."""
        inside = [n for n in self._by_name if len(name) > 1 and (name in n or n in name)]
        like = difflib.get_close_matches(name, list(self._by_name), n=limit, cutoff=0.5)
        full = (self._by_name[n][0].name for n in [*inside, *like])
        return tuple(dict.fromkeys(full))[:limit]

    def _named(self, name: str, on: dt.date | None) -> Unit:
        candidates = self._by_name.get(name.strip())
        if not candidates:
            near = self.near(name.strip())
            hint = f"；相近的有：{'、'.join(near)}" if near else ""
            raise UnitNotFound(f"没有“{name}”这个单位{hint}", near)
        acting = [unit for unit in candidates if unit.exists(on) and not unit.succeeded(on)]
        return (acting or candidates)[0]

    def _follow(self, unit: Unit, on: dt.date | None) -> Unit:
        if on is None:
            return unit
        after = self.successors(unit.key, on)
        if len(after) > 1:
            names = tuple(u.name for u in after)
            raise UnitNotFound(f"“{unit.name}”的职责到{on}已分属 {'、'.join(names)}，须写明是哪一个", names)
        return after[0]

    # ---------------------------------------------------------------------------------------------- many units

    def group(self, name: str, on: dt.date | None = None, document: str | None = None) -> Group:
        """The group `name` (key or label) as `document` uses it on day `on`: the document's own before the common."""
        named = [g for g in self.groups.values() if name in (g.key, g.label)]
        fits = [g for g in named if g.holds(on) and g.document in (None, document)]
        fits.sort(key=lambda g: (g.document is None, g.key != name))
        if fits:
            return fits[0]
        if named:
            raise UnitNotFound(f"“{name}”在{on or '该日'}、文件 {document or '（未指明）'} 下没有成员名单")
        labels = tuple(dict.fromkeys(g.label for g in self.groups.values()))
        near = tuple(difflib.get_close_matches(name, labels, n=3, cutoff=0.4))
        raise UnitNotFound(f"没有“{name}”这个组；已有：{'、'.join(labels) or '无'}", near)

    def is_group(self, name: str) -> bool:
        return any(name in (g.key, g.label) for g in self.groups.values())

    def members(self, group: str, on: dt.date | None = None, document: str | None = None) -> tuple[Unit, ...]:
        """The units of a group, in the printed order; a member that was succeeded by `on` is its successor."""
        found: dict[str, Unit] = {}
        for member in self.group(group, on, document).members:
            if self.is_group(member):
                for unit in self.members(member, on, document):
                    found[unit.key] = unit
            else:
                for unit in self.successors(member, on) if on else (self.find(member),):
                    found[unit.key] = unit
        return tuple(found.values())

    def relative(
        self, function: str, level: str | None = None, place: str | None = None, on: dt.date | None = None
    ) -> tuple[Unit, ...]:
        """The units with `function` (市场监管, 人民政府 ...) at `level` for `place`; may be several.

        For the levels 县 and 乡 the unit's area is the place or contains it (a place `三河市燕郊镇` is in 三河市); for
        higher levels the place does not matter. level=None: the lowest level that has one for this place.
        Raises UnitNotFound when there is none.
        """
        able = [u for u in self.units.values() if function in u.functions and u.exists(on) and not u.succeeded(on)]
        if level is not None:
            fits = [u for u in able if u.level == level and self._covers(u, place)]
        else:
            fits = []
            for lower in ("乡", "县", "市", "省", "国家"):
                fits = [u for u in able if u.level == lower and self._covers(u, place)]
                if fits:
                    break
        if not fits:
            known = sorted({f for u in self.units.values() for f in u.functions})
            at = f"{place or '（地点未知）'}的{level or ''}级" if level else f"{place or '（地点未知）'}的"
            near = () if function in known else tuple(difflib.get_close_matches(function, known, n=3, cutoff=0.3))
            hint = f"；已登记的职能：{'、'.join(known) or '无'}" if function not in known else ""
            raise UnitNotFound(f"没有{at}“{function}”单位{hint}", near)
        return tuple(fits)

    def area_of(self, place: str | None) -> str | None:
        """The area of the city's list that `place` names or lies in (`霸州市胜芳镇某路` -> 霸州市); None if none."""
        if not place:
            return None
        inside = [a for a in self.areas if a in place]
        return min(inside, key=lambda a: (place.index(a), -len(a))) if inside else None

    def _covers(self, unit: Unit, place: str | None) -> bool:
        if unit.level not in ("县", "乡"):
            return True
        if place is None or unit.area is None:
            return False
        return unit.area == place or unit.area in place or (unit.level == "县" and self.area_of(place) == unit.area)

    # ---------------------------------------------------------------------------------------------- posts

    @cached_property
    def posts(self) -> tuple[Post, ...]:
        return tuple(post for unit in self.units.values() for post in unit.posts.values())

    def post(self, name: str, unit: str | None = None, on: dt.date | None = None) -> Post:
        """The post `name` (组长, 分管副市长 ...), of `unit` if given. `单位 职务` and `单位/职务` name both at once."""
        if unit is None:
            for mark in ("/", " "):
                head, found, tail = name.rpartition(mark)
                if found and self.knows(head):
                    unit, name = head, tail
                    break
        posts = self.posts
        if unit is not None:
            key = self.find(unit, on).key
            posts = tuple(p for p in posts if p.unit == key)
        fits = [p for p in posts if p.name == name]
        if len(fits) == 1:
            return fits[0]
        if fits:
            where = tuple(self.units[p.unit].name for p in fits)
            raise UnitNotFound(f"“{name}”在 {'、'.join(where)} 都有，须写明单位", where)
        near = tuple(dict.fromkeys(difflib.get_close_matches(name, [p.name for p in posts], n=3, cutoff=0.4)))
        raise UnitNotFound(f"没有“{name}”这个职务{'；相近的有：' + '、'.join(near) if near else ''}", near)

    def in_charge(self, subject: str) -> tuple[Post, ...]:
        """The posts whose portfolio names `subject`: a field (生态环境) or a unit, by any of its names."""
        names = {n for unit in self._by_name.get(subject, ()) for n in unit.names} | {subject}
        return tuple(p for p in self.posts if names & set(p.portfolio))

    # ---------------------------------------------------------------------------------------------- whole file

    def _check(self) -> None:
        problems: list[str] = []
        for name, bearers in self._by_name.items():
            for i, one in enumerate(bearers):
                problems += [
                    f"units.{two.key}: 名称“{name}”与 units.{one.key} 同时使用"
                    for two in bearers[i + 1 :]
                    if one.key != two.key and _overlap(one, two)
                ]
        for unit in self.units.values():
            for label, ref in (("parent", unit.parent), ("profession_parent", unit.profession_parent)):
                if ref is not None and ref not in self._by_name:
                    problems.append(f"units.{unit.key}.{label}: 没有“{ref}”这个单位")
            for succession in unit.successors:
                if succession.unit not in self._by_name:
                    problems.append(f"units.{unit.key}.successors: 没有“{succession.unit}”这个单位")
                elif self._by_name[succession.unit][0].key == unit.key:
                    problems.append(f"units.{unit.key}.successors: 承接单位不能是它自己")
            if self.areas and unit.level == "县" and unit.area is not None and unit.area not in self.areas:
                problems.append(f"units.{unit.key}.area: “{unit.area}”不在 areas（{'、'.join(self.areas)}）中")
        problems += self._loops()
        taken: dict[tuple[int, int], str] = {}
        for area, place in self.tiles.items():
            if area not in self.areas:
                problems.append(f"tiles.at.{area}: “{area}”不在 areas（{'、'.join(self.areas)}）中")
            if taken.setdefault(place, area) != area:
                problems.append(f"tiles.at.{area}: 第{place[0]}行第{place[1]}列已由“{taken[place]}”占用")
        if self.tiles and (missing := [area for area in self.areas if area not in self.tiles]):
            problems.append(f"tiles.at: 缺少 {'、'.join(missing)}")
        for group in self.groups.values():
            problems += [
                f"groups.{group.key}.members: 没有“{m}”这个单位"
                for m in group.members
                if m not in self._by_name and not self.is_group(m)
            ]
        if problems:
            raise ValueError("单位文件有误：\n" + "\n".join(problems))

    def _loops(self) -> Iterable[str]:
        for unit in self.units.values():
            seen, ahead = {unit.key}, [unit]
            while ahead:
                for succession in ahead.pop().successors:
                    for after in self._by_name.get(succession.unit, ())[:1]:
                        if after.key == unit.key:
                            yield f"units.{unit.key}.successors: 承接关系成环"
                            return
                        if after.key not in seen:
                            seen.add(after.key)
                            ahead.append(after)


def _along(unit: Unit, step: Callable[[Unit], Iterable[Unit]]) -> list[Unit]:
    """All that lie behind a unit, step by step, each once."""
    found: dict[str, Unit] = {}
    ahead = list(step(unit))
    while ahead:
        each = ahead.pop()
        if each.key not in found:
            found[each.key] = each
            ahead += step(each)
    return list(found.values())


def _overlap(one: Unit, two: Unit) -> bool:
    """Whether two units existed on a common day."""
    starts = [u.from_ for u in (one, two) if u.from_]
    ends = [u.last_day for u in (one, two) if u.last_day]
    return not starts or not ends or max(starts) <= min(ends)


def _unit(key: str, raw: Mapping[str, Any]) -> Unit:
    posts = {
        name: Post(
            key, name, (p or {}).get("holder"), tuple((p or {}).get("portfolio") or ()), (p or {}).get("acts_for")
        )
        for name, p in (raw.get("posts") or {}).items()
    }
    successors = tuple(
        Succession(s["unit"], s.get("on"), s.get("source")) if isinstance(s, Mapping) else Succession(str(s))
        for s in raw.get("successors") or ()
    )
    return Unit(
        key=key,
        name=raw["name"],
        short=raw.get("short"),
        level=raw.get("level", "市"),
        kind=raw.get("kind", "部门"),
        area=raw.get("area"),
        functions=tuple(raw.get("functions") or ()),
        aliases=tuple(raw.get("aliases") or ()),
        parent=raw.get("parent"),
        profession_parent=raw.get("profession_parent"),
        posts=posts,
        from_=raw.get("from", raw.get("from_")),
        until=raw.get("until"),
        successors=successors,
        note=raw.get("note"),
    )


def _group(key: str, raw: Mapping[str, Any]) -> Group:
    return Group(
        key=key,
        label=raw.get("label", key),
        members=tuple(raw.get("members") or ()),
        document=raw.get("document"),
        from_=raw.get("from", raw.get("from_")),
        until=raw.get("until"),
    )
