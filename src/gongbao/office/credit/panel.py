"""On the page of an objection or a repair: the enterprise with its grade, what became of its records, and the papers."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from gongbao.office.credit.models import PACK, CreditRecord, Effect, Enterprise
from gongbao.office.pages.panels import Panel
from gongbao.office.people import roles


def applies(look: Any) -> bool:
    return look.case.pack == PACK and look.case.procedure in ("objection", "repair")


def _enterprise(look: Any, request: HttpRequest) -> dict[str, Any] | None:
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


def _papers(look: Any, request: HttpRequest) -> dict[str, Any] | None:
    """The letters that acts of the case ordered (告知书), made or to be made."""
    from gongbao.office.cases import papers

    ordered = papers.of_case(look)
    return {"papers": ordered, "may": request.user.has_role(roles.REGULATOR)} if ordered else None


PANELS = (
    Panel("企业与信用记录", "credit/case_panel.html", applies, _enterprise),
    Panel("文书", "credit/papers_panel.html", applies, _papers),
)
