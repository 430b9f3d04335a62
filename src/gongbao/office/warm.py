"""What a first page would else wait for, made in the background after the first answer: packs, gazettes, search index."""

from __future__ import annotations

import logging
import threading

logger = logging.getLogger("gongbao.warm")


_begun = threading.Event()


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
    except Exception:  # before the first migration, a folder that is gone: the pages say so themselves
        logger.debug("not warmed", exc_info=True)
    finally:
        connection.close()
