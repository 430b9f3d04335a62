"""In the browser, by keyboard: from the page of a matter to the nearest team, lent in one press, and back again.

Needs Debian's chromium; GONGBAO_SHOTS=<folder> keeps a picture of every page, 1280 and 390 wide.
"""

from __future__ import annotations

import pytest
from tests.office.browsing import WALK, shot
from tests.office.resources.conftest import PACK

from gongbao.office.resources import book, lending
from gongbao.office.resources.models import Holding

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]


@pytest.fixture
def page(browser, live_server, signed_in, city):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=live_server.url)
    cookie = next(iter(signed_in(city).cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    context.route("**/live/**", lambda route: route.abort())  # the test server would hold the stream
    opened = context.new_page()
    yield opened
    context.close()


def test_the_nearest_team_is_lent_and_comes_back(page, teams, stock, city, crew, tents, case):
    book.add(teams, city, {"name": "西区抢修队", "place": "西区"})
    lending.lend(tents.pk, case, city, quantity="2")  # so that the matter, of another room, has the panel
    wrong: list[str] = []
    page.goto(f"/case/{case.number}/")
    wrong += shot(page, "resources-case")
    page.get_by_role("link", name="队伍", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/resources/**")
    first = page.locator("td.title a").first
    assert first.inner_text() == "东区抢修一队"  # the matter is in 东区
    wrong += shot(page, "resources-nearest")
    page.locator(".lend button").first.focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"已为 {case.number} 调用 东区抢修一队").wait_for()
    page.goto(f"/case/{case.number}/")
    back = page.locator("tr", has_text="东区抢修一队").get_by_role("button", name="归还")
    back.focus()
    page.keyboard.press("Enter")
    page.get_by_text("已登记归还 东区抢修一队").wait_for()
    assert Holding.objects.get(row=crew).closed_at is not None
    for address, name in (
        ("/resources/", "resources-home"), (f"/resources/{PACK}/teams/", "resources-register"),
        (f"/resources/rows/{crew.pk}/", "resources-row"), (f"/resources/rows/{crew.pk}/change/", "resources-change"),
        (f"/resources/{PACK}/stock/import/", "resources-import"), ("/", "resources-board"),
    ):  # fmt: skip
        page.goto(address)
        wrong += shot(page, name)
    assert wrong == []
