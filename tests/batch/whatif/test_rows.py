"""Tables become rows of facts: by id or label, a case or a reading a row; what is wrong is told where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gongbao.batch.whatif.rows import RecordsError, header, rows_of
from gongbao.policy.loader import load_folder

PACKS = Path(__file__).parents[3] / "packs/langfang"
CREDIT, HEAVY = load_folder(PACKS / "enterprise-credit"), load_folder(PACKS / "heavy-pollution")
LABELS = {
    "已被依法吊销营业执照": "否", "一般失信行为记录次数": "4", "已修复的一般失信行为记录次数": "0",
    "列入严重失信主体名单且未移出的条数": "0", "七类严重行政处罚次数": "0", "一般失信行为造成严重后果": "",
}  # fmt: skip


def taken(records: list[dict[str, Any]], **more: Any) -> Any:
    return rows_of(CREDIT, CREDIT, "grade", records, **more)


def test_columns_are_found_by_label_and_values_read_as_a_form_would() -> None:
    (row,) = taken([{"企业": "甲公司", **LABELS}], name="企业")
    assert row.name == "甲公司"
    assert row.facts == {"licence_revoked": False, "general_records": 4, "repaired_records": 0, "serious_listed": 0,
                         "serious_penalties": 0}  # fmt: skip


def test_a_missing_column_is_refused_by_id_and_label() -> None:
    with pytest.raises(RecordsError, match="表里缺少列：general_records（一般失信行为记录次数）"):
        taken([{k: v for k, v in LABELS.items() if k != "一般失信行为记录次数"}])


def test_a_column_given_twice_a_name_that_is_none_and_no_rows_are_refused() -> None:
    with pytest.raises(RecordsError, match="说的是同一项事实"):
        taken([{**LABELS, "general_records": 1}])
    with pytest.raises(RecordsError, match="表里没有列“企业”"):
        taken([LABELS], name="企业")
    with pytest.raises(RecordsError, match="一行也没有"):
        taken([])


def test_a_fact_may_be_the_same_in_every_row_or_unknown_in_all() -> None:
    some = {k: v for k, v in LABELS.items() if k != "一般失信行为记录次数"}
    assert taken([some], fixed={"general_records": "6"})[0].facts["general_records"] == 6
    assert "general_records" not in taken([some], fixed={"general_records": None})[0].facts


def test_a_value_that_is_not_allowed_stands_with_its_row_and_the_others_are_taken() -> None:
    bad, good = taken([{**LABELS, "一般失信行为记录次数": "三"}, LABELS])
    assert (
        bad.wrong
        == "列 一般失信行为记录次数：“一般失信行为记录次数”（general_records）：给出的是 “三”，须为不小于 0 的整数"
    )
    assert (good.wrong, good.facts["general_records"]) == ("", 4)


def test_readings_become_one_series_for_each_name() -> None:
    readings = [
        {"站点": s, "时间": f"2017-11-0{d}", "AQI": str(100 * d), "标记": "监测"} for s in "甲乙" for d in (1, 2)
    ]
    first, second = rows_of(HEAVY, HEAVY, "level", readings, name="站点", fixed={"gap_reading": None})
    assert (first.name, second.name) == ("甲", "乙")
    assert first.facts["aqi"].values == (100, 200)


def test_more_readings_than_a_form_takes_are_taken_and_an_empty_one_is_a_gap() -> None:
    readings = [{"时间": f"20{y}-{m:02d}-{d:02d}", "数值": "90", "标记": "监测"}
                for y in (17, 18) for m in range(1, 13) for d in range(1, 29)]  # fmt: skip
    (row,) = rows_of(HEAVY, HEAVY, "level", readings, fixed={"gap_reading": None})
    assert len(row.facts["aqi"]) > HEAVY.facts["aqi"].max_items
    readings = [{"时间": "2017-11-01", "AQI": "", "标记": "监测"}, {"时间": "2017-11-02", "AQI": "9", "标记": "监测"}]
    (row,) = rows_of(HEAVY, HEAVY, "level", readings, fixed={"gap_reading": None})
    assert row.facts["aqi"].values == (None, 9)


@pytest.mark.parametrize("missing", ["数值", "标记"])
def test_a_table_of_readings_needs_its_columns(missing: str) -> None:
    reading = {"时间": "2017-11-01", "数值": "90", "标记": "监测"}
    del reading[missing]
    with pytest.raises(RecordsError, match=f"表里缺少列：{missing}"):
        rows_of(HEAVY, HEAVY, "level", [reading], fixed={"gap_reading": None})


def test_the_empty_table_has_the_columns_that_are_asked_for() -> None:
    assert header(CREDIT, "grade")[0] == "名称"
    assert set(LABELS) == set(header(CREDIT, "grade")[1:])
    assert header(HEAVY, "level") == ["名称", "时间", "数值", "标记"]
