"""What is out: how much of a row cases hold, and what is left of it."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from gongbao.office.resources.models import Holding, Row

_OUT = F("quantity") - F("returned") - F("used")
_DECIMAL = DecimalField(max_digits=20, decimal_places=6)


def outstanding(row: Row) -> Decimal:
    """How much of the row cases hold now (1 for a row that is lent whole)."""
    if row.pk is None:
        return Decimal(0)
    found = Holding.objects.filter(row=row, closed_at=None).aggregate(out=Sum(_OUT, output_field=_DECIMAL))["out"]
    return Decimal(0) if found is None else found


def with_out(rows: QuerySet[Row]) -> QuerySet[Row]:
    """The rows with `out`, what cases hold of each."""
    held = Holding.objects.filter(row=OuterRef("pk"), closed_at=None).order_by().values("row")
    total = held.annotate(out=Sum(_OUT, output_field=_DECIMAL)).values("out")
    return rows.annotate(out=Coalesce(Subquery(total, output_field=_DECIMAL), Decimal(0), output_field=_DECIMAL))
