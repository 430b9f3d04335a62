"""Live pages: one stream per open page that says only "something changed"; the page then asks for what it shows.

One reader per process, with one connection to the database, looks at the newest event and reminder twice a second,
however many pages are open.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from gongbao.office.cases.models import Event, Notice

INTERVAL = 0.5
STILL = 20.0  # seconds after which a stream says its token again, so that what lies between keeps it open
_held: list[object] = [0.0, ""]
_reader = ThreadPoolExecutor(1, thread_name_prefix="live")  # else each stream would keep a connection of its own


def pulse() -> str:
    """A token that changes whenever a case or a reminder does."""
    if time.monotonic() - _held[0] >= INTERVAL / 2:
        event = Event.objects.aggregate(last=Max("id"))["last"] or 0
        notice = Notice.objects.aggregate(last=Max("id"))["last"] or 0
        _held[:] = [time.monotonic(), f"{event}.{notice}"]
    return str(_held[1])


def _read() -> str:
    close_old_connections()  # no request ends in this thread: what has aged or broken is given up here
    return pulse()


def now(request: HttpRequest) -> HttpResponse:
    """The token alone, for pages that cannot hold a stream."""
    return HttpResponse(pulse(), content_type="text/plain")


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def lines() -> AsyncIterator[str]:
        last, told = None, 0.0
        end = time.monotonic() + 3600  # an hour; the browser then connects again
        await sync_to_async(connections.close_all)()  # the sign-in's: a stream would else hold it for its hour
        yield "retry: 3000\n\n"
        while time.monotonic() < end:
            token = await sync_to_async(_read, thread_sensitive=False, executor=_reader)()
            if token != last or time.monotonic() - told > STILL:
                last, told = token, time.monotonic()
                yield f"event: pulse\ndata: {token}\n\n"
            await asyncio.sleep(INTERVAL)

    response = StreamingHttpResponse(lines(), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response
