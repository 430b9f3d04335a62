"""What is kept of a drill when its desk is cleared: its report as DOCX, and every case as the events that replay it."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from pathlib import Path

from django.conf import settings

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.model import Event
from gongbao.exchange.report import Grid, Report, Section, to_docx
from gongbao.office import clock
from gongbao.office.cases import files, presenting
from gongbao.office.drills import scoring, stamp
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
    sections.append(
        Section("导调时间", grid=Grid(("实际时间", "演练时间", "动作"), tuple(stamp.directed(drill)), (4, 4, 6)))
    )
    for one in cases:
        sections.append(Section(f"处置过程：{one.seen.case.title}（{one.seen.case.number}）", grid=_timeline(one)))
    sections.append(Section("预案版本和设置", _version(drill), _settings(drill)))
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


def _version(drill: Drill) -> tuple[str, ...]:
    held = drill.stamp
    said = (
        [
            f"《{held.get('title')}》（{held.get('number')}），政策包版本 {str(held.get('version'))[:16]}；设置为演练开始时的值。"
        ]
        if held
        else []
    )
    said += [f"演练中改过：{label}，{before} 改为 {value}。" for label, before, value in stamp.changed(drill) if held]
    return tuple(said)


def _settings(drill: Drill) -> Grid:
    rows = tuple(tuple(row) for row in drill.stamp.get("settings", ()))
    return Grid(("设置", "演练开始时的值", "由谁设定"), rows, (6, 5, 4))


def _expected(drill: Drill, cases: tuple[Played, ...], now: dt.datetime) -> Grid:
    rows = tuple(
        (
            e.what,
            e.value,
            when(e.by),
            f"{e.found} {moments(e.said or e.at, e.at)}" if e.at else "—",
            EXPECTED[e.verdict],
            e.cite,
        )
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
        done = moments(d.met_at, k.at) if d.met_at and k.at else "—"
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
        files = "、".join(name for _, name in attached(event))
        said = "；".join(filter(None, (told, event.note, files and f"附件：{files}")))
        rows.append((moments(event.occurred_at, event.recorded_at), event.unit, label, said))
    return Grid(("时间", "单位", "行为", "内容"), tuple(rows), (4, 4, 4, 9))


def attached(event: Event) -> list[tuple[str, str]]:
    """(digest, name) of what was put to an entry."""
    return [(digest, name) for digest, _, name in (one.partition("/") for one in event.evidence)]


def moments(occurred: dt.datetime, recorded: dt.datetime) -> str:
    """When it is said to have happened; and when it was entered, where that is another minute: the score goes by this."""
    said = when(occurred)
    return said if when(recorded) == said else f"{said}（{when(recorded)[5:]} 登记）"


def pack(drill: Drill) -> str:
    """Write the record of an ended drill as one ZIP into the folder of the site; the name it is downloaded under."""
    target = path_of(drill)
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(f"{drill.label}演练评估报告.docx", to_docx(report(drill)))
        box.writestr("演练.json", json.dumps(
            {"label": drill.label, "pack": drill.pack, "script": drill.script, "result": drill.result,
             "starts": to_jsonable(drill.starts), "ends": to_jsonable(drill.ends), "stamp": drill.stamp}, ensure_ascii=False, indent=1))  # fmt: skip
        for one in scoring.played(drill.ends or clock.now()):
            seen = one.seen
            _files(box, one)
            box.writestr(f"{seen.case.number}.json", json.dumps(
                {"pack": seen.case.pack, "version": seen.case.version, "procedure": seen.case.procedure,
                 "events": write_events(seen.events)}, ensure_ascii=False, indent=1))  # fmt: skip
    return f"演练{drill.pk}-{drill.label}.zip"


def _files(box: zipfile.ZipFile, one: Played) -> None:
    """Every attachment of a case, under the number of the case and of the entry."""
    for event in one.seen.events:
        for digest, name in attached(event):
            path = files.path_of(digest)
            if path.exists():
                box.write(path, f"附件/{one.seen.case.number}/{event.seq:03}-{name}")


def path_of(drill: Drill) -> Path:
    return Path(settings.MEDIA_ROOT) / "drills" / f"{drill.pk}.zip"
