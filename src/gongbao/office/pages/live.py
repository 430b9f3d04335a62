"""Live pages: one stream per open page that says only "something changed"; the page then asks for what it shows.

One reader per process looks at the newest event and reminder every two seconds, however many pages are open.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from asgiref.sync import sync_to_async
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from gongbao.office.cases.models import Event, Notice

INTERVAL = 2.0
_held: list[object] = [0.0, ""]


def pulse() -> str:
    """A token that changes whenever a case or a reminder does."""
    if time.monotonic() - _held[0] >= INTERVAL / 2:
        event = Event.objects.aggregate(last=Max("id"))["last"] or 0
        notice = Notice.objects.aggregate(last=Max("id"))["last"] or 0
        _held[:] = [time.monotonic(), f"{event}.{notice}"]
    return str(_held[1])


def now(request: HttpRequest) -> HttpResponse:
    """The token alone, for pages that cannot hold a stream."""
    return HttpResponse(pulse(), content_type="text/plain")


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def lines() -> AsyncIterator[str]:
        last, quiet = None, 0
        yield "retry: 3000\n\n"
        for _ in range(1800):  # an hour; the browser then connects again
            token = await sync_to_async(pulse)()
            quiet += 1
            if token != last or quiet > 10:
                last, quiet = token, 0
                yield f"event: pulse\ndata: {token}\n\n"
            await asyncio.sleep(INTERVAL)

    response = StreamingHttpResponse(lines(), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response
