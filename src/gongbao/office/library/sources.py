"""Where the rows of a 试算 come from: the registers of other rooms (`SOURCES` of their room.py), past matters, a table.

A source only reads. It says whether it fits a decision, whether this person may see rows by name, and gives the rows in
pieces, each with the facts under both versions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from django.conf import settings

from gongbao.batch.whatif.compare import Ask
from gongbao.batch.whatif.result import Row
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.world import World
from gongbao.office import worlds
from gongbao.office.cases import log
from gongbao.office.cases.models import Case, Event
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.tasks import LOG

if TYPE_CHECKING:
    from gongbao.engine.case.fold import Fold

MOST_MATTERS = 2_000  # the newest of them
PIECE = 5_000

Pieces = Iterator[tuple[Sequence[Row], Ask | None]]


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of data. `unit`: what one row is called (户, 件); `reads`: figures that it reads besides the decision.

    fits(world, decision, account); names(account): whether rows may be told by name; count(world, account);
    pieces(before, after, decision, account); address(key): the page of a row.
    """

    key: str
    label: str
    note: str
    unit: str
    fits: Callable[[World, str, Account], bool]
    names: Callable[[Account], bool]
    count: Callable[[World, Account], int]
    pieces: Callable[[World, World, str, Account], Pieces]
    address: Callable[[str], str]
    reads: tuple[str, ...] = ()


def sources() -> tuple[Source, ...]:
    """Those of the rooms, then past matters."""
    rooms = (import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS)
    return (*(each for room in rooms for each in getattr(room, "SOURCES", ())), MATTERS)


def source(key: str) -> Source | None:
    return next((each for each in sources() if each.key == key), None)


def fitting(world: World, decision: str, account: Account) -> tuple[Source, ...]:
    return tuple(each for each in sources() if each.fits(world, decision, account))


# -------------------------------------------------------------------------------------------------------- past matters


def _cases(world: World, account: Account) -> list[Case]:
    held = access.visible(account, Case.objects.filter(pack=world.pack).exclude(procedure=LOG))
    return list(held.order_by("-id")[:MOST_MATTERS])


def _fits(world: World, decision: str, account: Account) -> bool:
    from gongbao.engine.case.state import actions_of

    entered = {
        name.removesuffix("?") if isinstance(name, str) else name
        for procedure in world.procedures.values()
        for name, _ in (*procedure.form, *(each for action in actions_of(procedure) for each in action.form))
    }
    return bool(entered & set(grounds(world, decision).facts)) and bool(_cases(world, account))


def _pieces(before: World, after: World, decision: str, account: Account) -> Pieces:
    read = {n for w in (before, after) for n in grounds(w, decision).facts if n in w.facts and not w.facts[n].personal}
    cases = _cases(before, account)
    for at in range(0, len(cases), PIECE // 10):
        rows = []
        for case in cases[at : at + PIECE // 10]:
            held = {n: v for n, v in _folded(case).facts.items() if n in read and v is not None}
            if held:
                rows.append(Row(f"{case.number} {case.title}", held, key=case.number))
        yield rows, None


def _folded(case: Case) -> Fold:
    """The case's events folded, personal values left where they are."""
    from gongbao.engine.case.state import fold_of

    return fold_of(worlds.world_of(case), case.procedure, log.read(Event.objects.filter(case=case).order_by("seq"), ()))


def _address(key: str) -> str:
    from django.urls import reverse

    return reverse("cases:page", args=[key])


MATTERS = Source(
    "matters", "本单位看得到的办件", "各件现有的事实；同一天出现在两件里的，两件都算", "件", _fits, lambda _: True,
    lambda world, account: len(_cases(world, account)), _pieces, _address,
)  # fmt: skip
