"""By keyboard alone, on two servers: a call turns dangerous, goes to 110, is answered there, visited and archived."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tests.office.browsing import WALK, picture, too_wide

ROOT = Path(__file__).parents[3]
pytestmark = WALK

PEOPLE = """
import django; django.setup()
from gongbao.office.people.models import Account
for name, unit, roles in {people!r}:
    Account.objects.create_user(name, "correct-horse", name=name, unit=unit, roles=roles)
"""
AT_12345 = [
    ("hua", "廊坊市人民政府办公室", ["话务员", "班长"]), ("sanhe", "三河市人民政府", ["承办人"]),
    ("du", "廊坊市人民政府办公室", ["督查员"]),
]  # fmt: skip
AT_110 = [("jing", "廊坊市公安局", ["接警员", "指挥调度"])]


class Site:
    """A server and a worker with their own folder and database; only the exchange table is shared."""

    def __init__(self, site: str, home: Path, exchange: Path, people: list) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ, "GONGBAO_HOME": str(home), "GONGBAO_SITE": site, "PYTHONPATH": str(ROOT / "src"),
            "GONGBAO_EXCHANGE_URL": f"sqlite:///{exchange}", "DJANGO_SETTINGS_MODULE": "gongbao.office.settings",
            "GONGBAO_PACKS": str(ROOT / "packs"), "DATABASE_URL": "",
        }  # fmt: skip
        self.run("migrate", "-v0")
        self.run("migrate", "-v0", "--database", "exchange")
        subprocess.run([sys.executable, "-c", PEOPLE.format(people=people)], env=self.environment, check=True)
        self.started = [
            self.start(sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port",
                       str(self.port), "--log-level", "error", "gongbao.office.asgi:application"),
            self.start(sys.executable, "-m", "gongbao.office", "worker"),
        ]  # fmt: skip
        for _ in range(150):
            try:
                urllib.request.urlopen(self.address + "/sign-in/", timeout=5)
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"{site} 没有启动")

    def run(self, *command: str) -> None:
        subprocess.run([sys.executable, "-m", "gongbao.office", *command], env=self.environment, check=True)

    def start(self, *command: str) -> subprocess.Popen:
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        for process in self.started:
            process.terminate()
        for process in self.started:
            process.wait(timeout=15)


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two-desks")
    made: dict[str, Site] = {}
    try:
        for name, people in (("12345", AT_12345), ("110", AT_110)):
            (folder / name).mkdir()
            made[name] = Site(name, folder / name, folder / "exchange.sqlite3", people)
        yield made
    finally:
        for site in made.values():
            site.stop()


def person(browser, site: Site, name: str, width: int = 1280, height: int = 860):
    page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
    page.goto(site.address + "/sign-in/")
    page.locator("[name=username]").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type("correct-horse")
    page.keyboard.press("Enter")
    page.wait_for_url(site.address + "/")
    return page


def go(page, key: str) -> None:
    """A room by its key."""
    with page.expect_navigation():
        page.keyboard.press("g")
        page.keyboard.press(key)


def until(page, text: str, seconds: int = 20) -> None:
    """Until the live page shows it, without reloading."""
    page.get_by_text(text).first.wait_for(timeout=seconds * 1000)


def holds(page, selector: str, value: str, seconds: int = 15) -> None:
    """Until a field holds the value (proposed while typing)."""
    end = time.monotonic() + seconds
    while page.locator(selector).input_value() != value:
        assert time.monotonic() < end, f"{selector} 是“{page.locator(selector).input_value()}”"
        time.sleep(0.1)


def tab_to(page, selector: str, most: int = 120) -> None:
    """Tab forward until the element has the focus: everything must be reachable so."""
    for _ in range(most):
        if page.evaluate("s => document.activeElement && document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"用 Tab 到不了 {selector}")


def test_a_call_that_turns_dangerous_by_keyboard_alone(sites, browser):
    desk, police_site = sites["12345"], sites["110"]
    taker = person(browser, desk, "hua")
    police = person(browser, police_site, "jing")

    # 12345: the call is written down and dispatched.
    go(taker, "s")
    assert taker.evaluate("document.activeElement.id") == "f-content"
    started = time.monotonic()
    taker.keyboard.type("楼上暖气管裂了，滴滴答答往下漏，地板都泡了")
    tab_to(taker, "#f-place")
    taker.keyboard.type("1")  # 1 三河市
    tab_to(taker, "#f-address")
    taker.keyboard.type("燕郊镇迎宾路12号")
    tab_to(taker, "#f-caller_number")
    taker.keyboard.type("13900001234")
    tab_to(taker, "#f-request_type")
    taker.keyboard.type("2")  # 2 非紧急求助
    taker.keyboard.press("Alt+o")
    holds(taker, "#f-handler", "三河市人民政府")
    assert taker.locator("#f-category").input_value() == "突发事件类"
    picture(taker, "1-call")
    taker.keyboard.press("Control+Enter")
    until(taker, "受理并派单，待签收")
    assert time.monotonic() - started < 60
    picture(taker, "2-taken")

    # It turns dangerous: from the queue to the matter, and to 110.
    taker.locator("main").focus()
    taker.goto(desk.address + "/hotline/queue/signing/")
    taker.keyboard.press("j")
    picture(taker, "3-queue")
    taker.keyboard.press("Enter")
    taker.wait_for_url("**/case/**")
    number = taker.url.rstrip("/").rpartition("/")[2]
    tab_to(taker, "details[id*='endangered'] > summary")
    taker.keyboard.press("Enter")
    choose(taker, "endangered", "f-danger", "是")
    picture(taker, "4-endangered")
    tab_to(taker, "details[id*='endangered'] form button")
    taker.keyboard.press("Enter")
    until(taker, "已记录")

    # 110: it arrives by itself, is signed, dispatched, answered.
    police.goto(police_site.address + "/hotline/queue/unsigned/")
    until(police, "楼上暖气管裂了")
    picture(police, "5-alarm")
    tab_to(police, "td form button")
    police.keyboard.press("Enter")
    until(police, "已签收")
    until(taker, "110签收")
    police.goto(police_site.address + "/hotline/queue/intake/")
    police.keyboard.press("j")
    police.keyboard.press("Enter")
    police.wait_for_url("**/case/**")
    tab_to(police, "details[id$='intake.dispatched'] > summary")
    police.keyboard.press("Enter")
    choose(police, "intake.dispatched", "f-alarm_kind", "公共设施险情")
    tab_to(police, "details[id$='intake.dispatched'] [name=f-station]")
    police.keyboard.type("三河市公安局")
    police.keyboard.press("Escape")
    tab_to(
        police,
        "details[id$='intake.dispatched'] form > button, details[id$='intake.dispatched'] form button:not([type=button])",
    )
    police.keyboard.press("Enter")
    until(police, "已记录：派警处置")
    open_act(police, "handling.replied")
    tab_to(police, "details[id$='handling.replied'] [name=f-police_result]")
    police.keyboard.type("已关阀，人员转移，无伤亡")
    tab_to(police, "details[id$='handling.replied'] form button")
    police.keyboard.press("Enter")
    until(police, "已办结")
    picture(police, "6-answered")

    # Back at 12345: the answer is there; the unit answers; visited, archived.
    until(taker, "已关阀，人员转移，无伤亡")
    picture(taker, "7-matter")
    unit = person(browser, desk, "sanhe")
    unit.goto(f"{desk.address}/case/{number}/")
    act(unit, "signing.signed")
    act(unit, "handling.replied", {"f-result": "更换暖气管，已恢复供暖"})
    picture(unit, "8-unit")
    taker.goto(f"{desk.address}/case/{number}/")
    open_act(taker, "visiting.visited")
    for name, value in (("f-responded", "响应"), ("f-solved", "已解决"), ("f-satisfied", "满意")):
        choose(taker, "visiting.visited", name, value)
    tab_to(taker, "details[id$='visiting.visited'] form button")
    taker.keyboard.press("Enter")
    until(taker, "已记录：回访并办结")
    taker.goto(desk.address + "/hotline/queue/archiving/")
    tab_to(taker, "td form button")
    taker.keyboard.press("Enter")
    until(taker, "已归档")
    taker.goto(f"{desk.address}/case/{number}/")
    until(taker, "已办结")
    picture(taker, "9-closed")
    taker.goto(desk.address + "/hotline/day/")
    picture(taker, "10-day")


def test_on_a_phone_nothing_is_cut_off(sites, browser):
    page = person(browser, sites["12345"], "hua", width=390, height=844)
    for path, name in (
        ("/hotline/", "phone-call"),
        ("/hotline/queue/visiting/", "phone-queue"),
        ("/hotline/day/", "phone-day"),
    ):
        page.goto(sites["12345"].address + path)
        if path == "/hotline/":
            page.locator("#f-content").fill("厨房煤气味特别冲，我头都晕了")
            until(page, "听到危险")
        assert too_wide(page, path, 390) == []
        picture(page, name)


def open_act(page, ident: str) -> None:
    page.wait_for_selector(f"details[id$='{ident}']")
    if not page.evaluate("s => document.querySelector(s).open", f"details[id$='{ident}']"):
        tab_to(page, f"details[id$='{ident}'] > summary")
        page.keyboard.press("Enter")


def choose(page, ident: str, name: str, value: str) -> None:
    """A choice by keyboard, radio or select."""
    selector = f"details[id$='{ident}'] [name='{name}']"
    tab_to(page, selector)
    if page.evaluate("s => document.querySelector(s).tagName", selector) == "SELECT":
        for _ in range(30):
            if page.locator(selector).input_value() == value:
                return
            page.keyboard.press("ArrowDown")
        raise AssertionError(f"选不到 {value}")
    for _ in range(12):
        if page.evaluate("([s, v]) => document.querySelector(s + ':checked')?.value === v", [selector, value]):
            return
        page.keyboard.press("Space" if not page.locator(f"{selector}:checked").count() else "ArrowDown")
    raise AssertionError(f"选不到 {value}")


def act(page, ident: str, typed: dict[str, str] | None = None) -> None:
    open_act(page, ident)
    for name, value in (typed or {}).items():
        tab_to(page, f"details[id$='{ident}'] [name='{name}']")
        page.keyboard.type(value)
    tab_to(page, f"details[id$='{ident}'] form button")
    page.keyboard.press("Enter")
    until(page, "已记录")
