"""Live pages: one stream per open page that says only "something changed"; the page then asks for what it shows.

`?case=` is for a page that shows one case: it is told of nothing else. Whoever commits wakes the reader of its own
process at once; what other processes commit the reader sees in the database, five times a second. It is one thread with
one connection, however many pages are open, and it rests while none is.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async
from django.db import Error, connection, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from gongbao.office.cases import news
from gongbao.office.people import access

INTERVAL = 0.2
STILL = 20.0  # seconds after which a stream says its token again, so that what lies between keeps it open
HOUR = 3600.0  # after which a stream ends; the browser then connects again
logger = logging.getLogger("gongbao.live")


@dataclass(eq=False, slots=True)
class Follower:
    """An open stream: of everything, or of the case of that number. `told`: the token it was last given."""

    case: str = ""
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    tokens: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    told: str = ""

    def tell(self, token: str) -> None:
        if token != self.told:
            self.told = token
            self.loop.call_soon_threadsafe(self.tokens.put_nowait, token)


_followers: set[Follower] = set()
_wake = threading.Event()
_lock = threading.Lock()
_reader: threading.Thread | None = None
_held: tuple[float, str] = (0.0, "")


def pulse() -> str:
    """`news.token`, at most half an interval old: told once too often is better than not at all."""
    global _held
    if time.monotonic() - _held[0] >= INTERVAL / 2:
        at = time.monotonic()
        _held = (at, news.token())
    return _held[1]


@contextmanager
def following(follower: Follower) -> Iterator[None]:
    global _reader
    with _lock:
        _followers.add(follower)
        if _reader is None:
            news.committed.connect(_woken, dispatch_uid="live")
            _reader = threading.Thread(target=_read_on, name="live", daemon=True)
            _reader.start()
    _wake.set()
    try:
        yield
    finally:
        with _lock:
            _followers.discard(follower)


def _woken(**_: object) -> None:
    _wake.set()


def _read_on() -> None:
    """Reads for as long as the process lives; a database that is away or was started anew is asked again."""
    while True:
        _wake.wait(INTERVAL if _followers else None)
        _wake.clear()
        try:
            tell()
        except Error:
            connection.close()  # no request ends in this thread: what is broken is given up here
            time.sleep(1)
        except Exception:
            logger.exception("live: not told")
            time.sleep(1)


def tell() -> None:
    """Read once, and tell every follower for whom something changed."""
    with _lock:
        open_ = list(_followers)
    if not open_:
        return
    token = news.token()
    cases = news.tokens_of({follower.case for follower in open_} - {""})
    for follower in open_:
        try:
            follower.tell(cases.get(follower.case, "") if follower.case else token)
        except RuntimeError:  # its loop is closed
            with _lock:
                _followers.discard(follower)


def marked(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a page is of the moment before it was read, so that what comes meanwhile makes it ask again."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and "HX-Request" not in request.headers:
            request.pulse = pulse()
        return get_response(request)

    return answer


def now(request: HttpRequest) -> HttpResponse:
    """The token alone, for pages that cannot hold a stream."""
    number = request.GET.get("case", "")
    token = news.token_of(access.case_for(request.user, number)) if number else news.token()
    return HttpResponse(token, content_type="text/plain")


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    number = request.GET.get("case", "")
    if number:
        await sync_to_async(access.case_for)(request.user, number)
    await sync_to_async(connections.close_all)()  # the sign-in's: a stream would else hold it for its hour

    async def lines() -> AsyncIterator[str]:
        follower, token = Follower(number), ""
        end = time.monotonic() + HOUR
        yield "retry: 3000\n\n"
        with following(follower):
            while time.monotonic() < end:
                try:
                    token = await asyncio.wait_for(follower.tokens.get(), STILL)
                    while not follower.tokens.empty():
                        token = follower.tokens.get_nowait()
                except TimeoutError:
                    pass
                yield f"event: pulse\ndata: {token}\n\n"

    response = StreamingHttpResponse(lines(), content_type="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response
