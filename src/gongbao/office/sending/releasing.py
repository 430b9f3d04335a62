"""Releasing a warning: from the level that was decided to what goes out, in one transaction with the case's log.

Every pack counts whose procedure decides an ordered level with the warning colours; nothing here knows a document. The
first release of a case is an Alert, later ones are Updates, and the one after the warning is over is a Cancel; each
refers to those before it. What is said is proposed from the case and its papers, and may be edited; the colour may not.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from gongbao.engine.case.proposal import rule_of
from gongbao.engine.case.state import fold_of
from gongbao.engine.who import resolve
from gongbao.engine.world import World
from gongbao.exchange import cap
from gongbao.exchange.areas import codes_in
from gongbao.exchange.paper import Paper, say
from gongbao.office import clock, worlds
from gongbao.office.cases import files, log, papers, service
from gongbao.office.cases.models import Case
from gongbao.office.cases.projection import COLOURS, alarm_of
from gongbao.office.people import access
from gongbao.office.people import roles as r
from gongbao.office.people.models import Account
from gongbao.office.sending import gate, messages
from gongbao.office.sending.book import Address
from gongbao.office.sending.models import Release

NAMES = {"Alert": "发布", "Update": "更新", "Cancel": "解除"}
CERTAINTIES = {"Observed": "已出现", "Likely": "很可能", "Possible": "可能", "Unlikely": "不大可能", "Unknown": "不详"}
CATEGORIES = {
    "Env": "环境", "Health": "卫生", "Met": "气象", "Geo": "地质", "Fire": "火灾", "Safety": "公共安全", "Security": "治安",
    "Rescue": "救援", "Transport": "交通", "Infra": "基础设施", "CBRNE": "核生化爆", "Other": "其他",
}  # fmt: skip
# Words of a warning's name that say its kind; only proposed, the officer may choose another.
KIND_WORDS = {
    "Env": ("环境", "污染", "辐射", "秸秆"), "Health": ("食品", "血液", "卫生", "疫情", "药品"), "Met": ("气象", "暴雨", "寒潮", "大风"),
    "Geo": ("地震", "地质"), "Fire": ("火灾", "森林"), "Transport": ("交通", "道路"),
}  # fmt: skip
FIELDS = {
    "headline": ("标题", 160), "sender_name": ("发布单位", 80), "number": ("文号", 60), "area": ("区域", 200),
    "onset": ("开始时间", 20), "expires": ("结束时间", 20), "description": ("内容", 4000), "instruction": ("防范建议", 2000),
    "contact": ("联系电话", 60), "category": ("类别", 10), "certainty": ("可能性", 10),
}  # fmt: skip
REQUIRED = ("headline", "sender_name", "area", "category")
SAID = ("发布单位", "发布时间", "预警级别", "颜色", "范围")  # what the release has fields of its own for
_NUMBER = re.compile(r"\S+〔\d{4}〕\d+号")


@dataclass(frozen=True, slots=True)
class Standing:
    """The level that stands in a case, as a colour; `in_force` is false once the warning is over."""

    decision: str
    level: str
    alarm: int  # 1 蓝 ... 4 红
    in_force: bool
    seq: int  # of the entry that decided it


@dataclass(frozen=True, slots=True)
class Draft:
    """What would go out now: which kind of message, after which release, and each field as proposed."""

    kind: cap.MessageType
    standing: Standing
    last: Release | None
    said: Mapping[str, str]
    paper: papers.CasePaper | None


def decision_of(world: World, procedure: str) -> str | None:
    """The decision of a procedure whose ordered values are warning colours (a lowest one without colour aside)."""
    rule = world.procedures.get(procedure)
    for name in rule.decide if rule is not None else ():
        decision = world.decisions.get(rule_of(rule, name))
        for output in decision.outputs if decision is not None else ():
            words = [str(v) for v in output.values if str(v)[:1] in COLOURS and len(str(v)) <= 4]
            if output.ordered and len(words) >= 2:
                return str(name)
    return None


def standing(seen: service.Look) -> Standing | None:
    """The colour decided last; None while none was."""
    name = decision_of(seen.world, seen.case.procedure)
    for event in reversed(seen.events) if name else ():
        if event.seq in seen.state.voided or event.data.get("decision") != name:
            continue
        value = event.data.get("value")
        words = [str(v) for v in (value.values() if isinstance(value, Mapping) else (value,))]
        colour = next((w for w in words if w[:1] in COLOURS and len(w) <= 4), None)
        if colour is not None:
            held = seen.state.decided.get(name or "")
            now = [str(v) for v in held.value.values()] if held is not None else []
            in_force = colour in now and alarm_of(seen.world, seen.state)[0] > 0
            return Standing(name or "", colour, COLOURS[colour[:1]], in_force, event.seq)
    return None


def applies(seen: service.Look) -> bool:
    return decision_of(seen.world, seen.case.procedure) is not None


def may_not(seen: service.Look, account: Account) -> str:
    """Why this person may not release; empty where they may: whoever may decide it, the unit that did, and the duty desk."""
    if seen.case.sealed:
        return "保密事项不对外发布"
    level = standing(seen)
    if level is None:
        return "尚未确定预警级别，不能发布"
    event = next(e for e in seen.events if e.seq == level.seq)
    rule = seen.world.procedures[seen.case.procedure].decide[level.decision]
    scope = fold_of(seen.world, seen.case.procedure, seen.events).scope(seen.now)
    deciders = resolve(rule.decided_by, seen.world, scope, seen.now.date()).names
    duty = account.has_role(r.DUTY_OFFICER, r.DUTY_LEADER)
    if account.unit == event.unit or not set(account.names).isdisjoint(deciders):
        return ""
    if duty and access.takes_part(account, seen.case):
        return ""
    return f"由{event.unit}、{'、'.join(deciders) or '发布单位'}或参与本事项的值班员、带班领导发布"


def draft(seen: service.Look, account: Account) -> Draft | None:
    """What would go out now; None where there is nothing to release (no level yet, or lifted and said so)."""
    level = standing(seen)
    if level is None:
        return None
    last = Release.objects.filter(case=seen.case).order_by("-count").first()
    running = last is not None and last.kind != cap.CANCEL
    if not level.in_force and not running:
        return None
    kind: cap.MessageType = "Cancel" if not level.in_force else "Update" if running else "Alert"
    paper, filled = _paper(seen)
    return Draft(kind, level, last, _proposed(seen, level, kind, last, paper, filled, account), paper)


def _paper(seen: service.Look) -> tuple[papers.CasePaper | None, Paper | None]:
    """The newest notice that the case ordered, and what it says."""
    templates = worlds.pack_of(seen.case).documents
    for found in papers.of_case(seen):
        if templates[found.template].kind == "notice":
            return found, papers.fill(seen.case, [e for e in seen.events if e.seq <= found.seq], found.template)
    return None, None


def _proposed(
    seen: service.Look, level: Standing, kind: str, last: Release | None, paper: papers.CasePaper | None,
    filled: Paper | None, account: Account,
) -> dict[str, str]:  # fmt: skip
    facts, world = seen.state.facts, seen.world
    event = next(e for e in seen.events if e.seq == level.seq)
    issuer = (filled.issuer if filled is not None else "") or event.unit or account.unit
    verb = {"Alert": "发布", "Update": "更新", "Cancel": "解除"}[kind]
    title = filled.title if filled is not None else f"{issuer}{verb}{level.level}预警：{event_name(seen)}"
    lines = []
    if filled is not None:
        lines = [
            *filled.paragraphs,
            *(f"{label}：{value}" for label, value in filled.table if value and label not in SAID),
        ]
    number = _NUMBER.search(paper.name) if paper is not None else None
    city = world.units.city
    area = next((say(facts[n]) for n in ("warned_regions", "area", "place") if facts.get(n)), "") or city
    if area in ("全市", "本市"):
        area = city
    elif city not in area:
        area = city + area
    onset, ends = (facts.get(n) if isinstance(facts.get(n), dt.datetime) else None for n in ("starts_at", "ends_at"))
    over = kind == cap.CANCEL
    before = last.said if last is not None and last.kind != cap.CANCEL else {}
    found = {
        "headline": title, "sender_name": issuer, "number": number[0] if number else "", "area": area,
        "onset": _local(onset), "expires": _local(ends), "description": "\n".join(lines),
        "instruction": say(facts.get("advice")), "category": _category(seen),
        "certainty": "Observed" if over or (onset is not None and onset <= seen.now) else "Likely",
    }  # fmt: skip
    # What the case does not say stays as it was last said; what an officer has chosen stays chosen.
    found |= {name: before[name] for name in ("category", "contact") if before.get(name)}
    if over:
        return {**found, "contact": found.get("contact", ""), "onset": "", "expires": "", "instruction": ""}
    return {name: found.get(name) or before.get(name, "") for name in FIELDS}


def event_name(seen: service.Look) -> str:
    """重污染天气, from 重污染天气预警."""
    label = seen.world.procedures[seen.case.procedure].label
    return label.removesuffix("预警") or label


def _category(seen: service.Look) -> str:
    told = _register(seen.world)
    if told and told[0].get("category") in CATEGORIES:
        return str(told[0]["category"])
    text = event_name(seen) + str(seen.world.document.get("title") or "")
    return next((name for name, words in KIND_WORDS.items() if any(w in text for w in words)), "Other")


def _register(world: World) -> list[Mapping[str, Any]]:
    """The pack's own words for CAP: its register `cap` (colour, severity, category), where it has one."""
    register = world.registers.get("cap")
    return list(register.as_table()) if register is not None else []


