"""Form controls from the facts of a pack: what to show for each, what was typed, and which message belongs to which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from gongbao.engine.series import Series
from gongbao.engine.world import World
from gongbao.office.pages import words

MANY = 6  # so many choices are still shown side by side


@dataclass(frozen=True, slots=True)
class Field:
    """One control. `name` is the input's name (f-<fact>), `id` what an error summary links to."""

    fact: str
    name: str
    id: str
    label: str
    control: str  # text, area, number, date, datetime, choice, radio, boolean, many, unit, place, lines
    required: bool
    help: str = ""
    unit: str = ""
    value: Any = ""
    error: str = ""
    options: tuple[str, ...] = ()
    judged_by: str = ""
    personal: str = ""
    min: str = ""
    max: str = ""
    inputmode: str = ""
    autocomplete: str = "off"


def fields(
    world: World, form: Iterable[tuple[str, bool]], given: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None, known: Mapping[str, Any] | None = None, prefix: str = "",
) -> tuple[Field, ...]:  # fmt: skip
    """Controls for `form` (fact id, required). `given`: what was typed; `known`: values the case already has."""
    errors = errors or {}
    made = []
    for name, required in form:
        fact = world.facts.get(name)
        value = given.get(name, "") if given is not None else as_typed((known or {}).get(name))
        made.append(_field(world, name, fact, required, value, errors.get(name, ""), prefix))
    return tuple(made)


def _field(world: World, name: str, fact: Any, required: bool, value: Any, error: str, prefix: str) -> Field:
    def of(attribute: str, default: Any = None) -> Any:
        return getattr(fact, attribute, default) if fact is not None else default

    kind, form, values = of("type", "text"), of("format"), tuple(of("values", ()) or ())
    item = of("of")
    item_values = tuple(getattr(item, "values", ()) or ()) or values
    control, options, inputmode = "text", values, ""
    if kind == "boolean":
        control = "boolean"
    elif kind in ("integer", "number", "money"):
        control, inputmode = "number", "numeric" if kind == "integer" else "decimal"
    elif kind in ("date", "datetime", "unit", "place"):
        control = kind
    elif kind == "choice":
        control = "radio" if len(values) <= MANY else "choice"
    elif kind == "list":
        control, options = ("many", item_values) if item_values else ("lines", ())
    elif kind in ("series", "record"):
        control = "lines"
    elif form == "multiline":
        control = "area"
    elif form in ("phone", "mobile"):
        inputmode = "tel"
    if control == "place":
        options = world.units.areas
    elif control == "unit":
        options = tuple(u.name for u in world.units.units.values())
    bounds = [("min", of("min")), ("max", of("max"))]
    return Field(
        fact=name, name=f"f-{name}", id=f"{prefix}f-{name}", label=of("label", name) or name, control=control,
        required=required, help=of("help", "") or "", unit=of("unit", "") or "", value=value, error=error,
        options=options, judged_by=of("judged_by", "") or "", personal=of("personal", "") or "",
        inputmode=inputmode, **{key: "" if bound is None else str(bound) for key, bound in bounds},
    )  # fmt: skip


def as_typed(value: Any) -> Any:
    """A known value as its control would hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Series):
        return [
            " ".join(
                filter(
                    None,
                    (
                        f"{value.at(i):%Y-%m-%dT%H:%M}" if value.start else "",
                        "缺测" if v is None else words.shown(v),
                        mark,
                    ),
                )
            )
            for i, (v, mark) in enumerate(zip(value.values, value.marks, strict=True))
        ]
    if isinstance(value, (list, tuple)):
        return [as_typed(item) for item in value]
    if hasattr(value, "strftime") and hasattr(value, "hour"):
        return value.strftime("%Y-%m-%dT%H:%M")
    return words.shown(value)


def typed(world: World, form: Iterable[tuple[str, bool]], post: QueryDict) -> dict[str, Any]:
    """What was typed, by fact id: text, 是/否, or lists; what was left empty is absent."""
    found: dict[str, Any] = {}
    for name, _ in form:
        fact = world.facts.get(name)
        kind = getattr(fact, "type", "text")
        values = [v.strip() for v in post.getlist(f"f-{name}") if v.strip()]
        if kind == "list" and len(values) == 1 and "\n" in values[0]:
            values = [line.strip() for line in values[0].splitlines() if line.strip()]
        if kind == "series" and values:
            found[name] = _readings(values[0])
        elif values:
            found[name] = values if kind == "list" else values[0]
    return found


def _readings(text: str) -> Any:
    """Lines `time value mark` as readings; anything else as it was typed."""
    lines = [line.split() for line in text.splitlines() if line.strip()]
    if any(not 2 <= len(line) <= 3 or not line[0][:4].isdigit() or "-" not in line[0] for line in lines):
        return text
    return [{"at": line[0], "value": line[1], "mark": line[2] if len(line) == 3 else ""} for line in lines]


def summary(made: Iterable[Field], other: Iterable[str] = ()) -> list[dict[str, str]]:
    """The error summary: messages of fields with links to them, then the rest."""
    listed = [{"id": f.id, "label": f.label, "text": f.error} for f in made if f.error]
    return listed + [{"id": "", "label": "", "text": text} for text in other]
