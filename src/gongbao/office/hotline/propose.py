"""What the desk proposes while a call is being written down: platform, row, unit, repeats; and what it wants asked.

Everything comes with its reason, and nothing is decided: the operator's choice is what is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gongbao.engine.decision.decide import decide
from gongbao.engine.units import UnitNotFound
from gongbao.office import clock
from gongbao.office.hotline import desk, index
from gongbao.office.hotline.suggest import Suggestion, is_danger, suggest


@dataclass(frozen=True, slots=True)
class UnitProposal:
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """`ask`: the words that make the page ask about danger although no danger is known; `unknown`: nothing was known."""

    suggestions: tuple[Suggestion, ...]
    danger: bool
    ask: tuple[str, ...]
    unknown: bool
    units: tuple[UnitProposal, ...]
    alike: list[dict[str, Any]]
    way: str = ""

    @property
    def first(self) -> Suggestion | None:
        return self.suggestions[0] if self.suggestions else None

    @property
    def for_12345(self) -> Suggestion | None:
        return next((s for s in self.suggestions if s.platform == "12345"), None)


def propose(
    text: str, place: str, address: str, channel: str, found: desk.Desk, *, without: int | None = None
) -> Proposal:
    ranked = suggest(text, found.lexicon, limit=3)
    danger = is_danger(ranked)
    doubtful = not danger and bool(text.strip()) and found.doubt.asks(text)
    first = ranked[0] if ranked else None
    return Proposal(
        suggestions=ranked, danger=danger, ask=found.doubt.because(text) if doubtful else (),
        unknown=bool(text.strip()) and not ranked,
        units=units(place, first.category if first and first.platform == "12345" else "", found),
        alike=index.alike(text, place, address, found, without=without),
        way=way(first, channel, found) if first else "",
    )  # fmt: skip


def units(place: str, category: str, found: desk.Desk) -> tuple[UnitProposal, ...]:
    """Who handled such matters of the county before; then the county itself, which answers for what lies in it."""
    made = [
        UnitProposal(name, f"{place}的“{category}”此前由其办理 {n} 件")
        for name, n in index.handled_before(place, category)[:3]
    ]
    county = government(place, found)
    if county and county not in {unit.name for unit in made}:
        made.append(UnitProposal(county, "属地主体责任单位（二（三））"))
    return tuple(made)


def government(place: str, found: desk.Desk) -> str:
    """The government (or 管委会) of a county, by the city's list of organs; empty for no such place."""
    if not place:
        return ""
    try:
        return found.world.units.relative("人民政府", "县", place, clock.today())[0].name
    except (UnitNotFound, LookupError, ValueError):
        return ""


def way(first: Suggestion, channel: str, found: desk.Desk) -> str:
    """How a call that belongs there is passed on (分流转办), as far as what is known settles it."""
    facts = {
        "platform": "110" if desk.is_police() else "12345", "belongs": first.platform, "channel": channel or "电话",
        "negotiation": "未协商",
    }  # fmt: skip
    outcome = decide(found.world, "route", facts)
    results = [outcome.value] if outcome.value is not None else list(outcome.candidates)
    return "，或".join(dict.fromkeys(str(result["way"]) for result in results if result.get("way")))
