"""试算: what may be changed, the run over its data, and what is kept of it. It reads; no matter, grade or setting changes.

Few rows are decided at once, many by the worker, which tells how far it is. What is kept is the comparison, its picture
and, for those who may see rows by name, the changed rows as a workbook; after KEEP all of it goes.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from gongbao.batch.whatif.answers import AT_ONCE
from gongbao.batch.whatif.compare import changes_table, feed, remarks
from gongbao.batch.whatif.picture import picture
from gongbao.batch.whatif.result import Changed, Row
from gongbao.batch.whatif.rows import rows_of, series_facts
from gongbao.batch.whatif.tally import Tally
from gongbao.engine.canonical import to_jsonable
from gongbao.engine.decision.grounds import grounds
from gongbao.engine.world import World
from gongbao.exchange.tables import read_table, write_xlsx
from gongbao.office import clock, worlds
from gongbao.office.library import packs, readable, sources
from gongbao.office.library.models import Simulation
from gongbao.office.library.sources import Pieces, Source
from gongbao.office.pages import words
from gongbao.office.people import roles
from gongbao.office.people.models import Account
from gongbao.policy.errors import PackError
from gongbao.policy.variant import Change, uses, variant

MAY = (
    roles.POLICY_EDITOR, roles.REGULATOR, roles.INSPECTOR, roles.ADMINISTRATOR, roles.DUTY_OFFICER, roles.DUTY_LEADER,
)  # fmt: skip
UPLOAD = "upload"
AT_ONCE_ROWS = 3_000  # more rows are left to the worker
MOST_CHANGED = 100_000  # rows in the workbook
MOST_UPLOAD = 20 * 1024 * 1024
EXAMPLES = 24
SLICE = 2.0  # seconds of a 试算 in one round of the worker
SILENT = dt.timedelta(seconds=120)  # one that has said nothing for so long has died with its process
KEEP = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure or setting that may be changed: its present value in words, what may be chosen, what was typed."""

    name: str
    label: str
    present: str
    unit: str
    cite: str
    options: tuple[str, ...]
    why: str = ""
    typed: str = ""


def figures(world: World, decision: str, given: Mapping[str, str], more: Sequence[str] = ()) -> tuple[Figure, ...]:
    """Every figure and setting that the decision reads, those it requires included, and `more` that the data reads."""
    pack = packs.pack_of(world.pack)
    named = dict.fromkeys(n for d in grounds(world, decision).decisions for n in world.decisions[d].names)
    found = []
    for name in dict.fromkeys([*named, *more]):
        kind, _, key = name.partition(".")
        if kind == "params" and key in pack.params:
            spec = pack.params[key]
            used = "、".join(uses(pack, key))
            called = f"{spec.label}（{spec.text}）" if spec.label and spec.text else spec.label or spec.text
            found.append(Figure(name, called or words.shown(spec.value), words.shown(spec.value), spec.unit or "",
                                spec.cite, (), f"用于：{used}" if used else "", given.get(name, "")))  # fmt: skip
        elif kind == "settings" and key in world.settings:
            held = world.settings[key]
            listed = held.values or held.candidates
            options = tuple(map(words.shown, listed)) or (("是", "否") if held.type == "boolean" else ())
            found.append(Figure(name, held.label, words.setting(held, held.value), held.unit or "",
                                pack.settings[key].cite or "", options, held.why or "", given.get(name, "")))  # fmt: skip
    return tuple(found)


