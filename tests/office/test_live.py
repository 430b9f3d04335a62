"""What another does shows by itself, and takes nothing from whoever reads or writes the page meanwhile.

A real server and Chromium: the stream is a connection that the test client does not hold.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from tests.office.browsing import WALK

ROOT = Path(__file__).parents[2]
pytestmark = WALK

# Four calls that wait for one of two operators, and a warning with a task for each of two districts.
CITY = """
import django; django.setup()
from django.core.management import call_command
from gongbao.office.cases import service
from gongbao.office.people.models import Account
for alias in ("default", "exchange"):
    call_command("migrate", verbosity=0, database=alias)
make = lambda name, unit, *roles: Account.objects.create_user(name, "correct-horse", name=name, unit=unit, roles=list(roles))
hua, duty = make("hua", "甲市热线中心", "话务员"), make("zhi", "甲市环保局", "值班员")
make("li", "甲市热线中心", "话务员")
make("dong", "东区人民政府", "承办人"), make("xi", "西区人民政府", "承办人")
say = lambda n: {"content": f"第{n}盏路灯不亮", "place": "东区"}
calls = [service.open_case(hua, "toy/street", "complaint", say(n)) for n in range(4)]
warning = service.open_case(duty, "toy/street", "warning", {"place": "东区", "dust": 320})
service.act(warning, duty, "signed", facts={"dust": 320}, on_behalf_of="市长")
print(*(case.number for case in calls), warning.number)
"""


class Server:
    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ, "GONGBAO_HOME": str(home), "GONGBAO_SITE": "12345", "PYTHONPATH": str(ROOT / "src"),
            "DJANGO_SETTINGS_MODULE": "gongbao.office.settings", "DATABASE_URL": "", "GONGBAO_EXCHANGE_URL": "",
            "GONGBAO_PACKS": str(Path(__file__).parent / "packs"), "GONGBAO_GAZETTES": "",
            "PYTHONPYCACHEPREFIX": str(home / "bytecode"), "PYTHONDONTWRITEBYTECODE": "",
        }  # fmt: skip
        made = subprocess.run(
            [sys.executable, "-c", CITY], env=self.environment, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
        self.numbers = made.stdout.split()
        self.start()

    def start(self) -> None:
        command = [
            sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", "1", "--log-level", "error", "--workers-kill-timeout", "1", "gongbao.office.asgi:application",
        ]  # fmt: skip
        self.process = subprocess.Popen(
            command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for _ in range(200):
            try:
                urllib.request.urlopen(self.address + "/sign-in/", timeout=10)
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError("没有启动")

    def stop(self) -> None:
        """As bin/up does it: the streams of open pages hold the server for a second only."""
        self.process.terminate()
        self.process.wait(timeout=15)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("live"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def desk(server, browser):
    """desk(name): the first page of a signed-in person, marked so that a reload would show."""
    held = {}

    def page(name: str):
        if name not in held:
            held[name] = browser.new_context(viewport={"width": 1280, "height": 860}, locale="zh-CN").new_page()
            held[name].goto(server.address + "/sign-in/")
            held[name].fill("[name=username]", name)
            held[name].fill("[name=password]", "correct-horse")
            held[name].keyboard.press("Enter")
            held[name].wait_for_url(server.address + "/")
        return held[name]

    return page


def opened(page, address: str):
    page.goto(address)
    page.evaluate("window.notReloaded = true")
    return page


def dispatch(page, server: Server, number: str) -> None:
    """A second person's act, on that person's own page."""
    page.goto(f"{server.address}/case/{number}/")
    act = page.locator("details[id$='dispatch.sent']")
    if act.get_attribute("open") is None:
        act.locator("> summary").click()
    act.locator("[name=f-handler]").fill("东区人民政府")
    act.locator("form > button").click()
    page.get_by_text("已记录").first.wait_for()


def goes(page, number: str, seconds: int = 8) -> None:
    """The call leaves the board without reloading."""
    page.locator(f"a[href='/case/{number}/']").first.wait_for(state="detached", timeout=seconds * 1000)
    assert page.evaluate("window.notReloaded") is True


def test_anothers_act_shows_on_the_board_and_leaves_the_focus_where_it_was(server, desk):
    first, second, third, *_ = server.numbers
    board = opened(desk("hua"), server.address + "/")
    focused = "document.activeElement.getAttribute('href')"
    board.locator(f"a[href='/case/{third}/']").first.focus()
    assert board.locator(f"a[href='/case/{second}/']").count() == 1
    dispatch(desk("li"), server, second)
    goes(board, second)
    assert board.evaluate(focused) == f"/case/{third}/"
    dispatch(desk("li"), server, third)  # what had the focus is gone: it stays beside, not at the top of the page
    goes(board, third)
    assert board.evaluate(focused) in [f"/case/{number}/" for number in (first, server.numbers[3])]


def task(page, district: str):
    return page.locator("#live tr", has_text=district).filter(has=page.locator("details.task-act")).first


def on_task(page, district: str, label: str, words: str = "") -> None:
    """Sign for a task, or answer it, as the district's own person does."""
    act = task(page, district).locator("details.task-act", has=page.locator("summary", has_text=label))
    act.locator("summary").click()
    if words:
        act.locator("textarea").fill(words)
    act.locator("form > button").click()
    page.get_by_text("已记录").first.wait_for()


def test_what_is_unfolded_stays_so_and_what_is_half_typed_is_not_lost(server, desk):
    address = f"{server.address}/case/{server.numbers[-1]}/"
    page, other = opened(desk("dong"), address), opened(desk("xi"), address)
    came = []
    page.on("response", lambda answer: came.append(1) if answer.request.headers.get("hx-request") else None)

    task(page, "东区").locator("summary", has_text="签收").click()
    on_task(other, "西区", "签收")
    until(page, lambda: came)
    assert page.locator("#live details.task-act[open] summary", has_text="签收").count() == 1
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"

    page.locator("#live details.task-act[open] form > button").click()
    page.get_by_text("已记录").first.wait_for()
    page.evaluate("window.notReloaded = true")
    task(page, "东区").locator("summary", has_text="反馈").click()
    words = task(page, "东区").locator("details[open] textarea")
    words.press_sequentially("已洒水两")
    on_task(other, "西区", "反馈", "西区已洒水")
    waits = page.locator("#live > .note[role=status]")
    waits.wait_for(timeout=8000)
    words.press_sequentially("遍")
    assert words.input_value() == "已洒水两遍"
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert not page.get_by_text("西区已洒水").count()

    words.fill("")
    words.blur()
    page.get_by_text("西区已洒水").first.wait_for(timeout=8000)
    assert not waits.count()
    assert page.evaluate("window.notReloaded") is True


def until(page, holds, seconds: int = 8) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "没有来"
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)


def test_it_follows_again_after_the_server_was_started_anew(server, desk):
    fourth = server.numbers[3]
    board = opened(desk("hua"), server.address + "/")
    assert board.locator(f"a[href='/case/{fourth}/']").count() == 1
    server.stop()
    server.start()
    dispatch(desk("li"), server, fourth)
    goes(board, fourth, seconds=12)


def test_where_the_sign_in_is_over_the_board_says_so_and_shows_no_form(server, desk):
    board = opened(desk("dong"), server.address + "/")
    board.context.clear_cookies()
    board.evaluate("document.body.dispatchEvent(new CustomEvent('live', {bubbles: true}))")
    board.locator("#expired").wait_for(timeout=8000)
    assert not board.locator("#board [name=password]").count()
    assert board.locator("#board .figures").count() == 1
