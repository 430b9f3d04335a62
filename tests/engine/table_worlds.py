"""A world of decisions made by hand for the tests: facts, decisions, figures and settings as a pack writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gongbao.engine.decision.logic import compile_decision
from gongbao.engine.fact import compile_facts
from gongbao.engine.time.calendar import Calendar
from gongbao.engine.units import Units
from gongbao.engine.world import Setting, World


def make_world(
    facts: Mapping[str, Any],
    decisions: Mapping[str, Mapping[str, Any]],
    params: Mapping[str, Any] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    **more: Any,
) -> World:
    names = (*facts, *decisions, "params", "settings")
    given: dict[str, Any] = {
        "pack": "test/tables", "version": "1", "document": {"number": "试政发〔2023〕1号"},
        "procedures": {}, "duties": (), "registers": {}, "units": Units(), "calendar": Calendar(),
    }  # fmt: skip
    return World(
        facts=compile_facts(facts),
        params=dict(params or {}),
        settings={name: Setting(name=name, **spec) for name, spec in (settings or {}).items()},
        decisions={name: compile_decision(name, names=names, **spec) for name, spec in decisions.items()},
        **{**given, **more},
    )
