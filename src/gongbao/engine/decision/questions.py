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
    """The facts to ask for: the decision's own `asks` first, then the most telling; those of required decisions too."""
    found: dict[str, None] = {}
    for name in relevant:
        # A series with a missing reading is known, and yet it is what must be asked for.
        origin = domains[name].origin if name in domains else "fact"
        if origin == "fact":
            found[name] = None
        elif origin == "decision":
            found.update(dict.fromkeys(_required(outcome, name).ask))
    first = [name for name in outcome.decision.asks if name in found]
    return tuple(dict.fromkeys([*first, *found]))


def open_settings(outcome: Outcome, relevant: Sequence[str], domains: Mapping[str, Domain]) -> tuple[OpenSetting, ...]:
    """The settings that are not filled and make a difference, here or in a required decision."""
    found: dict[str, OpenSetting] = {}
    for name in relevant:
        if name in domains and domains[name].origin == "setting":
            setting = outcome.world.settings[name.split(".", 1)[1]]
            found[setting.name] = OpenSetting(setting.name, setting.label, setting.whose or setting.owner, setting.why)
        elif name in domains and domains[name].origin == "decision":
            for each in _required(outcome, name).open:
                found.setdefault(each.name, each)
    return tuple(found.values())


def _required(outcome: Outcome, name: str) -> Outcome:
    """The outcome of a decision that is required, here or further down."""
    for own, inner in outcome.required.items():
        if own == name:
            return inner
    return next(found for inner in outcome.required.values() if (found := _maybe(inner, name)) is not None)


def _maybe(outcome: Outcome, name: str) -> Outcome | None:
    if name in outcome.required:
        return outcome.required[name]
    return next((f for inner in outcome.required.values() if (f := _maybe(inner, name)) is not None), None)
