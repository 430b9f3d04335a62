"""A setting that each unit of a group fills for itself: whose value counts, and when it stays open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.engine.table_worlds import make_world

from gongbao.engine.decision.decide import decide
from gongbao.engine.fact import FactErrors
from gongbao.engine.receipt import make_receipt, receipt_from, verify_receipt
from gongbao.engine.units import Units
from gongbao.engine.world import World
from gongbao.policy.settings import with_settings

UNITS = Units({
    "units": {"甲局": {"name": "某市甲局", "short": "甲局"}, "乙局": {"name": "某市乙局", "short": "乙局"},
              "丙局": {"name": "某市丙局", "short": "丙局"}},
    "groups": {"各局": {"label": "各局", "members": ["甲局", "乙局"]}},
})  # fmt: skip
RATIO = {"label": "比例", "output": {"r": {"type": "number"}}, "value": {"r": "settings.ratio"}, "cite": "一"}
SETTINGS = {"ratio": {"label": "比例", "owner": "各局", "each": True}, "one": {"label": "一个", "owner": "甲局"}}


def world(values: Any = None) -> World:
    made = replace(make_world({}, {"r": RATIO}, settings=SETTINGS), units=UNITS)
    return with_settings(made, {"ratio": values}) if values is not None else made


def test_each_unit_decides_by_its_own_value_under_any_of_its_names() -> None:
    held = world({"甲局": 5, "某市乙局": 20})
    assert [decide(held, "r", {}, unit=u).output for u in ("甲局", "某市甲局", "乙局")] == [5, 5, 20]


@pytest.mark.parametrize(("unit", "named"), [("乙局", "某市乙局"), ("丙局", "某市丙局"), (None, "各局")])
def test_without_a_value_of_the_unit_or_without_a_unit_it_is_open(unit: str | None, named: str) -> None:
    outcome = decide(world({"甲局": 5}), "r", {}, unit=unit)
    assert outcome.output is None
    assert [each.owner for each in outcome.open] == [named]


def test_one_unit_after_another_leaves_no_value_behind() -> None:
    held = world({"甲局": 5}).for_unit("甲局")
    assert held.settings["ratio"].value == 5
    assert held.for_unit("乙局").settings["ratio"].value is None
    assert held.for_unit(None).settings["ratio"].value is None


def test_a_plain_value_holds_for_whoever_asks() -> None:
    assert [decide(world(7), "r", {}, unit=u).output for u in ("甲局", None)] == [7, 7]


def test_the_receipt_names_the_value_and_whose_it_is_and_is_verified_by_it() -> None:
    held = world({"甲局": 5, "乙局": 20})
    receipt = make_receipt(held, decide(held, "r", {}, unit="甲局"), {})
    assert receipt.settings == {"ratio": {"unit": "某市甲局", "value": 5}}
    assert verify_receipt(receipt_from(receipt.to_dict()), world()) == []
    forged = replace(receipt, settings={"ratio": {"unit": "某市甲局", "value": 6}})
    assert "outcome.value" in [each.field for each in verify_receipt(forged, world())]


def test_a_unit_outside_the_group_and_a_setting_of_one_value_are_refused() -> None:
    with pytest.raises(ValueError, match="“丙局”不在其中；可以是 某市乙局、某市甲局"):
        world({"丙局": 5})
    with pytest.raises(ValueError, match="只有一个值"):
        with_settings(world(), {"one": {"甲局": 5}})
    with pytest.raises((ValueError, FactErrors)):
        world({"甲局": "很多"})
