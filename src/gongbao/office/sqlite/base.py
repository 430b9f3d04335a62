"""Django's SQLite, where those who write wait in line.

SQLite lets one write at a time and has the others ask again, the longer they have waited the more rarely, until the
timeout: with many at work whoever came last is often first, and some are told "database is locked". Here the threads of
a process wait in the order in which they came, and only the first of each process asks for the file.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path
from typing import IO

from django.db import OperationalError
from django.db.backends.sqlite3 import base

try:
    import fcntl
except ImportError:  # Windows: the processes ask SQLite, as the threads would
    fcntl = None  # type: ignore[assignment]

LATE = "database is locked"  # as SQLite says it
ASK = 0.002  # seconds


class Line:
    """The line for one database file. A process that is killed leaves it, for the system drops its lock."""

    def __init__(self, database: str) -> None:
        self.path = Path(f"{database}-line")
        self.waiting: deque[object] = deque()
        self.moved = threading.Condition()
        self.held: IO[bytes] | None = None

    def take(self, timeout: float) -> None:
        """Wait for one's turn; OperationalError where it does not come in `timeout` seconds."""
        me, end = object(), time.monotonic() + timeout
        with self.moved:
            self.waiting.append(me)
            if not self.moved.wait_for(lambda: self.waiting[0] is me, timeout):
                self.waiting.remove(me)
                raise OperationalError(LATE)
        try:
            self.held = self.path.open("ab")
            while not _locked(self.held):
                if time.monotonic() > end:
                    raise OperationalError(LATE)
                time.sleep(ASK)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        with self.moved:
            if self.held is not None:
                self.held.close()
                self.held = None
            self.waiting.popleft()
            self.moved.notify_all()


def _locked(file: IO[bytes]) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


_lines: dict[str, Line] = {}
_lock = threading.Lock()


def line_of(database: str) -> Line | None:
    """The line of a file; None for a database in memory."""
    if "memory" in database and not Path(database).exists():
        return None
    with _lock:
        return _lines.setdefault(database, Line(database))


class DatabaseWrapper(base.DatabaseWrapper):
    line: Line | None = None  # that it is first in

    def _start_transaction_under_autocommit(self) -> None:
        line = line_of(str(self.settings_dict["NAME"]))
        if line is not None:
            line.take(self.settings_dict["OPTIONS"].get("timeout", 30))
            self.line = line
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()
        finally:
            self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._leave()

    def _leave(self) -> None:
        line, self.line = self.line, None
        if line is not None:
            line.leave()
