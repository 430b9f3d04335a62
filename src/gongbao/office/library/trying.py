"""试一试: a decision asked with facts that somebody typed. Nothing is stored; the office's settings count."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from gongbao.dmn import DmnError
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.world import World
from gongbao.feel.errors import FeelError
from gongbao.office import clock
from gongbao.office.pages import fields, words

_SERIES_HELP = "每行一个读数：值，或“值 标记”，或“日期 值 标记”，用空格隔开"
_RECORD_HELP = "每行一项：名称=值"
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(T\d{1,2}:\d{2})?")


@dataclass(frozen=True, slots=True)
class Trial:
    controls: tuple[fields.Field, ...]
    outcome: Outcome | None
    problems: tuple[str, ...]
    other: tuple[str, ...]  # what it also reads and nobody can type here: what was decided, the case
    settings: tuple[tuple[Any, str], ...]  # each with its value in words, empty where nobody filled it
    asked: bool


def form(world: World, name: str) -> list[tuple[str, bool]]:
    """The facts that the decision can read, those it asks for first in front; none of them must be known."""
    reads = grounds(world, name)
    first = [f for f in world.decisions[name].asks if f in reads.facts]
    own = [f.partition(".")[0] for f in world.decisions[name].facts]
    return [(f, False) for f in dict.fromkeys([*first, *own, *reads.facts]) if f in world.facts]


def attempt(
    world: World, name: str, given: QueryDict, as_of: dt.datetime | None = None, more: Iterable[str] = ()
) -> Trial:
    """The trial of a decision at a moment (now without one). more: facts that are asked beside those it reads."""
    wanted = form(world, name)
    wanted += [(f, False) for f in more if f in world.facts and (f, False) not in wanted]
    reads = grounds(world, name)
    typed = fields.typed(world, wanted, given)
    asked = any(key.startswith("f-") for key in given)
    raw = {key: _structured(world.facts[key], value) for key, value in typed.items()}
    errors: dict[str, str] = {}
    outcome: Outcome | None = None
    problems: list[str] = []
    try:
        facts = read_facts(world.facts, raw)
        if asked:
            outcome = decide(world, name, facts, as_of=as_of or clock.now())
    except FactErrors as wrong:
        for item in wrong.items:
            errors.setdefault(re.split(r"[.\[]", item.path)[0], item.message)
    except (DmnError, FeelError, ValueError, KeyError) as wrong:
        problems.append(str(wrong.args[0]) if isinstance(wrong, KeyError) and wrong.args else str(wrong))
    other = [f"已作出的“{world.labels.get(d, d)}”" for d in reads.decided]
    return Trial(
        controls=tuple(_helped(world, f) for f in fields.fields(world, wanted, _shown(world, typed), errors)),
        outcome=outcome, problems=tuple(problems),
        other=(*other, "本件的区域、层级等") if reads.case else tuple(other),
        settings=tuple((world.settings[s], words.setting(world.settings[s], world.settings[s].value))
                       for s in reads.settings if s in world.settings), asked=asked,
    )  # fmt: skip


def _shown(world: World, typed: dict[str, Any]) -> dict[str, Any]:
    """What was typed, as its control takes it: lines as a list."""
    return {
        key: value.splitlines() if isinstance(value, str) and world.facts[key].type in ("series", "record") else value
        for key, value in typed.items()
    }


def _helped(world: World, field: fields.Field) -> fields.Field:
    kind = world.facts[field.fact].type
    extra = _SERIES_HELP if kind == "series" else _RECORD_HELP if kind == "record" else ""
    if not extra:
        return field
    from dataclasses import replace

    marks = getattr(world.facts[field.fact], "marks", ())
    more = f"（标记：{'、'.join(marks)}）" if marks else ""
    return replace(field, help="。".join(p for p in (field.help, extra + more) if p))


def _structured(fact: Any, value: Any) -> Any:
    """Lines of text as the series or record that they spell; other values as they are."""
    if not isinstance(value, str):
        return value
    lines = [line.split() for line in value.splitlines() if line.strip()]
    if fact.type == "record":
        return {k.strip(): v.strip() for k, _, v in (line.partition("=") for line in value.splitlines()) if k.strip()}
    if fact.type != "series" or not any(len(line) > 1 for line in lines):
        return value
    if all(_DAY.fullmatch(line[0]) for line in lines):
        return [dict(zip(("at", "value", "mark"), [*line, None, None][:3], strict=True)) for line in lines]
    marks = getattr(fact, "marks", ())
    if all(len(line) == 2 and line[1] in marks for line in lines):
        return {"values": [line[0] for line in lines], "marks": [line[1] for line in lines]}
    return value