def severity(world: World, level: str) -> cap.Severity:
    for row in _register(world):
        if row.get("colour") == level and row.get("severity") in cap.SEVERITIES:
            return row["severity"]  # type: ignore[no-any-return]
    return cap.severity_of(level) or "Unknown"


def _local(moment: dt.datetime | None) -> str:
    return "" if moment is None else moment.astimezone(clock.SHANGHAI).strftime("%Y-%m-%dT%H:%M")


# ------------------------------------------------------------------------------------------------------------ going out


class Unfit(Exception):
    """What was typed cannot go out; `fields` says why, by field."""

    def __init__(self, fields: Mapping[str, str], other: Sequence[str] = ()) -> None:
        self.fields, self.other = dict(fields), tuple(other)
        super().__init__("；".join([*self.fields.values(), *self.other]))


def alert(seen: service.Look, plan: Draft, given: Mapping[str, str], *, sent: dt.datetime, web: str = "") -> cap.Alert:
    """The CAP message of what was typed. Raises Unfit."""
    wrong: dict[str, str] = {}
    said = {name: given.get(name, "").strip().replace("\r\n", "\n") for name in FIELDS}
    for name, (_, most) in FIELDS.items():
        if len(said[name]) > most:
            wrong[name] = f"最多 {most} 字，现有 {len(said[name])} 字"
        elif name in REQUIRED and not said[name]:
            wrong[name] = "没有填写"
    times: dict[str, dt.datetime | None] = {}
    for name in ("onset", "expires"):
        try:
            times[name] = dt.datetime.fromisoformat(said[name]).replace(tzinfo=clock.SHANGHAI) if said[name] else None
        except ValueError:
            wrong[name] = f"“{said[name]}”不是时间；须写作 2023-03-01T09:00"
    if said["category"] not in CATEGORIES:
        wrong.setdefault("category", f"“{said['category']}”不在所列之中")
    if said["certainty"] not in CERTAINTIES:
        wrong["certainty"] = f"“{said['certainty']}”不在所列之中"
    if wrong:
        raise Unfit(wrong)
    over = plan.kind == cap.CANCEL
    onset, expires = times["onset"], times["expires"]
    status = gate.status()
    mark = gate.MARKS[status]
    return cap.Alert(
        identifier=identifier(seen.case, 1 if plan.last is None else plan.last.count + 1), sender=settings.DEFAULT_FROM_EMAIL,
        sent=sent, status=status, message=plan.kind, references=references(plan.last), event=event_name(seen),
        note=f"{mark}不是真实预警" if mark else "", severity="Minor" if over else severity(seen.world, plan.standing.level),
        category=(said["category"],), urgency=_urgency(onset, sent, over), certainty=said["certainty"],  # type: ignore[arg-type]
        incidents=(seen.case.number.replace(" ", "_"),), effective=sent, onset=onset, expires=expires,
        sender_name=said["sender_name"], headline=mark + said["headline"],
        description="\n".join(filter(None, (said["description"], "" if seen.world.certified_by else NOT_CERTIFIED))),
        instruction=said["instruction"], web=web, contact=said["contact"],
        parameters=tuple((name, value) for name, value in (
            ("预警级别", "解除" if over else plan.standing.level), ("文号", said["number"]),
            ("依据", str(seen.world.document.get("number") or "")),
        ) if value),
        areas=(cap.Area(said["area"], codes_in(said["area"], seen.world.units.city)),),
    )  # fmt: skip


