"""Lending to a case and giving back, each as one transaction under the row's lock, written in the row's history and in
the case's log. What another case holds is refused, and so is more than there is.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from django.db import transaction

from gongbao.engine.model import NOTE, Event
from gongbao.engine.units import UnitNotFound
from gongbao.office import clock, worlds
from gongbao.office.cases import log, service
from gongbao.office.cases.models import Case, Notice
from gongbao.office.people import access
from gongbao.office.people.models import Account
from gongbao.office.resources import book, holdings
from gongbao.office.resources.cells import written
from gongbao.office.resources.kept import LENDS, Kept, kept, may_lend
from gongbao.office.resources.models import LENT, RETURNED, Holding, Row

Refused = book.Refused


def lend(
    pk: int, case: Case, account: Account, *, quantity: str | Decimal | None = None, note: str = "",
    seq: int | None = None,
) -> Holding:  # fmt: skip
    """Give a row, or so much of it, to a case. Refused, in Chinese, where it cannot be.

    seq: the row's last change that the page showed. What this account has lent to this case since then was the same
    press sent again, and is not lent twice.
    """
    if not account.has_role(*LENDS):
        raise Refused(f"调用须由 {'、'.join(LENDS)} 登记")
    if not access.may_see(account, case):
        raise Refused(f"您没有参与 {case.number}，不能为它调用")
    with transaction.atomic():
        row = Row.objects.select_for_update().filter(pk=pk).first()
        if row is None:
            raise Refused("没有这项资源")
        one = kept(row.pack, row.register)
        if not one.lent:
            raise Refused(f"“{one.label}”不是可以调用的资源")
        if not may_lend(account, one, row.place or None):
            raise Refused(f"{row.name} 不归 {account.unit} 调用；可请市应急值班调用")
        if row.valid_until is not None:
            raise Refused(f"{row.name} 已于 {row.valid_until} 注销")
        if not row.usable:
            raise Refused(f"{row.name} 现在不可用")
        fresh = Case.objects.get(pk=case.pk)
        if not fresh.is_open:
            raise Refused(f"{case.number} 已办结，不能再调用")
        _once(row, seq, LENT, case, account)
        amount = _amount(one, row, quantity)
        measure = _measure(one, row)
        words = f"{row.name}{f' {written(book.plain(amount))}{measure}' if one.by_quantity else ''}"
        held = Holding.objects.create(
            row=row, case=case, quantity=amount, lent_at=clock.now(), lent_by=account.username, lent_unit=account.unit
        )
        note = _note(note)
        book.note(one, row, LENT, book.Author.of(account), _said(words, note), case.number)
        owner = written(one.cell(book.decoded(row), "owner"))
        _trace(case, account, _said(f"调用{one.kind_word}：{words}{f'（{owner}）' if owner else ''}", note), {
            "resource": row.pk, "holding": held.pk, "lent": str(amount),
        })  # fmt: skip
        _tell(one, row, account, f"{case.number} 调用{one.kind_word} {words}")
        return held


def give_back(
    pk: int,
    account: Account,
    *,
    returned: str | Decimal | None = None,
    used: str | Decimal | None = None,
    note: str = "",
    seq: int | None = None,
) -> Holding:
    """Take back from a case: all that is out where nothing is said, else so much back and so much used up.

    seq: as in `lend`.
    """
    with transaction.atomic():
        found = Holding.objects.filter(pk=pk).values_list("row_id", flat=True).first()
        if found is None:
            raise Refused("没有这项调用")
        row = Row.objects.select_for_update().get(pk=found)
        held = Holding.objects.select_related("case").get(pk=pk)
        one = kept(row.pack, row.register)
        case = held.case
        if not may_return(account, one, row, case):
            raise Refused(
                f"归还由参与 {case.number} 的单位，或 {'、'.join(u.name for u in one.keepers_of(row.place))} 登记"
            )
        out = held.outstanding
        if held.closed_at is not None:
            raise Refused("已经归还")
        _once(row, seq, RETURNED, case, account)
        back, gone = _number(returned, "returned", "归还数量"), _number(used, "used", "消耗数量")
        if gone and not one.by_quantity:
            raise Refused(f"{row.name} 不按数量登记，不能登记消耗", {"used": "不适用"})
        if back is None and gone is None:
            back = out
        back, gone = back or Decimal(0), gone or Decimal(0)
        if back + gone <= 0:
            raise Refused("归还、消耗不能都是0", {"returned": "须大于0"})
        if back + gone > out:
            raise Refused(
                f"只调用了 {written(book.plain(out))}，不能多还",
                {"returned": f"归还和消耗合计不超过 {book.plain(out)}"},
            )
        if not one.by_quantity and back != out:
            raise Refused(f"{row.name} 是整项调用的，只能整项归还")
        held.returned += back
        held.used += gone
        if held.outstanding == 0:
            held.closed_at = clock.now()
        held.save()
        if gone:
            book.used_up(one, row, gone)
        measure = _measure(one, row)
        parts = [f"{word} {written(book.plain(n))}{measure}" for word, n in (("归还", back), ("消耗", gone)) if n]
        words = f"{row.name} {'，'.join(parts)}" if one.by_quantity else row.name
        note = _note(note)
        book.note(one, row, RETURNED, book.Author.of(account), _said(words, note), case.number)
        _trace(case, account, _said(f"归还{one.kind_word}：{words}", note), {
            "resource": row.pk, "holding": held.pk, "returned": str(back), "used": str(gone),
        })  # fmt: skip
        return held


def may_return(account: Account, one: Kept, row: Row, case: Case) -> bool:
    """Who takes part in the case and lends, or keeps the row."""
    keeps = one.may_edit(account, row.place or None)
    return keeps or (account.has_role(*LENDS) and access.may_see(account, case))


def _once(row: Row, seq: int | None, kind: str, case: Case, account: Account) -> None:
    if seq is None or row.seq <= seq:
        return
    since = row.changes.filter(seq__gt=seq, kind=kind, case=case.number, by=account.username).order_by("seq").last()
    if since is not None:
        raise Refused(f"您刚刚已登记{since.word}：{since.why}；还要再{since.word}，请刷新后再办")


def _amount(one: Kept, row: Row, quantity: str | Decimal | None) -> Decimal:
    out = holdings.outstanding(row)
    if not one.by_quantity:
        if out:
            holder = Holding.objects.filter(row=row, closed_at=None).select_related("case").first()
            raise Refused(f"{row.name} 已由 {holder.case.number if holder else '其他事项'} 调用")
        return Decimal(1)
    amount = _number(quantity, "quantity", "数量")
    if amount is None or amount <= 0:
        raise Refused("须写明调用多少", {"quantity": "须大于0"})
    left = (row.quantity or Decimal(0)) - out
    if amount > left:
        there = f"{written(book.plain(left))}{_measure(one, row)}"
        raise Refused(f"{row.name} 只剩 {there}，不够 {written(book.plain(amount))}", {"quantity": f"最多 {there}"})
    return amount


def _number(given: str | Decimal | None, field: str, label: str) -> Decimal | None:
    if given is None or (isinstance(given, str) and not given.strip()):
        return None
    try:
        number = Decimal(given.strip() if isinstance(given, str) else given)
    except InvalidOperation:
        raise Refused(f"{label}“{given}”不是数", {field: "须为数"}) from None
    if not number.is_finite() or number < 0 or number > 10**12 or round(number, 6) != number:
        raise Refused(f"{label}“{given}”不对", {field: "须为不小于0的数，最多六位小数"})
    return number


def _measure(one: Kept, row: Row) -> str:
    return written(one.cell(book.decoded(row), "measure"))


def _note(note: str) -> str:
    note = " ".join(note.split())
    if len(note) > 200:
        raise Refused(f"说明有 {len(note)} 个字，最多 200 个", {"note": "最多 200 个字"})
    return note


def _said(words: str, note: str) -> str:
    return f"{words}；{note}" if note else words


def _trace(case: Case, account: Account, note: str, data: dict[str, object]) -> None:
    """A remark in the case's log. Who may has been judged by the room: whoever keeps the row takes it back, too."""
    case = log.locked(case)
    now = clock.now()
    world, events = worlds.world_of(case), log.events_of(case)
    made = Event(
        type=NOTE, seq=case.seq + 1, occurred_at=now, recorded_at=now, recorded_by=account.username, unit=account.unit,
        source="系统", note=note, data=data,
    )  # fmt: skip
    added = log.append(case, (made,), world)
    service.refresh(case, world, (*events, *added), now)


def _tell(one: Kept, row: Row, account: Account, text: str) -> None:
    """The owner is told, where it is a unit that is known; else those who keep the row."""
    owner = written(one.cell(book.decoded(row), "owner"))
    try:
        people = [one.world.units.find(owner).name]
    except UnitNotFound:
        people = [unit.name for unit in one.keepers_of(row.place)]
    people = [who for who in people if who != account.unit]
    Notice.objects.bulk_create(Notice(who=who, text=text[:300], kind="resource", at=clock.now()) for who in people)
