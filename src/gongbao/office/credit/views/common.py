"""What the pages of the room share: who may see what, exports, paging by key."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse

from gongbao.exchange.tables import write_xlsx
from gongbao.office import clock
from gongbao.office.credit.models import Enterprise, Query
from gongbao.office.people import access, roles
from gongbao.office.people.models import Account

STAFF = (roles.REGULATOR, roles.INSPECTOR)
WINDOW = (roles.REGULATOR, roles.HANDLER)
EVERYBODY = (roles.REGULATOR, roles.HANDLER, roles.INSPECTOR)
PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def asked(request: HttpRequest) -> dict[str, str]:
    return {key: value.strip() for key, value in request.GET.items() if value.strip()}


def sees(account: Account, enterprise: Enterprise) -> None:
    """Regulators share results (三（六）); the window sees an enterprise whose query it answered today."""
    if account.has_role(*STAFF):
        return
    answered = Query.objects.filter(
        enterprise=enterprise, account=account.username, allowed=True, at__date=clock.today()
    ).exists()
    if not answered:
        raise access.NotYours("评价结果以企业自查或授权查询方式公开（三（四））：请先在“查询”登记查询人。")


def table(name: str, form: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download: XLSX, or CSV that a Chinese spreadsheet opens as it is."""
    if form == "csv":
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(header)
        writer.writerows([_safe(cell) for cell in row] for row in rows)
        return download(f"{name}.csv", out.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8")
    return download(f"{name}.xlsx", write_xlsx(header, rows, name), XLSX)


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula is marked as text."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value


def download(name: str, data: bytes, kind: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def paged(request: HttpRequest, rows: Any, key: str = "credit_code", size: int = PAGE) -> dict[str, Any]:
    """One page of rows in ascending order of a unique key: {rows, next, first}; deep pages cost no more than the first."""
    after = request.GET.get("after", "")
    found = list((rows.filter(**{f"{key}__gt": after}) if after else rows).order_by(key)[: size + 1])
    query = request.GET.copy()
    more = ""
    if len(found) > size:
        found = found[:size]
        value: Any = found[-1]
        for part in key.split("__"):
            value = getattr(value, part)
        query["after"] = str(value)
        more = query.urlencode()
    query.pop("after", None)
    return {"rows": found, "next": more, "first": query.urlencode() if after else ""}
