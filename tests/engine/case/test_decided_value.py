"""A person may decide what the decision may come out as, of its type, and nothing else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from tests.engine.small import POLICE, action, at, log, procedure, step, world

from gongbao.engine.case.acts import act
from gongbao.engine.case.decided_value import Refused, allowed_values, decided_value, offered
from gongbao.engine.decision.logic import Decision, Output, compile_decision
from gongbao.engine.fact import compile_facts


def rule(output: dict[str, Any], hit: str = "first") -> Decision:
    then = dict.fromkeys(output) if len(output) > 1 else None
    return compile_decision(
        "grade", label="事故分级", cite="二", hit=hit, names=("deaths",), output=output,
        rules=[{"when": {"deaths": ">= 1"}, "then": then, "cite": "二"}],
    )  # fmt: skip


def one(value: Any, **spec: Any) -> Any:
    return decided_value(rule({"level": {"label": "级别", **spec}}), value)["level"]


def refused(value: Any, match: str, **spec: Any) -> tuple[str, ...]:
    with pytest.raises(Refused, match=match) as caught:
        one(value, **spec)
    assert (caught.value.field, caught.value.value) == ("level", value)
    return caught.value.allowed


class TestOneOfTheValues:
    LEVELS: tuple[str, ...] = ("一般", "较大", "需人工判定")

    @pytest.mark.parametrize("value", ["一般", " 较大 "])
    def test_a_listed_value_is_taken(self, value: str) -> None:
        assert one(value, values=self.LEVELS) == value.strip()

    def test_another_is_refused_naming_decision_output_value_and_what_is_allowed(self) -> None:
        allowed = refused("特大", "^判定“事故分级”的“级别”不能是“特大”；可为：一般、较大$", values=self.LEVELS)
        assert allowed == ("一般", "较大")

    def test_leaving_it_to_a_person_is_no_decision_of_a_person_even_where_the_rules_say_it(self) -> None:
        assert refused("需人工判定", "不能是“需人工判定”；可为：一般、较大$", values=self.LEVELS) == ("一般", "较大")
        refused("需人工判定", "不能是“需人工判定”；可为：文本", type="text")

    @pytest.mark.parametrize("value", [None, "", "  "])
    def test_nothing_is_told_as_missing(self, value: Any) -> None:
        refused(value, "判定“事故分级”没有写“级别”；可为：一般、较大", values=self.LEVELS)

    @pytest.mark.parametrize(("value", "read"), [(1, 1), ("2", 2), (Decimal("1"), 1), (Decimal("2.0"), 2)])
    def test_a_number_among_numbers_or_its_text(self, value: Any, read: int) -> None:
        found = one(value, type="integer", values=(1, 2))
        assert (found, type(found)) == (read, int)

    @pytest.mark.parametrize("value", [True, False, 3, "3", "true", Decimal("1.5")])
    def test_true_is_not_one(self, value: Any) -> None:
        refused(value, "不能是", type="integer", values=(1, 2))

    def test_a_number_whose_text_is_listed(self) -> None:
        assert one(110, values=("12345", "110")) == "110"
        refused(119, "不能是119；可为：12345、110", values=("12345", "110"))


class TestOfTheType:
    @pytest.mark.parametrize(
        ("type", "value", "read"),
        [
            ("integer", 3, 3),
            ("integer", "3", 3),
            ("number", "2.50", Decimal("2.50")),
            ("money", "3万元", 30_000),
            ("boolean", "是", True),
            ("boolean", False, False),
            ("date", "2023-01-19", dt.date(2023, 1, 19)),
            ("date", dt.date(2023, 1, 19), dt.date(2023, 1, 19)),
            ("text", "暂缓", "暂缓"),
            ("choice", "暂缓", "暂缓"),
        ],
    )
    def test_a_value_of_the_type_or_its_text(self, type: str, value: Any, read: Any) -> None:
        assert one(value, type=type) == read

    @pytest.mark.parametrize(
        ("type", "value", "allowed"),
        [
            ("integer", "三", "整数"),
            ("integer", "2.5", "整数"),
            ("integer", True, "整数"),
            ("number", "很多", "数"),
            ("money", "x", "金额（元）"),
            ("boolean", "也许", "是或否（true 或 false）"),
            ("boolean", 1, "是或否（true 或 false）"),
            ("date", "2023-02-30", "日期，如 2023-01-19"),
            ("text", 3, "文本"),
            ("choice", 3, "文本"),
            ("unit", True, "单位"),
            ("record", "x", "一组“名称: 值”"),
        ],
    )
    def test_another_is_refused(self, type: str, value: Any, allowed: str) -> None:
        assert refused(value, f"“级别”不能是.*；可为：{allowed}", type=type) == (allowed,)


class TestLists:
    SPEC: dict[str, Any] = {"level": {"label": "级别", "values": ("一般", "较大")}}

    def test_a_decision_that_does_not_collect_takes_no_list(self) -> None:
        refused(["一般"], "“级别”不能是一列值（一般）；可为：一般、较大", values=("一般", "较大"))
        refused(["1"], "不能是一列值（1）", type="integer")

    def test_one_that_collects_takes_a_list_or_an_item_of_it(self) -> None:
        collects = rule(self.SPEC, hit="collect")
        assert decided_value(collects, {"level": ["较大", "一般"]}) == {"level": ["较大", "一般"]}
        assert decided_value(collects, "较大") == {"level": ["较大"]}
        assert decided_value(collects, {"level": []}) == {"level": []}
        with pytest.raises(Refused, match="“级别”不能是“特大”"):
            decided_value(collects, {"level": ["较大", "特大"]})


class TestSeveralOutputs:
    SPEC: dict[str, Any] = {
        "level": {"label": "级别", "values": ("一般", "较大")}, "days": {"label": "天数", "type": "integer"},
    }  # fmt: skip

    def test_all_of_them_are_read(self) -> None:
        assert decided_value(rule(self.SPEC), {"level": "一般", "days": "3"}) == {"level": "一般", "days": 3}

    def test_every_fault_is_told_at_once(self) -> None:
        with pytest.raises(Refused) as caught:
            decided_value(rule(self.SPEC), {"level": "特大", "days": "三", "who": "x"})
        assert [fault.field for fault in caught.value.faults] == ["who", "level", "days"]
        assert "没有“who”这一项；有：level、days" in str(caught.value)

    def test_none_may_be_left_out(self) -> None:
        with pytest.raises(Refused, match="没有写“天数”；可为：整数"):
            decided_value(rule(self.SPEC), {"level": "一般"})


def test_what_a_page_offers_is_what_may_be_decided() -> None:
    graded = Output("level", "级别", "choice", ("一般", "需人工判定"))
    assert (offered(graded), allowed_values(graded)) == (("一般",), ("一般",))
    assert offered(Output("ok", "适用", "boolean")) == ("是", "否")
    assert (offered(Output("n", "天数", "integer")), allowed_values(Output("n", "天数", "integer"))) == ((), ("整数",))


def test_an_act_of_deciding_records_the_value_of_the_type() -> None:
    facts = compile_facts({"deaths": {"label": "死亡人数", "type": "integer"}})
    days = rule({"days": {"label": "天数", "type": "integer"}})
    w = world(procedure(step("grading", action("graded", stay=True, decides="grade"))), facts=facts,
              decisions={"grade": days})  # fmt: skip
    events = log(("opened", "03-01 09:00", {"deaths": 0}))
    args: dict[str, Any] = {"action": "graded", "actor": POLICE, "occurred_at": at("03-01 10:00"),
                            "recorded_at": at("03-01 10:00"), "note": "现场研判"}  # fmt: skip
    (event,) = act(w, "matter", events, **args, value={"days": "3"})
    assert event.data["value"] == {"days": 3}
    with pytest.raises(Refused, match="判定“事故分级”的“天数”不能是“三”；可为：整数"):
        act(w, "matter", events, **args, value={"days": "三"})
