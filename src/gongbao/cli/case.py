"""`gongbao case replay` and `gongbao due`: a case from its events, a time limit on its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gongbao.cli import law
from gongbao.cli.failure import Failure, or_fail
from gongbao.cli.finding import out_of_force, world_of
from gongbao.cli.options import Json, PackId, Packs
from gongbao.cli.output import print_json, print_table, time_text, warn
from gongbao.cli.reading import known, read_json

if TYPE_CHECKING:
    pass


_STATUS = {
    "waiting": "等待中", "running": "进行中", "met": "已按时", "met_late": "逾期完成", "overdue": "已逾期",
    "lapsed": "已失效", "cancelled": "已取消", "unset": "时限未设置", "paused": "已暂停", "issued": "待签收",
    "received": "已签收",
    "feedback": "已反馈", "verified": "已核查", "returned": "已退回", "done": "已办结",
}  # fmt: skip


def case_replay(
    pack: PackId,
    procedure: Annotated[str, typer.Argument(metavar="PROCEDURE", help="流程的编号")],
    events: Annotated[str, typer.Option("--events", help="事件的 JSON 文件（列表），- 为标准输入")],
    now: Annotated[str, typer.Option("--now", help="此刻，如 2023-02-03T17:05（北京时间）")],
    settings: Annotated[Path | None, typer.Option("--settings", help="设置的 JSON 文件")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """由事件重放一个办件：环节、时限与到期、任务、此时可办的动作。"""
    from gongbao.engine.case import possible, replay, state_to_dict
    from gongbao.engine.case.moving import obstacle
    from gongbao.policy.events import problems_of, read_events
    from gongbao.policy.times import moment

    at = or_fail(lambda: moment(now))
    raw = read_json(events)
    if not isinstance(raw, list):
        raise Failure("事件文件应是一个列表，每项是一个事件（映射）")
    world, version, day = law.of_case(pack, packs, settings, raw, at)
    moved: list[str] = []
    stayed = None
    while True:
        known(procedure, world.procedures, "流程")
        read = read_events(world, procedure, raw)
        state = or_fail(lambda world=world, read=read: replay(world, procedure, read.events, at))
        following = law.moved(pack, packs, settings, world, at, state.closed_at)
        if following is None:
            break
        if why := obstacle(world, following, procedure, read.events):
            stayed = f"没有移到版本 {following.label or following.version[:12]}：{why}"
            break
        moved.append(world.label or world.version[:12])
        world = following
    options = or_fail(lambda: possible(world, state, read.events, None, at))
    problems = or_fail(lambda: problems_of(world, state, read, at))
    if as_json:
        shown = {**state_to_dict(state, options, labels=world.labels), "problems": [p.as_dict() for p in problems]}
        head = {"pack": world.pack, "version": world.version, "now": at, "out_of_force": out_of_force(world, at),
                "law": {**law.as_data(world, version, day), "moved_from": moved, "not_moved": stayed}}  # fmt: skip
        print_json({**head, **shown})
        return
    status = "已办结" if state.closed_at else "、".join(s.label for s in state.steps) or "未立案"
    print(f"{world.procedures[procedure].label}：{status}")
    print_table(["时限", "到期", "状态", "依据"], [
        [d.label, time_text(d.due), _STATUS.get(d.status, d.status), d.cite] for d in state.deadlines
    ])  # fmt: skip
    print_table(["任务", "单位", "状态", "依据"], [
        [t.do, t.unit, _STATUS.get(t.status, t.status), t.cite] for t in state.tasks
    ])  # fmt: skip
    print_table(["可办的动作", "由谁", "现在"], [
        [o.label, "、".join(o.who), "可以" if o.allowed else o.why_not] for o in options
    ])  # fmt: skip
    for problem in problems:
        warn(str(problem))
    if said := law.in_words(world, version):
        print(said + (f"（由版本 {'、'.join(moved)} 移来）" if moved else ""))
    warn(stayed)
    warn(out_of_force(world, at))


def due_command(
    start: Annotated[str, typer.Option("--from", help="起算时间，如 2023-01-20T22:30；只写日期则只知道那一天")],
    limit: Annotated[str, typer.Option("--limit", help="时限，如 '3 working days'、'2 hours'、'5个工作日'")],
    kind: Annotated[str, typer.Option("--kind", help="period 期限 | wait 等待 | lead 提前量 | right 权利")] = "period",
    pack: Annotated[str | None, typer.Option("--pack", help="时限所属的政策包：说明它在起算之日是否施行")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """一个时限何时到期，怎么数的。"""
    from gongbao.engine.time.calendar import default_calendar
    from gongbao.engine.time.counting import due
    from gongbao.policy.times import moment, start_of

    if kind not in ("period", "wait", "lead", "right"):
        raise Failure(f"--kind 只能是 period、wait、lead、right，现为“{kind}”")
    begin = or_fail(lambda: start_of(start))
    made = or_fail(lambda: due(limit, begin, default_calendar(), kind))  # type: ignore[arg-type]
    said = None
    if pack is not None:
        day = moment(begin)
        said = out_of_force(world_of(pack, packs, day.date().isoformat(), None), day)
    if as_json:
        print_json({"from": begin, "limit": limit, "kind": kind, "due": made.at, "explain": made.explain,
                     "pack": pack, "out_of_force": said})  # fmt: skip
        return
    print(f"{time_text(made.at)}\n{made.explain}")
    warn(said)
