"""In the browser, wide and on a phone: another limit typed with the keyboard alone, and who changes by it.

Needs Debian's chromium; GONGBAO_SHOTS=<folder> keeps a picture of each page.
"""

from __future__ import annotations

import datetime as dt

import pytest
from tests.office.browsing import WALK, picture, too_wide
from tests.office.library.test_simulate import PAGE, _packs, city  # noqa: F401  fixtures

from gongbao.office import worlds
from gongbao.office.cases import service

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]
PACK = "langfang/heavy-pollution"


@pytest.fixture
def visit(browser, live_server, signed_in):
    """visit(account, width) is a page of that person's session."""
    opened = []

    def make(person, width):
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
        cookie = next(iter(signed_in(person).cookies.values()))
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        context.route("**/live/**", lambda route: route.abort())
        opened.append(context)
        return context.new_page()

    yield make
    for context in opened:
        context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_limit_is_typed_and_tried_without_a_mouse(visit, account, city, width):  # noqa: F811
    page = visit(account("jian", "市行政审批局", "监管人员"), width)
    page.goto("/library/pack/langfang/enterprise-credit/")
    with page.expect_navigation():
        page.locator("nav.tabs a", has_text="试算").press("Enter")
    page.locator("#decision").select_option("grade")
    with page.expect_navigation():
        page.get_by_role("button", name="选定").press("Enter")
    picture(page, f"simulate-form-{width}")
    assert too_wide(page, "试算", width) == []
    page.locator("[id='c-params.general_limit']").press_sequentially("3")
    page.locator("[id='c-settings.repaired_counts']").select_option("不计入")
    with page.expect_navigation():
        page.locator("[id='c-params.general_limit']").press("Enter")
    said = page.locator("main").inner_text()
    assert "示例4号食品有限公司" in said
    assert "▼2" in page.locator("figure, .picture").first.inner_text() or "▼2" in page.content()
    picture(page, f"simulate-result-{width}")
    assert too_wide(page, "试算结果", width) == []
    page.locator("summary", has_text="以表格查看").press("Enter")
    page.locator("table.matrix").first.wait_for(state="visible")
    page.locator(".picture").focus()
    assert page.evaluate("document.activeElement.className").startswith("wide picture")
    with page.expect_navigation():
        page.locator("#examples a", has_text="示例4号").press("Enter")
    assert page.url.rstrip("/").rsplit("/", 2)[1] == "enterprises"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_days_of_past_warnings_at_another_line(visit, account, width):
    officer = account("zhi", "廊坊市重污染天气监测预报组", "值班员")
    for name, value in (("light_max", 100), ("moderate_max", 200), ("valid_hours", 20), ("trend_counts", True)):
        worlds.set_setting(PACK, name, value, by="test", reason="试")
    start = dt.date(2023, 1, 1)
    values = (90, 160, 170, 210, 220, 310, 90, 60, 60, 205, 90)
    readings = [{"at": f"{start + dt.timedelta(i)}", "value": v, "mark": "监测"} for i, v in enumerate(values)]
    service.open_case(officer, PACK, "warning", {"aqi": readings, "warning_source": "本市"}, basis_confirmed_by="某某")
    page = visit(officer, width)
    page.goto(f"/library/pack/{PACK}/simulate/?decision=level")
    page.locator("[id='c-params.heavy_aqi']").fill("150")
    picture(page, f"simulate-days-form-{width}")
    with page.expect_navigation():
        page.locator("#simulate button").last.press("Enter")
    assert "每天的级别" in page.content()
    picture(page, f"simulate-days-{width}")
    assert too_wide(page, "逐日", width) == []


def test_the_page_asks_how_far_it_is_and_loads_itself_when_it_is_done(visit, account, city, monkeypatch):  # noqa: F811
    from gongbao.office.library import simulating

    monkeypatch.setattr(simulating, "AT_ONCE_ROWS", 0)
    page = visit(account("jian", "市行政审批局", "监管人员"), 1280)
    page.goto(f"{PAGE}?decision=grade")
    page.locator("[id='c-params.general_limit']").fill("3")
    with page.expect_navigation():
        page.locator("#simulate button").last.press("Enter")
    page.get_by_text("等待后台进程开始").wait_for()
    simulating.carry_out_waiting()
    page.locator("#examples").wait_for()
