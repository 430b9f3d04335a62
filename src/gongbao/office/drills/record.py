"""What is kept of a drill when its desk is cleared: its report as DOCX, and every case as the events that replay it."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path

from django.conf import settings

from gongbao.engine.canonical import to_jsonable
from gongbao.exchange.report import Grid, Report, Section, to_docx
from gongbao.office import clock
from gongbao.office.cases import presenting
from gongbao.office.drills import scoring
from gongbao.office.drills.models import Drill
from gongbao.office.drills.scoring import EXPECTED, VERDICTS, Played
from gongbao.office.pages.words import when
from gongbao.policy.drills import ScriptFile
from gongbao.policy.events import write_events


def report(drill: Drill) -> Report:
    """How the drill went so far, or went: the score, the decisions expected, every clock, what was told, who did what."""
    now = drill.ends or clock.now()
    cases = scoring.played(now)
    sections = [Section("一、基本情况", _basics(drill, cases)), Section("二、判定", grid=_expected(drill, cases, now))]
    if not drill.script.get("expects"):
        sections.pop()
    for one in cases:
        sections.append(Section(f"时限：{one.seen.case.title}（{one.seen.case.number}）", (_count(one),), _clocks(one)))
    sections.append(Section("导调注入", grid=_told(drill)))
    for one in cases:
        sections.append(Section(f"处置过程：{one.seen.case.title}（{one.seen.case.number}）", grid=_timeline(one)))
    numbered = tuple(
        Section(f"{_CHINESE[n]}、{s.heading.partition('、')[2] or s.heading}", s.paragraphs, s.grid)
        for n, s in enumerate(sections)
    )
    return Report(f"{drill.label}演练评估报告", numbered, f"演练时间 {when(drill.starts)} 至 {when(now)}", "演练")


_CHINESE = [f"{tens}{ones}" for tens in ("", "十", "二十", "三十") for ones in ("", *"一二三四五六七八九")][1:]


def _basics(drill: Drill, cases: tuple[Played, ...]) -> tuple[str, ...]:
    brief = ScriptFile.model_validate(drill.script).brief if drill.script else "没有脚本，由导调临机注入。"
    minutes = int(((drill.ended_at or clock.machine_now()) - drill.began_at).total_seconds() // 60)
    return (
        brief,
        f"导调：{drill.by}。实际用时{minutes}分钟；开立{len(cases)}件，注入{drill.injections.exclude(told_at=None).count()}条。",
        "本报告所列均为演练内容。各时限出自预案条款，不设权重。",
    )


def _expected(drill: Drill, cases: tuple[Played, ...], now: dt.datetime) -> Grid:
    rows = tuple(
        (e.what, e.value, when(e.by), f"{e.found} {when(e.at)}" if e.at else "—", EXPECTED[e.verdict], e.cite)
        for e in scoring.expected(drill, cases, now)
    )
    return Grid(("判定", "应为", "不迟于", "实际", "结果", "依据"), rows, (3, 2, 4, 5, 3, 3))


def _count(one: Played) -> str:
    s = one.score
    parts = [f"按时{s.met}项", f"迟报迟办{s.late}项", f"未完成{s.missed}项"]
    parts += [f"未到时限{s.running}项"] if s.running else []
    parts += [f"时限未设{s.unset}项"] if s.unset else []
    return "，".join(parts) + "。"


def _clocks(one: Played) -> Grid:
    rows = []
    for k in one.clocks:
        d = k.deadline
        late = f"，超{_length(k.over.total_seconds())}" if k.over is not None else ""
        known = "（获知时已到期，不计）" if k.known_late else ""
        done = when(d.met_at) if d.met_at else "—"
        rows.append((
            d.label, "、".join(d.owner), when(d.due) if d.due else "—", done, f"{VERDICTS[k.verdict]}{late}{known}", d.cite,
        ))  # fmt: skip
    return Grid(("时限", "责任单位", "应于", "实于", "结果", "依据"), tuple(rows), (5, 4, 4, 4, 4, 3))


def _length(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 60}小时{minutes % 60}分" if minutes >= 60 else f"{minutes}分"


def _told(drill: Drill) -> Grid:
    rows = tuple(
        (when(i.at), f"{i.by}　{i.source}", "、".join(i.to), i.text, when(i.told_at) if i.told_at else "未注入")
        for i in drill.injections.all()
    )
    return Grid(("时间", "来源", "告知", "内容", "注入"), rows, (4, 3, 3, 8, 4))


def _timeline(one: Played) -> Grid:
    rows = []
    for event in one.seen.events:
        label = presenting.label_of(one.seen.world, one.seen.case.procedure, event.type, event.step)
        told = "；".join(
            f"{presenting.fact_label(one.seen.world, name)}：{presenting.fact_text(one.seen.world, name, value)}"
            for name, value in event.facts.items()
            if value is not None
            and not getattr(one.seen.world.facts.get(name), "personal", None)  # the paper goes round
        )
        rows.append((when(event.occurred_at), event.unit, label, "；".join(filter(None, (told, event.note)))))
    return Grid(("时间", "单位", "行为", "内容"), tuple(rows), (4, 4, 4, 9))


def pack(drill: Drill) -> str:
    """Write the record of an ended drill as one ZIP into the folder of the site; the name it is downloaded under."""
    target = path_of(drill)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(f"{drill.label}演练评估报告.docx", to_docx(report(drill)))
        box.writestr("演练.json", json.dumps(
            {"label": drill.label, "pack": drill.pack, "script": drill.script, "result": drill.result,
             "starts": to_jsonable(drill.starts), "ends": to_jsonable(drill.ends)}, ensure_ascii=False, indent=1))  # fmt: skip
        for one in scoring.played(drill.ends or clock.now()):
            seen = one.seen
            box.writestr(f"{seen.case.number}.json", json.dumps(
                {"pack": seen.case.pack, "version": seen.case.version, "procedure": seen.case.procedure,
                 "events": write_events(seen.events)}, ensure_ascii=False, indent=1))  # fmt: skip
    return f"演练{drill.pk}-{drill.label}.zip"


def path_of(drill: Drill) -> Path:
    return Path(settings.MEDIA_ROOT) / "drills" / f"{drill.pk}.zip"
