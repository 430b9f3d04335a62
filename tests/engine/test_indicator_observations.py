"""What is reported is read whole or not at all, and every error names the row, the field, the value and what is allowed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from tests.policy.plans import written

from gongbao.engine.indicator_observations import CITY, Book, parse_period, period
from gongbao.engine.indicator_reading import ObservationErrors, read_observations
from gongbao.engine.world import World
from gongbao.policy.compile import compile_pack
from gongbao.policy.source import read_source


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> World:
    return compile_pack(read_source(written(tmp_path_factory.mktemp("plan"))))


def errors(plan: World, *rows: Any) -> list[str]:
    with pytest.raises(ObservationErrors) as error:
        read_observations(rows, [plan])
    return [str(item) for item in error.value.items]


ROW = {"indicator": "floor", "period": "2024", "value": 90}


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("2025", period(2025)),
        ("2025年", period(2025)),
        ("2025H1", period(2025, "half", 1)),
        ("2025年下半年", period(2025, "half", 2)),
        ("2025Q3", period(2025, "quarter", 3)),
        ("2025年第三季度", period(2025, "quarter", 3)),
        ("2025-07", period(2025, "month", 7)),
        ("2025年7月", period(2025, "month", 7)),
    ],
)
def test_a_period_is_read_as_people_write_it(text, made):
    assert parse_period(text) == made
    assert parse_period(made.code) == parse_period(str(made)) == made


@pytest.mark.parametrize("text", ["", "25", "2025-13", "2025-00", "2025Q5", "2025H3", "2025-01-01", "去年"])
def test_what_is_no_period_is_told_with_what_may_stand_there(text):
    with pytest.raises(ValueError, match="应写作 2025、2025H1"):
        parse_period(text)


def test_a_period_ends_on_its_last_day():
    assert period(2024, "month", 2).end == dt.date(2024, 2, 29)
    assert period(2025, "quarter", 4).end == period(2025).end == dt.date(2025, 12, 31)
    assert [period(2025, "month", n).final for n in (11, 12)] == [False, True]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"indicator": "没有"}, "第 1 行“指标”：没有“没有”这个指标；有：管理率、参保率"),
        ({"indicator": ""}, "第 1 行“指标”：没有写是哪个指标"),
        ({"period": "去年"}, "第 1 行“时期”：时期“去年”读不懂"),
        ({"value": 101}, "第 1 行“数值”：“管理率”现为“101”，应为0 到 100 的数"),
        ({"value": "很多"}, "“管理率”现为“很多”，应为0 到 100 的数"),
        ({"value": ""}, "“管理率”没有填数值"),
        ({"unit": "‰"}, "第 1 行“单位”：“管理率”的单位应为“%”，现为“‰”"),
        ({"of": "下达目标"}, "第 1 行“类别”：“下达目标”不能写在这里；可写：数值（value）"),
        ({"reported_at": "昨天"}, "第 1 行“报送时间”：“昨天”读不懂"),
        ({"revises": "x"}, "第 1 行“更正”：没有编号为“x”的数值"),
        ({"extra": 1}, "没有这一栏；可写：指标、对象"),
    ],
)
def test_every_error_names_its_row_field_and_value(plan, change, told):
    assert any(told in each for each in errors(plan, {**ROW, **change}))


def test_all_errors_of_all_rows_come_together(plan):
    assert len(errors(plan, {**ROW, "value": 101}, ROW, {**ROW, "period": "x", "unit": "‰"}, "不是一行")) == 4


def test_a_qualitative_target_takes_only_what_a_person_may_say(plan):
    assert "应为" in errors(plan, {"indicator": "words", "period": "2024", "value": "还行"})[0]
    assert read_observations([{"indicator": "words", "period": "2024", "value": "达到"}], [plan])[0].value == "达到"


def test_labels_and_ids_name_the_same(plan):
    rows = [{"指标": name, "时期": "2024", "数值": "90%"} for name in ("floor", "管理率", "shili/plan:floor")]
    assert {one.key for one in read_observations(rows, [plan])} == {"shili/plan:floor"}
    both = [{"indicator": name, "period": "2024", "value": 5} for name in ("places", "托位数")]
    assert {one.key for one in read_observations(both, [plan])} == {"places"}


@pytest.mark.parametrize(
    ("written_as", "kept"),
    [
        ("", CITY),
        ("全市", CITY),
        ("示例市", CITY),
        ("东区", "东区"),
        ("东区人民政府", "东区"),
        ("市卫健委", "示例市卫生健康委员会"),
        ("甲镇", "甲镇"),
    ],
)
def test_a_subject_is_kept_under_one_name(plan, written_as, kept):
    assert read_observations([{**ROW, "subject": written_as}], [plan])[0].subject == kept


@pytest.mark.parametrize(
    ("second", "told"),
    [
        ({"period": "2023"}, "是另一指标、对象或时期的数值"),
        ({"subject": "东区"}, "是另一指标、对象或时期的数值"),
        ({"reported_at": "2024-12-31"}, "早于所更正的“a”"),
        ({"id": "a"}, "编号“a”重复"),
    ],
)
def test_a_correction_is_of_the_same_and_later(plan, second, told):
    first = {**ROW, "id": "a", "reported_at": "2025-01-10"}
    other = {**ROW, "id": "b", "revises": "a", "reported_at": "2025-02-01", "value": 91, **second}
    assert any(told in each for each in errors(plan, first, other))


def test_of_one_period_the_last_report_counts_whatever_the_order_of_the_rows(plan):
    rows = [{**ROW, "value": value, "reported_at": f"2025-0{month}-01"} for value, month in ((91, 3), (89, 1), (90, 2))]
    book = Book.of(read_observations(rows, [plan]))
    (counted,) = book.get("shili/plan:floor", CITY).values()
    assert counted.value == 91
    assert [one.value for one in book.history(counted)] == [89, 90]


def test_what_is_reported_after_the_day_is_not_seen(plan):
    rows = [{**ROW, "reported_at": "2025-01-10 23:59"}, {**ROW, "value": 91, "reported_at": "2025-01-11"}]
    read = read_observations(rows, [plan])
    seen = [Book.of(read, dt.date(2025, 1, day)).get("shili/plan:floor", CITY) for day in (9, 10, 11)]
    assert [[one.value for one in each.values()] for each in seen] == [[], [90], [91]]
