"""A typed fact as a pack declares it.

The types: boolean, integer, number, money, text, choice, unit, person, place, file, date, datetime, duration, list,
record, series.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One typed fact, as policy.schema.FactSpec writes it down; `fields` are those of a record (or its list)."""

    id: str
    label: str
    type: str
    help: str | None = None
    min: int | Decimal | None = None
    max: int | Decimal | None = None
    step: int | Decimal | None = None
    scale: int | None = None
    unit: str | None = None
    values: tuple[str, ...] = ()
    ordered: bool = False
    of: str | None = None
    fields: Mapping[str, Fact] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    max_items: int | None = None
    judged_by: str | None = None
    format: str | None = None
    personal: str | None = None
    keep: str | None = None
    cite: str | None = None

    @property
    def numeric(self) -> bool:
        return self.type in ("integer", "number", "money")


def compile_facts(specs: Mapping[str, Any]) -> dict[str, Fact]:
    """Facts from their specs: policy.schema.FactSpec objects, or mappings with the same keys."""
    return {name: _compiled(name, spec) for name, spec in specs.items()}


def _compiled(name: str, spec: Any) -> Fact:
    known = Fact.__dataclass_fields__.keys() - {"id", "fields"}
    if isinstance(spec, Mapping):
        given = {key: spec[key] for key in known if key in spec}
        fields = spec.get("fields") or {}
    else:
        given = {key: getattr(spec, key) for key in known if hasattr(spec, key)}
        fields = getattr(spec, "fields", {})
    given.update({key: tuple(given.get(key) or ()) for key in ("values", "marks")})
    return Fact(id=name, fields=compile_facts(fields), **given)


def item_of(fact: Fact) -> Fact:
    """The fact that one item of a list or one reading of a series is."""
    return Fact(
        fact.id, fact.label, fact.of or "text", min=fact.min, max=fact.max, step=fact.step, scale=fact.scale,
        unit=fact.unit, values=fact.values, fields=fact.fields, format=fact.format,
    )  # fmt: skip


def fact_at(facts: Mapping[str, Fact], path: Sequence[str]) -> Fact | None:
    """The fact at a path of names: a fact, or a field of a record; None where there is none."""
    found: Fact | None = facts.get(path[0])
    for part in path[1:]:
        found = found.fields.get(part) if found is not None else None
    return found
