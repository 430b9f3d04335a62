"""Where compiled packs are kept (policy.kept): the folder that the command line or the office names, else nowhere."""

from __future__ import annotations

from pathlib import Path

folder: Path | None = None


def keep_in(named: Path | None) -> None:
    """Says where this process keeps what it compiles; None: nowhere."""
    global folder
    folder = named