NOT_CERTIFIED = "（本预警所依据的规则未经发布机关审定）"


def _urgency(onset: dt.datetime | None, sent: dt.datetime, over: bool) -> cap.Urgency:
    """CAP 1.2, section 3.2.2: act at once, within the hour, later, no more."""
    if over:
        return "Past"
    if onset is None or onset <= sent:
        return "Immediate"
    return "Expected" if onset - sent <= dt.timedelta(hours=1) else "Future"


def identifier(case: Case, count: int) -> str:
    """The name of a CAP message, unique for this office: city, case, how many of the case."""
    city = case.pack.partition("/")[0]
    return f"{city}-{re.sub(r'[^0-9A-Za-z〇-鿿-]', '-', case.number)}-{count}"


def references(last: Release | None) -> tuple[cap.Reference, ...]:
    """Every message of the warning before this one, back to its Alert."""
    found: list[cap.Reference] = []
    while last is not None and last.kind != cap.CANCEL:
        found.append(cap.Reference(last.sender, last.identifier, last.sent.astimezone(clock.SHANGHAI)))
        last = last.follows
    return tuple(reversed(found))


def release(
    case: Case, account: Account, given: Mapping[str, str], to: Sequence[Address], *, expected_seq: int, public: bool,
    enclose: bool, address: str,
) -> Release:  # fmt: skip
    """Release what was typed: entry and CAP file in the case's log, the release, and a row for each address.

    All of it or nothing. Raises Unfit, service.ActionRefused, service.Conflict (somebody acted since the page was shown).
    """
    with transaction.atomic():
        case = log.locked(case)
        seen = service.look(case)
        if seen.state.seq != expected_seq:
            raise service.Conflict(f"您打开页面以后，{case.number} 又有了新的记录，请看过再发布")
        why = may_not(seen, account)
        if why:
            raise service.ActionRefused(why)
        plan = draft(seen, account)
        if plan is None:
            raise service.ActionRefused("预警已解除并已发布解除信息，没有可发布的内容")
        public = public and not gate.is_exercise()
        name = identifier(case, 1 if plan.last is None else plan.last.count + 1)
        page = address.rstrip("/") + reverse("warnings:page", args=[name]) if public and address else ""
        made = alert(seen, plan, given, sent=seen.now, web=page)
        try:
            content = cap.validated(made)
        except cap.CapError as error:
            raise Unfit({}, error.faults) from error
        reference = files.keep(SimpleUploadedFile(f"{name}.xml", content))
        words = f"{NAMES[plan.kind]}预警信息：{made.headline}（CAP {name}，{len(to)} 个收件地址）"
        noted = service.remark(case, account, words, evidence=(reference,))
        kept = Release.objects.create(
            case=case, count=1 if plan.last is None else plan.last.count + 1, identifier=name, sender=made.sender,
            sent=made.sent, kind=plan.kind, status=made.status, level=plan.standing.level,
            alarm=0 if plan.kind == cap.CANCEL else plan.standing.alarm, follows=plan.last,
            said={field: given.get(field, "").strip() for field in FIELDS}, certified=bool(seen.world.certified_by),
            public=public, file=reference.partition("/")[0], seq=noted.seq, by=account.username, unit=account.unit,
        )  # fmt: skip
        if to:
            enclosed = [reference]
            if enclose and plan.paper is not None and plan.paper.made:
                enclosed.insert(0, _evidence(seen, plan.paper))
            messages.make(
                key=f"release:{name}", kind="warning", subject=made.headline.removeprefix(gate.MARKS[made.status]),
                body=letter(made), sms=short(made), to=to, by=account, case=case, release=kept, files=enclosed, address=address,
            )  # fmt: skip
        return kept


