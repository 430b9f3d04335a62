"""In the browser, wide and on a phone: a table under check fills itself in, its marks lead to what they mean.

Needs Debian's chromium; GONGBAO_SHOTS=<folder> keeps a picture of each page.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.office.browsing import WALK, picture, too_wide
from tests.office.library.test_checked import FAULTY, LAX, PAGE, WEAK, pack  # noqa: F401  fixture

from gongbao.office import worlds
from gongbao.office.library import checking

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]


@pytest.mark.parametrize("width", [1280, 390])
def test_marks_of_a_table_lead_to_gap_overlap_survivor_and_trial(
    browser, live_server, signed_in, account, pack, width, monkeypatch  # noqa: F811
):  # fmt: skip
    person = account("li", "东区城管局", "承办人")
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    cookie = next(iter(signed_in(person).cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    context.route("**/live/**", lambda route: route.abort())
    page = context.new_page()
    pack(FAULTY)
    monkeypatch.setattr(checking, "wait", lambda *_: None)  # as a table that takes longer
    page.goto(PAGE)
    page.get_by_text("有空缺").wait_for(timeout=60_000)
    assert page.get_by_text("正在检查这张表").count() == 0
    picture(page, f"checked-faulty-{width}")
    assert too_wide(page, "判定表", width) == []
    page.get_by_role("link", name="1 处重叠").press("Enter")
    assert page.url.endswith("#overlaps")
    assert page.locator("#gaps input.facts-json").input_value().startswith('{"dust": ')
    assert page.locator("#gaps button[data-copy]").is_visible()
    monkeypatch.undo()
    pack(LAX, WEAK)
    checking.wait("toy/street", "level", 60)
    page.goto(PAGE)
    picture(page, f"checked-lax-{width}")
    page.locator("a.survivor").first.press("Enter")
    assert page.url.rsplit("#", 1)[1].startswith("s")
    with page.expect_navigation():
        page.locator("table.survivors a", has_text="试一试").first.press("Enter")
    assert "粉尘" in page.locator("#answer").inner_text() or page.locator("#answer").count() == 1
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_grades_of_the_credit_pack_as_a_drafter_sees_them(
    browser, live_server, signed_in, account, settings, office_clock, width
):
    settings.GONGBAO_PACKS = Path(__file__).parents[3] / "packs"
    worlds.forget()
    assert checking.wait("langfang/enterprise-credit", "grade", 60) is not None
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    cookie = next(iter(signed_in(account("gao", "市行政审批局", "政策维护")).cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    context.route("**/live/**", lambda route: route.abort())
    page = context.new_page()
    page.goto("/library/pack/langfang/enterprise-credit/decision/grade/")
    assert page.get_by_text("没有空缺").is_visible()
    assert page.get_by_text("每一行都有样例走到").is_visible()
    picture(page, f"checked-grade-{width}")
    assert too_wide(page, "信用等级表", width) == []
    page.locator("td.reached summary").first.press("Enter")
    page.locator("td.reached a").first.press("Enter")
    assert "#e-" in page.url
    context.close()
