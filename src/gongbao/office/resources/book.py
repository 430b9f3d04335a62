"""Adding, changing and ending rows of a register, each as one transaction with its entry in the history.

    begin    the rows that the document prints, once      add, change, end    one row
    bring    many rows at once, all or none               as_of               the rows as they were valid on a day

Errors: `Refused`, with messages by column where they concern one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from gongbao.office import clock, exercise
from gongbao.office.cases import codec
from gongbao.office.people.models import Account
from gongbao.office.resources import cells, floors, holdings
from gongbao.office.resources.kept import Kept
from gongbao.office.resources.models import ADDED, CHANGED, ENDED, PRINTED, RESTORED, SEPARATOR, Change, Row

LONGEST_WHY = 300
USABLE = "可用"  # the state in which a row serves; in any other it does not
_begun: set[tuple[str, str, str]] = set()  # (pack, version, register) whose printed rows are there


class Refused(Exception):
    """It cannot be done; `fields` holds the messages that concern one column, by its id."""

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        self.fields = dict(fields or {})
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes an entry: an account, or the gazette."""

    by: str
    name: str = ""
    unit: str = ""

    @classmethod
    def of(cls, account: Account) -> Author:
        return cls(account.username, account.name, account.unit)


@dataclass(slots=True)
class Given:
    """The cells of one row as read: what is not personal, what is, and what is wrong, by column."""

    values: dict[str, Any] = field(default_factory=dict)
    personal: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


def read(one: Kept, given: Mapping[str, str], before: Row | None = None) -> Given:
    """The cells of a form or a table's row. Columns that are not given stay as they are in `before`."""
    found = Given()
    old, apart = (decoded(before), codec.decode(before.personal)) if before is not None else ({}, {})
    for column in one.typed:
        target = found.personal if column.personal else found.values
        if column.id not in given and before is not None:
            value = (apart if column.personal else old).get(column.id)
        else:
            try:
                value = cells.read(one, column, given.get(column.id, ""))
            except ValueError as wrong:
                found.errors[column.id] = str(wrong)
                continue
        if value is not None:
            target[column.id] = value
    return found


def decoded(row: Row | Change) -> dict[str, Any]:
    values = codec.decode(row.values)
    assert isinstance(values, dict)
    return values


# ------------------------------------------------------------------------------------------------------------ writing


def add(
    one: Kept, account: Account, given: Mapping[str, str], *, valid_from: dt.date | None = None, why: str = ""
) -> Row:
    """A new row, or one that had ended and is valid again."""
    found = _sound(one, account, read(one, given))
    day = _day(valid_from, "生效日期")
    why = _why(why)
    key = key_of(one, found.values)
    with transaction.atomic():
        row = Row.objects.select_for_update().filter(pack=one.pack, register=one.id, key=key).first()
        if row is not None and row.valid_until is None:
            raise Refused(f"已有这一行：{row.name}", {one.register.key[0]: "与已登记的一行相同"})
        if row is not None:
            _in_order(row, day)
        kind = ADDED if row is None else RESTORED
        row = row or Row(pack=one.pack, register=one.id, key=key)
        row.valid_from, row.valid_until = day, None
        try:
            _write(one, row, found, kind, Author.of(account), day, why, list(found.values) + list(found.personal))
        except IntegrityError:
            raise Refused("刚刚有人登记了同一行；请刷新后再办") from None
        return row


def change(
    one: Kept, account: Account, pk: int, given: Mapping[str, str], *, seq: int | None = None,
    valid_from: dt.date | None = None, why: str = "",
) -> Row:  # fmt: skip
    """Change cells of a row. `seq`: the change that the page showed; refused when somebody was faster."""
    day, why = _day(valid_from, "生效日期"), _why(why, needed=True)
    with transaction.atomic():
        row = _locked(one, pk, seq)
        if not one.may_edit(account, row.place or None):
            raise Refused(f"这一行由 {'、'.join(u.name for u in one.keepers_of(row.place))} 登记")
        found = _sound(one, account, read(one, given, row))
        _in_order(row, day)
        before, after = {**decoded(row), **codec.decode(row.personal)}, {**found.values, **found.personal}
        changed = [c.id for c in one.typed if before.get(c.id) != after.get(c.id)]
        if not changed:
            raise Refused("没有改动任何一格")
        key = key_of(one, found.values)
        if key != row.key and Row.objects.filter(pack=one.pack, register=one.id, key=key).exists():
            raise Refused("已有这一行", {one.register.key[0]: "与已登记的另一行相同"})
        row.key = key
        out = holdings.outstanding(row)
        quantity = one.cell(found.values, "quantity")
        if quantity is not None and quantity < out:
            column = one.role("quantity")
            raise Refused(
                f"已调用 {cells.written(out)}，数量不能少于它", {column.id if column else "": f"不少于 {out}"}
            )
        _write(one, row, found, CHANGED, Author.of(account), day, why, changed)
        return row


