"""Who a rule names is resolved in the case and on the day, and nobody else has standing."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.engine.small import by, feel, procedure, step, units, world

from gongbao.engine.model import Actor, Who
from gongbao.engine.who import is_one_of, refusal, resolve

WORLD = world(procedure(step("a")))
DAY = dt.date(2023, 3, 1)
CASE = {"case": {"place": "三河市燕郊镇"}, "decided": {}}


def names(who: Who, scope: dict[str, object] | None = None, on: dt.date = DAY) -> tuple[str, ...]:
    return resolve((who,), WORLD, {**CASE, **(scope or {})}, on).names


class TestNaming:
    def test_a_unit_by_short_name(self) -> None:
        assert names(Who("unit", "市公安局")) == ("廊坊市公安局",)

    @pytest.mark.parametrize(
        ("day", "name"),
        [(dt.date(2018, 12, 31), "廊坊市环境保护局"), (dt.date(2019, 1, 1), "廊坊市生态环境局")],
    )
    def test_a_unit_is_its_successor_from_the_day_of_the_reform(self, day: dt.date, name: str) -> None:
        assert names(Who("unit", "市环保局"), on=day) == (name,)

    def test_a_unit_nobody_registered_keeps_its_name(self) -> None:
        assert names(Who("unit", "某中心")) == ("某中心",)

    def test_the_members_of_a_group(self) -> None:
        assert names(Who("group", "各县（市、区）")) == ("三河市人民政府", "香河县人民政府")

    def test_the_unit_with_a_function_where_the_case_is(self) -> None:
        assert names(Who("relative", "公安机关", "县")) == ("三河市公安局",)
        assert names(Who("relative", "公安机关", "市")) == ("廊坊市公安局",)

    def test_or_at_another_place(self) -> None:
        assert names(Who("relative", "公安机关", "县", feel("county")), {"county": "香河县"}) == ("香河县公安局",)

    def test_the_unit_a_fact_holds_or_several(self) -> None:
        assert names(Who("fact", "source_unit"), {"source_unit": "市城管局"}) == ("廊坊市城市管理局",)
        assert names(Who("fact", "co_units"), {"co_units": ["市城管局", "市公安局"]}) == (
            "廊坊市城市管理局",
            "廊坊市公安局",
        )

    def test_what_was_decided_goes_before_what_is_proposed(self) -> None:
        scope = {"grader": {"unit": "市公安局"}, "decided": {"grader": {"unit": "市城管局"}}}
        assert names(Who("decision", "grader.unit"), scope) == ("廊坊市城市管理局",)
        assert names(Who("decision", "grader.unit"), {"grader": {"unit": "市公安局"}}) == ("廊坊市公安局",)

    def test_a_single_output_stands_for_the_decision(self) -> None:
        assert names(Who("decision", "grader.unit"), {"decided": {"grader": "市城管局"}}) == ("廊坊市城市管理局",)

    def test_who_is_not_known_yet_says_what_must_be_known(self) -> None:
        resolved = resolve(by("=source_unit"), WORLD, CASE, DAY)
        assert (resolved.names, resolved.missing) == ((), ("source_unit",))
        assert "尚未确定由谁办理" in refusal(resolved, Actor("a", "市公安局"))


class TestStanding:
    def may(self, who: Who, actor: Actor) -> bool:
        return is_one_of(resolve((who,), WORLD, CASE, DAY), actor, units(), DAY)

    def test_the_unit_itself_by_any_of_its_names(self) -> None:
        assert self.may(Who("unit", "市公安局"), Actor("a", "廊坊市公安局"))
        assert self.may(Who("unit", "廊坊市公安局"), Actor("a", "市公安局"))

    def test_a_superior_has_no_standing_in_a_subordinates_step_nor_the_other_way(self) -> None:
        assert not self.may(Who("unit", "三河市公安局"), Actor("a", "市公安局"))
        assert not self.may(Who("unit", "市公安局"), Actor("a", "三河市公安局"))

    def test_a_role_in_whatever_unit(self) -> None:
        assert self.may(Who("role", "话务员"), Actor("a", "市城管局", frozenset({"话务员"})))
        assert not self.may(Who("role", "话务员"), Actor("a", "市城管局", frozenset({"承办人"})))

    def test_a_post(self) -> None:
        assert self.may(Who("post", "组长"), Actor("a", "市城管局", posts=frozenset({"组长"})))
        assert not self.may(Who("post", "组长"), Actor("a", "市城管局", posts=frozenset({"副组长"})))

    def test_the_refusal_says_whose_it_is_and_whom_one_acts_for(self) -> None:
        resolved = resolve(by("市公安局"), WORLD, CASE, DAY)
        assert refusal(resolved, Actor("a", "市城管局")) == "须由廊坊市公安局办理，您代表市城管局"
