"""What a pack shows of itself to other programs: JSON Schema of its facts and events, ids of all that it can do."""

from __future__ import annotations

from typing import Any

from gongbao.engine import model
from gongbao.engine.indicator_words import said_of
from gongbao.policy import schema
from gongbao.policy.compile import form
from gongbao.policy.indicators import built
from gongbao.policy.names import events_of
from gongbao.policy.scoresheets import discrepancies, full_total, in_words, item_id, part_id
from gongbao.policy.source import FILES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
UNCERTIFIED = "未经发布机关审定，仅供参考"


def file_schemas() -> dict[str, Any]:
    """The JSON Schema of every file of a pack folder, by file name."""
    from pydantic import TypeAdapter

    made = {f"{name}.yaml": {"$schema": DIALECT, **adapter.json_schema()} for name, adapter in FILES.items()}
    made["units.yaml"] = {"$schema": DIALECT, **TypeAdapter(schema.UnitsFile).json_schema()}
    return {"version": schema.VERSION, "files": made}


def published(pack: schema.Pack, version: str) -> dict[str, Any]:
    """Everything `pack show --json` prints; the shape is documented in docs/reference/cli.md."""
    document = pack.document
    return {
        "id": pack.id,
        "version": version,
        "document": document.model_dump(mode="json", by_alias=True, exclude={"no_rule"}),
        "certificate": certificate(document),
        "facts": facts_schema(pack),
        "events": {name: events_schema(pack, spec) for name, spec in pack.procedures.items()},
        "params": {
            n: {"value": p.value, "unit": p.unit, "text": p.text, "cite": p.cite} for n, p in pack.params.items()
        },
        "settings": {
            n: {"label": s.label, "owner": s.owner, "each": s.each, "type": s.type, "candidates": list(s.candidates), "unit": s.unit,
                "cite": s.cite, "why": s.why}
            for n, s in pack.settings.items()
        },
        "decisions": [
            {"id": name, "label": d.label, "cite": d.cite, "hit": d.hit if d.rules else "formula",
             "outputs": {o: {"type": s.type, "label": s.label, "values": list(s.values), "ordered": s.ordered,
                             "unit": s.unit} for o, s in d.output.items()},
             "requires": list(d.requires), "columns": d.columns}
            for name, d in pack.decisions.items()
            if d.made_at is None
        ],
        "procedures": [
            {"id": name, "label": p.label, "case": p.case or document.work.case, "cite": p.cite,
             "form": [{"fact": f, "required": required} for f, required in form(p.form)],
             "steps": [{"id": s, "label": step.label, "actions": list(step.actions)} for s, step in p.steps.items()],
             "anytime": list(p.anytime),
             "deadlines": [d.id for d in (*p.deadlines, *(d for s in p.steps.values() for d in s.deadlines))],
             "decides": list(p.decide)}
            for name, p in pack.procedures.items()
        ],
        "duties": [d.id for d in pack.duties],
        "registers": [
            {"id": name, "label": r.label, "cite": r.cite, "columns": list(r.columns),
             "rows": len(pack.rows.get(name, ())), "printed_total": r.printed_total}
            for name, r in pack.registers.items()
        ],
        "indicators": [_indicator(pack.id, spec) for spec in pack.indicators],
        "documents": [{"id": name, "label": t.label, "kind": t.kind} for name, t in pack.documents.items()],
        "scoresheets": [_sheet(name, sheet) for name, sheet in pack.scoresheets.items()],
        "open_questions": [q.model_dump(mode="json") for q in document.open_questions],
    }  # fmt: skip


def _sheet(name: str, sheet: schema.ScoresheetSpec) -> dict[str, Any]:
    """A scoring sheet: its lines in printed order with the decisions they become, and what contradicts itself in it."""

    def line(part: schema.ScorePart, decision: str) -> dict[str, Any]:
        return {"id": part.id, "label": part.label, "cite": part.cite, "rule": part.rule, "full": part.full,
                "says": in_words(part) if part.rule is not None else "", "decision": decision,
                "evidence": part.evidence.model_dump(mode="json") if part.evidence is not None else None, "note": part.note}  # fmt: skip

    return {
        "id": name, "label": sheet.label, "cite": sheet.cite, "subject": sheet.subject, "full": full_total(sheet),
        "printed_total": sheet.printed_total.value if sheet.printed_total is not None else None,
        "discrepancies": [message for _, message in discrepancies(name, sheet)],
        "grades": list(sheet.grades.values) if sheet.grades is not None else [],
        "items": [
            {**line(item, item_id(name, item)), "group": item.group,
             "parts": [line(part, part_id(name, item, part)) for part in item.parts]}
            for item in sheet.items
        ],
    }  # fmt: skip


