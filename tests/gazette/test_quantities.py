"""Quantities: the comparison, the exact number and the unit; what is no quantity is left out."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.gazette.plain import plain, split_outside
from gongbao.gazette.quantities import quantities, unit_of_label


def written(text: str) -> list[str]:
    return [q.written for q in quantities(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("覆盖率不低于95%。", [">=95 %"]),
        ("覆盖率达到９５％以上", [">=95 %"]),
        ("人数超过20人", [">20 人"]),
        ("面积不超过 200 平方米", ["<=200 平方米"]),
        ("不应超过3.6米", ["<=3.6 米"]),
        ("密度控制在70%以内", ["<=70 %"]),
        ("年龄未满十八周岁的", ["<18 周岁"]),
        ("总体控制在70%左右", ["~70 %"]),
        ("补助20万元", ["=200000 元"]),
        ("规模达50亿元", [">=5000000000 元"]),
        ("能力7.35万立方米/日", ["=73500 立方米/日"]),
        ("宽度50—200米", ["50..200 米"]),
        ("筛选1-2件", ["1..2 件"]),
        ("到会人员的过半数同意", [">1/2"]),
        ("三分之二以上的代表", [">=2/3"]),
        ("不少于常住人口的0.4‰", [">=0.4 ‰"]),
        ("至少在城区新建2处公园", [">=2 处"]),
        ("每年开展一次演练", ["=1 次"]),
        ("连续7个工作日处于低位", ["=7 工作日"]),
        ("近3年无记录", ["=3 年"]),
    ],
)
def test_a_quantity_has_its_comparison_number_and_unit(text: str, expected: list[str]) -> None:
    assert written(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "推动一个领域的工作",
        "建设“15分钟健身圈”",
        "2023年3月10日前报送",
        "按照第16条执行",
        "廊政办字〔2022〕60号",
        "拨打110或者12345",
        "102、103、104等国道",
        "联系电话：2331861。",
        "每1000人拥有病床",
        "PM2.5浓度",
    ],
)
def test_terms_numbers_of_documents_dates_and_denominators_are_no_quantities(text: str) -> None:
    assert written(text) == []


def test_a_number_in_a_table_takes_the_unit_of_its_label() -> None:
    assert unit_of_label("养老床位总量（万张）") == "万张"
    assert [q.written for q in quantities("≥2.5", unit="万张")] == [">=25000 张"]


def test_what_a_date_or_a_limit_has_taken_is_not_read_again() -> None:
    assert quantities("20天", taken=((0, 3),)) == ()


@given(st.decimals("0.01", "99999", places=2), st.sampled_from(["%", "元", "亩", "公里"]))
def test_every_number_is_read_exactly(number: Decimal, unit: str) -> None:
    (found,) = quantities(f"总量不低于{number}{unit}。")
    assert (found.op, found.value, found.unit) == (">=", number, unit)


@given(st.text("各县（市、区），。 \u3000,()5%１２"))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(plain(text)) == plain(text)
    assert not any(c in plain(text) for c in " \u3000()１２")


def test_a_list_is_not_cut_inside_brackets() -> None:
    assert split_outside("各县（市、区）政府、市财政局", "、") == ["各县（市、区）政府", "市财政局"]
