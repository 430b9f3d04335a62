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


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", ("", 25, "", "", False, False)),
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        ("smtp+starttls://u:p%40ss@mail.example", ("mail.example", 587, "u", "p@ss", True, False)),
        ("smtps://u:p@mail.example:4650", ("mail.example", 4650, "u", "p", False, True)),
    ],
)
def test_a_mail_server(url, found):
    assert tuple(e.mail(url).values()) == found


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_an_address_that_is_no_mail_server_is_refused(url):
    with pytest.raises(e.EnvironmentError_, match="GONGBAO_SMTP"):
        e.mail(url)


@pytest.mark.parametrize(("text", "found"), [("", 300), ("5", 5), ("3600", 3600)])
def test_a_whole_number(monkeypatch, text, found):
    monkeypatch.setenv("GONGBAO_SEND_PAUSE", text)
    assert e.whole("GONGBAO_SEND_PAUSE", 300, 5, 3600) == found


@pytest.mark.parametrize("text", ["4", "3601", "x", "-5"])
def test_a_number_that_is_not_allowed_is_refused(monkeypatch, text):
    monkeypatch.setenv("GONGBAO_SEND_PAUSE", text)
    with pytest.raises(e.EnvironmentError_, match="GONGBAO_SEND_PAUSE"):
        e.whole("GONGBAO_SEND_PAUSE", 300, 5, 3600)


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
