"""What an instance is told from outside: database addresses, its site, its key."""

from __future__ import annotations

import stat

import pytest

from gongbao.office import environment as e


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite:////var/lib/x.sqlite3", "/var/lib/x.sqlite3"), ("sqlite:///x.sqlite3", "x.sqlite3"),
     ("sqlite:////srv/%E5%BB%8A.db", "/srv/廊.db")],
)  # fmt: skip
def test_a_sqlite_address(url, name):
    found = e.database(url)
    assert found["NAME"] == name
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_postgres_address():
    found = e.database("postgres://u:p%40ss@db.example:5433/office")
    assert [found[k] for k in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "office",
        "u",
        "p@ss",
        "db.example",
        "5433",
    ]


def test_a_postgres_address_by_socket():
    assert e.database("postgresql://u@/office?host=/run/pg")["HOST"] == "/run/pg"


def test_another_database_is_refused_by_name():
    with pytest.raises(e.EnvironmentError_, match="mysql"):
        e.database("mysql://x/y")


def test_an_unknown_site_is_refused(monkeypatch):
    monkeypatch.setenv("GONGBAO_SITE", "119")
    with pytest.raises(e.EnvironmentError_, match="119"):
        e.site()


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.delenv("GONGBAO_SECRET_KEY", raising=False)
    key = e.secret_key(tmp_path)
    assert e.secret_key(tmp_path) == key
    assert len(key) >= 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
