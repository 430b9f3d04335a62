"""Who writes waits in line: first come, first served, for no longer than the timeout, and nobody is left standing there."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import OperationalError

from gongbao.office.sqlite import base
from gongbao.office.sqlite.base import DatabaseWrapper, Line

pytestmark = pytest.mark.django_db  # pytest-django lets no connection be opened without it

HOLDS = """
import sys
from gongbao.office.sqlite.base import Line
line = Line(sys.argv[1])
line.take(5)
print("in", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def connection(tmp_path: Path):
    made: list[DatabaseWrapper] = []

    def to(name: str = "x.sqlite3", timeout: float = 5) -> DatabaseWrapper:
        path = name if name == ":memory:" else str(tmp_path / name)
        wrapper = DatabaseWrapper({
            "NAME": path, "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": timeout}, "AUTOCOMMIT": True,
            "TIME_ZONE": None, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False, "ATOMIC_REQUESTS": False,
            "ENGINE": "gongbao.office.sqlite", "USER": "", "PASSWORD": "", "HOST": "", "PORT": "", "TEST": {},
        })  # fmt: skip
        wrapper.inc_thread_sharing()
        made.append(wrapper)
        return wrapper

    yield to
    for wrapper in made:
        wrapper.close()


def begin(connection: DatabaseWrapper) -> None:
    connection.ensure_connection()
    connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def until(holds) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_the_first_to_come_is_the_first_to_write(tmp_path: Path) -> None:
    line, came = Line(str(tmp_path / "x.sqlite3")), []
    line.take(5)

    def writes(n: int) -> None:
        line.take(20)
        came.append(n)
        line.leave()

    threads = []
    for n in range(8):
        threads.append(threading.Thread(target=writes, args=(n,)))
        threads[-1].start()
        until(lambda n=n: len(line.waiting) == n + 2)
    line.leave()
    for thread in threads:
        thread.join()
    assert came == list(range(8))


def test_whoever_waits_too_long_is_told_and_is_no_longer_in_the_way(tmp_path: Path) -> None:
    line = Line(str(tmp_path / "x.sqlite3"))
    line.take(5)
    with pytest.raises(OperationalError, match="locked"):
        line.take(0.05)
    line.leave()
    line.take(0.05)
    line.leave()
    assert not line.waiting


@pytest.mark.skipif(base.fcntl is None, reason="这个系统没有 flock")
def test_another_process_holds_it_until_it_is_done_or_killed(tmp_path: Path) -> None:
    path = str(tmp_path / "x.sqlite3")
    other = subprocess.Popen([sys.executable, "-c", HOLDS, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    assert other.stdout.readline() == b"in\n"
    line = Line(path)
    with pytest.raises(OperationalError):
        line.take(0.05)
    assert not line.waiting
    other.kill()
    other.communicate()
    line.take(5)
    line.leave()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_transaction_is_in_line_until_its_end_however_it_ends(connection, end: str) -> None:
    one, two = connection(), connection(timeout=0.05)
    begin(one)
    with pytest.raises(OperationalError):
        begin(two)
    getattr(one, end)()
    begin(two)
    two.rollback()


def test_a_transaction_that_does_not_begin_leaves_the_line(connection, monkeypatch) -> None:
    one = connection()
    one.ensure_connection()
    one.transaction_mode = "SIDEWAYS"
    with pytest.raises(OperationalError):
        one.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    two = connection(timeout=0.05)
    begin(two)
    two.rollback()


def test_a_database_in_memory_has_no_line(connection) -> None:
    one = connection(":memory:")
    begin(one)
    assert one.line is None
    one.rollback()
