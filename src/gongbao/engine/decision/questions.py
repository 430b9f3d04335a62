"""Which of the names that are not known make a difference to an outcome, and which to ask for first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gongbao.engine.decision.outcome import OpenSetting, Outcome
from gongbao.engine.decision.unknown import Domain
from gongbao.engine.decision.ways import Ways


def relevant_names(ways: Ways, domains: Mapping[str, Domain]) -> list[str]:
    """The unknown names whose value makes a difference, the most telling first."""
    order = {name: at for at, name in enumerate(domains)}
    found = [(ways.left(name), order.get(name, len(order)), name) for name in ways.names if ways.tells(name)]
    return [name for _, _, name in sorted(found)]


def asks(outcome: Outcome, relevant: Sequence[str], domains: Mapping[str, Domain]) -> tuple[str, ...]:
    """The facts to ask for, those of required decisions too: the decision's own `asks` first, then the most telling."""
    # A series with a missing reading is known, and yet it is what must be asked for.
    found = [name for name in relevant if name not in domains or domains[name].origin == "fact"]
    first = [name for name in outcome.decision.asks if name in found]
    return tuple(dict.fromkeys([*first, *found]))


def open_settings(outcome: Outcome, relevant: Sequence[str], domains: Mapping[str, Domain]) -> tuple[OpenSetting, ...]:
    """The settings that are not filled and make a difference, here or in a required decision."""
    found = []
    for name in relevant:
        if name in domains and domains[name].origin == "setting":
            setting = outcome.world.settings[name.split(".", 1)[1]]
            found.append(OpenSetting(setting.name, setting.label, setting.whose or setting.owner, setting.why))
    return tuple(found)