def start(
    account: Account, world: World, decision: str, changes: Mapping[str, str], *, source: str,
    facts: Mapping[str, str] | None = None, upload: tuple[str, bytes] | None = None,
) -> Simulation:  # fmt: skip
    """One more 试算, done at once where it is small. ValueError (Chinese) for what cannot be tried."""
    if not changes:
        raise ValueError("没有改动任何数字或设置；至少改一项")
    _, made = variant(worlds.folder(world.pack), world, changes)
    if all(each.before == each.after for each in made):
        raise ValueError("改后的值与现值相同；至少改一项")
    data = _source(source)
    if data is not None and not data.fits(world, decision, account):
        raise ValueError("这项判定不能用所选的数据试算")
    row = Simulation(
        at=clock.now(), account=account.username, unit=account.unit, pack=world.pack, version=world.version,
        decision=decision, changes=dict(changes), told=[_told(each) for each in made], facts=dict(facts or {}),
        source=source, names=data is None or data.names(account), seen_at=clock.machine_now(),
    )  # fmt: skip
    if data is not None:
        row.total = data.count(world, account)
    else:
        if upload is None:
            raise ValueError("请选择要试算的表（.xlsx 或 .csv）")
        if len(upload[1]) > MOST_UPLOAD:
            raise ValueError(f"文件过大，最多 {MOST_UPLOAD // 1024 // 1024} MB")
        row.file_name, row.upload = upload[0][:120], upload[1]
        row.total = len(_uploaded(row, world, world)[0][0])
    row.save()
    if row.total <= AT_ONCE_ROWS:
        carry_out(row)
    return row


def _source(key: str) -> Source | None:
    """The source of this key; None for an upload."""
    if key == UPLOAD:
        return None
    found = sources.source(key)
    if found is None:
        raise ValueError("请选择用哪些数据试算")
    return found


def _told(each: Change) -> dict[str, Any]:
    shown = [words.shown(v) if v is not None else "未填" for v in (each.before, each.after)]
    return {"name": each.name, "words": each.words(), "label": each.label, "before": shown[0], "after": shown[1], "unit": each.unit,
            "cite": each.cite}  # fmt: skip


# --------------------------------------------------------------------------------------------------------- carrying out


def carry_out(row: Simulation) -> Simulation:
    """Decide every row under both versions and keep what came of it; a mistake of the data is kept as its error."""
    for _ in _carried_out(row):
        pass
    return row


def _carried_out(row: Simulation) -> Iterator[None]:
    """The same piece by piece."""
    began = time.monotonic()
    try:
        yield from _run(row)
        row.status = Simulation.DONE
    except (
        ValueError,
        LookupError,
        PackError,
        ImportError,
    ) as error:  # BatchError, RecordsError, TableError are ValueErrors
        row.status, row.error = Simulation.FAILED, str(error.args[0] if error.args else error)[:1000]
    except Exception as error:
        logging.getLogger(__name__).exception("试算 %s", row.pk)
        row.status, row.error = Simulation.FAILED, f"没有完成：{type(error).__name__}"
    row.upload, row.seen_at = None, clock.machine_now()
    row.seconds = Decimal(str(round(time.monotonic() - began, 2)))
    row.save()


def _run(row: Simulation) -> Iterator[None]:
    account = Account.objects.get(username=row.account)
    before = worlds.world(row.pack).for_unit(row.unit)
    after, _ = variant(worlds.folder(row.pack), before, row.changes)
    data = _source(row.source)
    tally = Tally(before, after, row.decision, examples=EXAMPLES)
    pieces = _uploaded_pieces(row, before, after) if data is None else data.pieces(before, after, row.decision, account)
    changed: list[Changed] = []
    for rows, ask in pieces:
        found = feed(tally, rows, as_of=row.at, ask=ask)
        if row.names:
            changed += found[: MOST_CHANGED - len(changed)]
        row.done = tally.rows
        Simulation.objects.filter(pk=row.pk).update(
            done=row.done, seen_at=clock.machine_now(), status=Simulation.RUNNING
        )
        yield
    if not tally.rows:
        raise ValueError("没有可以试算的数据")
    result = tally.result(row.at)
    unit = "行" if data is None else data.unit
    row.total = row.done
    row.picture = picture(result, [each["words"] for each in row.told], unit=unit)
    named = {each["name"]: f"“{each['label']}”" for each in row.told}
    noted = remarks(before, row.decision, named, result.changed, () if data is None else data.reads)
    row.result = {**result.as_dict(), "unit": unit, "remarks": noted, "told": list(result.invalid),
                  "examples": [_example(e.as_dict(), row, data, before) for e in result.examples]}  # fmt: skip
    if row.names and changed:
        header, lines = changes_table(before, after, row.decision, changed)
        row.changed = write_xlsx(header, lines, "改变的行")


