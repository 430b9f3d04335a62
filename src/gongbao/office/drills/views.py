"""The pages of drills: scripts and past drills; the one that is on, as players and as its director see it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongbao.engine.case.score import score
from gongbao.office import clock, exercise, worlds
from gongbao.office.cases import files
from gongbao.office.drills import running, scoring, scripts
from gongbao.office.drills.models import Drill
from gongbao.office.drills.running import CannotDrill
from gongbao.office.people import access, audit
from gongbao.office.people import roles as r

DIRECTORS = (r.DUTY_LEADER, r.INSPECTOR, r.ADMINISTRATOR)
JUMPS = ((5, "5分钟"), (30, "30分钟"), (120, "2小时"), (1440, "1天"))


def _directs(request: HttpRequest) -> bool:
    return bool(request.user.has_role(*DIRECTORS))


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """On the drill site: the scripts, the drill that is on, those that are over. Elsewhere: the way there."""
    found, wrong = scripts.of_packs()
    context: dict[str, Any] = {
        "here": exercise.here(), "address": os.environ.get("GONGBAO_DRILL_ADDRESS", ""), "scripts": found, "wrong": wrong,
        "current": running.current(), "past": Drill.objects.exclude(cleared_at=None)[:30], "directs": _directs(request),
        "directors": DIRECTORS, "packs": list(worlds.loaded()), "now": clock.machine_now(),
    }  # fmt: skip
    return render(request, "drills/home.html", context)


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Begin the drill of a script (`pack`, `name`), or one without a script (`pack`, `label`, `starts`)."""
    access.require(request.user, *DIRECTORS)
    post = request.POST
    try:
        if post.get("name"):
            script = scripts.find(post.get("pack", ""), post["name"])[1]
            drill = running.start(request.user, script)
        else:
            drill = running.start(
                request.user, None, pack=post.get("pack", ""), label=post.get("label", "").strip(),
                starts=_moment(post.get("starts", "")),
            )  # fmt: skip
    except (CannotDrill, LookupError) as refused:
        messages.error(request, str(refused))
        return redirect("drills:home")
    running.tell_due()
    audit.note(
        request.user, "演练：开始", drill.label, {"脚本": drill.name or "无", "演练时间": f"{drill.starts}"}, request
    )
    messages.success(request, f"“{drill.label}”开始，演练时间 {clock.now():%Y-%m-%d %H:%M}")
    return redirect("drills:now")


