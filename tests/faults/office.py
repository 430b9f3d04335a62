"""One instance with its own folder and database, as real processes: what the faults are tried on."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parents[2]
WITHIN = 240  # seconds for everything to have gone through

started: list[subprocess.Popen[bytes]] = []


class Office:
    """`port`: of the mail server, where one is there. `world`: the script that acts and looks inside the office."""

    def __init__(self, home: Path, world: Path, database: str = "", port: int = 0) -> None:
        self.script = world
        self.env = {
            **os.environ, "PYTHONPATH": str(ROOT / "src"), "GONGBAO_HOME": str(home), "GONGBAO_SITE": "office",
            "GONGBAO_PACKS": str(ROOT / "tests" / "office" / "packs"),
        }  # fmt: skip
        if port:
            self.env |= {
                "GONGBAO_SMTP": f"smtp://127.0.0.1:{port}", "GONGBAO_MAIL_FROM": "duty@langfang.example",
                "GONGBAO_SEND_PAUSE": "5",
            }  # fmt: skip
        for name in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL", "GONGBAO_EXCHANGE_URL"):
            self.env.pop(name, None)
        if database:
            self.env["DATABASE_URL"] = database
        for more in ((), ("--database", "exchange")):
            self._run("-m", "gongbao.office", "migrate", "-v", "0", *more)

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=self.env, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def world(self, *arguments: str) -> str:
        return self._run(str(self.script), *arguments)

    def rows(self, asked: str) -> list[tuple[Any, ...]]:
        """Read past the office: a look at the tables as they stand."""
        if self.env.get("DATABASE_URL", "").startswith("postgres"):
            with psycopg.connect(self.env["DATABASE_URL"]) as opened:
                return opened.execute(asked).fetchall()
        with closing(
            sqlite3.connect(f"file:{self.env['GONGBAO_HOME']}/office.sqlite3?mode=ro", uri=True, timeout=30)
        ) as opened:
            return opened.execute(asked).fetchall()

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        command = command or ("-m", "gongbao.office", "worker")
        with (Path(self.env["GONGBAO_HOME"]) / "process.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command], env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        started.append(process)
        return process

    def serve(self, port: int) -> subprocess.Popen[bytes]:
        """The server, listening."""
        process = self.start(
            "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
            "--log-level", "error", "--workers-kill-timeout", "1", "gongbao.office.asgi:application",
        )  # fmt: skip
        until(lambda: listening(port))
        return process

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self.start()
        try:
            yield process
        finally:
            kill(process)


def listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL to the process and all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(true: Callable[[], bool], within: float = WITHIN) -> None:
    stop = time.monotonic() + within
    while not true():
        assert time.monotonic() < stop, "没有在时限内完成"
        time.sleep(0.05)
