"""工作任务: the dated tasks of all documents, by unit."""

from __future__ import annotations

from gongbao.office.rooms import PLANNING, Room
from gongbao.office.tasks import SITES, book

ROOM = Room("工作任务", "tasks:home", key="t", order=35, sites=SITES, prefix="/tasks/", group=PLANNING)
ROUNDS = (book.catch_up,)
