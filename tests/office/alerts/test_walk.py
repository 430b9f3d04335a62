"""In the browser: a forecast becomes 橙色, is raised to 红色 and lifted, by the people whose acts they are.

Needs Debian's chromium; GONGBAO_SHOTS=<folder> keeps a picture of every page, 1280 and 390 wide.
"""

from __future__ import annotations

import pytest
from tests.office.alerts.conftest import at, days
from tests.office.browsing import WALK, picture, shot

from gongbao.office import worlds
from gongbao.office.cases import service
from gongbao.office.cases.models import Case

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]
ORANGE = days(180, 250, 310, 250, marks="监预预预趋趋")
RED = days(180, 262, 335, 342, 288, 231, marks="监监预预预趋")


class Person:
    """One signed-in person's page; `shot` keeps pictures where they are asked for, and refuses a page that overflows."""

    def __init__(self, browser, server, client) -> None:
        self.server = server
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=server.url)
        cookie = next(iter(client.cookies.values()))
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])
        self.context.route(
            "**/live/**", lambda route: route.abort()
        )  # the test server would hold the stream for an hour
        self.page = self.context.new_page()
        self.refused: list[str] = []
        self.page.on("console", self._heard)

    def _heard(self, message) -> None:
        if "Content Security Policy" in message.text:
            self.refused.append(message.text)

    def go(self, address: str):
        self.page.goto(address, wait_until="domcontentloaded")
        return self.page

    def shot(self, name: str) -> None:
        self.refused += shot(self.page, name)

    def fill(self, action: str, values: dict[str, str]) -> None:
        form = self.page.locator(f"#act-{action.replace('.', chr(92) + '.')}")
        if form.get_attribute("open") is None:
            form.locator("> summary").click()
        for name, value in values.items():
            control = form.locator(f"[name='{name}']")
            if control.first.get_attribute("type") == "radio":
                form.locator(f"[name='{name}'][value='{value}']").check()
            elif control.first.evaluate("e => e.tagName") == "SELECT":
                control.select_option(value)
            else:
                control.fill(value)

    def press(self, action: str, **values: str) -> None:
        self.fill(
            action,
            {
                n if n in ("note", "on_behalf_of", "occurred_at", "source", "series") else f"f-{n}": v
                for n, v in values.items()
            },
        )
        form = self.page.locator(f"#act-{action.replace('.', chr(92) + '.')}")
        with self.page.expect_navigation():
            form.locator("form > button").click()
        assert not self.page.locator(".errors").count(), self.page.locator(".errors").inner_text()


@pytest.fixture
def walkers(browser, live_server, signed_in, duty, forecaster, emergency, head):
    made = {
        name: Person(browser, live_server, signed_in(one))
        for name, one in zip("dfeh", (duty, forecaster, emergency, head), strict=True)
    }
    yield made
    for person in made.values():
        person.context.close()
        assert person.refused == []


def test_a_forecast_becomes_orange_is_raised_to_red_and_is_lifted(
    walkers, pack, office_clock, browser, live_server, signed_in, account
) -> None:
    for name, value in (("light_max", 150), ("trend_counts", True)):
        worlds.set_setting(pack, name, value, by="test", reason="测试")
    office_clock.moment = at("03 15:00")
    d, f, e, h = (walkers[name] for name in "dfeh")

    page = d.go("/alerts/")
    d.shot("01-home-empty")
    page.get_by_role("link", name="录入AQI，开立预警").click()
    d.shot("02-new")
    page.locator("#series").fill(ORANGE.replace("250\t预报", "abc\t预报", 1))
    page.locator("form:has(#series) button").click()
    page.wait_for_selector(".errors")
    d.shot("03-new-errors")
    page.locator("#series").fill(ORANGE)
    page.locator("form:has(#series) button").click()
    page.wait_for_selector(".verdict")
    assert "橙色" in page.locator(".verdict").inner_text()
    d.shot("04-judged")
    page.locator("#open input[value='本市']").check()
    page.locator("#open button").click()
    page.wait_for_selector("#actions")
    d.shot("05-consult")
    case = Case.objects.get()
    address = f"/alerts/{case.number}/"

    f.go(address)
    f.press("consult.conditions_met", consulted="是", consult_note="静稳天气将持续三天")
    f.shot("06-report-form")
    f.press(
        "report.reported", area="全市", severity="重度污染", main_pollutant="PM2.5", weather="静稳、逆温", cause="一般"
    )
    f.shot("07-after-report")
    office_clock.moment = at("03 15:40")
    d.go(address)
    d.shot("08-office-sign")
    d.press("office_sign.office_signed", on_behalf_of="周某（副主任）", occurred_at="2017-11-03T15:10", source="电话")
    d.press("submit.submitted")
    e.go(address)
    e.press("forward.forwarded")
    e.shot("09-sign-on-behalf")
    h.go(address)
    h.press("sign.signed")
    h.shot("10-signed")
    e.go(address)
    e.shot("11-publish")
    e.press("publish.published")
    assert "橙色" in e.page.locator("h1").inner_text()
    e.shot("12-published")

    office_clock.moment = at("04 11:10")
    f.go(address)
    f.page.get_by_text("随时可登记").click()
    f.fill("consulted_again", {"f-consult_note": "预报加重"})
    f.page.locator("#act-consulted_again").get_by_text("更新序列").click()
    f.press("consulted_again", series=RED)
    d.go(address)
    assert "最新序列判定为红色，高于现行的橙色" in d.page.locator(".hint").inner_text()
    d.shot("13-raise")
    d.press("respond.adjust_proposed", consulted="是")
    f.go(address)
    f.press("report.reported")
    d.go(address)
    d.press("office_sign.office_signed", on_behalf_of="周某（副主任）")
    d.press("submit.submitted")
    e.go(address)
    e.press("forward.forwarded")
    h.go(address)
    h.press("sign.signed")
    e.go(address)
    e.press("publish.published")
    assert "红色" in e.page.locator("h1").inner_text()
    assert "I级应急响应" in e.page.locator(".warning-head").inner_text()

    d.go("/")
    d.shot("14-board")
    d.go("/alerts/")
    d.shot("15-home")
    d.go(f"{address}measures/")
    d.shot("16-measures")
    d.go(f"{address}measures/?by=measure")
    d.shot("17-measures-by-measure")
    county = Person(browser, live_server, signed_in(account("sanhe", "三河市人民政府", "承办人", name="吴三河")))
    county.go(f"{address}measures/")
    county.page.get_by_role("button", name="全部签收").click()
    county.page.wait_for_selector(".flash")
    county.shot("18-county")
    county.go(f"{address}broadcasts/")
    county.shot("19-broadcasts")
    county.context.close()
    d.go(f"{address}measures/?status=unsigned&kind=mandatory")
    d.shot("20-unsigned")

    office_clock.moment = at("09 08:00")
    d.go(address)
    d.shot("21-end-reached")
    d.press("respond.released_on_time")
    d.shot("22-lifted")
    d.go(f"{address}papers/")
    d.shot("23-papers")
    d.go(f"/case/{case.number}/")
    d.shot("24-case-page")
    seen = service.look(Case.objects.get(pk=case.pk))
    assert seen.state.decided["response"].value == {"response": "无"}
    assert [s.id for s in seen.state.steps] == ["wrap_up"]


