"""In the browser, by keyboard: a section of the yearbook from its assignment to its acceptance and filing.

The centre hands a category out of the outline; the unit finds its section in 我的待办, sends a draft in words that the
plan forbids, gets it back with the reasons, sends it again; it is accepted, signed and filed. Needs Debian's chromium;
GONGBAO_SHOTS=<folder> keeps a picture of every page, 1280 and 390 wide.
"""

from __future__ import annotations

import pytest
from tests.office.browsing import WALK, shot
from tests.office.cases.conftest import BOOK

from gongbao.office.cases import service
from gongbao.office.cases.models import Case

pytestmark = [pytest.mark.django_db(transaction=True), *WALK]
BAD = "我市积极发展文化产业，建成园区2个，占地300亩。"
GOOD = "2022年，廊坊市建成文化产业园区2个，占地20.00公顷。"


class Desk:
    """One signed-in person's page, moved by keys; no page may be wider than its window."""

    def __init__(self, browser, server, client) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=server.url)
        cookie = next(iter(client.cookies.values()))
        self.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])
        self.context.route("**/live/**", lambda route: route.abort())  # the test server would hold the stream
        self.context.set_default_timeout(120_000)  # a busy machine is no fault of a page
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))

    def go(self, address: str):
        self.page.goto(address, wait_until="domcontentloaded")
        return self.page

    def shot(self, name: str) -> None:
        self.wrong += shot(self.page, f"yearbook-{name}")

    def leave(self, key: str) -> None:
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            self.page.keyboard.press(key)

    def act(self, action: str, values: dict[str, str]) -> str:
        """Open an act of the page by its address, fill it, press its button; what the page then says."""
        self.go(f"{self.page.url.partition('?')[0].partition('#')[0].removesuffix('act/')}?do={action}")
        form = self.page.locator(f"[id^='act-'][id$='.{action}'] > form")
        for fold in self.page.locator(f"[id^='act-'][id$='.{action}'], [id^='act-'][id$='.{action}'] details").all():
            fold.evaluate("fold => { fold.open = true }")
        for name, value in values.items():
            control = form.locator(f"[name='f-{name}']")
            if control.first.get_attribute("type") in ("radio", "checkbox"):
                for one in value.split("、"):
                    form.locator(f"[name='f-{name}'][value='{one}']").check()
            else:
                control.fill(value)
        form.locator("button:not([type=button])").last.focus()
        self.leave("Enter")
        return self.page.locator("main").inner_text()


@pytest.fixture
def desk(browser, live_server, signed_in):
    made: list[Desk] = []

    def start(account) -> Desk:
        made.append(Desk(browser, live_server, signed_in(account)))
        return made[-1]

    yield start
    for one in made:
        one.context.close()
        assert one.wrong == []


def test_a_section_of_the_yearbook_from_assignment_to_acceptance(city, editor, writer, desk, signed_in) -> None:
    signed_in(editor).get(f"/rows/{BOOK}/outline/")  # compiles the packs, which no page should wait for
    centre, unit = desk(editor), desk(writer)

    # The outline: found by word, ticked by Space, handed out by Enter.
    page = centre.go(f"/rows/{BOOK}/outline/")
    assert page.locator(".figures").inner_text().split()[:8] == [
        "469",
        "行",
        "37",
        "类目",
        "263",
        "分目",
        "4",
        "未编号",
    ]
    centre.shot("01-outline")
    page.locator("#q").fill("文化产业")
    centre.leave("Enter")
    page.locator("[name=row][value='29.03']").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="交办所选").focus()
    centre.leave("Enter")
    assert "已交办 1 件" in page.locator("body").inner_text()
    case = Case.objects.get()

    # The unit finds it in what it has to do, with the day of the plan.
    page = unit.go("/mine/")
    assert "文化产业" in page.locator("main").inner_text()
    unit.shot("02-mine")
    page.locator(f"a[href^='/case/{case.number}/']").first.focus()
    unit.leave("Enter")
    assert "2023-03-30" in page.locator("main").inner_text()
    unit.shot("03-section")
    city.advance(days=20)
    said = unit.act("submitted", {"draft_text": BAD, "draft_words": "2800", "draft_charts": "3", "captions": "是",
                                  "writer": "张某"})  # fmt: skip
    assert "我市、积极" in said
    assert "亩→公顷" in said
    unit.shot("04-sent")

    # Returned with the reasons, and in the unit's list again.
    city.advance(days=1)
    centre.go(f"/case/{case.number}/")
    said = centre.act("returned", {"failed": "用语和名称、标点数字计量", "return_reason": "删去禁用词，亩换算为公顷"})
    assert "撰稿" in said
    centre.shot("05-returned")
    page = unit.go("/mine/")
    page.locator(f"a[href^='/case/{case.number}/']").first.focus()
    unit.leave("Enter")
    assert "删去禁用词，亩换算为公顷" in page.locator("main").inner_text()
    unit.shot("06-came-back")
    city.advance(days=2)
    said = unit.act("submitted", {"draft_text": GOOD, "draft_words": "3000", "draft_charts": "3", "captions": "是",
                                  "writer": "张某"})  # fmt: skip
    assert "查出的禁用词 无" in said

    # Accepted, signed with its seal, filed on paper and as a file.
    city.advance(days=1)
    centre.go(f"/case/{case.number}/")
    assert "主管领导审签、盖章" in centre.act("accepted", {"review_note": "符合要求"})
    centre.shot("07-accepted")
    city.advance(days=1)
    unit.go(f"/case/{case.number}/")
    said = unit.act(
        "signed",
        {"signer": "王某", "sealed": "是", "gates": "政治关、史实关、体例关、文字关", "figures_checked": "是"},
    )
    assert "五关都已把" in said
    unit.shot("08-a-gate-is-missing")
    said = unit.act("signed", {"signer": "王某", "sealed": "是", "gates": "政治关、史实关、体例关、保密关、文字关",
                               "figures_checked": "是"})  # fmt: skip
    assert "定稿入库" in said
    city.advance(days=1)
    centre.go(f"/case/{case.number}/")
    assert "已办结" in centre.act("collected", {"paper_copy": "是", "electronic_copy": "是"})
    centre.shot("09-filed")

    # What it came to: the acts, the day met, and the outline.
    state = service.look(Case.objects.get()).state
    assert [d.status for d in state.deadlines] == ["met"]
    events = service.look(Case.objects.get()).events
    assert [e.data["action"] for e in events if e.data.get("action") == e.type] == [
        "submitted", "returned", "submitted", "accepted", "signed", "collected"
    ]  # fmt: skip
    page = centre.go(f"/rows/{BOOK}/outline/?q=文化产业")
    assert "已办结" in page.locator("#row-29\\.03").inner_text()
    centre.shot("10-outline")
    centre.go(f"/rows/{BOOK}/outline/?view=units")
    centre.shot("11-units")
    centre.go(f"/rows/{BOOK}/outline/?view=diff")
    centre.shot("12-editions")
