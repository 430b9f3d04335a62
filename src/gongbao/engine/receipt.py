"""A receipt: all that an outcome stands on, in one record that can be recomputed years later.

It holds the pack and its version (content hash), the facts and settings, digests of the registers and the calendar
years that could be looked at, the outcome with its trace, the certificate state, and its own SHA-256 over canonical
JSON. `verify_receipt` decides again and lists every difference; an objection starts from the receipt. Where personal
values are kept apart (engine.sealing), it holds their digests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from gongbao.engine.canonical import canonical_json, digest, to_jsonable
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.decision.outcome import Outcome
from gongbao.engine.decision.trace import as_dict
from gongbao.engine.fact import Fact, FactErrors, read_facts
from gongbao.engine.labels import label_of
from gongbao.engine.sealing import is_sealed, sealed_trace
from gongbao.engine.time.calendar import Calendar
from gongbao.engine.world import Setting, World
from gongbao.feel.values import Value

FORMAT = 3
SINCE = {"units": 2, "law": 3}  # the format with which a field came; older receipts are still read
ERASED = "个人信息已删除（或未提供）"


@dataclass(frozen=True, slots=True)
class Receipt:
    """One outcome with its grounds; every field is JSON data.

    facts, settings, decided, case: those that the decision (and what it requires) can read, null where not known;
    a setting that each unit fills for itself is {unit, value}: the value used and whose it is.
    registers: id -> digest of its rows; calendar: year -> {known, days: digest} for the years that were counted in;
    certificate: {certified_by, certified_on, notice}; units: content hash of the city's units file (facts, posts and
    acts name its units), None in receipts of format 1; law: which version of the document it is, {label, from, until,
    revision}, None in receipts before format 3; sha256: digest of all the other fields.
    """

    format: int
    pack: str
    version: str
    document: str
    decision: str
    facts: dict[str, Any]
    settings: dict[str, Any]
    decided: dict[str, Any]
    case: dict[str, Any]
    registers: dict[str, str]
    calendar: dict[str, Any]
    as_of: str | None
    outcome: dict[str, Any]
    certificate: dict[str, Any]
    units: str | None = None
    law: dict[str, Any] | None = None
    sha256: str = ""

    def to_dict(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name in _names(self.format)}


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not agree: `field` of the receipt, what it says, and what is found now.

    erased: it neither agrees nor disagrees, because the personal value is no longer there.
    noted: it has changed, and what was decided comes out the same on the same grounds: a note, no disagreement.
    """

    field: str
    label: str
    recorded: Any
    found: Any
    erased: bool = False
    noted: bool = False

    def __str__(self) -> str:
        if self.erased:
            return f"{self.label}（{self.field}）：{self.found}，不能复核"
        told = f"{self.label}（{self.field}）：凭证记为 {_said(self.recorded)}，现为 {_said(self.found)}"
        return f"附注：{told}；能重新计算的都与凭证一致" if self.noted else told


def make_receipt(
    world: World,
    outcome: Outcome,
    facts: Mapping[str, Value],
    *,
    decided: Mapping[str, Value] | None = None,
    case: Mapping[str, Value] | None = None,
    calendar_years: Iterable[int] = (),
) -> Receipt:
    """The receipt of an outcome that `decide` gave in this world for these facts (and `decided`, `case`).

    calendar_years: the years that deadlines of the same act counted in, beside those in which the decision itself
    counted working days. Facts that the decision cannot read stay out.
    """
    used = grounds(world, outcome.decision.id)
    content = {
        "format": FORMAT,
        "pack": world.pack,
        "version": world.version,
        "document": str(world.document.get("number", "")),
        "decision": outcome.decision.id,
        "facts": {name: to_jsonable(facts.get(name)) for name in used.facts},
        "settings": {name: _used(outcome.world.settings[name]) for name in used.settings},
        "decided": {name: to_jsonable((decided or {}).get(name)) for name in used.decided},
        "case": {name: to_jsonable((case or {}).get(name)) for name in used.case},
        "registers": {name: _register(world, name) for name in used.registers if name in world.registers},
        "calendar": {
            str(year): _year(world.calendar, year) for year in sorted({*calendar_years, *outcome.calendar_years})
        },
        "as_of": to_jsonable(outcome.as_of),
        "outcome": as_dict(outcome),
        "certificate": _certificate(world),
        "units": world.units_version,
        "law": _law(world),
    }
    return Receipt(**content, sha256=digest(content))


