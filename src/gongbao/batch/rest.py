"""The rows that columns do not settle, decided as one case is: equal rows once, the answer as columns show it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from gongbao.batch.plan import Plan
from gongbao.batch.words import may_need_person
from gongbao.dmn import OverlapError
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.engine.world import World
from gongbao.feel import FeelError

SHOWN = 5  # rows with a value that is not allowed that are told by number
_MOST_KEPT = 50_000  # different rows whose answer is kept


class Rest:
    """`row(number, values)` gives `{status, outputs, rule, candidates, reason}`; `values` in the order of `facts`.

    invalid: of the rows with a value that is not allowed, the first by number, as (number, what is wrong in Chinese).
    """

    def __init__(self, world: World, plan: Plan, as_of: dt.datetime | None) -> None:
        self.world, self.plan, self.as_of = world, plan, as_of
        self.facts = tuple(plan.columns)
        self.count = 0
        self._kept: dict[tuple[Any, ...], dict[str, Any]] = {}
        self._first: dict[int, str] = {}

    def row(self, number: int, values: Sequence[Any]) -> dict[str, Any]:
        self.count += 1
        key = _frozen(values)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = self._decide(values)
        if found["status"] == "invalid":
            self._note(number, found["wrong"])
        return found

    @property
    def invalid(self) -> list[tuple[int, str]]:
        return sorted(self._first.items())

    def _note(self, number: int, reason: str) -> None:
        """Keeps the first rows by number, in whatever order they come."""
        if len(self._first) < SHOWN or number < max(self._first):
            self._first[number] = reason
            if len(self._first) > SHOWN:
                del self._first[max(self._first)]

    def _decide(self, values: Sequence[Any]) -> dict[str, Any]:
        made: dict[str, Any] = {"status": "settled", "outputs": {}, "rule": None, "candidates": None, "reason": None}
        given = {fact: v for fact, v in zip(self.facts, values, strict=True) if v is not None}
        try:
            facts = read_facts(self.world.facts, given)
        except FactErrors as e:
            return {**made, "status": "invalid", "reason": str(e), "wrong": self._where(e)}
        try:
            outcome = decide(self.world, self.plan.decision, facts, as_of=self.as_of)
        except OverlapError as e:
            return {**made, "status": "needs_person", "reason": str(e)}
        except FeelError as e:  # a value that a function cannot take, such as a day beyond the calendar
            return {**made, "status": "invalid", "reason": str(e), "wrong": str(e)}
        if outcome.settled and not outcome.needs_person and outcome.value is not None:
            if too_large := self._too_large(outcome.value):
                columns = "、".join(f"列 {self.plan.columns[f]} 为 {v}" for f, v in given.items() if _number(v))
                return {**made, "status": "invalid", "reason": too_large, "wrong": f"{columns}：{too_large}"}
            made["outputs"] = dict(outcome.value)
            if len(outcome.rows) == 1 and not self.plan.spec.formula:
                made["rule"] = outcome.rows[0] + 1
            return made
        if outcome.candidates:
            made["candidates"] = json.dumps(to_jsonable(list(outcome.candidates)), ensure_ascii=False)
        made["status"] = "needs_person" if outcome.needs_person else "open"
        made["reason"] = self._why(outcome)
        return made

    def _too_large(self, outputs: Mapping[str, Any]) -> str:
        """What is wrong with a result that its column cannot hold; nothing where all fit."""
        for output in self.plan.spec.outputs:
            value, dtype = outputs.get(output.name), self.plan.dtypes[output.name]
            if value is None or not _number(value):
                continue
            scale = int(dtype.partition(", ")[2].rstrip(")") or 0)
            most = Decimal(10) ** (38 - scale) if scale else Decimal(2**63)
            if not -most <= value < most:
                held = f"{38 - scale} 位整数和 {scale} 位小数" if scale else "64 位整数"
                return f"“{output.label}”算得 {value}，超出一列所能存的数（{held}）"
        return ""

    def _where(self, errors: FactErrors) -> str:
        columns: Mapping[str, str] = self.plan.columns
        return "；".join(f"列 {columns.get(i.path, i.path)}：{i.message}" for i in errors.items)

    def _why(self, outcome: Outcome) -> str:
        labels = [self.world.labels.get(name, name) for name in outcome.ask]
        return "；".join(
            [
                *([f"须先知：{'、'.join(labels)}"] if labels else []),
                *filter(None, [outcome.reason, may_need_person(outcome)]),
            ]
        )


def _number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _frozen(value: Any) -> Any:
    """The value as a key: lists and structs as tuples."""
    if isinstance(value, Mapping):
        return tuple((name, _frozen(each)) for name, each in value.items())
    return tuple(map(_frozen, value)) if isinstance(value, list | tuple) else value
