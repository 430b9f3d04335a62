"""A receipt says all that an outcome stands on, and whatever is changed in it or around it is found."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from typing import Any

import pytest
from tests.engine.table_worlds import make_world

from gongbao.engine.decision.decide import decide
from gongbao.engine.receipt import Receipt, make_receipt, receipt_from, verify_receipt
from gongbao.engine.register import Column, Register
from gongbao.engine.time.calendar import SHANGHAI, Calendar
from gongbao.engine.world import World

FACTS: dict[str, Any] = {
    "n": {"label": "次数", "type": "integer", "min": 0},
    "share": {"label": "比例", "type": "number"},
    "day": {"label": "日期", "type": "date"},
    "place": {"label": "地点", "type": "place"},
    "other": {"label": "无关", "type": "text", "personal": "sensitive"},
    "aqi": {"label": "序列", "type": "series", "of": "integer"},
}
RULES = [
    {"when": {"n": "> settings.limit", "share": ">= 0.5"}, "then": "高", "cite": "一（一）"},
    {
        "when": {"known": "true", "day": '>= date("2023-01-01")', "run(aqi, 200)": "> 1"},
        "then": "中",
        "cite": "一（二）",
    },
    {"otherwise": "低", "cite": "一（三）"},
]
DECISION = {
    "label": "判定", "cite": "一", "hit": "first", "let": {"known": 'count(register("places")[name = place]) > 0'},
    "output": {"o": {"type": "choice", "values": ["低", "中", "高"], "ordered": True}}, "rules": RULES,
}  # fmt: skip
SETTINGS = {
    "limit": {"label": "界限", "owner": "市局", "type": "integer"},
    "unused": {"label": "无关设置", "owner": "市局"},
}
MOMENT = dt.datetime(2023, 3, 1, 9, tzinfo=SHANGHAI)
GIVEN = {"n": 1, "share": 1, "day": dt.date(2023, 2, 1), "place": "三河市", "other": "秘密"}


def places(*names: str) -> Register:
    return Register("places", "地点", (Column("name", "名称"),), tuple({"name": name} for name in names), ("name",))


def world(*names: str, **more: Any) -> World:
    given = {
        "registers": {"places": places(*(names or ("三河市",)))},
        "calendar": Calendar({dt.date(2023, 1, 23): True}),
        **more,
    }
    return make_world(FACTS, {"d": DECISION}, settings=SETTINGS, **given).with_settings({"limit": 5})


def receipt(of: World, **facts: Any) -> Receipt:
    from gongbao.engine.fact import read_facts

    known = {**GIVEN, **read_facts(of.facts, {"aqi": [250, 250, 100]}), **facts}
    return make_receipt(of, decide(of, "d", known, as_of=MOMENT), known, calendar_years=[2023])


def test_a_receipt_survives_paper_and_agrees_with_its_world() -> None:
    made = receipt(world())
    again = receipt_from(json.loads(json.dumps(made.to_dict(), ensure_ascii=False)))
    assert again == made
    assert made.outcome["value"] == {"o": "中"}
    assert verify_receipt(again, world()) == []


def test_only_what_the_decision_can_read_is_in_it() -> None:
    made = receipt(world())
    assert set(made.facts) == {"n", "share", "day", "place", "aqi"}
    assert made.settings == {"limit": 5}
    assert set(made.registers) == {"places"}
    assert made.calendar["2023"]["known"] is True
    assert made.as_of == "2023-03-01T09:00:00+08:00"


def test_the_same_act_gives_the_same_receipt() -> None:
    assert receipt(world()).sha256 == receipt(world()).sha256 != receipt(world(), n=2).sha256


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"n": 6}}, {"outcome": {"value": {"o": "低"}}}, {"settings": {"limit": 0}}, {"as_of": None},
        {"version": "2"}, {"decision": "e"}, {"registers": {}}, {"certificate": {"certified_by": "某人"}},
    ],
)  # fmt: skip
def test_whatever_is_changed_in_it_is_found(change: dict[str, Any]) -> None:
    made = receipt(world())
    (name, value), = change.items()  # fmt: skip
    forged = dataclasses.replace(
        made, **{name: {**getattr(made, name), **value} if isinstance(value, dict) and value else value}
    )
    assert "sha256" in {each.field for each in verify_receipt(forged, world())}


def test_a_forged_result_with_a_fitting_hash_is_found_by_deciding_again() -> None:
    from gongbao.engine.canonical import digest

    made = receipt(world())
    content = {**made.to_dict(), "outcome": {**made.outcome, "value": {"o": "高"}}}
    del content["sha256"]
    forged = receipt_from({**content, "sha256": digest(content)})
    (found,) = verify_receipt(forged, world())
    assert (found.field, found.recorded, found.found) == ("outcome.value", {"o": "高"}, {"o": "中"})
    assert str(found) == '结果（outcome.value）：凭证记为 {"o":"高"}，现为 {"o":"中"}'


def resealed(made: Receipt, **content: Any) -> Receipt:
    """A receipt with something else in it and a hash that fits."""
    from gongbao.engine.canonical import digest

    forged = {**made.to_dict(), **content}
    del forged["sha256"]
    return receipt_from({**forged, "sha256": digest(forged)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reason", "编造"), ("cites", ["九"]), ("label", "别的判定"), ("cite", "九"), ("pack", "别处/包"), ("ask", [1]),
        ("version", "2"), ("decision", "e"), ("open", [1]), ("exact", False), ("needs_person", True), ("rows", []),
    ],
)  # fmt: skip
def test_whatever_is_forged_in_the_outcome_is_named_in_chinese(name: str, value: Any) -> None:
    made = receipt(world())
    (found,) = verify_receipt(resealed(made, outcome={**made.outcome, name: value}), world())
    assert found.field == f"outcome.{name}"
    assert re.match(r"[\u4e00-\u9fff]", found.label)


def test_a_value_forged_in_the_grounds_is_found_where_it_stands() -> None:
    made = receipt(world())
    trace = json.loads(json.dumps(made.outcome["trace"]))
    trace["rows"][0]["cells"][0]["value"] = False
    (found,) = verify_receipt(resealed(made, outcome={**made.outcome, "trace": trace}), world())
    assert str(found) == "依据“一（二）”“known”（outcome.trace.rows[1].cells[1].value）：凭证记为 否，现为 是"


def test_a_fact_that_was_compared_cannot_be_exchanged_under_a_fitting_hash() -> None:
    made = receipt(world())
    found = verify_receipt(resealed(made, facts={**made.facts, "day": "2023-02-02"}), world())
    assert [each.field for each in found] == ["outcome.trace.rows[1].cells[2].value"]


def test_candidates_with_settings_registers_and_working_days_are_recomputed() -> None:
    let = {"late": "working_days_between(day, as_of) > settings.limit", **DECISION["let"]}
    rules = [{"when": {"late": "true", "n": "> 3"}, "then": "高", "cite": "一"}, *RULES[1:]]
    facts = {**FACTS, "as_of_day": {"label": "今日", "type": "date"}}
    let["late"] = "working_days_between(day, as_of_day) > settings.limit"
    decision = {**DECISION, "let": let, "rules": rules}
    more = {"registers": {"places": places("三河市")}, "calendar": Calendar({dt.date(2023, 1, 23): True})}
    of = make_world(facts, {"d": decision}, settings=SETTINGS, **more).with_settings({"limit": 5})
    known = {"place": "三河市", "day": dt.date(2023, 1, 18), "as_of_day": dt.date(2023, 2, 1)}
    made = make_receipt(of, decide(of, "d", known), known)
    assert made.outcome["status"] == "candidates"
    assert made.settings == {"limit": 5}
    assert set(made.registers) == {"places"}
    assert set(made.calendar) == {"2023"}
    assert verify_receipt(receipt_from(json.loads(json.dumps(made.to_dict()))), of) == []
    fewer = [each.field for each in verify_receipt(made, of.with_calendar(Calendar()))]
    assert "calendar.2023" in fewer


def test_another_world_is_told_apart() -> None:
    made = receipt(world())
    assert {each.field for each in verify_receipt(made, world("三河市", "香河县"))} == {"registers.places"}
    assert {each.field for each in verify_receipt(made, world("香河县"))} >= {"registers.places", "outcome.value"}
    assert {each.field for each in verify_receipt(made, world(calendar=Calendar()))} == {"calendar.2023"}
    assert {each.field for each in verify_receipt(made, world(version="2"))} == {"version"}
    assert {each.field for each in verify_receipt(made, world(certified_by="张三"))} == {"certificate"}


def test_a_changed_units_file_is_noted_and_a_difference_only_where_the_decision_comes_out_otherwise() -> None:
    made = receipt(dataclasses.replace(world(), units_version="1"))
    assert made.units == "1"
    (note,) = verify_receipt(made, dataclasses.replace(world(), units_version="2"))
    assert (note.field, note.recorded, note.found, note.noted) == ("units", "1", "2", True)
    assert str(note).startswith("附注：单位登记（units.yaml）（units）：凭证记为 1，现为 2")
    otherwise = verify_receipt(made, dataclasses.replace(world("香河县"), units_version="2"))
    assert {each.field for each in otherwise} >= {"units", "outcome.value"}
    assert not any(each.noted for each in otherwise)
    forged = resealed(made, outcome={**made.outcome, "cites": ["九"]})
    grounds = verify_receipt(forged, dataclasses.replace(world(), units_version="2"))
    assert [each.noted for each in grounds if each.field == "units"] == [False]  # other grounds, not only another value


def test_units_are_no_note_where_the_decision_cannot_be_made_again() -> None:
    made = receipt(dataclasses.replace(world(), units_version="1"))
    damaged = resealed(made, facts={**made.facts, "n": "x"})
    found = verify_receipt(damaged, dataclasses.replace(world(), units_version="2"))
    assert {(each.field, each.noted) for each in found} == {("units", False), ("facts.n", False)}


def test_a_setting_filled_later_changes_nothing_in_an_old_receipt() -> None:
    assert verify_receipt(receipt(world()), world().with_settings({"limit": 0, "unused": 3})) == []


def test_candidates_are_recomputed_too() -> None:
    known = {"n": 6, "place": "三河市"}
    made = make_receipt(world(), decide(world(), "d", known), known)
    assert made.outcome["status"] == "candidates"
    assert verify_receipt(made, world()) == []


def test_an_uncertified_pack_says_so() -> None:
    assert receipt(world()).certificate["notice"] == "未经发布机关审定，仅供参考"
    assert receipt(world(certified_by="张三")).certificate["notice"] is None


@pytest.mark.parametrize("data", [None, [], {}, "x", {"format": 1}])
def test_what_is_no_receipt_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="不是一份判定凭证"):
        receipt_from(data)


def test_damaged_receipts_are_refused_or_told() -> None:
    good = receipt(world()).to_dict()
    with pytest.raises(ValueError, match="凭证格式"):
        receipt_from({**good, "format": 4})
    with pytest.raises(ValueError, match="facts"):
        receipt_from({**good, "facts": 3})
    found = verify_receipt(receipt_from({**good, "facts": {"n": "x", "猜": 1}}), world())
    assert {each.field for each in found} >= {"sha256", "facts.n", "facts.猜"}
    found = verify_receipt(receipt_from({**good, "settings": {"没有": 1}}), world())
    assert {each.field for each in found} >= {"sha256", "settings"}


@pytest.mark.parametrize(("format_", "without"), [(1, {"units", "law"}), (2, {"law"})])
def test_a_receipt_of_an_earlier_format_is_still_read_and_agrees(format_: int, without: set[str]) -> None:
    from gongbao.engine.canonical import digest

    whole = receipt(world()).to_dict()
    content = {k: v for k, v in whole.items() if k not in {*without, "sha256"}} | {"format": format_}
    old = receipt_from({**content, "sha256": digest(content)})
    assert set(whole) - set(old.to_dict()) == without
    assert verify_receipt(old, world()) == []


def test_a_receipt_names_the_version_of_the_law_and_is_held_against_that_one() -> None:
    def of(label: str, until: dt.date | None) -> World:
        force = {"from": dt.date(2023, 1, 1), "until": until, "last": until}
        document = {"number": "试政发〔2023〕1号", "in_force": force, "revision": {"no": 2}}
        return dataclasses.replace(world(), document=document, label=label)

    held = receipt(of("2023", None))
    assert held.law == {"label": "2023", "from": "2023-01-01", "until": None, "revision": 2}
    assert verify_receipt(held, of("2023", None)) == []
    assert verify_receipt(held, of("before-2025", None)) == []  # its folder was renamed when the next version came
    assert {d.field for d in verify_receipt(held, of("2023", dt.date(2024, 1, 1)))} == {"law"}