def _indicator(pack: str, spec: schema.IndicatorSpec) -> dict[str, Any]:
    """An indicator: what it is, from where to where, whose it is, and the decisions that it becomes."""
    one = built(pack, spec, lambda whos, key: ())
    base = spec.baseline
    return {
        "id": spec.id, "key": one.key, "label": spec.label, "group": spec.group, "unit": spec.unit,
        "baseline": {"year": base.year if isinstance(base.year, int) else None, "value": base.value, "bound": base.bound},
        "targets": [
            {"form": t.form, "year": t.year, "each_year": t.each_year, "says": said_of(one, t), "printed": t.text,
             "decision": t.decision}
            for t in one.targets
        ],
        "nature": spec.nature, "owner": [_who(who) for who in spec.owner], "with": [_who(who) for who in spec.with_],
        "cite": spec.cite,
    }  # fmt: skip


def _who(who: schema.Who) -> str:
    return next(str(value) for key, value in who if key not in ("level", "place") and value is not None)


def certificate(document: schema.DocumentFile) -> str:
    """Who vouches for the pack, or the sentence that every page and paper says while nobody does."""
    review = document.review
    if document.kind == "house":
        return document.number
    if review.certified_by is None:
        return UNCERTIFIED
    on = f"{review.certified_on}，" if review.certified_on else ""
    return f"{on}{review.certified_by}审定"


def facts_schema(pack: schema.Pack) -> dict[str, Any]:
    """JSON Schema of a mapping of facts by id. None is required: what is unknown is simply not there, or null."""
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {name: _fact(spec) for name, spec in pack.facts.items()},
        "additionalProperties": False,
    }


def events_schema(pack: schema.Pack, spec: schema.ProcedureSpec) -> dict[str, Any]:
    """JSON Schema of the list of events that `case replay` takes for this procedure."""
    actions = {a for s in spec.steps.values() for a in s.actions} | set(spec.anytime)
    moment = {"type": "string", "description": "2023-02-03T17:05，北京时间"}
    event = {
        "type": "object",
        "required": ["at"],
        "properties": {
            "at": moment,
            "recorded_at": moment,
            "action": {"enum": sorted(actions)},
            "type": {"enum": sorted({*events_of(spec), model.OPENED})},
            "step": {"enum": sorted(spec.steps)},
            "by": {"type": "string", "description": "单位"},
            "facts": {"$ref": "#/$defs/facts"},
            "decided": {},
            "on_behalf_of": {"type": "string"},
            "recorded_by": {"type": "string"},
            "source": {"enum": ["电话", "书面", "系统", "口头"]},
            "evidence": {"type": "array", "items": {"type": "string"}},
            "note": {"type": "string"},
            "data": {"type": "object"},
            "each_key": {"type": "string"},
            "seq": {"type": "integer", "minimum": 1},
            "place": {"type": "string"},
            "level": {"type": "string"},
            "platform": {"type": "string"},
        },
        "anyOf": [{"required": ["action"]}, {"required": ["type"]}],
        "additionalProperties": False,
    }
    facts = {k: v for k, v in facts_schema(pack).items() if k != "$schema"}
    return {"$schema": DIALECT, "type": "array", "items": event, "$defs": {"facts": facts}}


_TYPES: dict[str, dict[str, Any]] = {
    "boolean": {"type": ["boolean", "null"]},
    "integer": {"type": ["integer", "null"]},
    "number": {"type": ["number", "null"]},
    "money": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "datetime": {"type": ["string", "null"], "format": "date-time"},
    "duration": {"type": ["string", "null"], "format": "duration"},
}


def _fact(spec: schema.FactSpec) -> dict[str, Any]:
    made: dict[str, Any] = dict(_TYPES.get(spec.type, {"type": ["string", "null"]}))
    made["title"] = spec.label
    if spec.type == "choice":
        made["enum"] = [*spec.values, None]
    if spec.min is not None:
        made["minimum"] = spec.min
    if spec.max is not None:
        made["maximum"] = spec.max
    if spec.help:
        made["description"] = spec.help
    if spec.type in ("list", "series"):
        one = spec.model_copy(update={"type": spec.of or "text", "of": None, "cite": None, "help": None})
        item = _fact(one)
        item.pop("title", None)
        made = {"type": ["array", "null"], "title": spec.label}
        made["items"] = item if spec.type == "list" else _reading(item, spec)
        if spec.max_items is not None:
            made["maxItems"] = spec.max_items
    if spec.type == "record":
        made["type"] = ["object", "null"]
        made["properties"] = {name: _fact(field) for name, field in spec.fields.items()}
    for key, value in (("x-unit", spec.unit), ("x-judged-by", spec.judged_by), ("x-personal", spec.personal),
                       ("x-cite", spec.cite), ("x-format", spec.format)):  # fmt: skip
        if value is not None:
            made[key] = value
    return made


def _reading(item: dict[str, Any], spec: schema.FactSpec) -> dict[str, Any]:
    """One value of a series: its time, the value, and its mark (监测, 预报 ...) where the fact has marks."""
    properties: dict[str, Any] = {"at": {"type": "string"}, "value": item}
    if spec.marks:
        properties["mark"] = {"enum": list(spec.marks)}
    return {"type": "object", "properties": properties}