def _evidence(seen: service.Look, paper: papers.CasePaper) -> str:
    """The reference under which the log keeps a paper that was made."""
    return next(e for event in seen.events for e in event.evidence if e.partition("/")[2] == paper.name)


def letter(made: cap.Alert) -> str:
    """The text of the mail."""
    head = [made.headline, ""]
    when = " 至 ".join(_said(t) for t in (made.onset, made.expires) if t is not None)
    if made.expires is None and made.onset is not None:
        when += " 起"
    head += [f"{label}：{value}" for label, value in (
        ("发布单位", made.sender_name), ("发布时间", _said(made.sent)), *made.parameters, ("区域", made.areas[0].description),
        ("时间", when), ("联系电话", made.contact)) if value]  # fmt: skip
    return "\n".join([
        *head, "", made.description, *(("", "防范建议：", made.instruction) if made.instruction else ()),
        *(("", f"公开页：{made.web}") if made.web else ()), "", f"CAP 编号：{made.identifier}",
    ])  # fmt: skip


def short(made: cap.Alert) -> str:
    """The text of the SMS: the title, where and when, and what to do as far as it fits."""
    when = f"，{_said(made.onset)}起" if made.onset is not None else ""
    text = f"{made.headline}。{made.areas[0].description}{when}。{made.instruction}".replace("\n", "")
    for mark in gate.MARKS.values():
        text = text.removeprefix(mark) if mark else text
    return text[:280]


def _said(moment: dt.datetime | None) -> str:
    return say(moment) if moment is not None else ""