def end(
    one: Kept, account: Account, pk: int, *, last: dt.date | None = None, seq: int | None = None, why: str = ""
) -> Row:
    """The row is valid until `last` (today, unless another day is given) and no longer.

    It stays in the history; its personal cells are erased, nobody is to be called by it any more.
    """
    day, why = _day(last, "有效期的最后一天"), _why(why, needed=True)
    with transaction.atomic():
        row = _locked(one, pk, seq)
        if not one.may_edit(account, row.place or None):
            raise Refused(f"这一行由 {'、'.join(u.name for u in one.keepers_of(row.place))} 登记")
        _in_order(row, day)
        if holdings.outstanding(row):
            raise Refused("还有事项在用，归还之后才能注销")
        row.valid_until = day
        _write(one, row, Given(decoded(row)), ENDED, Author.of(account), day, why, list(row.personal))
        return row


def bring(one: Kept, account: Account, rows: Sequence[tuple[Given, Row | None]], *, why: str) -> tuple[int, int]:
    """Rows of a table whose cells are all sound: (added, changed). All or none."""
    today, author = clock.today(), Author.of(account)
    why = _why(why) or "导入"
    fresh: list[tuple[Row, Change]] = []
    changed = 0
    with transaction.atomic():
        for found, before in rows:
            if before is None:
                row = Row(pack=one.pack, register=one.id, key=key_of(one, found.values), valid_from=today)
                fresh.append((row, _entry(one, row, found, ADDED, author, today, why, [])))
                continue
            held = Row.objects.select_for_update().get(pk=before.pk)
            old, new = {**decoded(held), **codec.decode(held.personal)}, {**found.values, **found.personal}
            columns = [c.id for c in one.typed if old.get(c.id) != new.get(c.id)]
            restored = held.valid_until is not None
            if not columns and not restored:
                continue
            _in_order(held, today)
            quantity = one.cell(found.values, "quantity")
            if quantity is not None and quantity < holdings.outstanding(held):
                raise Refused(f"{held.name}：已调用 {cells.written(holdings.outstanding(held))}，数量不能少于它")
            if restored:
                held.valid_from, held.valid_until = today, None
            _write(one, held, found, RESTORED if restored else CHANGED, author, today, why, columns)
            changed += 1
        try:
            made = Row.objects.bulk_create([row for row, _ in fresh])
        except IntegrityError:
            raise Refused("刚刚有人登记了表中的行；请再导入一次") from None
        for row, (_, entry) in zip(made, fresh, strict=True):
            entry.row = row
        Change.objects.bulk_create([entry for _, entry in fresh])
        for row in made:
            floors.look(one, row)
    return len(fresh), changed


def begin(one: Kept) -> None:
    """Enter the rows that the document prints, where they never were; what was changed or ended since stays so."""
    mark = (one.pack, one.world.version, one.id)
    if mark in _begun or not one.register.rows:
        return
    rows = {key_of(one, row): row for row in one.register.rows}
    known = set(Row.objects.filter(pack=one.pack, register=one.id, key__in=rows).values_list("key", flat=True))
    dated = one.world.document.get("dated")
    day = min(dated, clock.today()) if isinstance(dated, dt.date) else clock.today()
    with transaction.atomic():
        for key, values in rows.items():
            if key not in known:
                found = Given({k: v for k, v in values.items() if v is not None})
                row = Row(pack=one.pack, register=one.id, key=key, valid_from=day)
                author = Author("", "", str(one.world.document.get("number") or ""))
                _write(one, row, found, PRINTED, author, day, one.register.cite or "", [])
    # What may be rolled back is looked at again; so is what the next drill empties, in whichever process it begins.
    if not transaction.get_connection().in_atomic_block and not exercise.here():
        _begun.add(mark)


def used_up(one: Kept, row: Row, amount: Decimal) -> None:
    """Take what was used up off the quantity of a row whose lock is held; the caller writes the history."""
    column = one.role("quantity")
    if column is not None:
        values = decoded(row)
        values[column.id] = values[column.id] - plain(amount)
        row.values = codec.encode(values)
        row.quantity = values[column.id]


def note(one: Kept, row: Row, kind: str, author: Author, why: str, case: str) -> None:
    """An entry in the history of a row whose lock is held: it was lent, or came back."""
    found = Given(decoded(row), codec.decode(row.personal))
    _write(one, row, found, kind, author, clock.today(), why, [], case)