def receipt_from(data: Any) -> Receipt:
    """A receipt from its JSON data; ValueError (Chinese) when it is none."""
    names = _names(data.get("format") if isinstance(data, Mapping) else FORMAT)
    if not isinstance(data, Mapping) or set(data) != set(names):
        missing = "、".join(sorted(set(names) - set(data if isinstance(data, Mapping) else ()))) or "无"
        extra = "、".join(sorted(map(str, set(data) - set(names)))) if isinstance(data, Mapping) else "无"
        raise ValueError(f"这不是一份判定凭证：缺少 {missing}，多出 {extra or '无'}")
    if data["format"] not in range(1, FORMAT + 1) or isinstance(data["format"], bool):
        raise ValueError(f"凭证格式为 {data['format']!r}，本程序认识的是 1 至 {FORMAT}")
    for name in ("facts", "settings", "decided", "case", "registers", "calendar", "outcome", "certificate"):
        if not isinstance(data[name], Mapping):
            raise ValueError(f"凭证的 {name} 须为一组“名称: 值”，给出的是 {data[name]!r}")
    return Receipt(**data)


def _names(format: Any) -> list[str]:
    """The fields of a receipt of that format."""
    made = format if isinstance(format, int) else FORMAT
    return [each.name for each in fields(Receipt) if SINCE.get(each.name, 1) <= made]


def verify_receipt(receipt: Receipt, world: World, personal: Mapping[str, Value] | None = None) -> list[Difference]:
    """Every difference between a receipt and what this world gives for its facts; empty when all agree.

    The units file of a city changes with every reform of any organ: where the decision comes out the same, that it
    changed is only noted.

    personal: digest -> value of the personal values that are kept apart and known to fit their digest. Those that are
    missing are told as erased; the outcome must then still be possible whatever they were. The settings are taken from
    the receipt (they change with time and with reason); registers, calendar and pack are those of `world`, which should
    be the version that the receipt names.
    """
    found: list[Difference] = []

    def compare(field: str, label: str, recorded: Any, now: Any) -> None:
        if recorded != now:
            found.append(Difference(field, label, recorded, now))

    content = {name: value for name, value in receipt.to_dict().items() if name != "sha256"}
    compare("sha256", "凭证自身的校验值", receipt.sha256, digest(content))
    compare("pack", "政策包", receipt.pack, world.pack)
    compare("version", "政策包版本", receipt.version, world.version)
    compare("document", "文号", receipt.document, str(world.document.get("number", "")))
    if receipt.format >= SINCE["units"]:
        compare("units", "单位登记（units.yaml）", receipt.units, world.units_version)
    if receipt.format >= SINCE["law"]:
        compare("law", "版本", _span(receipt.law), _span(_law(world)))
    compare("certificate", "审定状态", receipt.certificate, _certificate(world))
    for name, recorded in receipt.registers.items():
        compare(f"registers.{name}", f"清单“{name}”", recorded, _register(world, name))
    for year, recorded in receipt.calendar.items():
        now_held = _year(world.calendar, int(year))
        if any(recorded.get(part) != now_held[part] for part in ("known", "days")):  # the same days, however named
            compare(f"calendar.{year}", f"{year}年工作日安排", recorded, now_held)
    if receipt.decision not in world.decisions:
        found.append(Difference("decision", "判定", receipt.decision, "没有这项判定"))
        return found
    seals = {name: value for name, value in receipt.facts.items() if is_sealed(value)}
    known = {name: (personal or {}).get(seal.get("sha256", "")) for name, seal in seals.items()}
    lost = [name for name, value in known.items() if value is None]
    for name in lost:
        label = f"事实“{label_of(world, name)}”"
        found.append(Difference(f"facts.{name}", label, seals[name].get("sha256"), ERASED, erased=True))
    try:
        outcome = _again(receipt, world, known)
    except FactErrors as errors:
        found.extend(Difference(f"facts.{e.path}", e.label, to_jsonable(e.value), e.message) for e in errors.items)
        return found
    except KeyError as error:
        found.append(Difference("settings", "设置", sorted(receipt.settings), str(error.args[0])))
        return found
    if lost:
        return _noting([*found, *_impossible(receipt, outcome)])
    now = as_dict(outcome)
    if seals:
        now["trace"] = sealed_trace(now["trace"], world, receipt.decision, seals)
    now |= {
        "pack": receipt.pack,
        "version": receipt.version,
        "decision": receipt.decision,
    }  # as the receipt itself says
    for name, label in _WORDS.items():
        held = receipt.outcome.get(name)
        if name == "trace":
            found.extend(_apart("outcome.trace", label, held, now[name]))
        elif name in receipt.outcome or name not in _LATER:
            compare(f"outcome.{name}", label, held, now[name])
    return _noting(found)


def _noting(found: list[Difference]) -> list[Difference]:
    """The findings of a decision that could be made again: unless it came out otherwise, changed units are a note."""
    if any(each.field.startswith("outcome.") for each in found):
        return found
    return [replace(each, noted=each.field == "units") for each in found]


