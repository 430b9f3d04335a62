"""What the acts of an objection or a repair do to the records here, in the transaction of the act itself.

    objection  opened             its records are 异议中
               handled            撤销有误的记录: they are 已撤销; 维持原记录: they stand as before; the grade is decided anew
               refused            they stand as before
    repair     updated            its records are 已修复 and the grade is decided anew
    both       voided             what the voided act did is taken back by an entry of its own, and the grade is decided anew

The case page saves the case with every act; each event acts once (Effect), so that rebuilding projections changes
nothing here. Effects are only added: taking back is one more, with the changes turned round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models.signals import post_save

from gongbao.engine.model import VOIDED, Event
from gongbao.office.cases import log
from gongbao.office.cases.models import Case
from gongbao.office.credit import grading, models
from gongbao.office.credit.models import PACK, CreditRecord, Effect, Enterprise

ACTING = {"objection": ("opened", "handled", "refused"), "repair": ("updated",)}
GRADED = ("handled", "updated")  # acts after which the grade is decided anew, and so it is when they are voided


def listen() -> None:
    post_save.connect(_saved, sender=Case, dispatch_uid="gongbao.credit.effects")


def _saved(sender: Any, instance: Case, created: bool, raw: bool = False, **_: Any) -> None:
    if raw or created or instance.pack != PACK or instance.procedure not in ACTING or not instance.seq:
        return
    apply(instance)


def apply(case: Case) -> None:
    """Carry out what the events of this case demand and have not yet done."""
    acting = case.events.filter(type__in=(*ACTING[case.procedure], VOIDED)).values_list("seq", flat=True)
    done = set(Effect.objects.filter(case_number=case.number).values_list("seq", flat=True))
    due = set(acting) - done
    if not due:
        return
    events = {event.seq: event for event in log.events_of(case)}
    voided = {int(event.data["seq"]): event.seq for event in events.values() if event.type == VOIDED}
    facts: dict[str, Any] = {}
    for seq, event in events.items():
        if seq in voided and seq not in done:  # voided before it could act
            due.discard(seq)
            continue
        facts.update(event.facts)
        if seq not in due:
            continue
        if event.type == VOIDED:
            _take_back(case, events[int(event.data["seq"])], event, facts)
        else:
            _carry_out(case, event, facts)


def _carry_out(case: Case, event: Event, facts: Mapping[str, Any]) -> None:
    enterprise = _enterprise(facts)
    if enterprise is None:
        _note(case, event, "名录中没有这个企业", [])
        return
    records = CreditRecord.objects.filter(enterprise=enterprise, number__in=facts.get("record_numbers") or ())
    if event.type == "updated":
        changes = _set(records.exclude(status=models.WITHDRAWN), models.REPAIRED, case)
        what = f"{len(changes)} 条记录已修复"
    elif event.type == "opened":
        changes = _set(records.filter(status=models.VALID), models.DISPUTED, case)
        what = f"{len(changes)} 条记录异议中"
    elif event.type == "handled" and facts.get("handling_result") == "撤销有误的记录":
        changes = _set(records.filter(status=models.DISPUTED), models.WITHDRAWN, case)
        what = f"{len(changes)} 条记录撤销有误的记录"
    else:
        changes = _set(records.filter(status=models.DISPUTED), models.VALID, case)
        what = f"{len(changes)} 条记录恢复有效" if event.type == "refused" else f"{len(changes)} 条记录维持原记录"
    if event.type in GRADED:
        row = grading.regrade(enterprise, cause=f"{case.word} {case.number}")
        what += f"，等级 {row.grade or models.STATUS_WORDS[row.status]}"
    _note(case, event, what, changes)


def _take_back(case: Case, target: Event, event: Event, facts: Mapping[str, Any]) -> None:
    """Give the records of a voided act the status that they had before it, unless a later act has changed them."""
    effect = Effect.objects.filter(case_number=case.number, seq=target.seq).first()
    enterprise = _enterprise(facts)
    if effect is None or enterprise is None:
        return  # an act that never touched a record
    back, kept = [], 0
    for change in effect.changes:
        record = CreditRecord.objects.filter(enterprise=enterprise, number=change["record"]).first()
        if record is None or record.status != change["to"]:
            kept += 1
            continue
        back += _set(CreditRecord.objects.filter(pk=record.pk), change["from"], case)
    what = f"作废第{target.seq}条：{len(back)} 条记录恢复为原来的状态"
    if kept:
        what += f"，{kept} 条其后另有变动，未改回"
    if target.type in GRADED:
        row = grading.regrade(enterprise, cause=f"作废 {case.number} 第{target.seq}条")
        what += f"，等级 {row.grade or models.STATUS_WORDS[row.status]}"
    _note(case, event, what, back, undoes=target.seq)


def _enterprise(facts: Mapping[str, Any]) -> Enterprise | None:
    return Enterprise.objects.filter(credit_code=facts.get("credit_code") or "").first()


def _set(records: Any, status: str, case: Case) -> list[dict[str, str]]:
    """Give the records this status; what was changed, as {record, from, to}."""
    changes = [
        {"record": number, "from": before, "to": status} for number, before in records.values_list("number", "status")
    ]
    CreditRecord.objects.filter(number__in=[each["record"] for each in changes]).update(
        status=status, status_on=case.changed_at.date()
    )
    return changes


def _note(case: Case, event: Event, what: str, changes: list[dict[str, str]], undoes: int | None = None) -> None:
    Effect.objects.create(
        case_number=case.number, seq=event.seq, what=what[:200], at=event.recorded_at, changes=changes, undoes=undoes
    )