def forget() -> None:
    _begun.clear()


# ------------------------------------------------------------------------------------------------------------ reading


def key_of(one: Kept, values: Mapping[str, Any]) -> str:
    return SEPARATOR.join(cells.written(values.get(part)) for part in one.register.key)[:400]


def as_of(one: Kept, day: dt.date) -> list[tuple[Row, dict[str, Any]]]:
    """The rows as they were valid on that day, with their cells then; personal ones are not kept and stay out."""
    last: dict[int, Change] = {}
    found = Change.objects.filter(row__pack=one.pack, row__register=one.id, valid_from__lte=day).select_related("row")
    for entry in found.order_by("row_id", "seq"):
        last[entry.row_id] = entry
    # the last day of a row that ended is still one of its days
    kept = [e for e in last.values() if e.kind != ENDED or e.valid_from == day]
    return [(e.row, decoded(e)) for e in sorted(kept, key=lambda e: (e.row.name, e.row_id))]


def plain(amount: Decimal) -> int | Decimal:
    """A stored quantity as it was written: whole numbers without a point."""
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


# ----------------------------------------------------------------------------------------------------- what follows


def _sound(one: Kept, account: Account, found: Given) -> Given:
    if found.errors:
        raise Refused("请更正后再提交", found.errors)
    place = one.cell(found.values, "place")
    if not one.may_edit(account, place):
        column = one.role("place")
        answers = "、".join(u.name for u in one.keepers_of(place)) or "、".join(one.register.kept_by)
        raise Refused(f"这一行应由 {answers} 登记", {column.id: f"由 {answers} 登记"} if column and place else {})
    return found


def _day(day: dt.date | None, label: str) -> dt.date:
    today = clock.today()
    if day is not None and day > today:
        raise Refused(f"{label} {day} 晚于今天 {today}", {"valid_from": "不能晚于今天"})
    return day or today


def _why(why: str, *, needed: bool = False) -> str:
    why = " ".join(why.split())
    if needed and not why:
        raise Refused("须写明原因", {"why": "不能为空"})
    if len(why) > LONGEST_WHY:
        raise Refused(f"原因有 {len(why)} 个字，最多 {LONGEST_WHY} 个", {"why": f"最多 {LONGEST_WHY} 个字"})
    return why


def _in_order(row: Row, day: dt.date) -> None:
    last = row.changes.order_by("-seq").values_list("valid_from", flat=True).first()
    if last is not None and day < last:
        raise Refused(f"生效日期 {day} 早于上一次变更的 {last}", {"valid_from": f"不早于 {last}"})


def _locked(one: Kept, pk: int, seq: int | None) -> Row:
    row = Row.objects.select_for_update().filter(pk=pk, pack=one.pack, register=one.id).first()
    if row is None:
        raise Refused("没有这一行")
    if row.valid_until is not None:
        raise Refused(f"这一行已于 {row.valid_until} 注销")
    if seq is not None and seq != row.seq:
        raise Refused("在您打开之后已有人变更；请刷新后再办")
    return row


def _write(
    one: Kept, row: Row, found: Given, kind: str, author: Author, day: dt.date, why: str, columns: Iterable[str],
    case: str = "",
) -> None:  # fmt: skip
    entry = _entry(one, row, found, kind, author, day, why, columns, case)
    row.save()
    entry.row = row
    entry.save()
    floors.look(one, row)


def _entry(
    one: Kept, row: Row, found: Given, kind: str, author: Author, day: dt.date, why: str, columns: Iterable[str],
    case: str = "",
) -> Change:  # fmt: skip
    """Bring the row up to these cells (not yet saved), and the entry of the history that says so."""
    values = found.values
    row.seq += 1
    row.values, row.personal = codec.encode(values), codec.encode(found.personal)
    row.kind, row.name = one.kind, one.name_of(values)[:200]
    row.place = str(one.cell(values, "place") or "")[:80]
    row.usable = one.cell(values, "state") in (None, USABLE)
    quantity = one.cell(values, "quantity")
    row.quantity = None if quantity is None else Decimal(quantity)
    row.text = " ".join(cells.written(v) for v in values.values()).lower()
    row.changed_at = clock.now()
    return Change(
        row=row if row.pk else None, seq=row.seq, kind=kind, values=row.values, columns=list(columns), valid_from=day,
        at=row.changed_at, by=author.by, name=author.name, unit=author.unit, why=why[:LONGEST_WHY], case=case,
    )  # fmt: skip
