"""On the page of an objection or a repair: the enterprise with its grade, and what became of the records it concerns."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.office.credit.models import PACK, CreditRecord, Effect, Enterprise
from gongbao.office.pages.panels import Panel


def applies(look: Any) -> bool:
    return look.case.pack == PACK and look.case.procedure in ("objection", "repair")


def context(look: Any, request: HttpRequest) -> dict[str, Any] | None:
    enterprise = Enterprise.objects.filter(credit_code=look.state.facts.get("credit_code") or "").first()
    if enterprise is None:
        return {"enterprise": None, "records": (), "effects": ()}
    numbers = look.state.facts.get("record_numbers") or ()
    return {
        "enterprise": enterprise,
        "records": CreditRecord.objects.filter(enterprise=enterprise, number__in=numbers),
        "effects": Effect.objects.filter(case_number=look.case.number).order_by("seq"),
        "last": enterprise.grades.first(),
    }


PANEL = Panel("企业与信用记录", "credit/case_panel.html", applies, context)
