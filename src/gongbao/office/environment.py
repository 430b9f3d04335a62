"""What an instance of the office is told from outside: its folder, its databases, which desk it is.

GONGBAO_HOME          folder of the instance: SQLite files, secret key, uploads (default: var)
DATABASE_URL          sqlite:///PATH or postgres://USER:PASSWORD@HOST:PORT/NAME (?host=/socket/folder)
GONGBAO_EXCHANGE_URL  the exchange table (中间库) between two sites; default: exchange.sqlite3 in GONGBAO_HOME
GONGBAO_SITE          12345 | 110 | office | drill (演练台: nothing leaves it, its time is simulated)
GONGBAO_DRILL_OF      on the drill site: the database of the office that trains there; accounts and settings come from it
GONGBAO_DRILL_ADDRESS elsewhere: where the drill site is, for the link to it
GONGBAO_PACKS         folder of the packs (default: packs beside src, else ./packs)
GONGBAO_GAZETTES      folder of the gazettes that the city has loaded (optional)
GONGBAO_DEMO          1: demonstration: accounts listed at sign-in, 演示日期 on every page
GONGBAO_HOSTS         host names served, comma separated (default: this machine only)
GONGBAO_HTTPS         1: served behind TLS: cookies only over HTTPS
GONGBAO_SMTP          smtp://USER:PASSWORD@HOST:25, smtp+starttls://…:587 or smtps://…:465; empty: no mail leaves
GONGBAO_MAIL_FROM     the address that mails come from, and the sender of CAP messages
GONGBAO_SMS_URL       the SMS gateway, see docs/how-to/connect-an-sms-gateway.md; with GONGBAO_SMS_TOKEN, and
                      GONGBAO_SMS_REPORT_TOKEN for its delivery reports
GONGBAO_SEND_PAUSE    seconds that a mail server or gateway that does not answer rests at most (default 300)
GONGBAO_SEND_ATTEMPTS how often one address is tried that is refused for now (default 12)
GONGBAO_SEND_WITHIN   hours after which what could not be sent is given up (default 24)
GONGBAO_ADDRESS       this office as recipients reach it, for the links in messages (default: as the officer reached it)
GONGBAO_PUBLIC        1: released warnings, their CAP files and the feed are read without signing in
GONGBAO_DEBUG         1: Django's debug pages; never in an office
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SITES = ("12345", "110", "office", "drill")


class EnvironmentError_(ValueError):
    """An environment variable that the office cannot use; says which, what it holds and what is allowed."""


def flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def home() -> Path:
    folder = Path(os.environ.get("GONGBAO_HOME", "var")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def site() -> str:
    name = os.environ.get("GONGBAO_SITE", "office")
    if name not in SITES:
        raise EnvironmentError_(f"GONGBAO_SITE 为“{name}”，只能是 {'、'.join(SITES)}")
    return name


def packs() -> Path:
    if given := os.environ.get("GONGBAO_PACKS"):
        return Path(given).resolve()
    beside = Path(__file__).resolve().parents[3] / "packs"
    return beside if beside.is_dir() else Path("packs").resolve()


SMTP_SCHEMES = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def mail(url: str) -> dict[str, Any]:
    """How a mail server is reached, from its address; an empty host where there is none."""
    parts = urlsplit(url)
    if url and (parts.scheme not in SMTP_SCHEMES or not parts.hostname):
        raise EnvironmentError_(
            f"GONGBAO_SMTP 须写作 smtp://、smtp+starttls:// 或 smtps://主机:端口，现为“{parts.scheme}:”开头"
        )
    return {
        "host": parts.hostname or "", "port": parts.port or SMTP_SCHEMES.get(parts.scheme, 25),
        "user": unquote(parts.username or ""), "password": unquote(parts.password or ""),
        "starttls": parts.scheme == "smtp+starttls", "tls": parts.scheme == "smtps",
    }  # fmt: skip


def whole(name: str, default: int, least: int, most: int) -> int:
    text = os.environ.get(name, "").strip() or str(default)
    if not text.isdigit() or not least <= int(text) <= most:
        raise EnvironmentError_(f"{name} 为“{text}”，须为 {least} 到 {most} 的整数")
    return int(text)


def secret_key(folder: Path) -> str:
    """The key that signs sessions: made once for this instance and kept in its folder, readable by its owner only."""
    if given := os.environ.get("GONGBAO_SECRET_KEY"):
        return given
    file = folder / "secret_key"
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as out:
        key = secrets.token_urlsafe(64)
        out.write(key)
    return key


def database(url: str) -> dict[str, Any]:
    """A database as Django wants it, from a URL; SQLite in WAL with immediate transactions, PostgreSQL as it is.

    A connection ends with its request: the server answers each in a thread of its own, where no other would find it.
    """
    parts = urlsplit(url)
    if parts.scheme in ("sqlite", "sqlite3"):
        name = unquote(parts.path)[1:] if parts.path.startswith("//") or not parts.netloc else unquote(parts.path)
        return {
            "ENGINE": "gongbao.office.sqlite",
            "NAME": name or ":memory:",
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;"
                    "PRAGMA cache_size=-65536; PRAGMA foreign_keys=ON"
                ),
            },
        }
    if parts.scheme in ("postgres", "postgresql"):
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": query.get("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
        }
    raise EnvironmentError_(
        f"数据库地址“{parts.scheme}:”不认识；只能是 sqlite:///文件 或 postgres://用户:密码@主机/库名"
    )
