"""A figure is found as it is printed, and never inside a longer number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.gazette.figures import contains_figure, figure_positions, figures, han_value


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("5次以下", "5"),
        ("5次以下", "5次"),
        ("奖20万元。", "20万元"),
        ("六十日内", "六十日"),
        ("三分之二以上", "三分之二"),
        ("过半数", "过半数"),
        ("1—3天", "1-3天"),
        ("1—3天", "3天"),
        ("1～2℃", "1~2℃"),
        ("达30 %以上", "30%"),
        ("达３０％", "30%"),
        ("0.8‰", "0.8‰"),
        ("1/10万", "1/10万"),
        ("＞200且", "＞200"),
        ("＞200且", ">200"),
        ("2023年10月底前", "2023年10月"),
        ("2023年10月15日", "10月15日"),
        ("2022 年 5 月", "2022年5月"),
        ("达到500并", "500"),
        ("24小时（可", "24小时"),
        ("百分之十五", "百分之十五"),
        ("1,200元", "1,200元"),
        ("8时至18时", "18时"),
        ("第5项", "5"),
        ("5个工作日", "5个工作日"),
        ("5次，15次", "5次"),
        ("分五次", "五次"),
        ("Ⅲ级响应", "III级"),
        ("启动I级、II级响应", "I级"),
        ("2022 年 5 月", "2022年 5月"),
        ("低于2‰", "2‰"),
        ("控制在5‰以下", "5‰以下"),
        ("控制在５‰以下", "5‰以下"),
        ("低于1/10万，", "1/10万"),
        ("百分之三十以上", "百分之三十"),
        ("千分之五", "千分之五"),
        ("5%—10%", "5%-10%"),
        ("5%—10%", "5%"),
        ("5%—10%", "10%"),
        ("处一倍以上三倍以下罚款", "一倍以上三倍以下"),
        ("处一倍以上三倍以下罚款", "三倍以下"),
        ("三千元以下", "三千元"),
        ("5亿元", "5亿元"),
        ("比例1∶2", "1:2"),
        ("有效期两年", "两年"),
        ("≥85%", "85%"),
        ("不低于-5℃", "-5℃"),
        ("3天-5天", "5天"),
        ("标准（WS 271）", "271"),
        ("AQI 200以上", "200"),
    ],
)
def test_a_figure_that_stands_there_is_found(text: str, printed: str) -> None:
    assert contains_figure(text, printed)
    assert figure_positions(text, printed)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("15次", "5"),
        ("51次", "5"),
        ("2.5次", "5"),
        ("5.2次", "5"),
        ("5万元", "5"),
        ("5%", "5"),
        ("1/5", "5"),
        ("5/6", "5"),
        ("PM5", "5"),
        ("120万元", "20万元"),
        ("1.20万元", "20万元"),
        ("1,200元", "200元"),
        ("1,200元", "1"),
        ("六十日", "十日"),
        ("十五日", "五日"),
        ("第十五条", "十五"),
        ("三分之二十", "三分之二"),
        ("三分之二", "二"),
        ("三十", "三"),
        ("36小时", "6小时"),
        ("0.8‰", "8‰"),
        ("12 15", "1215"),
        ("2023年10月15日", "2023年10月"),
        ("5/10万", "10万"),
        ("任何文字", "5"),
        ("5", ""),
        ("", "5"),
        ("三点五", "五"),
        ("III级响应", "I级"),
        ("Ⅲ级响应", "Ⅱ级"),
        ("IV级响应", "I"),
        ("第一次", "一次"),
        ("一百六十日", "六十日"),
        ("二十三分之二", "三分之二"),
        ("10.8‰", "0.8‰"),
        ("0.8%", "0.8‰"),
        ("11/10万", "1/10万"),
        ("1/100万", "1/10万"),
        ("1/10", "1/10万"),
        ("百分之三十五", "百分之三十"),
        ("20万亩", "20万元"),
        ("15%—10%", "5%-10%"),
        ("十一倍以上三倍以下", "一倍以上三倍以下"),
        ("十三倍以下", "三倍以下"),
        ("12‰", "2‰"),
        ("0.2‰", "2‰"),
        ("15‰以下", "5‰以下"),
        ("5‰以上", "5‰以下"),
        ("5%以下", "5‰以下"),
        ("一万三千元", "三千元"),
        ("12—3天", "2—3天"),
        ("1.5倍", "5倍"),
        ("98.5%", "8.5%"),
        ("不低于-5℃", "5℃"),
        ("标准（WS271）", "271"),
        ("PM2.5", "2.5"),
    ],
)
def test_a_part_of_a_longer_number_is_not_found(text: str, printed: str) -> None:
    assert not contains_figure(text, printed)
    assert not figure_positions(text, printed)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_number_is_found_among_others_only_if_it_is_one_of_them(one: int, other: int) -> None:
    text = f"甲{one}件，乙{other}件"
    assert contains_figure(text, str(one))
    assert contains_figure(text, str(one + 1)) == (one + 1 == other)


@given(st.integers(0, 10**6))
def test_where_a_figure_stands_is_where_it_is_printed(number: int) -> None:
    text = f"不超过 {number} 件"
    ((start, end),) = figure_positions(text, f"{number}件")
    assert text[start:end].replace(" ", "") == f"{number}件"


def test_what_is_done_with_a_matter_is_no_unit() -> None:
    assert [f.text for f in figures("转交110处置，整治12处，由120处理")] == ["110", "12处", "120"]


def test_what_says_which_is_no_quantity() -> None:
    assert [f.text for f in figures("第一次应对，依照第2款，应对一次，共2款")] == ["一次", "2款"]


def test_quantities_of_every_kind() -> None:
    text = "5个工作日、六十日、三分之二、过半数、百分之十五、30%、1‰、1/10万、"
    text += "120万元、1—3天、8时、2023年10月底、7.9万余家次、PM2.5"
    assert [(f.text, f.kind, f.value, f.high, f.unit) for f in figures(text)] == [
        ("5个工作日", "number", Decimal(5), None, "个工作日"),
        ("六十日", "number", Decimal(60), None, "日"),
        ("三分之二", "fraction", Decimal(2) / Decimal(3), None, ""),
        ("过半数", "majority", None, None, ""),
        ("百分之十五", "percent", Decimal(15), None, "%"),
        ("30%", "percent", Decimal(30), None, "%"),
        ("1‰", "permille", Decimal(1), None, "‰"),
        ("1/10万", "fraction", Decimal("0.00001"), None, ""),
        ("120万元", "number", Decimal(1200000), None, "元"),
        ("1—3天", "range", Decimal(1), Decimal(3), "天"),
        ("8时", "time", None, None, ""),
        ("2023年10月底", "date", None, None, ""),
        ("7.9万余家次", "number", Decimal(79000), None, "家次"),
    ]
    for figure in figures(text):
        assert text[figure.start : figure.end] == figure.text


@given(st.text(alphabet="0123456789.,%‰万亿元个日年月时分之至—一二三十百第 ／/", max_size=40))
def test_any_text_has_figures_that_lie_in_it_without_overlap(text: str) -> None:
    end = 0
    for figure in figures(text):
        assert end <= figure.start < figure.end <= len(text)
        end = figure.end


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("六十", 60),
        ("十", 10),
        ("十五", 15),
        ("二十", 20),
        ("一百零五", 105),
        ("一千二百", 1200),
        ("二〇二三", 2023),
        ("三万", 30000),
        ("两", 2),
        ("一亿零三万", 100030000),
        ("三点五", Decimal("3.5")),
        ("甲", None),
        ("", None),
        ("三甲", None),
    ],
)
def test_chinese_numerals(numeral: str, value: int | Decimal | None) -> None:
    assert han_value(numeral) == value


def test_a_numeral_after_第_counts_nobody() -> None:
    assert [f.text for f in figures("第三人民医院有30张床位，用第三人称写第一个")] == ["30张"]
