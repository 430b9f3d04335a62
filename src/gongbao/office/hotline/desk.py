"""The hotline of this instance: its pack, the words it is recognised by, and which desk (12345 or 110) stands here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from gongbao.engine.world import World
from gongbao.office import worlds
from gongbao.office.hotline.doubt import Doubt, learn
from gongbao.office.hotline.lexicon import Lexicon, lexicon

REQUEST, ALARM = "request", "alarm"
ANSWERS = {  # events by which one desk tells the other
    "police_signed": "110签收", "police_replied": "110办理结果", "police_sent_back": "110退回",
    "request_replied": "12345处置情况", "request_answered": "12345答复", "request_sent_back": "12345退回",
}  # fmt: skip
REGISTERS = ("to_110", "to_12345", "words", "sample_calls")


class NoHotline(worlds.NoPack):
    """No pack here has the hotline's procedures and lists."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The pack in force and what is made of its lists."""

    pack: str
    world: World
    lexicon: Lexicon
    doubt: Doubt

    @property
    def areas(self) -> tuple[str, ...]:
        return tuple(self.world.units.areas)


def is_police() -> bool:
    return settings.GONGBAO_SITE == "110"


def find() -> Desk:
    """The hotline's pack. Raises NoHotline where no pack has one."""
    pack = pack_id()
    world = worlds.world(pack)
    words, doubt = _made(pack, world.version, _Held(world))
    return Desk(pack, world, words, doubt)


def pack_id() -> str:
    for world in worlds.loaded():
        if _is_hotline(world.pack, world.version):
            return world.pack
    raise NoHotline("没有可用的热线政策包：须有工单、警单两个程序和两张清单")


def is_here() -> bool:
    """Whether a pack of the hotline is here and compiles."""
    return any(worlds.is_loaded(pack) and _is_hotline(pack, worlds.current_version(pack)) for pack in worlds.pack_ids())


@lru_cache(maxsize=64)
def _is_hotline(pack: str, version: str) -> bool:
    world = worlds.world(pack, version)
    return {REQUEST, ALARM} <= set(world.procedures) and set(REGISTERS) <= set(world.registers)


class _Held:
    """A world as an argument of a cache keyed by pack and version: equal to any other."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=8)
def _made(pack: str, version: str, held: _Held) -> tuple[Lexicon, Doubt]:
    to_110, to_12345, words, calls = (held.world.registers[name].rows for name in REGISTERS)
    return lexicon(to_110, to_12345, words), learn((str(row["text"]), bool(row["danger"])) for row in calls)
