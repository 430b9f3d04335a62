"""Counting as answers come in, row by row or many alike at once, and the comparison that comes of it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gongbao.batch.whatif.answers import INVALID, OPEN, PERSON, SETTLED, Answer, one
from gongbao.batch.whatif.conditions import conditions
from gongbao.batch.whatif.result import Changed, Comparison, Example, Matrix, OutputChange, Row
from gongbao.batch.whatif.spells import UNSETTLED, spells
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.decide import Decision, Output
from gongbao.engine.decision.trace import shown
from gongbao.engine.world import World

EXAMPLES = 20
MOST_OUTCOMES = 12  # of an output without listed values: more make no matrix
WORDS = {OPEN: UNSETTLED, PERSON: "需人工判定", INVALID: "数据有误"}
NOTHING = "无结果"  # of several outputs one that has no value
Keys = tuple[Any, ...]  # an answer as counted: status, then the outputs in their order


class Tally:
    """Counts as answers come in, pieces of any size; `result` makes the comparison of them."""

    def __init__(self, before: World, after: World, decision: str, *, examples: int = EXAMPLES) -> None:
        self.worlds, self.decision, self.most = (before, after), decision, examples
        self.spec: Decision = before.decisions[decision]
        other: Decision = after.decisions[decision]
        if self.spec.output_names != other.output_names:
            raise ValueError(
                f"两个版本的“{self.spec.label}”结果项不同，不能比较：{'、'.join(self.spec.output_names)} 与 "
                f"{'、'.join(other.output_names)}"
            )
        self.outputs = tuple(_merged(a, b) for a, b in zip(self.spec.outputs, other.outputs, strict=True))
        self.counts: Counter[tuple[Keys, Keys]] = Counter()
        self.rows = self.changed = self.wrong = 0
        self.kept: dict[tuple[Keys, Keys], list[Changed]] = {}
        self.invalid: list[str] = []
        self.days: Counter[tuple[str, str]] = Counter()
        self.episodes: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        self.open_series = [0, 0]
        self.spelled = False

    def key(self, answer: Answer) -> Keys:
        outputs = answer.outputs
        return (answer.status, *(_plain(outputs.get(name)) for name in self.spec.output_names), *answer.candidates_key)

    def count(self, before: Keys, after: Keys, rows: int) -> bool:
        """So many rows alike; whether they changed."""
        self.counts[before, after] += rows
        self.rows += rows
        changed = before != after
        self.changed += rows if changed else 0
        return changed

    def wants(self, before: Keys, after: Keys) -> bool:
        """Whether another row that changed in this way may become an example."""
        return len(self.kept.get((before, after), ())) < self.most

    def keep(self, before: Keys, after: Keys, changed: Changed) -> None:
        self.kept.setdefault((before, after), []).append(changed)

    def tell(self, number: int, wrong: str) -> None:
        """A row that could not be read."""
        self.wrong += 1
        if len(self.invalid) < 5:
            self.invalid.append(f"第 {number} 行，{wrong}")

    def spell(self, row: Row, as_of: dt.datetime | None) -> None:
        """The days and episodes of one row, where the decision is one over a series."""
        facts = row.facts, row.after if row.after is not None else row.facts
        seen = [spells(w, self.decision, f, as_of) for w, f in zip(self.worlds, facts, strict=True)]
        if seen[0] is None or seen[1] is None:
            return
        self.spelled = True
        for day, level in seen[0].days.items():
            self.days[level, seen[1].days.get(day, UNSETTLED)] += 1
        for i, held in enumerate(seen):
            if held is None or held.episodes is None:
                self.open_series[i] += 1
            else:
                self.episodes[i].update(held.episodes)

    def result(self, as_of: dt.datetime | None = None) -> Comparison:
        newly: Counter[str] = Counter()
        reopened = 0
        for (before, after), n in self.counts.items():
            if after[0] != before[0] and after[0] != SETTLED:
                newly[after[0]] += n
            reopened += n if after != before and after[0] == before[0] != SETTLED else 0
        ranked = None if self.spec.ranked is None else self.outputs[self.spec.ranked]
        days = _matrix(self.days, [*ranked.values], [UNSETTLED], True) if self.spelled and ranked else None
        levels = (*ranked.values, UNSETTLED) if ranked else ()
        return Comparison(
            self.decision, self.spec.label, self.rows, self.changed,
            tuple(self._output(i, output) for i, output in enumerate(self.outputs)),
            {status: newly[status] for status in (OPEN, PERSON) if newly[status]}, reopened, days,
            {v: (self.episodes[0][v], self.episodes[1][v]) for v in levels
             if self.spelled and (self.episodes[0][v] or self.episodes[1][v])},
            (self.open_series[0], self.open_series[1]),
            tuple(self._example(each, as_of) for each in self._chosen()), tuple(self.invalid), self.wrong,
        )  # fmt: skip

    def _output(self, at: int, output: Output) -> OutputChange:
        pairs: Counter[tuple[Any, Any]] = Counter()
        differences: Counter[Decimal] = Counter()
        numeric = output.type in ("integer", "number", "money")
        for (before, after), n in self.counts.items():
            left, right = before[at + 1], after[at + 1]
            pairs[_word(before[0], left), _word(after[0], right)] += n
            if numeric and before[0] == after[0] == SETTLED and left is not None and right is not None:
                differences[Decimal(right) - Decimal(left)] += n
        values = [*map(shown, output.values)]
        if not values:
            values = [shown(v) for v in _sorted({k[at + 1] for pair in self.counts for k in pair if k[0] == SETTLED})]
        apart = [NOTHING, *WORDS.values()]
        whole = _matrix(pairs, values, apart, output.ordered) if len(values) <= MOST_OUTCOMES or output.values else None
        return OutputChange(output.name, output.label, output.unit or "", whole, tuple(sorted(differences.items())))

    def _chosen(self) -> list[Changed]:
        """Some of every kind of change, the most frequent kinds first, by turns."""
        kinds = sorted(self.kept, key=lambda k: (-self.counts[k], repr(k)))
        found: list[Changed] = []
        turn = 0
        while len(found) < self.most and any(len(self.kept[k]) > turn for k in kinds):
            found += [self.kept[k][turn] for k in kinds if len(self.kept[k]) > turn]
            turn += 1
        return found[: self.most]

    def _example(self, changed: Changed, as_of: dt.datetime | None) -> Example:
        row = changed.row
        facts = row.facts, row.after if row.after is not None else row.facts
        told, outcomes = [], []
        for world, answer, given in zip(self.worlds, (changed.before, changed.after), facts, strict=True):
            found, outcome = one(world, self.decision, given, as_of)
            rules = [] if outcome is None else [
                {"row": r + 1, "cite": outcome.decision.rows[r].cite} for r in outcome.rows
            ]  # fmt: skip
            said = answer if answer.reason or answer.status == SETTLED else found
            told.append({"status": said.status, "outcome": self.words(said), "outputs": to_jsonable(dict(said.outputs)),
                         "candidates": list(said.candidates), "rules": rules, "reason": said.reason})  # fmt: skip
            outcomes.append(outcome)
        read = {**facts[1], **facts[0]}
        return Example(changed.number, row.name, row.key, {n: _data(v) for n, v in read.items()}, told[0], told[1],
                       conditions(outcomes[0], outcomes[1]))  # fmt: skip

    def words(self, answer: Answer) -> str:
        """An answer in few words: B; 抽查 常规，重点监管 否; 未定（A、B）."""
        if answer.status != SETTLED:
            possible = dict.fromkeys(_candidate(c) for c in answer.candidates)
            names = "、".join([*possible, *([WORDS[PERSON]] if answer.unruled else [])])
            return WORDS[answer.status] + (f"（{names}）" if names else "")
        if len(self.outputs) == 1:
            return shown(answer.outputs.get(self.outputs[0].name))
        return "，".join(f"{o.label} {shown(answer.outputs.get(o.name))}" for o in self.outputs)


def _candidate(candidate: Any) -> str:
    return "，".join(shown(v) for v in candidate.values()) if isinstance(candidate, Mapping) else shown(candidate)


def _merged(before: Output, after: Output) -> Output:
    """One axis for both versions: the values of the one, and what only the other has."""
    if before.values == after.values:
        return before
    values = (*before.values, *(v for v in after.values if v not in before.values))
    same = before.ordered and [v for v in after.values if v in before.values] == list(before.values)
    return Output(before.name, before.label, before.type, after.values if same else values, same, before.unit)


def _plain(value: Any) -> Any:
    return repr(to_jsonable(value)) if isinstance(value, (list, tuple, dict)) else value


def _word(status: str, value: Any) -> str:
    return WORDS[status] if status != SETTLED else NOTHING if value is None else shown(value)


def _sorted(values: set[Any]) -> list[Any]:
    known = [v for v in values if v is not None]
    try:
        return sorted(known)
    except TypeError:
        return sorted(known, key=repr)


def _matrix(pairs: Counter[tuple[Any, Any]], values: Sequence[str], apart: Sequence[str], ordered: bool) -> Matrix:
    """The counts over the values and, of what stands apart, only what occurs."""
    seen = {v for pair in pairs for v in pair}
    axis = [*dict.fromkeys(values), *(v for v in apart if v in seen and v not in values)]
    axis += sorted(str(v) for v in seen if v not in axis)
    return Matrix(tuple(axis), tuple(tuple(pairs[b, a] for a in axis) for b in axis), len(values) if ordered else 0)


def _data(value: Any) -> Any:
    try:
        return to_jsonable(value)
    except TypeError:
        return str(value)
