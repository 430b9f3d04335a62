"""A text of a format that is not known is tried with texts of that format, never with a word from elsewhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.engine.table_worlds import make_world

from gongbao.engine.codes import birth_date_of, credit_code_problem, resident_id_problem, sex_of
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.domains import space_of
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.engine.time.dates import age

FACTS: dict[str, Any] = {
    "idno": {"label": "身份证号", "type": "text", "format": "resident_id"},
    "code": {"label": "信用代码", "type": "text", "format": "credit_code"},
    "word": {"label": "词", "type": "text"},
    "on": {"label": "日期", "type": "date"},
}
AS_OF = dt.datetime(2024, 5, 1, tzinfo=SHANGHAI)


def outcome(condition: str, **given: Any) -> Outcome:
    spec: dict[str, Any] = {
        "label": "表", "cite": "一", "output": {"o": {"type": "choice", "values": ["是", "否"]}},
        "rules": [{"when": {condition: "true"}, "then": "是", "cite": "一"},
                  {"otherwise": "否", "cite": "一"}],
    }  # fmt: skip
    return decide(make_world(FACTS, {"t": spec}), "t", given, as_of=AS_OF)


@pytest.mark.parametrize("limit", [1, 14, 18, 60])
def test_an_age_by_an_unknown_id_is_shown_by_ids_of_people_so_old(limit: int) -> None:
    found = outcome(f'age(birth_date_of(idno), as_of, "生日当日") < {limit}')
    assert {case.value["o"] for case in found.cases} == {"是", "否"}
    assert found.doubts == ()
    for case in found.cases:
        assert resident_id_problem(case.when["idno"]) is None
        years = age(birth_date_of(case.when["idno"]), AS_OF, "生日当日")
        assert years is not None
        assert (years < limit) == (case.value["o"] == "是")


def test_the_sex_in_an_unknown_id_is_shown_by_ids_of_both() -> None:
    found = outcome('sex_of(idno) = "女"')
    assert {(case.value["o"], sex_of(case.when["idno"])) for case in found.cases} == {("是", "女"), ("否", "男")}


def test_a_code_that_is_compared_with_itself_is_one_that_can_be() -> None:
    found = outcome('is_credit_code(code) and contains(code, "MA")')
    told = [case.when["code"] for case in found.cases if "code" in case.when]
    assert told
    assert all(credit_code_problem(each) is None for each in told)


def test_a_word_that_no_id_can_be_is_not_among_the_values_of_an_id() -> None:
    found = outcome('age(birth_date_of(idno), on, "生日次日") > 18 and word = "甲"')
    domains = space_of(found).domains
    assert set(domains["idno"].values) == {"其他", "其他2"}
    assert "生日次日" not in domains["word"].values  # it only tells `age` how to count
    assert "甲" in domains["word"].values
