"""A server of its own, with packs and people of its own: what the walks that need a real process share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct-horse"


@contextmanager
def served(home: Path, people: str) -> Iterator[str]:
    """The address of an office whose packs are in `home`/packs; people: a script that makes its accounts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ, "GONGBAO_HOME": str(home), "GONGBAO_SITE": "office", "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "gongbao.office.settings", "GONGBAO_PACKS": str(home / "packs"), "DATABASE_URL": "",
        "GONGBAO_EXCHANGE_URL": "",
    }  # fmt: skip
    for alias in ("default", "exchange"):
        subprocess.run(
            [sys.executable, "-m", "gongbao.office", "migrate", "-v0", "--database", alias], env=environment, check=True
        )
    subprocess.run([sys.executable, "-c", people], env=environment, check=True)
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port),
         "--log-level", "error", "gongbao.office.asgi:application"],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        for _ in range(150):
            try:
                urllib.request.urlopen(address + "/sign-in/", timeout=5)
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=15)


def person(browser, site: str, name: str):
    """The first page of one who signed in."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN").new_page()
    page.goto(site + "/sign-in/")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(site + "/")
    return page
