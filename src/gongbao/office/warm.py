"""What a first page would else wait for.

The addresses, with all the views they lead to, are read before the server listens; packs, gazettes, the search index and
the templates are made in the background after the first answer.
"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

logger = logging.getLogger("gongbao.warm")


_begun = threading.Event()


def before_listening() -> None:
    """Reads every view: the first request would else wait for it."""
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018


def after_first_answer(**_: object) -> None:
    """Connected to `request_finished`: begin once, so that the first answer shares the processor with nobody."""
    if not _begun.is_set():
        _begun.set()
        threading.Thread(target=warm, name="warm", daemon=True).start()


def warm() -> None:
    """Compile every pack and read the gazettes with their index. What fails is told by the page that needs it."""
    from django.db import connection

    from gongbao.office import worlds
    from gongbao.office.library import legal, shelf

    try:
        for pack, error in worlds.not_loaded().items():
            logger.info("pack %s: %s", pack, error)
        shelf.entries()
        shelf.index()
        legal.warm()
        _templates()
    except Exception:  # before the first migration, a folder that is gone: the pages say so themselves
        logger.debug("not warmed", exc_info=True)
    finally:
        connection.close()


def _templates() -> None:
    """Every template of the office read once; Django keeps them."""
    from django.template.loader import get_template
    from django.template.utils import get_app_template_dirs

    for root in map(Path, get_app_template_dirs("templates")):
        if root.is_relative_to(Path(__file__).parent):
            for path in sorted(root.rglob("*.html")):
                get_template(path.relative_to(root).as_posix())
