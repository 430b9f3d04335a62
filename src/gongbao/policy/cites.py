"""Every place of a pack that stands on the document: what it cites, and the figures it says are printed there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from gongbao.feel.errors import FeelError
from gongbao.feel.parse import parse_unary_tests
from gongbao.feel.syntax import Literal, walk
from gongbao.gazette.figures import figures as printed
from gongbao.policy import schema

_FILE_OF = {n: f"{n}.yaml" for n in schema.Pack.model_fields if n not in ("id", "rows")}
_LIMIT = re.compile(r"\s*(\d+)\s")


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation. `figures` must stand in the clause as printed; `derived` are numbers of cells, in any printing.

    `used` are the numbers that the engine reads where `figures` are written beside them: a figure must say each.
    `terms` are words by which a matter is recognised, parts and alternatives as in a lexicon; each must be printed.
    """

    file: str
    path: tuple[str | int, ...]
    cite: str
    kind: str  # the model: Rule, Param, DeadlineSpec, DutySpec, StepSpec, NoRule ...
    figures: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    implied: str | None = None
    used: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()  # words that must stand in the clause


def cited(pack: schema.Pack) -> Iterator[Cited]:
    """Every citation of a pack, file by file, in written order. Examples are not part of the rules and left out."""
    for name, file in _FILE_OF.items():
        if name != "examples":
            yield from _walk(getattr(pack, name), file, ())
    for i, indicator in enumerate(pack.indicators):
        numbers = tuple(dict.fromkeys(_digits(n) for t in indicator.target for n in _of_target(t)))
        for cite in indicator.also:
            yield Cited("indicators.yaml", (i, "also"), cite, "TargetSpec", derived=numbers)
    for name, spec in pack.registers.items():
        yield from _rows(name, spec, pack.rows.get(name, ()))


def clause_column(spec: schema.RegisterSpec) -> str | None:
    """The column of a register whose cells are citations."""
    return next((name for name, column in spec.columns.items() if column.role == "clause"), None)


def _rows(name: str, spec: schema.RegisterSpec, rows: Sequence[Mapping[str, Any]]) -> Iterator[Cited]:
    """The rows of a register, each with the clause that it names: what it prints stands there."""
    column = clause_column(spec)
    if column is None or spec.authored:
        return
    file = f"registers/{(spec.file or '').removeprefix('registers/')}"
    shown = [
        c for c, one in spec.columns.items() if not one.authored and c != column and one.type in ("text", "choice")
    ]
    for number, row in enumerate(rows):
        cells = [str(row[c]) for c in shown if row.get(c)]
        figured = tuple(cell for cell in cells if printed(cell))
        words = tuple("|".join(cell.split()) if " " in cell else cell for cell in cells if cell not in figured)
        yield Cited(file, (number + 2,), str(row[column]), "RegisterRow", figured, terms=words)


def _walk(value: Any, file: str, path: tuple[str | int, ...]) -> Iterator[Cited]:
    if isinstance(value, schema.DecisionSpec) and value.made_at is not None:
        return  # it is cited where it was written
    if isinstance(value, BaseModel):
        cite = getattr(value, "cite", None)
        if cite is not None:
            yield _one(value, file, path, cite)
        if isinstance(value, schema.ScorePart) and value.rule_cite is not None:
            figures = tuple(dict.fromkeys(_digits(number) for number in _of_rule(value)))
            yield Cited(file, path, value.rule_cite, "ScorePart", derived=figures)
        for name, info in type(value).model_fields.items():
            yield from _walk(getattr(value, name), file, (*path, info.alias or name))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _walk(item, file, (*path, key))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _walk(item, file, (*path, i))


