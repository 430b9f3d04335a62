"""A sealed receipt says nothing of the personal values it stands on, and is verified wherever they are still known."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.table_worlds import make_world

from gongbao.engine.canonical import digest
from gongbao.engine.decision.decide import decide
from gongbao.engine.receipt import make_receipt, receipt_from, verify_receipt
from gongbao.engine.sealing import is_sealed, personal_facts, sealed_receipt
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.world import World

PHONE, ID_NUMBER, CHILD = "13800004321", "131000195001019876", "赵小某"
FACTS: dict[str, Any] = {
    "phone": {"label": "电话", "type": "text", "personal": "personal"},
    "id_number": {"label": "证件号码", "type": "text", "personal": "sensitive"},
    "children": {"label": "子女", "type": "list", "of": "text", "personal": "personal"},
    "income": {"label": "收入", "type": "integer", "min": 0},
}
DECISIONS: dict[str, Any] = {
    "aged": {
        "label": "高龄", "cite": "一", "hit": "first",
        "let": {"born": "number(substring(id_number, 7, 4))", "rich": "income > 5000"},
        "output": {"o": {"type": "choice", "values": ["否", "是"]}},
        "rules": [
            {"when": {"born": "<= 1960", "rich": "false", "phone": 'starts with(?, "138")'}, "then": "是", "cite": "一1"},
            {"otherwise": "否", "cite": "一2"},
        ],
    },
    "relief": {
        "label": "救助", "cite": "二", "hit": "first", "requires": ["aged"],
        "output": {"o": {"type": "choice", "values": ["不予", "给予"]}},
        "rules": [{"when": {"aged.o": '"是"', "income": "< 1000"}, "then": "给予", "cite": "二1"},
                  {"otherwise": "不予", "cite": "二2"}],
    },
    "each_child": {
        "label": "逐人", "cite": "三", "hit": "first", "for_each": {"child": "children"}, "take": "highest",
        "let": {"length": "string length(child)"},
        "output": {"o": {"type": "choice", "values": ["短", "长"], "ordered": True}},
        "rules": [{"when": {"length": ">= 3"}, "then": "长", "cite": "三1"}, {"otherwise": "短", "cite": "三2"}],
    },
}  # fmt: skip
GIVEN: dict[str, Any] = {"phone": PHONE, "id_number": ID_NUMBER, "children": [CHILD, "赵某"], "income": 800}
AT = dt.datetime(2023, 3, 1, 9, tzinfo=SHANGHAI)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(FACTS, DECISIONS)


def salted(value: Any) -> str:
    return hashlib.sha256(f"salt{json.dumps(value, ensure_ascii=False)}".encode()).hexdigest()


def made(world: World, decision: str, **facts: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """A receipt, the same sealed, and the values apart by their digests."""
    known = {name: value for name, value in {**GIVEN, **facts}.items() if value is not None}
    plain = make_receipt(world, decide(world, decision, known, as_of=AT), known).to_dict()
    digests = {name: salted(known[name]) for name in personal_facts(plain, world)}
    return plain, sealed_receipt(plain, world, digests), {d: known[name] for name, d in digests.items()}


@pytest.mark.parametrize("decision", list(DECISIONS))
def test_no_value_and_nothing_worked_out_of_one_stands_in_it(world: World, decision: str) -> None:
    plain, sealed, _ = made(world, decision)
    secrets = (PHONE, ID_NUMBER, CHILD, "1950", "赵某")
    assert any(secret in json.dumps(plain, ensure_ascii=False) for secret in secrets)
    assert not [secret for secret in secrets if secret in json.dumps(sealed, ensure_ascii=False)]
    assert sealed["outcome"]["value"] == plain["outcome"]["value"]


def test_what_is_not_personal_stays(world: World) -> None:
    plain, sealed, _ = made(world, "aged")
    assert sealed["facts"]["income"] == 800
    assert is_sealed(sealed["facts"]["phone"])
    lets = {each["name"]: each["value"] for each in sealed["outcome"]["trace"]["lets"]}
    assert lets == {"born": {"$": "personal", "of": ["id_number"]}, "rich": False}
    cells = {cell["input"]: cell["value"] for cell in sealed["outcome"]["trace"]["rows"][0]["cells"]}
    assert cells == {"born": {"$": "personal", "of": ["id_number"]}, "rich": False, "phone": sealed["facts"]["phone"]}
    assert {**sealed, "facts": 0, "outcome": 0, "sha256": 0} == {**plain, "facts": 0, "outcome": 0, "sha256": 0}


def test_the_old_checksum_by_which_the_value_could_be_guessed_is_gone(world: World) -> None:
    plain, sealed, _ = made(world, "aged")
    assert sealed["sha256"] != plain["sha256"]
    assert sealed["sha256"] == digest({name: value for name, value in sealed.items() if name != "sha256"})


@pytest.mark.parametrize("decision", list(DECISIONS))
def test_with_the_values_it_verifies_whole(world: World, decision: str) -> None:
    _, sealed, values = made(world, decision)
    kept = receipt_from(json.loads(json.dumps(sealed, ensure_ascii=False)))
    assert verify_receipt(kept, world, values) == []


@pytest.mark.parametrize("decision", list(DECISIONS))
def test_without_them_each_is_told_as_erased_and_nothing_else_is_wrong(world: World, decision: str) -> None:
    _, sealed, values = made(world, decision)
    found = verify_receipt(receipt_from(sealed), world)
    assert len(found) == len(values) > 0
    assert all(each.erased and "个人信息已删除" in str(each) and "不能复核" in str(each) for each in found)
    assert {each.recorded for each in found} == set(values)


def test_with_one_of_two_only_the_other_is_told(world: World) -> None:
    _, sealed, values = made(world, "aged")
    del values[sealed["facts"]["phone"]["sha256"]]
    (found,) = verify_receipt(receipt_from(sealed), world, values)
    assert (found.field, found.label, found.erased) == ("facts.phone", "事实“电话”", True)


def test_another_value_than_was_decided_on_is_found(world: World) -> None:
    _, sealed, values = made(world, "aged")
    values[sealed["facts"]["phone"]["sha256"]] = "13900000000"
    fields = [each.field for each in verify_receipt(receipt_from(sealed), world, values)]
    assert "outcome.value" in fields


def forged(sealed: dict[str, Any], value: str) -> dict[str, Any]:
    content = {**sealed, "outcome": {**sealed["outcome"], "value": {"o": value}}}
    del content["sha256"]
    return {**content, "sha256": digest(content)}


def test_a_result_that_no_erased_value_can_explain_is_found(world: World) -> None:
    _, sealed, _ = made(world, "aged", income=9000)  # 否, whoever it was
    wrong = [each for each in verify_receipt(receipt_from(forged(sealed, "是")), world) if not each.erased]
    assert [each.field for each in wrong] == ["outcome.value"]
    _, sealed, _ = made(world, "aged")  # 是 or 否, depending on who it was
    assert all(each.erased for each in verify_receipt(receipt_from(forged(sealed, "否")), world))


def test_a_change_after_sealing_is_found(world: World) -> None:
    _, sealed, values = made(world, "aged")
    sealed["facts"]["income"] = 900
    assert "sha256" in [each.field for each in verify_receipt(receipt_from(sealed), world, values)]


def test_sealing_twice_changes_nothing(world: World) -> None:
    _, sealed, _ = made(world, "aged")
    assert personal_facts(sealed, world) == ()
    assert sealed_receipt(sealed, world, {}) == sealed


@given(
    st.fixed_dictionaries(
        {
            "phone": st.sampled_from([None, "13800000001", "13900000001"]),
            "id_number": st.sampled_from([None, "131000195001019876", "131000199901019876"]),
            "income": st.sampled_from([None, 0, 999, 1000, 6000]),
        }
    ),
    st.sampled_from(["aged", "relief"]),
)
def test_known_or_not_it_verifies_with_its_values_and_hides_them(facts: dict[str, Any], decision: str) -> None:
    there = make_world(FACTS, DECISIONS)
    _, sealed, values = made(there, decision, **facts)
    text = json.dumps({**sealed, "outcome": {**sealed["outcome"], "trace": None}}, ensure_ascii=False)
    assert not [value for value in values.values() if isinstance(value, str) and value in text]
    assert verify_receipt(receipt_from(sealed), there, values) == []
    assert all(each.erased for each in verify_receipt(receipt_from(sealed), there))
