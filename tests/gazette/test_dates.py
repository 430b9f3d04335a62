"""Dates to act by, as precise as printed; what is past, cited or a base year is none."""

from __future__ import annotations

from datetime import date

import pytest

from gongbao.gazette.dates import dates

ISSUED = date(2022, 6, 30)


def rules(text: str, dated: date | None = ISSUED) -> list[str]:
    return [d.rule for d in dates(text, dated)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("于2023年3月10日前报送", ["by 2023-03-10"]),
        ("2022 年底前完成", ["by 2022-12-31"]),
        ("2023年2月底前", ["by 2023-02-28"]),
        ("到2025年，全面建成", ["by 2025"]),
        ("到2023年底，实现覆盖", ["by 2023-12-31"]),
        ("2025年前完成整改", ["before 2025"]),
        ("9月底前开展复查", ["by 2022-09-30"]),
        ("自2023年1月1日起施行", ["from 2023-01-01"]),
        ("自印发之日起施行", ["from issue"]),
        ("有效期至2025年12月31日止", ["until 2025-12-31"]),
        ("2023年1月—2023年6月，开展评估", ["in 2023-01..2023-06"]),
        ("“十四五”期间，逐步覆盖", ["in 2021..2025"]),
        ("完成时间：2023年6月", ["by 2023-06-30"]),
        ("每年至少一次", ["every year"]),
        ("每个季度末上报", ["every quarter end"]),
        ("每季度末月25日前上报", ["every quarter by last-month-25"]),
        ("每年3月底前申报", ["every year by 03-31"]),
        ("每月10日前报送", ["every month by 10"]),
    ],
)
def test_a_date_is_read_as_a_rule(text: str, expected: list[str]) -> None:
    assert rules(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2015年5月20日印发的预案同时作废",
        "比2020年下降10%",
        "《廊坊市规划（2023—2025年）》",
        "冀政办字〔2023〕58号",
        "延长10个工作日",
        "每人每年补助100元",
        "2022年度计划",
    ],
)
def test_what_is_past_cited_or_a_measure_is_no_date(text: str) -> None:
    assert rules(text) == []


def test_the_day_of_issue_parts_past_from_future() -> None:
    assert rules("2022年6月30日前", date(2022, 6, 30)) == ["by 2022-06-30"]
    assert rules("2022年6月29日前", date(2022, 6, 30)) == []


def test_a_rule_with_an_end_has_a_day() -> None:
    assert [d.day for d in dates("到2025年，到2023年2月", ISSUED)] == [date(2025, 12, 31), date(2023, 2, 28)]
    assert dates("每年开展", ISSUED)[0].day is None