_WORDS = {
    "pack": "结果所属的政策包", "version": "结果所依的版本", "decision": "结果所属的判定", "label": "判定的名称",
    "cite": "判定的条款", "status": "是否已定", "value": "结果", "candidates": "候选", "complete": "候选是否列全",
    "exact": "候选是否都可能", "at_least": "至少", "ask": "还须查明", "open": "未填的设置", "needs_person": "需人工判定",
    "reason": "理由", "rows": "命中的行", "cites": "所依条款", "trace": "依据",
}  # fmt: skip
_LATER = ("exact",)  # what outcomes did not say from the beginning


def _apart(field: str, label: str, recorded: Any, now: Any) -> Iterator[Difference]:
    """Where two records differ, as far inside as they can be told apart."""
    if recorded == now:
        return
    inside = next((str(recorded[key]) for key in ("label", "name", "cite") if key in recorded), "") if (
        isinstance(recorded, Mapping)
    ) else ""  # fmt: skip
    further = f"{label}“{inside}”" if inside else label
    if isinstance(recorded, Mapping) and isinstance(now, Mapping) and set(recorded) == set(now):
        for key, value in recorded.items():
            yield from _apart(f"{field}.{key}", further, value, now[key])
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        for i, (one, other) in enumerate(zip(recorded, now, strict=True), 1):
            yield from _apart(f"{field}[{i}]", label, one, other)
    else:
        yield Difference(field, label, recorded, now)


def _said(value: Any) -> str:
    """A value of a receipt for a reader."""
    if value is None:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, str):
        return value
    text = canonical_json(value).decode()
    return text if len(text) <= 200 else f"{text[:200]}……"


def _impossible(receipt: Receipt, outcome: Outcome) -> list[Difference]:
    """That a settled value cannot be, whatever the facts were that are not there any more."""
    recorded = receipt.outcome.get("value")
    if receipt.outcome.get("status") != "settled" or recorded is None or outcome.needs_person or not outcome.complete:
        return []
    several = [outcome.value] if outcome.settled else list(outcome.candidates)
    possible = [to_jsonable(each) for each in several]
    if any(each is not None and each.items() <= recorded.items() for each in possible):
        return []
    return [Difference("outcome.value", _WORDS["value"], recorded, possible)]


def _again(receipt: Receipt, world: World, known: Mapping[str, Value]) -> Outcome:
    facts = read_facts(world.facts, {**receipt.facts, **known})
    units = [str(held["unit"]) for held in receipt.settings.values() if isinstance(held, Mapping)]
    settings = {name: _setting(world, name, value) for name, value in receipt.settings.items()}
    as_of = None if receipt.as_of is None else dt.datetime.fromisoformat(receipt.as_of)
    return decide(
        world.with_settings({**dict.fromkeys(world.settings), **settings}),
        receipt.decision,
        facts,
        decided=receipt.decided,
        case=receipt.case,
        as_of=as_of,
        unit=units[0] if units else None,
    )


def _used(setting: Setting) -> Any:
    value = to_jsonable(setting.value)
    return value if setting.whose is None else {"unit": setting.whose, "value": value}


def _setting(world: World, name: str, value: Any) -> Value:
    """A recorded setting as a value of its type; that of one unit as a mapping."""
    if isinstance(value, Mapping):
        return {str(value["unit"]): _setting(world, name, value["value"])}
    setting = world.settings.get(name)
    if setting is None or value is None or setting.type == "choice":
        return value
    return read_facts({name: Fact(name, setting.label, setting.type)}, {name: value}).get(name)


def _register(world: World, name: str) -> str | None:
    register = world.registers.get(name)
    return None if register is None else digest(list(register.rows))


def _year(calendar: Calendar, year: int) -> dict[str, Any]:
    days = calendar.exceptions(dt.date(year, 1, 1), dt.date(year, 12, 31))
    return {
        "known": calendar.known_year(year),
        "source": calendar.source_of(year),
        "days": digest({day.isoformat(): rest for day, rest in days.items()}),
    }


def _law(world: World) -> dict[str, Any] | None:
    """Which version it is, by what its own files say: the label of its folder, from when until when, which revision."""
    in_force, revision = world.document.get("in_force"), world.document.get("revision")
    if not isinstance(in_force, Mapping):
        return None
    return {
        "label": world.label,
        "from": to_jsonable(in_force.get("from")),
        "until": to_jsonable(in_force.get("until")),
        "revision": revision.get("no") if isinstance(revision, Mapping) else None,
    }


def _span(law: Any) -> Any:
    """What a version says of itself, without the name of its folder: a new version makes an old one move aside."""
    return {name: said for name, said in law.items() if name != "label"} if isinstance(law, Mapping) else law


def _certificate(world: World) -> dict[str, Any]:
    review = world.document.get("review")
    on = review.get("certified_on") if isinstance(review, Mapping) else None
    return {
        "certified_by": world.certified_by,
        "certified_on": to_jsonable(on),
        "notice": world.notice or None,
    }