def _moment(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None


@require_GET
def now(request: HttpRequest) -> HttpResponse:
    """The drill that is on: what was told, the cases, the score; for its director also the controls."""
    drill = running.current()
    if drill is None or not exercise.here():
        return redirect("drills:home")
    return _page(request, drill)


def _page(request: HttpRequest, drill: Drill, given: Any = None, status: int = 200) -> HttpResponse:
    """`given`: what was typed to be told, and refused."""
    moment = drill.ends or clock.now()
    cases = scoring.played(moment)
    directs = _directs(request)
    told = drill.injections.exclude(told_at=None).order_by("-at", "-id")
    own = [one for one in told if directs or request.user.unit in one.to]
    context = {
        "drill": drill, "directs": directs, "moment": moment, "cases": cases, "told": own,
        "waiting": drill.injections.filter(told_at=None) if directs else (),
        "expected": scoring.expected(drill, cases, moment) if directs or not drill.running else (),
        "figures": _figures(cases), "verdicts": scoring.VERDICTS, "words": scoring.EXPECTED,
        "next": running.next_moment(drill) if drill.running else None, "rates": running.RATES, "rate": clock.rate(),
        "jumps": JUMPS, "units": sorted({to for i in drill.injections.all() for to in i.to}), "given": given or {},
        "ways": [way for way in running.WAYS if way != "系统"],
    }  # fmt: skip
    return render(request, "drills/now_live.html" if request.htmx else "drills/now.html", context, status=status)


def _figures(cases: tuple[scoring.Played, ...]) -> list[tuple[str, int]]:
    total = score([k for one in cases for k in one.clocks])
    return [("件事项", len(cases)), ("项按时", total.met), ("项迟报迟办", total.late), ("项未完成", total.missed),
            ("项未到时限", total.running)]  # fmt: skip


@require_POST
def direct(request: HttpRequest) -> HttpResponse:
    """An act of the director: pace | jump | next | tell | end | clear."""
    access.require(request.user, *DIRECTORS)
    post = request.POST
    act = ACTS.get(post.get("do", ""))
    if act is None:
        raise Http404("没有这个导调动作")
    drill = running.current()
    try:
        said = act(request, post)
        audit.note(
            request.user,
            f"演练：{LABELS[post['do']]}",
            drill.label if drill is not None else "",
            {"结果": said},
            request,
        )
        messages.success(request, said)
    except CannotDrill as refused:
        messages.error(request, str(refused))
        drill = running.current()
        if act is _tell and drill is not None and drill.running:  # what was typed is not lost
            return _page(request, drill, post, status=422)
    return redirect("drills:now" if running.current() is not None else "drills:home")


def _pace(request: HttpRequest, post: Mapping[str, Any]) -> str:
    rate = str(post.get("rate", ""))
    running.pace(request.user, int(rate) if rate.isdigit() else -1)
    return f"演练时间 {rate} 倍速" if rate != "0" else "演练时间已暂停"


def _jump(request: HttpRequest, post: Mapping[str, Any]) -> str:
    minutes = str(post.get("minutes", ""))
    if not minutes.isdigit() or not 1 <= int(minutes) <= 60 * 24 * 400:
        raise CannotDrill(f"快进“{minutes}”分钟不行：须为 1 到 {60 * 24 * 400} 的整数")
    running.jump(request.user, clock.now() + dt.timedelta(minutes=int(minutes)))
    running.tell_due()
    return f"演练时间到 {clock.now():%m-%d %H:%M}"


def _next(request: HttpRequest, post: Mapping[str, Any]) -> str:
    drill = running.current()
    coming = running.next_moment(drill) if drill is not None else None
    if coming is None:
        raise CannotDrill("后面没有待注入的内容，也没有将到的时限")
    running.jump(request.user, coming[0])
    running.tell_due()
    return f"演练时间到 {clock.now():%m-%d %H:%M}：{coming[1]}"


def _tell(request: HttpRequest, post: Any) -> str:
    drill = running.current()
    if drill is None:
        raise CannotDrill("现在没有进行中的演练")
    to = [name for part in post.getlist("to") for name in part.replace("、", " ").replace("，", " ").split()]
    running.tell(drill, request.user, to, post.get("source", ""), post.get("by", "电话"), post.get("text", ""))
    return f"已告知 {'、'.join(to)}"


def _end(request: HttpRequest, post: Mapping[str, Any]) -> str:
    return f"“{running.end(request.user).label}”已结束，时间停住；看过之后归档清场"


def _clear(request: HttpRequest, post: Mapping[str, Any]) -> str:
    return f"“{running.clear(request.user).label}”已归档，演练台已清空"


ACTS: dict[str, Callable[[HttpRequest, Any], str]] = {
    "pace": _pace, "jump": _jump, "next": _next, "tell": _tell, "end": _end, "clear": _clear,
}  # fmt: skip
LABELS = {
    "pace": "时间快慢",
    "jump": "快进",
    "next": "到下一件事",
    "tell": "临机注入",
    "end": "结束",
    "clear": "归档清场",
}


@require_GET
def report(request: HttpRequest) -> HttpResponse:
    """The report of the drill that is on, as it stands; while it runs not for players, for it tells what is to come."""
    drill = running.current()
    if drill is None or not exercise.here():
        raise Http404("现在没有演练")
    if drill.running:
        access.require(request.user, *DIRECTORS)
    from gongbao.exchange.report import to_docx  # python-docx is not for a server's start
    from gongbao.office.drills import record as records

    audit.note(request.user, "演练：下载评估报告", drill.label, {}, request)
    answer = HttpResponse(to_docx(records.report(drill)), content_type=files.KINDS[".docx"])
    answer.headers["Content-Disposition"] = f'attachment; filename="report-{drill.pk}.docx"'
    return answer


@require_GET
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """All that was played in a drill that is over, as a ZIP: every event as it was entered, so for directors only."""
    access.require(request.user, *DIRECTORS)
    from gongbao.office.drills import record as records

    drill = Drill.objects.filter(pk=pk).exclude(record="").first()
    if drill is None or not records.path_of(drill).exists():
        raise Http404("没有这次演练的记录")
    audit.note(request.user, "演练：下载全部记录", drill.label, {"文件": drill.record}, request)
    return FileResponse(
        records.path_of(drill).open("rb"), as_attachment=True, filename=drill.record, content_type="application/zip"
    )
