"""Every page that an administrator can reach by links answers, and each kind of page fits a phone and is well formed."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, deque
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import pytest
from django.urls import resolve
from tests.office.browsing import CHROMIUM, picture, too_wide
from tests.office.hotline.conftest import CALL, OFFICE
from tests.office.library.conftest import GAZETTE

from gongbao.office import worlds
from gongbao.office.cases.models import Notice
from gongbao.policy.loader import packs_root

pytestmark = pytest.mark.django_db(transaction=True)

LINK = re.compile(r'<a\b[^>]*?\shref="([^"#][^"]*)"')
ILL_FORMED = """() => {
  const wrong = [], main = document.querySelector("main");
  if (document.documentElement.lang !== "zh-Hans") wrong.push("lang");
  if (main.querySelectorAll("h1").length !== 1) wrong.push("h1 × " + main.querySelectorAll("h1").length);
  let last = 1;
  for (const h of main.querySelectorAll("h1, h2, h3, h4")) {
    if (+h.tagName[1] > last + 1) wrong.push("标题跳级 " + h.textContent.trim());
    last = +h.tagName[1];
  }
  for (const c of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!c.labels.length && !c.ariaLabel && !c.getAttribute("aria-labelledby")) wrong.push("没有标签 " + c.name);
  for (const a of document.querySelectorAll("a[href], button"))
    if (!a.textContent.trim() && !a.ariaLabel) wrong.push("没有文字 " + a.outerHTML.slice(0, 80));
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  if (twice.length) wrong.push("重复的 id " + twice[0]);
  const leak = main.innerText.match(/\\bNone\\b|\\bTrue\\b|\\bFalse\\b|Decimal\\(|datetime\\.|\\{'|\\[\\]/);
  if (leak) wrong.push("露出 " + leak[0]);
  return wrong;
}"""


@pytest.fixture
def city(settings, tmp_path, office_clock, db):
    """The three packs, a gazette, one call, one reminder."""
    settings.GONGBAO_PACKS = packs_root()
    settings.GONGBAO_GAZETTES = str(tmp_path / "loaded")
    Path(settings.GONGBAO_GAZETTES).mkdir()
    (Path(settings.GONGBAO_GAZETTES) / "甲市公报.txt").write_text(GAZETTE, encoding="utf-8")
    worlds.forget()
    office_clock.moment = office_clock.moment.replace(year=2023, month=2, day=15)


@pytest.fixture
def busy_city(city, account, signed_in, office_clock):
    taker = signed_in(account("hua", OFFICE, "话务员"))
    assert taker.post("/hotline/take/", {**CALL, "do": "dispatch"}).status_code == 302
    duty = signed_in(account("zhi", "市应急响应办公室", "值班员"))
    lines = [f"{office_clock.moment.date() + dt.timedelta(days=n)}\t{v}\t{m}"
             for n, (v, m) in enumerate([(180, "监测"), (250, "预报"), (310, "预报"), (250, "预报")])]  # fmt: skip
    answer = duty.post("/alerts/new/", {"pack": "langfang/heavy-pollution", "way": "paste", "do": "open",
                                        "series": "\n".join(lines), "f-warning_source": "本市"})  # fmt: skip
    assert answer.status_code == 302
    Notice.objects.create(who=OFFICE, text="催办", at=office_clock())


def kind(address: str) -> str:
    """The view and which questions are put to it: all pages of a kind are laid out by the same template."""
    parts = urlsplit(address)
    return " ".join([resolve(unquote(parts.path)).view_name, *sorted({k for k, v in parse_qsl(parts.query) if v})])


def reach(client, per_kind: int) -> tuple[dict[str, str], list[str]]:
    """({kind: one address of it}, what does not answer), following links from the first page, some of each kind."""
    left, seen, times = deque(["/"]), {"/"}, Counter[str]()
    pages: dict[str, str] = {}
    wrong: list[str] = []
    while left:
        address = left.popleft()
        if times[kind(address)] >= per_kind:
            continue
        times[kind(address)] += 1
        answer = client.get(address, follow=True)
        if answer.status_code != 200:
            wrong.append(f"{answer.status_code} {unquote(address)}")
        if answer.streaming or "html" not in answer["Content-Type"]:
            continue
        pages.setdefault(kind(address), address)
        for found in LINK.findall(answer.content.decode()):
            to = urljoin(address, unescape(found)).partition("#")[0]
            if to.startswith("/") and not to.startswith(("/api/", "/static/")) and to not in seen:
                seen.add(to)
                left.append(to)
    return pages, wrong


@pytest.mark.parametrize(
    ("unit", "role"),
    [(OFFICE, "话务员"), ("市行政审批局", "承办人"), ("市市场监督管理局", "监管人员"), ("市政府督查室", "督查员"),
     ("市司法局", "政策维护")],
    ids=lambda value: value,
)  # fmt: skip
def test_nobody_is_offered_a_page_that_refuses_them(busy_city, account, signed_in, unit, role):
    _, wrong = reach(signed_in(account("ren", unit, role)), per_kind=2)
    assert wrong == []


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="没有 Chromium（apt install chromium）")
def test_every_page_an_administrator_reaches_answers_and_fits_a_phone(
    busy_city, browser, live_server, account, signed_in
):
    client = signed_in(account("guan", OFFICE, "管理员"))
    pages, wrong = reach(client, per_kind=12)
    assert len(pages) > 35, sorted(pages)
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=live_server.url, locale="zh-CN")
    cookie = next(iter(client.cookies.values()))
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    context.route("**/live/**", lambda route: route.abort())  # the test server would hold the stream
    page = context.new_page()
    for name, address in pages.items():
        page.goto(address, wait_until="domcontentloaded")
        wrong += too_wide(page, f"{name} {unquote(address)}", 390)
        wrong += [f"{name} {unquote(address)}：{each}" for each in page.evaluate(ILL_FORMED)]
        picture(page, f"crawl-{re.sub(r'[^a-z_]+', '-', name)}-390")
    context.close()
    assert wrong == []