def _example(told: dict[str, Any], row: Simulation, data: Source | None, world: World) -> dict[str, Any]:
    """An example as the page shows it: facts by label, the page of the row, and no name where names are not for all."""
    told["facts"] = [
        [world.labels.get(n, n), _words(v), world.facts[n].unit or ""] for n, v in told["facts"].items()
        if n in world.facts and not world.facts[n].personal
    ]  # fmt: skip
    pack = packs.pack_of(row.pack)
    for because in told["because"]:
        because |= {side: readable.test_words(because[side], pack) for side in ("before", "after")}
    if not row.names:
        told["name"] = told["key"] = None
    told["url"] = data.address(told["key"]) if data is not None and told["key"] else ""
    return told


def _words(value: Any) -> str:
    if isinstance(value, Mapping) and "values" in value:
        known = [v for v in value["values"] if v is not None]
        return f"{len(value['values'])} 个读数" + (
            f"，最高 {max(known, key=lambda v: Decimal(str(v)))}" if known else ""
        )
    return words.shown(value) if not isinstance(value, (list, dict)) else str(to_jsonable(value))[:120]


def _uploaded(row: Simulation, before: World, after: World) -> list[tuple[list[Row], None]]:
    table = read_table(bytes(row.upload or b""), row.file_name)
    names = [h for h in table.header if h]
    records = [{h: (each[h].text or None) if h in each else None for h in names} for each in table.records()]
    fixed = {n: v or None for n, v in row.facts.items()}
    rows = rows_of(before, after, row.decision, records, name="名称" if "名称" in names else None, fixed=fixed)
    return [(rows, None)]


def _uploaded_pieces(row: Simulation, before: World, after: World) -> Pieces:
    ((whole, _),) = _uploaded(row, before, after)
    for at in range(0, len(whole), AT_ONCE // 10):
        yield whole[at : at + AT_ONCE // 10], None


def fixed_facts(world: World, decision: str) -> tuple[str, ...]:
    """Facts that a table of readings has no column for: the same for all its series."""
    names = grounds(world, decision).facts
    series = series_facts(world, decision)
    return tuple(n for n in names if n in world.facts and n not in series) if len(series) == 1 else ()


# -------------------------------------------------------------------------------------------------------------- worker


_begun: list[Iterator[None]] = []  # the 试算 that this process is at


def carry_out_waiting() -> int:
    """A slice of the 试算 that this process is at, or of the next that waits; whether there was one. A round of the worker.

    A slice is whole pieces of SLICE seconds together, so that what falls due meanwhile does not wait for a long one.
    """
    bury()
    if not _begun:
        row = _next()
        if row is None:
            return 0
        _begun.append(_carried_out(row))
    until = time.monotonic() + SLICE
    for _ in _begun[0]:
        if time.monotonic() >= until:
            return 1
    _begun.clear()
    return 1


def _next() -> Simulation | None:
    """The next that waits, claimed."""
    with transaction.atomic():
        waiting = Simulation.objects.filter(status=Simulation.WAITING).order_by("id")
        row = waiting.select_for_update(skip_locked=_skips()).first()
        if row is None:
            return None
        row.status, row.seen_at = Simulation.RUNNING, clock.machine_now()
        row.save(update_fields=["status", "seen_at"])
    return row


def _skips() -> bool:
    from django.db import connection

    return bool(connection.features.has_select_for_update_skip_locked)


def bury() -> None:
    """Mark those whose process has gone as failed."""
    dead = Simulation.objects.filter(status=Simulation.RUNNING, seen_at__lt=clock.machine_now() - SILENT)
    dead.update(status=Simulation.FAILED, error="进程中断，没有完成，请重新试算", upload=None)


def forget_old() -> int:
    """Those whose time is over are deleted. A round of the worker."""
    old = Simulation.objects.filter(seen_at__lt=clock.machine_now() - KEEP)
    return old.delete()[0]


def of_account(account: Account, pack: str) -> Iterator[Simulation]:
    kept = Simulation.objects.filter(account=account.username, pack=pack)
    return kept.defer("upload", "changed", "picture", "result")[:10].iterator()
