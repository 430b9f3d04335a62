"""In the browser, wide and on a phone: from a half-remembered phrase to its clause, rules, status and what it cites.

Needs Debian's chromium and the seed gazettes; GONGBAO_SHOTS=<folder> keeps a picture of each page.
"""

from __future__ import annotations

import pytest
from tests.office.browsing import WALK, picture, too_wide
from tests.office.library.test_seed_library import ROOT, SEEDS

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.seeds,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="没有公报：设置 GONGBAO_SHARED，或在仓库旁放 shared/seeds"),
    *WALK,
]


@pytest.mark.parametrize("width", [1280, 390])
def test_from_a_phrase_to_its_clause_its_rules_its_status_and_what_it_cites(
    browser, live_server, signed_in, account, settings, office_clock, width
):
    settings.GONGBAO_PACKS = ROOT / "packs"
    settings.GONGBAO_GAZETTES = str(SEEDS)
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    cookie = next(iter(signed_in(account("li", "廊坊市公安局", "接警员")).cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    context.route("**/live/**", lambda route: route.abort())
    page = context.new_page()

    page.goto("/library/")
    page.locator("#words").press_sequentially("解除预警 36小时")  # results come while it is typed
    hit = page.locator(".hits a", has_text="廊坊市重污染天气").or_(
        page.locator(".hits li", has_text="118号").locator("a")
    )
    hit.first.wait_for()
    picture(page, f"library-found-{width}")
    assert too_wide(page, "查找", width) == []
    with page.expect_navigation():
        hit.first.click()
    assert "小时" in page.locator("main").inner_text()
    assert page.get_by_text("条规则").or_(page.get_by_text("规则")).first.is_visible()
    picture(page, f"library-clause-{width}")
    assert too_wide(page, "条款", width) == []

    page.goto("/library/廊政办字〔2017〕118号/")
    page.locator("#on").fill("2018-01-01")
    with page.expect_navigation():
        page.locator("form.on-day button").click()
    then = page.locator("dl.force").inner_text()
    assert "2018-01-01" in then
    assert "现行有效" in then
    picture(page, f"library-document-{width}")
    assert too_wide(page, "文件", width) == []

    with page.expect_navigation():
        page.locator("main a", has_text="廊政字〔2017〕41号").first.click()
    assert "41号" in page.locator("main").inner_text()
    assert too_wide(page, "所引文件", width) == []
    context.close()
