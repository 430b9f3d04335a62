"""What if: two versions of a decision over the same rows - who changes, by how much, and why.

    matrix           rows by outcome before (down) and after (across); its sum is the number of rows
    steps            of an ordered output: how many places up or down, settled before and after
    differences      of a numeric output: after minus before, exactly
    days, episodes   of a decision over the stretches of a series: see whatif.spells
    examples         some changed rows with their facts, both rules and clauses, and the conditions that differ

Nothing is stored and nothing is decided by it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gongbao.batch.whatif.answers import INVALID, Answer, Facts, answers
from gongbao.batch.whatif.result import Changed, Comparison, Row
from gongbao.batch.whatif.tally import EXAMPLES, Tally
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.world import World

Ask = Callable[[World, Sequence[Facts]], list[Answer]]


def simulate(
    before: World, after: World, decision: str, rows: Sequence[Row], *, as_of: dt.datetime | None = None,
    examples: int = EXAMPLES,
) -> tuple[Comparison, list[Changed]]:  # fmt: skip
    """Both versions over the rows: the comparison, and every row that changed.

    BatchError or ValueError, in Chinese, for what cannot be run or compared.
    """
    tally = Tally(before, after, decision, examples=examples)
    changed = feed(tally, rows, as_of=as_of)
    return tally.result(as_of), changed


def unread(before: World, decision: str, names: Iterable[str], also: Iterable[str] = ()) -> list[str]:
    """Of dotted names of figures and settings those that neither the decision nor one it requires reads.

    also: names that the data itself reads, such as those by which a register counts.
    """
    read = {n for d in grounds(before, decision).decisions for n in before.decisions[d].names} | set(also)
    return [name for name in names if name not in read]


def remarks(
    before: World, decision: str, changes: Mapping[str, str], changed: int, also: Iterable[str] = ()
) -> list[str]:
    """Why nothing changed, or part of the change does nothing, in Chinese. `changes`: dotted name -> what it is called."""
    label = before.decisions[decision].label
    idle = unread(before, decision, changes, also)
    found = [f"判定“{label}”没有一条规则读{changes[name]}，改它不会改变结果" for name in idle]
    at_work = [changes[name] for name in changes if name not in idle]
    if not changed and at_work:
        found.append(f"规则读了{'、'.join(at_work)}，但没有一行数据落在改动前后结果不同的地方")
    return found


def feed(
    tally: Tally, rows: Sequence[Row], *, as_of: dt.datetime | None = None, ask: Ask | None = None
) -> list[Changed]:
    """A piece of the rows into the tally; those of them that changed, numbered on from the pieces before.

    ask: answers rows otherwise than by the decision alone (the office merges the readings of its registers).
    """
    before, after = tally.worlds
    first = tally.rows
    good = [(first + i, row) for i, row in enumerate(rows, 1) if not row.wrong]
    given = [r.facts for _, r in good], [r.facts if r.after is None else r.after for _, r in good]
    answered = [
        answers(world, tally.decision, facts, as_of) if ask is None else ask(world, facts)
        for world, facts in zip((before, after), given, strict=True)
    ]
    changed: list[Changed] = []
    for (number, row), a, b in zip(good, *answered, strict=True):
        keys = tally.key(a), tally.key(b)
        if tally.count(*keys, 1):
            each = Changed(number, row, a, b)
            changed.append(each)
            if tally.wants(*keys):
                tally.keep(*keys, each)
        if a.status == INVALID:
            tally.tell(number, a.reason)
        tally.spell(row, as_of)
    for number, row in enumerate(rows, first + 1):
        if row.wrong:
            nothing = tally.key(Answer(INVALID))
            tally.count(nothing, nothing, 1)
            tally.tell(number, row.wrong)
    return changed


def changes_table(
    before: World, after: World, decision: str, changed: Iterable[Changed]
) -> tuple[list[str], list[list[Any]]]:
    """Every changed row as a line of a table, with its header: who, the facts, both outcomes, rules and clauses."""
    tally = Tally(before, after, decision)
    kept = list(changed)
    names = [n for n in dict.fromkeys(n for each in kept for n in each.row.facts)
             if n in before.facts and before.facts[n].type not in ("series", "record", "list")]  # fmt: skip
    header = ["行", "名称", "编号", *(before.facts[n].label for n in names), "原结果", "原规则", "原依据", "改后结果",
              "改后规则", "改后依据", "说明"]  # fmt: skip
    lines = []
    for each in kept:
        cells: list[Any] = [each.number, each.row.name, each.row.key, *(_cell(each.row.facts.get(n)) for n in names)]
        for world, answer in ((before, each.before), (after, each.after)):
            cite = world.decisions[decision].rows[answer.rule - 1].cite if answer.rule is not None else ""
            cells += [tally.words(answer), answer.rule, cite]
        lines.append([*cells, "；".join(filter(None, dict.fromkeys((each.before.reason, each.after.reason))))])
    return header, lines


def _cell(value: Any) -> Any:
    return "" if value is None else ("是" if value else "否") if isinstance(value, bool) else value
