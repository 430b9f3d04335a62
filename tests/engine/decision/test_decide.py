"""Decisions: what is settled, on which row and clause; what stays open, what to ask, and when a person must decide."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from tests.engine.table_worlds import make_world

from gongbao.dmn import OverlapError, TableError
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.decision.logic import compile_decision
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.trace import as_dict, explain, trace
from gongbao.engine.fact import read_facts
from gongbao.engine.register import Column, Register
from gongbao.engine.series import GAP_READINGS
from gongbao.engine.world import World

FACTS: dict[str, Any] = {
    "poisoned": {"label": "中毒人数", "type": "integer", "min": 0, "step": 1, "unit": "人"},
    "deaths": {"label": "死亡人数", "type": "integer", "min": 0, "step": 1, "unit": "人"},
    "panic": {"label": "引起恐慌", "type": "boolean", "judged_by": "专家组"},
    "place": {"label": "地点", "type": "choice", "values": ["城区", "乡镇", "其他"]},
}
GRADE: dict[str, Any] = {
    "label": "事故分级",
    "cite": "附件2",
    "hit": "first",
    "output": {"grade": {"type": "choice", "values": ["一般以下", "一般", "较大", "重大"], "ordered": True}},
    "let": {"hurt": "poisoned + deaths"},
    "rules": [
        {"when": {"hurt": ">= 100", "deaths": ">= 1"}, "then": "重大", "cite": "附件2 Ⅱ"},
        {"when": {"deaths": ">= 1"}, "then": "较大", "cite": "附件2 Ⅲ"},
        {"when": {"hurt": ">= 30"}, "then": "一般", "cite": "附件2 Ⅳ"},
        {"otherwise": "一般以下", "cite": "附件2 注"},
    ],
}
WORLD = make_world(FACTS, {"grade": GRADE})


def grade(**facts: Any) -> Outcome:
    return decide(WORLD, "grade", facts)


# Settled --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "value", "row", "cite"),
    [
        ({"poisoned": 99, "deaths": 1}, "重大", 0, "附件2 Ⅱ"),
        ({"poisoned": 98, "deaths": 1}, "较大", 1, "附件2 Ⅲ"),
        ({"poisoned": 30, "deaths": 0}, "一般", 2, "附件2 Ⅳ"),
        ({"poisoned": 29, "deaths": 0}, "一般以下", 3, "附件2 注"),
    ],
)
def test_an_outcome_says_on_which_row_and_clause_it_stands(facts: Any, value: str, row: int, cite: str) -> None:
    outcome = grade(**facts)
    assert (outcome.status, outcome.output, outcome.rows, outcome.cites) == ("settled", value, (row,), (cite,))
    assert (outcome.ask, outcome.open, outcome.needs_person, outcome.candidates) == ((), (), False, ())


def test_the_trace_names_what_was_compared() -> None:
    told = trace(grade(poisoned=98, deaths=1))
    assert told["lets"] == [{"name": "hurt", "text": "poisoned + deaths", "value": 99}]
    (row,) = told["rows"]
    assert row["cells"] == [{"input": "deaths", "label": "死亡人数", "test": ">= 1", "value": 1, "unit": "人"}]
    assert (row["row"], row["cite"], row["outputs"]) == (2, "附件2 Ⅲ", {"grade": "较大"})


def test_it_explains_itself_in_chinese_and_as_json() -> None:
    outcome = grade(poisoned=98, deaths=1)
    assert explain(outcome).splitlines()[:2] == ["事故分级：较大", "依据：附件2 Ⅲ：死亡人数 1人（>= 1）"]
    told = json.loads(json.dumps(as_dict(outcome)))
    assert told["value"] == {"grade": "较大"}
    assert (told["pack"], told["version"], told["decision"]) == ("test/tables", "1", "grade")


def test_two_rows_of_a_unique_table_are_an_error() -> None:
    rules = [
        {"when": {"deaths": "> 0"}, "then": "a", "cite": "一"},
        {"when": {"deaths": "> 1"}, "then": "b", "cite": "二"},
    ]
    world = make_world(
        FACTS, {"d": {"label": "判定", "cite": "一", "output": {"o": {"values": ["a", "b"]}}, "rules": rules}}
    )
    with pytest.raises(OverlapError, match="第 1 行（一）和第 2 行（二）"):
        decide(world, "d", {"deaths": 2})


def test_a_decision_that_does_not_exist_is_told_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="是否指 grade"):
        decide(WORLD, "grades", {})


# Unknown --------------------------------------------------------------------------------------------------------


def test_unknown_deaths_leave_three_grades_and_one_question() -> None:
    outcome = grade(poisoned=40)
    assert [each["grade"] for each in outcome.candidates] == ["一般", "较大", "重大"]
    assert (outcome.at_least, outcome.ask, outcome.needs_person) == ({"grade": "一般"}, ("deaths",), False)
    assert next(case.when for case in outcome.cases) == {"deaths": 0}
    assert "若死亡人数为0：一般（附件2 Ⅳ）" in explain(outcome)


def test_a_trace_shows_nothing_for_what_is_not_known() -> None:
    told = trace(grade(poisoned=40))
    assert told["lets"][0]["value"] is None
    assert [case["when"] for case in told["cases"]] == [dict(case.when) for case in grade(poisoned=40).cases]


def test_what_is_already_enough_is_settled_without_the_rest() -> None:
    outcome = grade(deaths=100)
    assert (outcome.output, outcome.ask) == ("重大", ())


@pytest.mark.parametrize(("poisoned", "lowest"), [(29, "一般以下"), (30, "一般")])
def test_at_least_moves_with_the_threshold(poisoned: int, lowest: str) -> None:
    assert grade(poisoned=poisoned).at_least == {"grade": lowest}


# Where the text has no rule -------------------------------------------------------------------------------------

NO_RULE: dict[str, Any] = {
    "label": "处理",
    "cite": "三",
    "output": {"o": {"type": "choice", "values": ["追责", "督办"]}},
    "rules": [
        {"when": {"panic": "true"}, "then": "追责", "cite": "三（一）"},
        {"when": {"panic": "false", "deaths": "0"}, "then": None, "cite": "三（二）", "note": "没有写这种情形"},
    ],
}


def test_a_row_without_a_result_asks_for_a_person_and_says_why() -> None:
    outcome = decide(make_world(FACTS, {"d": NO_RULE}), "d", {"panic": False, "deaths": 0})
    assert (outcome.settled, outcome.value, outcome.needs_person) == (True, None, True)
    assert outcome.reason == "需人工判定：没有写这种情形（三（二））"
    assert outcome.rows == (1,)


def test_no_row_at_all_asks_for_a_person() -> None:
    outcome = decide(make_world(FACTS, {"d": NO_RULE}), "d", {"panic": False, "deaths": 1})
    assert (outcome.settled, outcome.value, outcome.needs_person, outcome.rows) == (True, None, True, ())
    assert "没有写这种情形" in outcome.reason


def test_a_result_that_says_itself_that_a_person_decides() -> None:
    rules = [
        {"when": {"deaths": "0"}, "then": "需人工判定", "cite": "一", "note": "文中未写"},
        {"otherwise": "是", "cite": "二"},
    ]
    world = make_world(
        FACTS,
        {
            "d": {
                "label": "判定",
                "cite": "一",
                "hit": "first",
                "output": {"o": {"values": ["是", "需人工判定"]}},
                "rules": rules,
            }
        },
    )
    outcome = decide(world, "d", {"deaths": 0})
    assert (outcome.output, outcome.needs_person, outcome.reason) == ("需人工判定", True, "需人工判定：文中未写（一）")


def test_as_long_as_a_question_is_open_nobody_is_called_but_a_judgement_calls_its_judge() -> None:
    beyond = {"when": {"panic": "false", "deaths": "> 0"}, "then": "督办", "cite": "三（三）"}
    open_question = decide(
        make_world(FACTS, {"d": {**NO_RULE, "rules": [*NO_RULE["rules"], beyond]}}), "d", {"panic": False}
    )
    assert (open_question.needs_person, open_question.ask, open_question.unruled) == (False, ("deaths",), True)
    world = make_world(FACTS, {"d": NO_RULE})
    judgement = decide(world, "d", {"deaths": 0})
    assert judgement.candidates == ({"o": "追责"},)
    assert judgement.needs_person
    assert (judgement.ask, judgement.status) == (("panic",), "candidates")


# Settings -------------------------------------------------------------------------------------------------------

SETTINGS: dict[str, Any] = {
    "reading": {
        "label": "读法",
        "owner": "市政府办公室",
        "type": "choice",
        "candidates": ("从严", "从宽"),
        "why": "文中未写",
    },
    "ratio": {"label": "比例", "owner": "市局", "type": "number"},
    "limit": {"label": "界限", "owner": "市局", "type": "integer", "min": 0, "max": 500},
}
OPEN: dict[str, Any] = {
    "label": "读法",
    "cite": "四",
    "hit": "first",
    "output": {"o": {"type": "choice", "values": ["宽", "严"], "ordered": True}},
    "rules": [
        {"when": {"deaths": "> 5"}, "then": "严", "cite": "四（一）"},
        {"when": {"deaths": "> 0", "settings.reading": '"从严"'}, "then": "严", "cite": "四（二）"},
        {"otherwise": "宽", "cite": "四（三）"},
    ],
}
RATIO = {
    "label": "抽查比例",
    "cite": "五",
    "output": {"r": {"type": "number", "unit": "%"}},
    "value": {"r": "settings.ratio"},
}


def settings_world(**filled: Any) -> World:
    limit = {
        **OPEN,
        "rules": [
            {"when": {"deaths": "<= settings.limit"}, "then": "宽", "cite": "一"},
            {"otherwise": "严", "cite": "一"},
        ],
    }
    return make_world(FACTS, {"d": OPEN, "r": RATIO, "l": limit}, settings=SETTINGS).with_settings(filled)


def test_an_empty_setting_that_matters_leaves_the_candidates_and_its_owner() -> None:
    outcome = decide(settings_world(), "d", {"deaths": 3})
    assert [each["o"] for each in outcome.candidates] == ["宽", "严"]
    assert [(each.name, each.owner, each.why) for each in outcome.open] == [("reading", "市政府办公室", "文中未写")]
    assert outcome.reason == "需人工判定：设置“读法”未填（市政府办公室）"
    assert outcome.ask == ()


@pytest.mark.parametrize("deaths", [0, 6])
def test_an_empty_setting_that_does_not_matter_is_not_mentioned(deaths: int) -> None:
    outcome = decide(settings_world(), "d", {"deaths": deaths})
    assert (outcome.settled, outcome.open, outcome.needs_person) == (True, (), False)


def test_a_filled_setting_settles_it() -> None:
    assert decide(settings_world(reading="从宽"), "d", {"deaths": 3}).output == "宽"
    assert decide(settings_world(reading="从严"), "d", {"deaths": 3}).output == "严"


def test_a_figure_that_is_not_stated_is_never_made_up() -> None:
    outcome = decide(settings_world(), "r", {})
    assert (outcome.settled, outcome.candidates, outcome.complete, outcome.needs_person) == (False, (), False, True)
    assert decide(settings_world(ratio=3), "r", {}).output == 3


def test_a_limit_that_is_not_set_can_fall_on_either_side_within_its_bounds() -> None:
    assert {each["o"] for each in decide(settings_world(), "l", {"deaths": 3}).candidates} == {"宽", "严"}
    assert decide(settings_world(), "l", {"deaths": 0}).output == "宽"
    assert decide(settings_world(), "l", {"deaths": 501}).output == "严"


# Required decisions, formulas, lists ----------------------------------------------------------------------------

CHARGE = {
    "label": "收费",
    "cite": "六",
    "requires": ["grade"],
    "output": {"fee": {"type": "money", "unit": "元"}},
    "value": {"fee": 'if grade.grade = "重大" then params.fee * poisoned else 0'},
}
SIGNER = {
    "label": "签发", "cite": "七", "requires": ["grade"], "output": {"by": {"type": "text"}},
    "rules": [
        {"when": {"grade.grade": '"重大","较大"'}, "then": "组长", "cite": "七（一）"},
        {"when": {"grade.grade": '"一般","一般以下"'}, "then": "副组长", "cite": "七（二）"},
    ],
}  # fmt: skip
CHAIN = make_world(FACTS, {"grade": GRADE, "charge": CHARGE, "signer": SIGNER}, {"fee": 20})


def test_a_required_decision_is_decided_first() -> None:
    assert decide(CHAIN, "charge", {"poisoned": 100, "deaths": 1}).output == 2000
    assert decide(CHAIN, "signer", {"poisoned": 0, "deaths": 1}).output == "组长"
    assert (
        trace(decide(CHAIN, "charge", {"poisoned": 100, "deaths": 1}))["required"]["grade"]["rows"][0]["cite"]
        == "附件2 Ⅱ"
    )


def test_what_a_required_decision_leaves_open_may_not_matter() -> None:
    assert decide(CHAIN, "signer", {"deaths": 1}).output == "组长"
    outcome = decide(CHAIN, "signer", {"poisoned": 40})
    assert {each["by"] for each in outcome.candidates} == {"组长", "副组长"}
    assert outcome.ask == ("deaths",)


def test_every_matching_row_is_collected() -> None:
    rules = [
        {"when": {"deaths": "> 0"}, "then": "报告", "cite": "一"},
        {"when": {"panic": "true"}, "then": "辟谣", "cite": "二"},
    ]
    world = make_world(
        FACTS,
        {
            "d": {
                "label": "措施",
                "cite": "一",
                "hit": "collect",
                "output": {"m": {"values": ["报告", "辟谣"]}},
                "rules": rules,
            }
        },
    )
    assert decide(world, "d", {"deaths": 1, "panic": True}).value == {"m": ["报告", "辟谣"]}
    assert decide(world, "d", {"deaths": 0, "panic": False}).value == {"m": []}
    assert not decide(world, "d", {"deaths": 0, "panic": False}).needs_person
    assert [each["m"] for each in decide(world, "d", {"deaths": 1}).candidates] == [["报告"], ["报告", "辟谣"]]


EACH: dict[str, Any] = {
    "label": "等级", "cite": "一", "hit": "first", "for_each": {"n": "cases"}, "let": {"m": "n * 2"},
    "output": {"o": {"type": "choice", "values": ["无", "低", "高"], "ordered": True}},
    "rules": [
        {"when": {"m": "> 10"}, "then": "高", "cite": "一（一）"},
        {"when": {"m": "> limit"}, "then": "低", "cite": "一（二）"},
        {"otherwise": "无", "cite": "一（三）"},
    ],
}  # fmt: skip
LISTED = {
    "cases": {"label": "各次", "type": "list", "of": "integer"},
    "limit": {"label": "界限", "type": "integer", "min": 0, "max": 9},
}


def test_for_each_the_highest_counts_and_each_has_its_row() -> None:
    world = make_world(LISTED, {"d": EACH})
    outcome = decide(world, "d", {"cases": [1, 6, 2], "limit": 3})
    assert (outcome.output, outcome.rows) == ("高", (0,))
    assert outcome.items == ((1, (2,)), (6, (0,)), (2, (1,)))
    assert [item["lets"][0]["value"] for item in trace(outcome)["items"]] == [2, 12, 4]
    assert decide(world, "d", {"cases": [], "limit": 3}).output == "无"


def test_for_each_only_what_can_be_the_highest_is_a_candidate() -> None:
    world = make_world(LISTED, {"d": EACH})
    assert decide(world, "d", {"cases": [1, 6]}).output == "高"
    assert [each["o"] for each in decide(world, "d", {"cases": [1, 2]}).candidates] == ["无", "低"]
    assert decide(world, "d", {"cases": [5]}).output == "低"  # whatever the limit is
    assert [each["o"] for each in decide(world, "d", {"limit": 3}).candidates] == ["无", "低", "高"]


def test_for_each_equals_stand_together_on_all_their_rows() -> None:
    rules = [
        {"when": {"n": "> 9"}, "then": "高", "cite": "一（一）"},
        {"when": {"m": "> 10"}, "then": "高", "cite": "一（二）"},
        {"when": {"n": "0"}, "then": None, "cite": "一（三）", "note": "没有写"},
        {"otherwise": "低", "cite": "一（四）"},
    ]
    world = make_world(LISTED, {"d": {**EACH, "rules": rules}})
    assert decide(world, "d", {"cases": [6, 10, 1]}).rows == (0, 1)
    assert decide(world, "d", {"cases": [6, 0]}).output == "高"  # nothing is higher, whatever the other is
    outcome = decide(world, "d", {"cases": [1, 0]})
    assert (outcome.value, outcome.needs_person, outcome.reason) == (None, True, "需人工判定：没有写（一（三））")


def test_for_each_may_give_all() -> None:
    world = make_world(LISTED, {"d": {**EACH, "take": "all"}})
    assert decide(world, "d", {"cases": [1, 6, 2], "limit": 3}).value == {"o": ["无", "高", "低"]}
    assert decide(world, "d", {"cases": [], "limit": 3}).value == {"o": []}


def test_the_highest_needs_an_order() -> None:
    with pytest.raises(TableError, match="ordered"):
        compile_decision(
            "d", **{**EACH, "output": {"o": {"type": "choice", "values": ["无", "低", "高"]}}}, names=LISTED
        )


# Episodes of heavy pollution ------------------------------------------------------------------------------------

AQI: dict[str, Any] = {"aqi": {"label": "AQI序列", "type": "series", "of": "integer", "min": 0}}
READING = {
    "gap": {"label": "间隔怎样计算", "owner": "专家组", "type": "choice", "candidates": GAP_READINGS},
    "light": {"label": "轻度上限", "owner": "市环保局", "type": "integer", "min": 0, "max": 500},
}
LEVEL: dict[str, Any] = {
    "label": "预警分级", "cite": "四（一）", "hit": "first",
    "for_each": {"e": "stretches(aqi, params.heavy, params.window, settings.light, params.lift, settings.gap)"},
    "let": {
        "heavy": "longest(e, params.heavy)",
        "severe": "longest(e, params.severe)",
        "extreme": 'longest(e, ">=", params.extreme)',
    },
    "output": {"level": {"type": "choice", "values": ["无", "蓝色", "黄色", "橙色", "红色"], "ordered": True}},
    "rules": [
        {"when": {"heavy": ">= 4", "severe": ">= 2"}, "then": "红色", "cite": "四（一）5"},
        {"when": {"extreme": ">= 1"}, "then": "红色", "cite": "四（一）5"},
        {"when": {"heavy": ">= 3", "severe": ">= 1"}, "then": "橙色", "cite": "四（一）4"},
        {"when": {"heavy": ">= 2"}, "then": "黄色", "cite": "四（一）3"},
        {"when": {"heavy": ">= 1"}, "then": "蓝色", "cite": "四（一）2"},
        {"otherwise": "无", "cite": "四（一）"},
    ],
}  # fmt: skip
FIGURES = {"heavy": 200, "severe": 300, "extreme": 500, "window": 24, "lift": 36}
POLLUTION = make_world(AQI, {"level": LEVEL}, FIGURES, READING)


def level(*values: Any, step: str = "24 h", **settings: Any) -> Outcome:
    world = POLLUTION.with_settings({"light": 150, **settings})
    return decide(world, "level", read_facts(world.facts, {"aqi": {"values": list(values), "step": step}}))


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ((250, 250, 250, 250, 100, 100, 350, 350), "黄色"),
        ((499,), "蓝色"), ((500,), "红色"), ((200,), "无"), ((201,), "蓝色"), ((350,), "蓝色"), ((301, 301), "黄色"),
        ((250, 301, 250), "橙色"), ((250, 300, 250), "黄色"),
        ((301, 301, 250, 250), "红色"), ((301, 250, 301, 250), "橙色"),
        ((250,) * 9, "黄色"),
    ],
)  # fmt: skip
def test_levels_of_an_episode(values: tuple[int, ...], wanted: str) -> None:
    outcome = level(*values)
    assert (outcome.status, outcome.output) == ("settled", wanted)


def test_a_gap_of_one_day_needs_a_person_and_says_what_each_reading_gives() -> None:
    outcome = level(250, 250, 250, 250, 100, 350, 350)
    assert [each["level"] for each in outcome.candidates] == ["黄色", "红色"]
    assert outcome.at_least == {"level": "黄色"}
    assert [each.name for each in outcome.open] == ["gap"]
    assert [dict(case.when) for case in outcome.cases] == [
        {"settings.gap": "分段计算"},
        {"settings.gap": "剔除间隔连续计算"},
    ]
    assert outcome.needs_person
    assert level(250, 250, 250, 250, 100, 350, 350, gap="分段计算").output == "黄色"
    assert level(250, 250, 250, 250, 100, 350, 350, gap="间隔计入连续计算").output == "红色"


def test_a_gap_reading_that_changes_nothing_is_not_asked_for() -> None:
    assert level(250, 100, 500).output == "红色"
    assert level(250, 250, light=None).output == "黄色"


def test_the_line_of_lifting_is_asked_for_where_it_matters() -> None:
    outcome = level(250, 250, 250, 250, 100, 100, 350, 350, light=None)
    assert {each.name for each in outcome.open} == {"light", "gap"}
    assert level(250, 250, 250, 250, 100, 100, 350, 350, light=99).needs_person
    assert level(250, 250, 250, 250, 100, 100, 350, 350, light=100).output == "黄色"


def test_hours_over_midnight() -> None:
    assert level(*[60] * 12, *[300] * 24, *[60] * 12, step="1 h").output == "蓝色"
    assert level(*[60] * 12, *[250] * 48, *[60] * 12, step="1 h").output == "黄色"


def test_a_missing_reading_is_asked_for_not_taken_as_good_air() -> None:
    outcome = level(250, None, 250)
    assert not outcome.settled
    assert "aqi" in outcome.ask
    assert {"level": "橙色"} in outcome.candidates


# Grounds --------------------------------------------------------------------------------------------------------


def test_what_a_decision_can_stand_on_includes_what_it_requires() -> None:
    rows = ({"name": "三河市", "code": 1},)
    register = Register("places", "地点", (Column("name", "名称"), Column("code", "代码", "integer")), rows, ("name",))
    lookup = {
        "label": "查",
        "cite": "一",
        "requires": ["grade"],
        "output": {"c": {"type": "integer"}},
        "value": {"c": 'register("places")[name = place][1].code'},
    }
    world = make_world(FACTS, {"grade": GRADE, "look": lookup}, registers={"places": register})
    found = grounds(world, "look")
    assert (found.facts, found.registers, found.decisions) == (
        ("deaths", "place", "poisoned"),
        ("places",),
        ("grade", "look"),
    )
    assert decide(world, "look", {"place": "三河市", "poisoned": 1, "deaths": 0}).output == 1


@pytest.mark.parametrize(
    ("month", "before", "after"), [(5, "其他", "其他"), (6, None, "汛期"), (8, None, "汛期"), (9, "其他", "其他")]
)
def test_the_parts_of_a_known_date_are_known(month: int, before: str | None, after: str) -> None:
    facts = {"day": {"label": "日期", "type": "date"}, "level": {"label": "水位", "type": "integer"}}
    season = {
        "label": "时期", "cite": "二", "hit": "first", "output": {"season": {"values": ["汛期", "其他"]}},
        "rules": [
            {"when": {"day.month": "[6..8]", "level": ">= 2"}, "then": "汛期", "cite": "二1"},
            {"otherwise": "其他", "cite": "二2"},
        ],
    }  # fmt: skip
    world = make_world(facts, {"season": season})
    day = {"day": dt.date(2024, month, 1)}
    assert decide(world, "season", day).output == before
    assert decide(world, "season", day).ask == (() if before else ("level",))
    assert decide(world, "season", day | {"level": 2}).output == after
    assert decide(world, "season", {"level": 2}).output is None


def test_whether_a_decision_reads_the_moment_is_told_of_its_parts_too() -> None:
    read = {"label": "x", "cite": "二", "output": {"x": {"type": "boolean"}}, "value": {"x": "as_of.month > 6"}}
    world = make_world(
        FACTS, {"grade": GRADE, "late": read, "later": {**read, "requires": ["late"], "value": {"x": "late"}}}
    )
    assert [grounds(world, name).as_of for name in ("grade", "late", "later")] == [False, True, True]
    for name in ("late", "later"):
        with pytest.raises(ValueError, match="要用到判定之日，请给出 as_of"):
            decide(world, name, {})
