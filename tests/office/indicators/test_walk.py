"""In a browser: a clerk reports, supervision sends one value back, the clerk corrects it, and the plan says so."""

from __future__ import annotations

import shutil

import pytest
from tests.office.browsing import WALK, shot
from tests.office.indicators.conftest import DOCUMENT, HEALTH, MORE, NURSES, OFFICE, RULE
from tests.office.serving import ROOT, person, served

pytestmark = WALK
PEOPLE = """
import django; django.setup()
from gongbao.office.people.models import Account
for name, unit, role in {people!r}:
    Account.objects.create_user(name, "correct-horse", name=name, unit=unit, roles=[role])
""".format(people=[("du", OFFICE, "督查员"), ("wei", HEALTH, "承办人")])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a server of its own, with a plan beside the office's rule of supervision."""
    home = tmp_path_factory.mktemp("indicators")
    folder = home / "packs" / "langfang"
    (folder / "health").mkdir(parents=True)
    (folder / "health" / "document.yaml").write_text(
        DOCUMENT.format(n=1, title="健康规划", until="2030-12-31"), "utf-8"
    )
    (folder / "health" / "indicators.yaml").write_text(NURSES + MORE, "utf-8")
    shutil.copy(ROOT / "packs" / "langfang" / "units.yaml", folder)
    shutil.copytree(ROOT / "packs" / RULE, folder / "supervision")
    with served(home, PEOPLE) as address:
        yield address


def test_a_clerk_reports_and_supervision_sends_one_value_back(site, browser):
    wrong: list[str] = []
    clerk = person(browser, site, "wei")
    clerk.keyboard.press("g")
    clerk.keyboard.press("i")
    clerk.wait_for_url(site + "/indicators/")
    wrong += shot(clerk, "indicators-home")
    clerk.get_by_role("link", name="填报本单位").click()
    clerk.select_option("#period", "2025")
    clerk.get_by_role("button", name="换时期").click()

    # By keyboard, down the column of the period; the values of 2025 are those that the plan is judged by.
    clerk.focus("#v-0")
    clerk.keyboard.type("3.8")
    clerk.keyboard.press("Enter")
    clerk.keyboard.type("24")
    wrong += shot(clerk, "indicators-grid")
    with clerk.expect_navigation():
        clerk.keyboard.press("Control+Enter")
    assert clerk.get_by_text("已填报 2 项").count() == 1

    office = person(browser, site, "du")
    office.goto(site + "/indicators/plan/langfang/health/")
    assert office.locator("tr", has_text="每千人口注册护士数").locator(".badge").first.inner_text() == "达标"
    assert office.locator("tr", has_text="健康素养水平").locator(".badge").first.inner_text() == "未达标"
    wrong += shot(office, "indicators-plan")
    office.locator("tr", has_text="健康素养水平").locator("td.n a").click()
    office.fill("#why", "与监测结果不一致")
    wrong += shot(office, "indicators-history")
    with office.expect_navigation():
        office.get_by_role("button", name="退回").click()

    clerk.reload()
    assert clerk.get_by_text("与监测结果不一致").count() == 1
    wrong += shot(clerk, "indicators-returned")
    clerk.fill("#v-1", "25")
    with clerk.expect_navigation():
        clerk.get_by_role("button", name="填报").click()
    office.goto(site + "/indicators/plan/langfang/health/")
    assert office.locator("tr", has_text="健康素养水平").locator(".badge").first.inner_text() == "达标"
    assert wrong == []
