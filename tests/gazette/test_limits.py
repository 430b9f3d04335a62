"""Time limits: how long, of what sort, and from when."""

from __future__ import annotations

import pytest

from gongbao.gazette.limits import limits


@pytest.mark.parametrize(
    ("text", "expected", "event"),
    [
        ("自受理之日起20个工作日内作出决定", "within 20 working_day", "受理"),
        ("应当在收到申请之日起 10 个工作日内查验", "within 10 working_day", "收到申请"),
        ("应当在三个工作日内提请", "within 3 working_day", ""),
        ("接到报告后，要在20分钟内电话报告", "within 20 minute", "接到报告"),
        ("要在一个半小时内报告", "within 1.5 hour", ""),
        ("公示时间不少于5个工作日", "least 5 working_day", ""),
        ("公示期7天", "exact 7 day", ""),
        ("答复代表前10个工作日，送前置审核", "before 10 working_day", "答复代表"),
        ("经批准，可延长10个工作日", "extend 10 working_day", ""),
        ("自印发之日起施行，有效期五年", "exact 5 year", "施行"),
        ("租赁期限不得超过二十年", "within 20 year", ""),
    ],
)
def test_a_limit_has_a_sort_a_length_and_a_start(text: str, expected: str, event: str) -> None:
    (found,) = limits(text)
    assert (found.written, found.event) == (expected, event)


@pytest.mark.parametrize("text", ["连续7天低于", "近3年无记录", "1周内无法恢复", "未来12小时内", "9月底前", "第3年"])
def test_a_duration_that_only_measures_is_no_limit(text: str) -> None:
    assert limits(text) == ()
