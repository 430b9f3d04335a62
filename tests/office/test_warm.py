"""A server answers soon after it starts: what is heavy is not imported for that, and what is slow is made afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.template import engines

from gongbao.gazette.generate import generate
from gongbao.office import warm, worlds
from gongbao.office.library import shelf

SRC = Path(warm.__file__).parents[2]
STARTED = """
import sys, django
from django.core.signals import request_finished
import gongbao.office.asgi
from gongbao.office import warm
assert "gongbao.office.library.views" in sys.modules  # every view is there before the server listens
# lxml (25 ms) is there: the views of warnings and their public feed write XML
heavy = {"openpyxl", "docx", "numpy", "pandas", "pyarrow", "duckdb", "ibis"} & set(sys.modules)
print(sorted(heavy), any(receiver[1]() is warm.after_first_answer for receiver in request_finished.receivers))
"""


def test_a_server_starts_without_what_only_tables_papers_and_batches_need_and_warms_after_its_first_answer(tmp_path):
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("GONGBAO_", "DATABASE_", "DJANGO_"))
    }
    env |= {"GONGBAO_HOME": str(tmp_path), "PYTHONPATH": str(SRC), "DJANGO_SETTINGS_MODULE": "gongbao.office.settings"}
    ended = subprocess.run([sys.executable, "-c", STARTED], env=env, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split("\n")[0] == "[] True"


@pytest.fixture
def begun(monkeypatch):
    """The threads that warming begins from here on."""
    monkeypatch.setattr(warm, "_begun", threading.Event())

    def threads() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each.name == "warm"]

    return threads


@pytest.mark.django_db(transaction=True)
def test_after_the_first_answer_packs_and_gazettes_are_there_before_a_page_asks(toy, settings, tmp_path, begun):
    (tmp_path / "gazettes").mkdir()
    (tmp_path / "gazettes" / "shili.txt").write_text(generate(seed=1), encoding="utf-8")
    settings.GONGBAO_GAZETTES = ""
    warm.after_first_answer()
    for thread in begun():
        thread.join(30)
    assert toy in worlds._current
    documents = [entry for entry in shelf._held["entries"] if entry.document is not None]
    assert documents
    assert shelf._index["index"] is not None
    assert shelf.entries() is shelf._held["entries"]  # made once: nothing is left for the page to do


@pytest.mark.django_db(transaction=True)
def test_it_warms_once_however_many_answers(toy, begun, monkeypatch):
    times = []
    monkeypatch.setattr(warm, "warm", lambda: times.append(1))
    for _ in range(3):
        warm.after_first_answer(sender=None)
    for thread in begun():
        thread.join(30)
    assert times == [1]


@pytest.mark.django_db(transaction=True)
def test_what_fails_is_left_to_the_page_that_needs_it(toy, settings, tmp_path, monkeypatch):
    """A folder that is gone, or a table that is not there before the first migration: no thread ends in a traceback."""
    told = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    settings.GONGBAO_PACKS = tmp_path / "nowhere"
    monkeypatch.setattr(shelf, "entries", lambda: 1 / 0)
    thread = threading.Thread(target=warm.warm)
    thread.start()
    thread.join(30)
    assert told == []


def test_warming_reads_every_template():
    loader = engines["django"].engine.template_loaders[0]
    loader.reset()
    warm._templates()
    assert {key for key in loader.get_template_cache if key in ("library/home.html", "pages/board.html")}
    assert len(loader.get_template_cache) > 50
