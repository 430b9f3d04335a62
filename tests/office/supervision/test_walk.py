"""In a browser: a matter from 立项 to 归档, with a part that a check sends back once, and the board as it changes."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from tests.office.browsing import WALK, shot
from tests.office.serving import ROOT, person, served
from tests.office.supervision.conftest import DUTIES, HELPER, LEAD, OFFICE, PACK, PLAN

from gongbao.office.clock import SHANGHAI

pytestmark = WALK
PEOPLE = """
import django; django.setup()
from gongbao.office import worlds
from gongbao.office.people.models import Account
made = {{}}
for name, unit, role in {people!r}:
    made[name] = Account.objects.create_user(name, "correct-horse", name=name, unit=unit, roles=[role])
for name, value in (("yellow_days", 7), ("silent_days", 10)):
    worlds.set_setting({pack!r}, name, value, by=made["du"], reason="试行")
from gongbao.office.tasks import book
book.catch_up()
""".format(people=[("du", OFFICE, "督查员"), ("jian", LEAD, "承办人"), ("cai", HELPER, "承办人")], pack=PACK)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The address of a server of its own, with one plan beside the office's rule of supervision."""
    home = tmp_path_factory.mktemp("supervision")
    folder = home / "packs" / "langfang"
    (folder / "lights").mkdir(parents=True)
    shutil.copy(ROOT / "packs" / "langfang" / "units.yaml", folder)
    shutil.copytree(ROOT / "packs" / "langfang" / "supervision", folder / "supervision")
    (folder / "lights" / "document.yaml").write_text(PLAN, "utf-8")
    (folder / "lights" / "duties.yaml").write_text(DUTIES, "utf-8")
    with served(home, PEOPLE) as address:
        yield address


def write(form, **facts: str) -> None:
    for name, value in facts.items():
        field = form.locator(f"[name='f-{name}']").first
        if field.get_attribute("type") == "radio":
            form.locator(f"[name='f-{name}'][value='{value}']").check()
        elif field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def act(page, label: str, **facts: str) -> None:
    """Take an action of the case the page shows."""
    form = page.locator("details.act", has=page.locator("summary", has_text=label)).first
    if form.get_attribute("open") is None:
        form.locator("summary").first.click()
    write(form, **facts)
    with page.expect_navigation():
        form.locator("button", has_text=label).last.click()
    assert page.locator(".errors").count() == 0, page.locator(".errors").inner_text()


def day(ahead: int) -> str:
    return str(dt.datetime.now(SHANGHAI).date() + dt.timedelta(days=ahead))


def test_a_matter_from_its_opening_to_the_archive(site, browser):
    wrong: list[str] = []
    office = person(browser, site, "du")

    # 立项, from the board.
    office.keyboard.press("g")
    office.keyboard.press("o")
    office.wait_for_url(site + "/supervision/")
    wrong += shot(office, "board-before")
    office.get_by_role("link", name="立项").click()
    write(
        office.locator("main form"),
        title="老旧小区改造",
        source="领导批示",
        instruction="抓紧改造",
        leader="李某（副市长）",
    )
    wrong += shot(office, "matter-form")
    with office.expect_navigation():
        office.get_by_role("button", name="开立").click()
    matter = office.url

    # 分解交办.
    act(office, "分解交办一件", part_title="完成改造立项", part_lead=LEAD, part_with=HELPER, part_due=day(5))
    wrong += shot(office, "matter")

    # 签收, 反馈 by the unit beside, 报完成.
    lead = person(browser, site, "jian")
    lead.goto(site + "/mine/")
    lead.get_by_role("link", name="完成改造立项").first.click()
    part = lead.url
    act(lead, "签收")
    wrong += shot(lead, "part")
    helper = person(browser, site, "cai")
    helper.goto(part)
    act(helper, "反馈进展", progress="资金已落实")
    helper.goto(site + "/supervision/?tab=all")
    assert helper.get_by_text("资金已落实").count() == 1
    lead.goto(part)
    act(lead, "报完成", result="已办完")

    # 核查, 退回重办: red on the board, with the reason.
    office.goto(part)
    act(office, "退回重办", on_site="实地核查", redo_reason="缺一处", redo_due=day(6))
    office.goto(site + "/supervision/?tab=red")
    assert office.locator("tr", has_text="完成改造立项").get_by_text("核查退回").count() == 1
    office.keyboard.press("2")  # the second tab
    office.wait_for_url("**tab=yellow**")
    office.goto(site + "/supervision/?tab=red")
    office.keyboard.press("j")
    wrong += shot(office, "board-red")

    # Done again, 销号, 归档.
    lead.goto(part)
    act(lead, "报完成", result="全部办完")
    office.goto(part)
    act(office, "核查落实，销号", on_site="书面核查", check_note="材料齐全")
    office.goto(matter)
    act(office, "报送督查专报", report_to="市政府主要领导", report_text="已全部办结")
    act(office, "归档")
    wrong += shot(office, "matter-archived")
    office.goto(site + "/supervision/?tab=closed")
    assert office.get_by_text("已归档").count() == 1
    assert office.get_by_text("已销号").count() == 1
    wrong += shot(office, "board-closed")
    assert wrong == []
