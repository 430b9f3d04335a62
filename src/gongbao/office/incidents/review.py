"""After an incident: what happened when, every clock met or missed, every order and receipt, every decision with its
grounds, what was used, and what remains to be done. One value, shown as a page and written as a DOCX.

Other rooms add what they know of a case by `REVIEWED = (function,)` in their room.py: `function(look)` gives sections
(exchange.report.Section) or nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from importlib import import_module

from django.conf import settings

from gongbao.engine.model import DeadlineState
from gongbao.exchange.paper import NOT_CERTIFIED
from gongbao.exchange.report import Grid, Report, Section
from gongbao.office import exercise
from gongbao.office.cases import presenting
from gongbao.office.cases.service import Look
from gongbao.office.incidents import plans
from gongbao.office.pages import grounds, words

STATUS = {
    "met": "按时", "met_late": "超时完成", "overdue": "超时未完成", "lapsed": "未做到", "cancelled": "已取消",
    "running": "未到期", "waiting": "未到期", "unset": "时限未设定", "paused": "已暂停",
}  # fmt: skip


def extras() -> tuple[Callable[[Look], Iterable[Section]], ...]:
    rooms = (import_module(f"gongbao.office.{name}.room") for name in settings.ROOMS)
    return tuple(part for room in rooms for part in getattr(room, "REVIEWED", ()))


def report(seen: Look, reader: presenting.Reader, issuer: str) -> Report:
    """The after-action report as of now."""
    document = seen.world.document
    parts = [_overview(seen), _clocks(seen), _decisions(seen), _tasks(seen), _events(seen, reader)]
    for extra in extras():
        parts += list(extra(seen))
    parts.append(_remaining(seen))
    numbered = [
        Section(f"{_CN[n]}、{p.heading}", p.paragraphs, p.grid)
        for n, p in enumerate((p for p in parts if p is not None), 1)
    ]
    return Report(
        f"{seen.case.title}处置情况报告", tuple(numbered), subtitle=f"（{seen.case.word} {seen.case.number}）",
        mark=exercise.mark(), issuer=issuer, dated=seen.now.date(),
        remark=f"依据《{document.get('title')}》（{document.get('number')}）"
        + ("" if seen.world.certified_by else f"；{NOT_CERTIFIED}"),
    )  # fmt: skip


_CN = ("", *"一二三四五六七八九十", "十一", "十二", "十三", "十四", "十五")


def _overview(seen: Look) -> Section:
    state, rule = seen.state, seen.world.procedures[seen.case.procedure]
    level, response = plans.level_and_response(seen.world, rule)
    said = [
        f"{words.when(state.opened_at)}接报开立"
        + (f"，{words.when(state.closed_at)}办结。" if state.closed_at else "，尚在处置。")
    ]
    for name in (level, response):
        if name in state.decided:
            held = state.decided[name]
            value = "、".join(words.shown(v) for v in held.value.values())
            said.append(f"{seen.world.labels.get(name, name)}：{value}（{held.by}，{words.when(held.at)}决定）。")
    missed = [d for d in state.deadlines if d.breached]
    said.append(
        f"时限 {len([d for d in state.deadlines if d.status != 'cancelled' or d.breached])} 项，超时 {len(missed)} 项；"
        f"任务 {len(state.tasks)} 项，办结 {sum(t.status == 'done' for t in state.tasks)} 项。"
    )
    return Section("概况", tuple(said))


def _clocks(seen: Look) -> Section:
    rows = tuple(
        _clock(d)
        for d in sorted(seen.state.deadlines, key=lambda d: d.arises_at)
        if d.status != "cancelled" or d.breached
    )
    return Section(
        "时限", () if rows else ("没有产生时限。",),
        Grid(("时限", "责任单位", "起算", "到期", "完成", "结果"), rows, (30, 22, 15, 15, 15, 14)),
    )  # fmt: skip


def _clock(d: DeadlineState) -> tuple[str, ...]:
    late = ""
    if d.due is not None and d.met_at is not None and d.met_at > d.due:
        late = f"，超时{words.length(d.met_at - d.due)}"
    known = "（获知时已到期）" if d.past_when_known else ""
    return (
        f"{d.label}（{d.cite}）", "、".join(d.owner), _short(d.arises_at), _short(d.due), _short(d.met_at),
        f"{STATUS['overdue' if d.status == 'cancelled' else d.status]}{late}{known}",
    )  # fmt: skip


def _short(moment: dt.datetime | None) -> str:
    return "" if moment is None else words.when(moment)[5:]


def _decisions(seen: Look) -> Section:
    rows = []
    for event in seen.events:
        name = event.data.get("decision")
        if not isinstance(name, str) or event.seq in seen.state.voided:
            continue
        value = event.data.get("value")
        receipt = event.data.get("receipt")
        cites = (receipt.get("outcome") or {}).get("cites") if isinstance(receipt, dict) else None
        proposed = event.data.get("proposed")
        reason = str(event.data.get("reason") or event.note or "")
        differs = f"；规则提出{words.shown(proposed)}" if "proposed" in event.data else ""
        rows.append((
            words.when(event.occurred_at)[5:], seen.world.labels.get(name, name),
            "、".join(words.shown(v) for v in value.values()) if isinstance(value, dict) else words.shown(value),
            event.on_behalf_of or event.unit, f"{'、'.join(cites or ())}{differs}{f'；{reason}' if reason else ''}",
        ))  # fmt: skip
    standing = tuple(
        f"{g.label}：{'，'.join(o.text for o in g.outputs) or '或'.join(g.candidates) or '需人工判定'}，依据"
        f"{'、'.join(dict.fromkeys(r.cite for r in g.rows)) or '—'}。"
        for g in grounds.of_case(seen)
    )
    return Section(
        "判定和依据", standing,
        Grid(("时间", "判定", "结论", "决定人", "依据和理由"), tuple(rows), (14, 18, 14, 24, 34)),
    )  # fmt: skip


def _tasks(seen: Look) -> Section | None:
    tasks = [t for t in seen.state.tasks if t.status != "cancelled"]
    rows = tuple(
        (t.unit, f"{t.do}（{t.cite}）", _short(t.arises_at), _short(t.received_at), _short(t.done_at),
         presenting.STATUS[t.status] + (f"：{t.last_feedback}" if t.last_feedback else ""))
        for t in sorted(tasks, key=lambda t: (t.arises_at, t.unit))
    )  # fmt: skip
    grid = Grid(("单位", "任务", "下达", "签收", "办结", "状态和反馈"), rows, (22, 36, 14, 14, 14, 24))
    return Section("任务和回执", (), grid) if rows else None


def _events(seen: Look, reader: presenting.Reader) -> Section:
    entries = presenting.grouped(reversed(presenting.timeline(seen, reader)))
    rows = tuple(
        (
            words.when(e.occurred_at)[5:] + ("（补记）" if e.late else ""), f"{e.label}{'（已作废）' if e.voided else ''}",
            e.who + (f"，代录{e.on_behalf_of}" if e.on_behalf_of else "") + (f"，{e.source}" if e.source != "系统" else ""),
            "；".join([*(f"{f.label}：{f.text}" for f in e.facts if not _personal(seen, f.name)), *([e.note] if e.note else [])]),
        )
        for e in entries
    )  # fmt: skip
    return Section("经过", (), Grid(("时间", "事项", "单位和人员", "内容"), rows, (16, 22, 26, 46)))


def _personal(seen: Look, name: str) -> bool:
    """Personal values stay in the case: the report goes to others."""
    return bool(getattr(seen.world.facts.get(name), "personal", None))


def _remaining(seen: Look) -> Section:
    """What is still to be done: open tasks, clocks that run on, and what the open steps wait for."""
    live = [t for t in seen.state.tasks if t.status not in ("done", "cancelled")]
    steps = tuple(f"“{s.label}”由{'、'.join(s.who)}办理。" for s in seen.state.steps)
    rows = tuple(
        (t.unit, f"{t.do}（{t.cite}）", _short(t.deadline.due if t.deadline else None), presenting.STATUS[t.status])
        for t in live
    )
    nothing = () if steps or rows else ("没有遗留事项。",)
    return Section("后续事项", (*steps, *nothing), Grid(("单位", "任务", "到期", "状态"), rows, (28, 50, 18, 14)))
