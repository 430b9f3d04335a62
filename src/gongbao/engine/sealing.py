"""A receipt without the personal values it stands on: each replaced by the digest under which it is kept apart.

What was worked out of a personal value (a let, a cell over an expression, an item of a list) says only of which facts.
What was decided stays: it is the legal state. A sealed receipt has a checksum of its own, for the old one, of which
all but the value is known, would let the value be guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gongbao.engine.canonical import digest
from gongbao.engine.decision.logic import Decision
from gongbao.engine.world import World

PERSONAL = "personal"
Seal = dict[str, Any]
"""{"$": "personal", "sha256": digest} for a value, {"$": "personal", "of": [facts]} for what was worked out of some."""


def personal_facts(receipt: Mapping[str, Any], world: World) -> tuple[str, ...]:
    """The personal facts whose values stand in a receipt (its JSON data)."""
    return tuple(
        name
        for name, value in receipt["facts"].items()
        if value is not None and not is_sealed(value) and getattr(world.facts.get(name), "personal", None)
    )


def sealed_receipt(receipt: Mapping[str, Any], world: World, digests: Mapping[str, str]) -> dict[str, Any]:
    """The receipt with the facts that `digests` names, and what was worked out of them, replaced by seals."""
    seals: dict[str, Seal] = {name: {"$": PERSONAL, "sha256": value} for name, value in digests.items()}
    outcome = {**receipt["outcome"]}
    outcome["trace"] = sealed_trace(outcome["trace"], world, receipt["decision"], seals)
    content = {**receipt, "facts": {**receipt["facts"], **seals}, "outcome": outcome}
    content.pop("sha256", None)
    return {**content, "sha256": digest(content)}


def is_sealed(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("$") == PERSONAL


def sealed_trace(
    trace: Mapping[str, Any], world: World, decision_id: str, seals: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """A trace (engine.decision.trace) with every value that was read from the sealed facts covered."""
    return _Covering(world.decisions[decision_id], seals).trace(trace, world)


class _Covering:
    """One decision's part of it: which of its expressions read which sealed facts."""

    def __init__(self, decision: Decision, seals: Mapping[str, Mapping[str, Any]]) -> None:
        self.seals = seals
        self.item = ""
        self.of_item: tuple[str, ...] = ()
        if decision.for_each is not None:
            self.item = decision.for_each[0]
            self.of_item = self.read(decision.for_each[1].names)
        table = decision.table
        self.lets = {name: part.names for name, part in table.lets.items()}
        self.inputs = {
            column.expression: part.names for column, part in zip(table.table.inputs, table.inputs, strict=True)
        }

    def trace(self, trace: Mapping[str, Any], world: World) -> dict[str, Any]:
        made = {
            **trace,
            "lets": self.let(trace["lets"]),
            "rows": self.rows(trace["rows"]),
            "items": self.items(trace["items"]),
            "cases": [
                {**case, "rows": self.rows(case["rows"]), "items": self.items(case["items"])} for case in trace["cases"]
            ],
        }
        if "required" in trace:
            made["required"] = {
                name: sealed_trace(inner, world, name, self.seals) for name, inner in trace["required"].items()
            }
        return made

    def let(self, lets: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{**each, "value": self.cover(each["text"], self.lets[each["name"]], each["value"])} for each in lets]

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                **row,
                "cells": [{**cell, "value": self.cover(cell["input"], self.inputs[cell["input"]], cell["value"])}
                          for cell in row["cells"]],
            }
            for row in rows
        ]  # fmt: skip

    def items(self, items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {
                **each,
                "item": _worked_out(self.of_item) if self.of_item and each["item"] is not None else each["item"],
                "lets": self.let(each["lets"]),
                "rows": self.rows(each["rows"]),
            }
            for each in items
        ]

    def cover(self, text: str, names: Iterable[str], value: Any) -> Any:
        found = self.read(names)
        if not found or value is None:
            return value
        return dict(self.seals[text]) if text in self.seals else _worked_out(found)

    def read(self, names: Iterable[str]) -> tuple[str, ...]:
        """The sealed facts that these names read, in order."""
        roots = {name.partition(".")[0] for name in names}
        found = {name for name in roots if name in self.seals}
        return tuple(sorted({*found, *(self.of_item if self.item in roots else ())}))


def _worked_out(facts: Iterable[str]) -> Seal:
    return {"$": PERSONAL, "of": list(facts)}
