"""What every page's frame shows: the rooms this person may enter, the office's time, unread reminders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from gongbao.office import clock, exercise
from gongbao.office.cases.models import Notice
from gongbao.office.pages import live
from gongbao.office.rooms import all_rooms

NAMES = {"12345": "12345 政务服务热线", "110": "110 报警服务台", "office": "政务办理",
         "drill": "演练台"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """A room, or a group of rooms (`inner`), which leads to its first."""

    label: str
    address: str
    key: str
    current: bool
    inner: tuple[Entry, ...] = ()


def office_name() -> str:
    return NAMES[settings.GONGBAO_SITE]


def entries(request: HttpRequest) -> tuple[Entry, ...]:
    roles = getattr(request.user, "roles", ())
    open_ = [room for room in all_rooms() if room.open_to(roles, settings.GONGBAO_SITE)]
    prefix = {room.url: room.prefix or reverse(room.url) for room in open_}
    path = request.path
    fitting = [r for r in open_ if path == prefix[r.url] or (prefix[r.url] != "/" and path.startswith(prefix[r.url]))]
    here = max(fitting, key=lambda r: len(prefix[r.url]), default=None)
    made: dict[str, list[Entry]] = {}  # by group; a room of none stands alone
    for room in open_:
        made.setdefault(room.group or room.url, []).append(Entry(room.label, reverse(room.url), room.key, room is here))
    return tuple(_entry(name, tuple(inner)) for name, inner in made.items())


def _entry(group: str, inner: tuple[Entry, ...]) -> Entry:
    if len(inner) == 1:
        return inner[0]
    return Entry(group, inner[0].address, "", any(e.current for e in inner), inner)


def frame(request: HttpRequest) -> dict[str, Any]:
    offset = clock.offset()
    context: dict[str, Any] = {
        "office_name": office_name(), "office_now": clock.now(), "demonstration": offset is not None,
        "clock_offset": int(offset.total_seconds()) if offset else 0, "clock_rate": clock.rate(),
        "drill": exercise.here(), "rooms": (), "unread": 0,
    }  # fmt: skip
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["rooms"] = SimpleLazyObject(lambda: entries(request))
        context["pulse"] = getattr(request, "pulse", "") or live.pulse()  # what the page is of
        context["unread"] = SimpleLazyObject(lambda: unread(user))
    return context


def unread(user: Any) -> int:
    """Unread reminders, counted up to 99."""
    return Notice.objects.filter(who__in=user.names, read_at=None)[:99].count()
