"""In the browser: an objection to a grade, from entry at the window to the reply and the new grade.

Needs Debian's chromium; GONGBAO_SHOTS=<folder> keeps a picture of each page, 1280 and 390 wide.
"""

from __future__ import annotations

import os

import pytest
from docx import Document
from tests.office.browsing import WALK, shot

from gongbao.office.credit import grading, models

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]


@pytest.fixture
def person(browser, live_server, signed_in):
    """person(account) is that person's page; what the page's policy refuses, or a page that overflows, fails the test."""
    wrong: list[str] = []
    contexts = []

    def make(account):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=live_server.url)
        contexts.append(context)
        cookie = next(iter(signed_in(account).cookies.values()))
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        context.route("**/live/**", lambda route: route.abort())  # the test server would hold the stream for an hour
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.shot = lambda name: wrong.extend(shot(page, f"credit-{name}"))
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


def press(page, action: str, **values: str) -> None:
    """Fill and send the form of one action on the page of a case."""
    form = page.locator(f"[id='act-{action}']")
    if form.get_attribute("open") is None:
        form.locator("> summary").click()
    for name, value in values.items():
        control = form.locator(f"[name='f-{name}']")
        if control.first.get_attribute("type") == "radio":
            form.locator(f"[name='f-{name}'][value='{value}']").check()
        else:
            control.fill(value)
    with page.expect_navigation():
        form.locator("form > button").click()
    assert not page.locator(".errors").count(), page.locator(".errors").inner_text()


def test_an_objection_from_entry_to_reply_and_new_grade(person, enterprise, record, regulator, clerk, tax):
    company = enterprise()
    for _ in range(5):
        record(company)
    wrong = record(company, details="重复登记")
    assert grading.regrade(company, cause="单个评价").grade == "C"

    window = person(clerk)
    window.goto("/credit/queries/", wait_until="domcontentloaded")
    window.fill("[name=f-credit_code]", company.credit_code)
    window.check("[name=f-asker][value=企业本身]")
    window.fill("#asker_name", "李某")
    window.click("main form button:has-text('查询')")
    window.shot("query")
    window.click("main >> text=提出异议")
    window.check(f"input[value={wrong.number}]")
    window.fill("[name=f-objection_about]", "欠缴税款一条重复")
    window.fill("[name=f-objection_reason]", "同一笔税款登记了两次")
    window.shot("objection-form")
    with window.expect_navigation():
        window.click("main form button:has-text('登记')")
    assert "1 条记录异议中" in window.inner_text("main")
    case = window.url

    desk = person(regulator)
    desk.goto(case, wait_until="domcontentloaded")
    press(desk, "acceptance.accepted")
    assert "2023-03-08" in desk.inner_text("main")  # five working days after 1 March
    desk.shot("accepted")

    source = person(tax)
    source.goto(case, wait_until="domcontentloaded")
    press(source, "comparison.compared", comparison="记录有误", comparison_note="确为重复登记")

    desk.goto(case, wait_until="domcontentloaded")
    press(desk, "handling.handled", handling_result="撤销有误的记录", handling="撤销该条记录并重新评价")
    shown = desk.inner_text("main")
    assert "已办结" in shown
    assert "由 C 变为 B" in shown
    desk.shot("handled")
    with desk.expect_download() as got:  # the letter was numbered and made by the act
        desk.click("a:has-text('异议处理结果告知书')")
    letter = "\n".join(p.text for p in Document(got.value.path()).paragraphs)
    assert "信异告〔2023〕1号" in letter
    assert "比对结果：记录有误。确为重复登记" in letter
    if folder := os.environ.get("GONGBAO_SHOTS"):
        got.value.save_as(f"{folder}/credit-letter.docx")

    desk.goto(f"/credit/enterprises/{company.credit_code}/", wait_until="domcontentloaded")
    assert desk.inner_text(".verdict").strip() == "B"
    assert f"异议 {case.rstrip('/').rsplit('/', 1)[-1]}" in desk.inner_text("main")
    desk.shot("new-grade")
    company.refresh_from_db()
    wrong.refresh_from_db()
    assert (company.grade, wrong.status) == ("B", models.WITHDRAWN)
