"""The gazettes that the city has loaded, read once per process and again when a file changes.

They lie in GONGBAO_HOME/gazettes (what an office adds) and in the folder GONGBAO_GAZETTES (what it was started with).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from gongbao.gazette.documents import Document
from gongbao.gazette.formats import SUFFIXES
from gongbao.gazette.library import Library
from gongbao.gazette.text import GazetteError

_lock = threading.Lock()
_held: dict[str, object] = {"state": None, "library": Library(())}


def folders() -> tuple[Path, ...]:
    own = Path(settings.GONGBAO_HOME) / "gazettes"
    given = [Path(settings.GONGBAO_GAZETTES)] if settings.GONGBAO_GAZETTES else []
    return tuple(folder for folder in (own, *given) if folder.is_dir())


def library(counting: Callable[[int], Callable[[int], None]] = lambda _: lambda _: None) -> Library:
    """All gazettes; a file that is none is left out (`refused` says why).

    `counting(files)` is told how many there are and gives what is told how many are read.
    """
    files = [file for folder in folders() for file in sorted(folder.iterdir()) if file.suffix.lower() in SUFFIXES]
    state = tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files)
    with _lock:
        if _held["state"] != state:
            gazettes, refused = [], {}
            at = counting(len(files))
            for number, file in enumerate(files, start=1):
                try:
                    gazettes += Library.read([file]).gazettes
                except GazetteError as error:
                    refused[file.name] = str(error)
                at(number)
            _held.update(state=state, library=Library(tuple(gazettes)), refused=refused)
        return _held["library"]  # type: ignore[return-value]


def refused() -> dict[str, str]:
    """Files of the folders that could not be read, with the reason."""
    library()
    return dict(_held.get("refused", {}))  # type: ignore[call-overload]


def document(number: str, title: str | None = None) -> Document | None:
    """The document of this number, if it is loaded."""
    try:
        return library().document(number=number)
    except GazetteError:
        pass
    try:
        return library().document(number=number, title=title) if title else None
    except GazetteError:
        return None


def clause_text(number: str, cite: str, title: str | None = None) -> str | None:
    """The words of a clause as the gazette prints them, with those below it; None when it is not loaded."""
    found = document(number, title)
    if found is None or not cite:
        return None
    from gongbao.gazette.clauses import resolve

    try:
        return resolve(found, cite).full_text
    except (GazetteError, IndexError):
        return None