def _one(value: BaseModel, file: str, path: tuple[str | int, ...], cite: str) -> Cited:
    figures: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()
    said = getattr(value, "implied", None)
    implied = said if isinstance(said, str) else None  # a deadline has a set of implied fields by that name
    numbers: tuple[str, ...] = ()
    if isinstance(value, schema.Param):
        figures = (value.text,) if value.text is not None else ()
        if isinstance(value.value, schema.NUMBERS) and not isinstance(value.value, bool):
            numbers = (_digits(value.value),)
    elif isinstance(value, schema.Rule):
        figures = value.text
        numbers = tuple(dict.fromkeys(n for cell in (value.when or {}).values() for n in cell_numbers(cell)))
        derived = numbers if not figures and implied is None else ()
    elif isinstance(value, schema.DeadlineSpec):
        figures = (value.text,) if value.text is not None else ()
        limits = (value.limit, value.every)
        numbers = tuple(m[1] for one in limits if isinstance(one, str) and (m := _LIMIT.match(one)))
        derived = numbers if not figures else ()
    elif isinstance(value, schema.DutySpec):
        figures = value.text
        said_in_do = [end for f in printed(value.do) for end in (f.value, f.high) if end is not None]
        derived = tuple(dict.fromkeys(_digits(number) for number in said_in_do))
    elif isinstance(value, schema.CountSpec):
        figures = (value.text,) if value.text is not None else ()
        bounds = (value.exactly, value.at_least, value.at_most)
        numbers = tuple(_digits(bound) for bound in bounds if bound is not None)
        derived = numbers if not figures and implied is None else ()
    elif isinstance(value, schema.ScorePart):
        figures = (*value.text, *(figure for band in value.bands for figure in band.text))
        said = [] if value.full is None or value.full == 0 or value.implied is not None else [value.full]
        said += _of_rule(value) if value.rule_cite is None else []
        if isinstance(value, schema.ScoreItem) and isinstance(value.weight, schema.NUMBERS):
            said.append(value.weight)
        numbers = tuple(dict.fromkeys(_digits(number) for number in said))
        derived = numbers if not figures and implied is None else ()
    elif isinstance(value, schema.GradeBand):
        figures = value.text
        numbers = tuple(cell_numbers(value.when))
        derived = numbers if not figures and implied is None else ()
    elif isinstance(value, schema.PrintedTotal | schema.VotesSpec):
        figures = (value.text,) if value.text is not None else ()
        numbers = (_digits(value.value if isinstance(value, schema.PrintedTotal) else value.limit),)
        derived = numbers if not figures else ()
    elif isinstance(value, schema.RankingSpec):
        figures = value.text
        derived = (_digits(value.take),) if isinstance(value.take, int) and not figures else ()
    elif isinstance(value, schema.IndicatorSpec | schema.TargetSpec | schema.Milestone):
        figures, numbers, derived, implied = _measured(value)
    elif isinstance(value, schema.NoRule):
        figures = value.figures
    terms = value.words if isinstance(value, schema.Signal) else ()
    if isinstance(value, schema.ScoreEvidence):
        terms = value.papers
    if isinstance(value, schema.IndicatorSpec):
        terms = (*(value.printed or (value.label,)), *((value.nature,) if value.nature else ()))
    return Cited(file, path, cite, type(value).__name__, figures, derived, implied, numbers if figures else (), terms)


def _of_target(target: schema.TargetSpec) -> list[Any]:
    """The numbers of a target: what is to be reached, and by how much it is to change."""
    moved = target.by if isinstance(target.by, schema.NUMBERS) and target.by != 0 else None
    return [number for number in (target.value, None if moved is None else abs(moved)) if number is not None]


def _measured(
    value: schema.IndicatorSpec | schema.TargetSpec | schema.Milestone,
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], str | None]:
    """Of an indicator its baseline and every target and milestone without a clause of its own: (figures as printed,
    numbers that they must say, numbers to look for where no print is written, why none is printed)."""
    said: list[tuple[str | None, list[Any]]] = []
    implied = value.implied if isinstance(value, schema.TargetSpec) else None
    if isinstance(value, schema.Milestone):
        said.append((value.text, [value.value]))
    targets = [value] if isinstance(value, schema.TargetSpec) else []
    if isinstance(value, schema.IndicatorSpec):
        said.append((value.baseline.text, [value.baseline.value]))
        targets = [each for each in value.target if each.cite is None]
        implied = "；".join(each.implied for each in targets if each.implied) or None
    for target in targets:
        numbers = [] if target.implied else _of_target(target)
        said.append((target.text, [*numbers, *(() if target.text is None else target.quotas.values())]))
        said += [(one.text, [one.value]) if isinstance(one, schema.Milestone) else (None, [one])
                 for one in target.milestones.values() if not (isinstance(one, schema.Milestone) and one.cite)]  # fmt: skip
        if target.text is None:
            said.append((None, list(target.quotas.values())))
    figures = tuple(text for text, _ in said if text is not None)
    used = tuple(
        _digits(number) for text, numbers in said if text is not None for number in numbers if number is not None
    )
    looked = tuple(
        _digits(number) for text, numbers in said if text is None for number in numbers if number is not None
    )
    return figures, used, looked, implied


def _of_rule(part: schema.ScorePart) -> list[int | Decimal]:
    """The numbers of a rule that its clause must print: what is needed, what each one costs, its bands."""
    said: list[int | Decimal | None] = [part.need, part.step, part.miss]
    if part.each is not None:
        said.append(part.each if part.each > 0 else -part.each)
    said.append(part.floor if isinstance(part.floor, int | Decimal) else None)
    found: list[int | Decimal] = [number for number in said if number is not None and number != 0]
    for band in part.bands:
        if band.implied is None:
            found += [Decimal(number) for number in cell_numbers(band.when)]
            found += [band.points] if band.points else []
    return found


def cell_numbers(cell: str) -> list[str]:
    """The numbers written in a unary test, except 0 and 1 which need no print; a cell that does not parse has none."""
    try:
        tree = parse_unary_tests(cell)
    except FeelError:
        return []
    numbers = [n.value for n in walk(tree) if isinstance(n, Literal) and not isinstance(n.value, bool)]
    return [_digits(n) for n in numbers if isinstance(n, schema.NUMBERS) and n not in (0, 1)]


def _digits(number: int | Decimal) -> str:
    return format(number, "f") if isinstance(number, Decimal) else str(number)
