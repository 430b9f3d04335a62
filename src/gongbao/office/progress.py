"""What takes longer than two seconds tells how far it is: on a terminal in one line that moves, elsewhere (a log, a
pipe) in a line every few seconds. What is quicker says only what it made."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

QUIET, MOVES, LINES = 2.0, 0.2, 5.0  # seconds: until the first word; between two on a terminal; between two elsewhere
WIPE = "\r\x1b[2K"

At = Callable[[int], None]


def line(label: str, done: int, total: int | None, seconds: float) -> str:
    """评价企业 5000/20000（25%，已 6 秒，约剩 18 秒）; without a total 启动（已 6 秒）."""
    if not total:
        return f"{label}{f' {done}' if done else ''}（已 {seconds:.0f} 秒）"
    share = min(done / total, 1)
    left = f"，约剩 {seconds / share - seconds:.0f} 秒" if 0 < share < 1 else ""
    return f"{label} {done}/{total}（{share:.0%}，已 {seconds:.0f} 秒{left}）"


class Teller:
    """Says whole lines (`teller(text)`) and counts (`teller.counting(label, total)` gives a function of how many)."""

    def __init__(
        self, prefix: str = "", out: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.prefix, self.out, self.clock = prefix, out or sys.stdout, clock
        self.terminal = self.out.isatty()
        self.moving = False

    def __call__(self, text: str) -> None:
        self._write(("" if not self.moving else WIPE) + self.prefix + text + "\n")
        self.moving = False

    def counting(self, label: str, total: int | None = None) -> At:
        began = self.clock()
        told: float | None = None

        def at(done: int) -> None:
            nonlocal told
            now = self.clock()
            if now - began < QUIET or (told is not None and now - told < (MOVES if self.terminal else LINES)):
                return
            told = now
            text = line(label, done, total, now - began)
            if not self.terminal:
                self(text)
                return
            self._write(WIPE + self.prefix + text)
            self.moving = True

        return at

    def done(self) -> None:
        """Wipe the line that moves."""
        if self.moving:
            self._write(WIPE)
            self.moving = False

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