def test_the_province_warns_lowers_to_blue_and_lifts(walkers, pack, office_clock) -> None:
    for name, value in (("light_max", 150), ("trend_counts", True)):
        worlds.set_setting(pack, name, value, by="test", reason="测试")
    office_clock.moment = at("03 15:00")
    d, f, e, h = (walkers[name] for name in "dfeh")
    d.go("/alerts/new/")
    d.page.locator("#series").fill(ORANGE)
    d.page.locator("form:has(#series) button").click()
    d.page.wait_for_selector("#open")
    d.page.locator("#open input[value='省或国家']").check()
    d.page.locator("#open button").click()
    d.page.wait_for_selector("#actions")
    case = Case.objects.get()
    address = f"/alerts/{case.number}/"

    def to_signature(**values: str) -> None:
        f.go(address)
        f.press("report.province_reported", **values)
        d.go(address)
        d.press("office_sign.office_signed", on_behalf_of="周某（副主任）")
        d.press("submit.submitted")
        e.go(address)
        e.press("forward.forwarded")

    if d.page.locator("#act-province_received").count() and not d.page.locator("#act-province_received").is_visible():
        d.page.get_by_text("随时可登记").click()
    d.press("province_received", warning_source="省或国家", notice_level="橙色", local_level="橙色")
    f.go(address)
    f.press("consult.conditions_met", consulted="是")
    f.shot("40-province-report")
    to_signature(area="全市", severity="重度污染", main_pollutant="PM2.5", weather="静稳", cause="一般",
                 notice_level="橙色", local_level="橙色", warning_level="橙色", change="发布")  # fmt: skip
    h.go(address)
    h.press("sign.signed")
    e.go(address)
    e.press("publish.published")
    e.shot("41-province-published")

    office_clock.moment = at("05 09:00")
    d.go(address)
    d.shot("42-province-respond")
    d.press("respond.province_adjust_proposed", notice_level="蓝色", local_level="蓝色", current_level="橙色",
            warning_level="蓝色", change="降级", note="专家组：本市已减轻")  # fmt: skip
    to_signature(
        notice_level="蓝色", local_level="蓝色", warning_level="蓝色", change="降级", note="专家组：本市已减轻"
    )
    e.press("sign.signed", on_behalf_of="吴某（副组长）")
    e.press("publish.published", response_level="IV级")
    assert "蓝色" in e.page.locator("h1").inner_text()
    d.go(f"{address}papers/")
    d.shot("43-province-reports")
    assert "降为IV级" in d.page.locator("main").inner_text()
    office_clock.moment = at("06 09:00")
    d.go(address)
    d.press("respond.province_released", change="按期解除")
    d.shot("44-province-lifted")
    seen = service.look(Case.objects.get(pk=case.pk))
    assert [s.id for s in seen.state.steps] == ["wrap_up"]


def test_a_driver_asks_without_signing_in(browser, live_server, pack) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800}, base_url=live_server.url)
    page = context.new_page()
    page.goto("/alerts/ask/")
    page.get_by_role("link", name="车辆限行").click()
    page.locator("[name='f-response_level'][value='I级']").check()
    page.locator("select[name='f-vehicle_class']").select_option("一般车辆")
    for answer in ("否", "否", "否", "否"):
        page.wait_for_timeout(500)
        if page.locator(".answer").count():
            break
        page.locator(f"form .choices:not(:has(:checked)) input[value='{answer}']").first.check()
    page.wait_for_selector(".answer")
    assert "单双号限行" in page.locator(".answer").inner_text()
    picture(page, "30-vehicle-390")
    context.close()
