"""What the acts of an objection or a repair do to the records here, in the transaction of the act itself.

    objection  opened, accepted   its records are 异议中
               handled            撤销有误的记录: they are 已撤销; 维持原记录: they stand as before; the grade is decided anew
               refused            they stand as before
    repair     updated            its records are 已修复 and the grade is decided anew

The case page saves the case with every act; each event acts once (Effect), so that rebuilding projections changes
nothing here.
"""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save

from gongbao.office.cases import log
from gongbao.office.cases.models import Case
from gongbao.office.credit import grading, models
from gongbao.office.credit.models import PACK, CreditRecord, Effect, Enterprise

ACTING = {"objection": ("opened", "handled", "refused"), "repair": ("updated",)}


def listen() -> None:
    post_save.connect(_saved, sender=Case, dispatch_uid="gongbao.credit.effects")


def _saved(sender: Any, instance: Case, created: bool, raw: bool = False, **_: Any) -> None:
    if raw or created or instance.pack != PACK or instance.procedure not in ACTING or not instance.seq:
        return
    apply(instance)


def apply(case: Case) -> None:
    """Carry out what the events of this case demand and have not yet done."""
    rows = list(case.events.filter(type__in=ACTING[case.procedure]).order_by("seq").values_list("seq", "type"))
    done = set(Effect.objects.filter(case_number=case.number).values_list("seq", flat=True))
    due = [(seq, type_) for seq, type_ in rows if seq not in done]
    if not due:
        return
    facts: dict[str, Any] = {}
    acts = dict(due)
    for event in log.events_of(case):
        facts.update(event.facts)
        if event.seq in acts:
            what = _act(case, acts[event.seq], facts)
            Effect.objects.create(case_number=case.number, seq=event.seq, what=what[:200], at=event.recorded_at)


def _act(case: Case, type_: str, facts: dict[str, Any]) -> str:
    enterprise = Enterprise.objects.filter(credit_code=facts.get("credit_code") or "").first()
    if enterprise is None:
        return "名录中没有这个企业"
    records = CreditRecord.objects.filter(enterprise=enterprise, number__in=facts.get("record_numbers") or ())
    if case.procedure == "repair":
        changed = _set(records.exclude(status=models.WITHDRAWN), models.REPAIRED, case)
        row = grading.regrade(enterprise, cause=f"修复 {case.number}")
        return f"{changed} 条记录已修复，等级 {row.grade or row.status}"
    if type_ == "opened":
        return f"{_set(records.filter(status=models.VALID), models.DISPUTED, case)} 条记录异议中"
    disputed = records.filter(status=models.DISPUTED)
    if type_ == "refused":
        return f"{_set(disputed, models.VALID, case)} 条记录恢复有效"
    if facts.get("handling_result") == "撤销有误的记录":
        changed = _set(disputed, models.WITHDRAWN, case)
    else:
        changed = _set(disputed, models.VALID, case)
    row = grading.regrade(enterprise, cause=f"异议 {case.number}")
    return f"{changed} 条记录{facts.get('handling_result')}，等级 {row.grade or row.status}"


def _set(records: Any, status: str, case: Case) -> int:
    return records.update(status=status, status_on=case.changed_at.date())
