"""A pack's decisions drawn as DMN: what a modeller opens decides as the pack does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from tests.dmn.test_conformance import KIT, with_kit

from gongbao.dmn import xml
from gongbao.dmn.model import Model
from gongbao.engine.functions import FUNCTIONS
from gongbao.policy import examples
from gongbao.policy.drawing import drawn
from gongbao.policy.loader import load_folder, read_pack

PACKS = sorted(each.parent for each in (Path(__file__).parents[2] / "packs").glob("*/*/document.yaml"))
each_pack = pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)


@each_pack
def test_what_is_drawn_decides_as_the_pack_does_in_its_own_examples(folder: Path):
    world = load_folder(folder)
    drawing = drawn(world)
    model = Model(xml.read(xml.write(drawing.model)), functions=FUNCTIONS)
    assert model.compile() == ()
    compared = 0
    for example in read_pack(folder).examples:
        outcome = examples.run_one(world, example).outcome if example.of == "decision" else None
        if outcome is None or not outcome.settled or outcome.decision.id in drawing.refused:
            continue
        scope = {name: outcome.scope[name] for name in model.inputs if name in outcome.scope}
        decision, settings = outcome.decision, outcome.world.settings
        if outcome.needs_person or not set(decision.facts) <= set(scope) or decision.registers:
            continue  # what is not known is not DMN's to settle, and a register is not in the model
        if any(settings[name].value is None for name in decision.settings):
            continue
        if any(FUNCTIONS[call].takes_scope for call in _calls(world, decision) if call in FUNCTIONS):
            continue  # working days are those of the office's calendar, which a model does not hold
        result = model.evaluate(decision.id, scope)
        assert result.problems == (), example.id
        assert result.value == _as_rows(outcome.value, result.value), example.id
        compared += 1
    assert compared > 10 or len(read_pack(folder).decisions) < 3  # a plan of lists has few


def _calls(world, decision) -> set[str]:
    found = set(decision.table.calls)
    return found.union(*(_calls(world, world.decisions[name]) for name in decision.requires))


@each_pack
@with_kit
def test_the_model_is_valid_to_the_schema_of_the_standard(folder: Path):
    rules = etree.XMLSchema(etree.parse(KIT / "DMN15.xsd"))
    document = etree.fromstring(xml.write(drawn(load_folder(folder)).model))
    assert rules.validate(document), rules.error_log.last_error


def test_a_decision_item_by_item_is_refused_with_the_reason():
    folder = next(each for each in PACKS if each.name == "heavy-pollution")
    assert drawn(load_folder(folder)).refused == {"level": "逐项判定再合成结果，DMN 的判定表写不出来"}


def _as_rows(ours: Any, theirs: Any) -> Any:
    """What a collecting table of several outputs says, as the standard has it: a context for each row."""
    if isinstance(ours, Mapping) and isinstance(theirs, list):
        return [dict(zip(ours, row, strict=True)) for row in zip(*ours.values(), strict=True)]
    return ours
