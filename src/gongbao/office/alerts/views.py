"""The pages of a warning: from a series of readings to its opening, and from its report to its lifting."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from gongbao.engine.force import may_open
from gongbao.engine.model import Possible
from gongbao.engine.series import DAY, Series
from gongbao.exchange.tables import write_xlsx
from gongbao.office import clock
from gongbao.office.alerts import readings, showing, warnings
from gongbao.office.alerts.assessment import Assessment, assess
from gongbao.office.alerts.readings import BadReadings
from gongbao.office.alerts.warnings import Kind
from gongbao.office.cases import files, lists, papers, presenting, service
from gongbao.office.cases.models import CLOSED, OPEN, Case
from gongbao.office.cases.views import how
from gongbao.office.pages import fields
from gongbao.office.people import access

ROWS = (8, 240)  # how many rows a typed table has, and at most may have
TABS = (
    ("warning", "研判与签发"), ("measures", "措施落实"), ("broadcasts", "播发安排"), ("papers", "文书与报告"),
)  # fmt: skip


# ------------------------------------------------------------------------------------------------------------- home


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The warnings that stand, the gravest first; then those being prepared; then the last ones that are over."""
    rows = warnings.cases(lists.seen_by(request.user))
    open_ = list(rows.filter(status=OPEN).order_by("-alarm", "-opened_at")[:40])
    since = lists.levels_since(open_)
    context = {
        "standing": [_standing(case, since.get(case.pk)) for case in open_],
        "over": list(rows.filter(status=CLOSED).order_by("-closed_at")[:12]),
        "kinds": [k for k in warnings.kinds() if warnings.opened_by(k, request.user.actor, clock.today())],
    }  # fmt: skip
    return render(request, "alerts/home_live.html" if request.htmx else "alerts/home.html", context)


@dataclass(frozen=True, slots=True)
class Standing:
    """One open warning as the list shows it, from its projection."""

    case: Case
    level: str
    response: str
    over: bool = False  # a level was decided and has been lifted
    since: dt.datetime | None = None  # when the level that stands was decided


def _standing(case: Case, since: dt.datetime | None) -> Standing:
    values = [str(next(iter(value.values()), "")) for value in case.decided.values() if isinstance(value, dict)]
    response = next((v for v in values if v.endswith("级")), "")
    return Standing(case, lists.level_of(case), response, bool(values) and not case.alarm, since)


# ------------------------------------------------------------------------------------------------------- the series


@require_GET
def sample(request: HttpRequest, form: str) -> HttpResponse:
    """The file to fill in: ?pack=&step=24|1; form is csv or xlsx."""
    kind = _kind(request.GET)
    step = readings.step_of(request.GET.get("step")) or DAY
    head, rows = readings.heads(kind.series), readings.sample(kind.series.marks, clock.now(), step)
    name = f"{kind.name}-{'24h' if step == DAY else '1h'}"
    if form == "xlsx":
        content, type_ = write_xlsx(head, rows, kind.name), files.KINDS[".xlsx"]
    elif form == "csv":
        text = io.StringIO(newline="")
        csv.writer(text).writerows([head, *rows])
        content, type_ = text.getvalue().encode("utf-8-sig"), files.KINDS[".csv"]
    else:
        raise Http404("只有 csv 和 xlsx")
    answer = HttpResponse(content, content_type=type_)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return answer


def _kind(given: Mapping[str, Any]) -> Kind:
    """The kind of warning the page is about: the one asked for, else the first."""
    known = warnings.kinds()
    wanted = str(given.get("pack") or "")
    found = next((k for k in known if k.pack == wanted), known[0] if known else None)
    if found is None:
        raise Http404("没有按序列发布预警的政策包")
    return found


def new(request: HttpRequest) -> HttpResponse:
    """Bring a series (file, paste, typed rows), look at what it means, then open the warning on it."""
    data = request.POST if request.method == "POST" else request.GET
    kind = _kind(data)
    table = _table(kind, data)
    context: dict[str, Any] = {"kind": kind, "table": table, "text": data.get("series", ""), "way": data.get("way", "")}
    if request.method != "POST" or data.get("way") == "resize":
        return render(request, "alerts/new.html", context)
    try:
        series = readings.read(
            _rows(request, kind, table), kind.series, now=clock.now(), step=readings.step_of(data.get("step"))
        )
    except BadReadings as bad:
        return render(request, "alerts/new.html", {**context, "bad": bad}, status=422)
    a = assess(kind.world, series, as_of=clock.now())
    form = [(name, required) for name, required in kind.world.procedures[kind.procedure].form if name != kind.fact]
    errors: dict[str, str] = {}
    other: list[str] = []
    status = 200
    if data.get("do") == "open":
        given = fields.typed(kind.world, form, request.POST)
        try:
            case = service.open_case(
                request.user, kind.pack, kind.procedure, {**given, kind.fact: series},
                note=data.get("note", "").strip(), basis_confirmed_by=data.get("basis", "").strip() or None,
                **_without_behalf(request),
            )  # fmt: skip
            messages.success(request, f"已开立 {case.number}，请组织会商")
            return redirect("alerts:warning", case.number)
        except service.ActionRefused as refused:
            errors, status = refused.fields, 422
            other = [text for name, text in refused.fields.items() if name not in dict(form)] or (
                [] if refused.fields else [str(refused)]
            )
        except files.BadFile as bad_file:
            other, status = [str(bad_file)], 422
    else:
        given = None
    made = fields.fields(kind.world, form, given, errors)
    context |= {
        "text": readings.as_text(series), "a": a, "spoken": readings.spoken(series),
        "now_window": showing.window_words(a),
        "charts": showing.charts(kind, a, clock.now()), "rows": showing.rows(kind, a), "fields": made,
        "errors": fields.summary(made, other), "basis_needed": may_open(kind.world, clock.now()),
        "sources": service.SOURCES, "world": kind.world, "settings_open": a.outcome.open,
    }  # fmt: skip
    return render(request, "alerts/new.html", context, status=status)


def _rows(request: HttpRequest, kind: Kind, table: dict[str, Any]) -> Sequence[readings.Row]:
    upload = request.FILES.get("file")
    if upload is not None:
        return readings.from_file(upload.read(), upload.name or "", kind.series.label)
    if request.POST.get("way") == "rows":
        return readings.from_form(table["start"], table["step"], table["values"], table["marks"])
    if request.POST.get("way") == "file":
        raise BadReadings([readings.Fault("文件", "没有选文件")])
    return readings.from_text(request.POST.get("series", ""))


def _table(kind: Kind, data: Any) -> dict[str, Any]:
    """The table of typed rows: its times are given by start, step and count; values and marks as typed so far."""
    now = clock.now()
    step = readings.step_of(data.get("table_step")) or DAY
    start = readings.read_time(str(data.get("start", ""))) or now.replace(hour=0, minute=0, second=0) - 2 * DAY
    count = str(data.get("count", ""))
    n = min(max(int(count), 1), ROWS[1]) if count.isdigit() else ROWS[0]
    getlist = getattr(data, "getlist", lambda name: [])
    values, marks = list(getlist("v")), list(getlist("m"))
    known = tuple(kind.series.marks)
    usual = [known[0] if start + i * step <= now else known[min(1, len(known) - 1)] for i in range(n)] if known else []
    values += [""] * (n - len(values))
    marks = [marks[i] if i < len(marks) and marks[i] else usual[i] for i in range(n)] if known else [""] * n
    return {
        "start": start, "step": step, "count": n, "values": values[:n], "marks": marks,
        "rows": [(readings.when_text(start + i * step, step), values[i], marks[i]) for i in range(n)],
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------- one warning's page


def seen_for(request: HttpRequest, number: str) -> tuple[service.Look, Kind]:
    case = access.case_for(request.user, number)
    seen = service.look(case)
    kind = warnings.of_case(seen)
    if kind is None:
        raise Http404(f"{number} 不是预警")
    return seen, kind


def head(seen: service.Look, kind: Kind, tab: str) -> dict[str, Any]:
    """What stands above every tab of a warning."""
    live = [d for d in seen.state.deadlines if d.status in ("running", "overdue") and d.due is not None]
    response = warnings.decided(seen, kind.response)
    return {
        "lifted": response is not None and response == warnings.lowest_response(kind),
        "case": seen.case, "world": seen.world, "state": seen.state, "seen": seen, "kind": kind, "tab": tab,
        "tabs": TABS,
        "level": warnings.decided(seen, kind.level), "response": response,
        "since": warnings.since(seen, kind), "ended": warnings.ended(seen, kind), "stages": warnings.stages(seen),
        "clocks": sorted(live, key=lambda d: d.due)[:4],
    }  # fmt: skip


@require_GET
def warning(request: HttpRequest, number: str) -> HttpResponse:
    seen, kind = seen_for(request, number)
    return _page(request, seen, kind)


@dataclass(frozen=True, slots=True)
class Form:
    """An action this person may take now, with what is proposed for it."""

    possible: Possible
    id: str
    fields: tuple[fields.Field, ...]
    open: bool
    series: str | None = None  # the text of the series, where the form takes one
    document: str = ""
    proposed: bool = False
    errors: tuple[dict[str, str], ...] = ()
    note: str = ""


def _page(
    request: HttpRequest, seen: service.Look, kind: Kind, *, tried: str = "", given: Mapping[str, Any] | None = None,
    errors: Mapping[str, str] | None = None, other: Iterable[str] = (), series_text: str | None = None,
    bad: BadReadings | None = None, since_seq: int | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    account = request.user
    a = warnings.assessment_of(seen, kind)
    actions = service.possible(seen, account)
    reader = presenting.Reader(account, seen)
    entries = presenting.timeline(seen, reader)
    scope = warnings.scope_of(seen)
    actions = tuple(
        replace(p, allowed=False, why_not=presenting.action_of(seen, p).why or "不适用于这次预警")
        if p.allowed and warnings.beside(seen, presenting.action_of(seen, p))
        else p
        for p in actions
    )
    forms = [
        _form(request, seen, kind, a, p, tried, given, errors, tuple(other), series_text, scope)
        for p in actions
        if p.allowed
    ]
    account_names = set(account.names)
    own = [f for f in forms if f.possible.step]
    if own and not any(f.open for f in forms):
        first = _first(seen, kind, a, own)
        forms = [replace(f, open=f.id == first) for f in forms]
    context = {
        **head(seen, kind, "warning"),
        "a": a, "main_entries": [e for e in entries if not e.task], "forms": [f for f in forms if f.possible.step],
        "anytime": [f for f in forms if not f.possible.step],
        "refused": [p for p in actions if not p.allowed],
        "held": [p for p in actions if not p.allowed and p.step and not account_names.isdisjoint(p.who)], "hint": _hint(seen, kind, a),
        "facts": [reader.fact(n, v) for n, v in seen.state.facts.items() if v not in (None, "", []) and n != kind.fact],
        "errors": [e for f in forms for e in f.errors] or [{"text": text} for text in other],
        "bad": bad, "sources": service.SOURCES,
        "news": [e for e in entries if since_seq is not None and e.seq > since_seq],
        "templates": papers.templates_of(seen), "papers": papers.of_case(seen),
    }  # fmt: skip
    if a is not None:
        context |= {
            "charts": showing.charts(kind, a, seen.now), "rows": showing.rows(kind, a),
            "spoken": readings.spoken(a.series), "now_window": showing.window_words(a), "settings_open": a.outcome.open,
            "judge": _judgements(seen, a),
        }  # fmt: skip
    return render(request, "alerts/warning.html", context, status=status)


def _form(
    request: HttpRequest, seen: service.Look, kind: Kind, a: Assessment | None, p: Possible, tried: str,
    given: Mapping[str, Any] | None, errors: Mapping[str, str] | None, other: tuple[str, ...], series_text: str | None, scope: Any,
) -> Form:  # fmt: skip
    own = presenting.action_id(p)
    mine = own == tried
    action = presenting.action_of(seen, p)
    proposed = warnings.proposals(seen, kind, action, a, scope)
    form = [(name, required) for name, required in p.form if name != kind.fact]
    made = fields.fields(
        seen.world, form, given if mine else None, errors if mine else None,
        known={**seen.state.facts, **proposed, **dict.fromkeys(warnings.declarations(action))}, prefix=f"{own}-",
    )  # fmt: skip
    held = seen.state.facts.get(kind.fact)
    text = None
    if kind.fact in dict(p.form):
        text = (
            series_text
            if mine and series_text is not None
            else readings.as_text(held)
            if isinstance(held, Series)
            else ""
        )
    templates = papers.templates_of(seen)
    return Form(
        p, own, made, mine, text, templates.get(action.document or "", ""), bool(proposed),
        tuple(fields.summary(made, other)) if mine else (), request.POST.get("note", "") if mine else "",
    )  # fmt: skip


def _first(seen: service.Look, kind: Kind, a: Assessment | None, own: Sequence[Form]) -> str:
    """Which form stands open: the first of the step, but where a level stands the one that the series calls for."""
    level = warnings.decided(seen, kind.level)
    single = len({f.possible.step for f in own}) == 1
    step = seen.world.procedures[seen.case.procedure].steps[own[0].possible.step or ""]
    if single and not any(action.stay for action in step.actions.values()) and len(own) <= 4:
        return own[0].id
    if a is not None and a.level is not None and level is not None and a.level != level:
        for form in own:
            if warnings.level_fact(seen, kind, presenting.action_of(seen, form.possible)):
                return form.id
    return ""


def _hint(seen: service.Look, kind: Kind, a: Assessment | None) -> str:
    """One sentence where the series and the level that stands have parted."""
    level = warnings.decided(seen, kind.level)
    if a is None or level is None or not seen.case.is_open or warnings.ended(seen, kind) is not None:
        return ""
    levels = list(a.levels)
    end = seen.state.facts.get(warnings.ENDS)
    if a.level is not None and a.level != level and level in levels:
        up = levels.index(a.level) > levels.index(level)
        return f"最新序列判定为{a.level}，{'高于' if up else '低于'}现行的{level}，请组织会商"
    if a.level is None and a.candidates:
        return f"最新序列须由人判定（可能为{'、'.join(a.candidates)}），现行为{level}"
    if isinstance(end, dt.datetime) and end <= seen.now:
        return f"预计结束时间 {end:%Y-%m-%d %H:%M} 已到，请解除或提请延长"
    return ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A fact that must be judged by a person before the rules can settle the level."""

    fact: str
    label: str
    judged_by: str
    help: str
    options: tuple[tuple[str, str], ...]  # (value, the level it would give)


def _judgements(seen: service.Look, a: Assessment) -> list[Judgement]:
    found = []
    for name in dict.fromkeys(s.name for s in a.suppositions if s.kind == "fact"):
        fact = seen.world.facts[name]
        options = tuple(
            (presenting.words.shown(s.value), s.level) for s in a.suppositions if s.name == name and s.kind == "fact"
        )
        found.append(Judgement(name, fact.label, fact.judged_by or "", fact.help or "", options))
    return found


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """An action: step, action, seq, the facts (f-...), the series, and how it came about; then the paper it orders."""
    seen, kind = seen_for(request, number)
    post = request.POST
    wanted = (post.get("step") or None, post.get("action", ""), post.get("each_key") or None)
    possible = next((p for p in service.possible(seen, request.user) if (p.step, p.action, p.each_key) == wanted), None)
    seq = int(post["seq"]) if post.get("seq", "").isdigit() else None
    tried = ".".join(part for part in wanted if part)
    form = possible.form if possible is not None else ()
    given = fields.typed(seen.world, [(n, r) for n, r in form if n != kind.fact], post)
    text = post.get("series")
    again: dict[str, Any] = {"tried": tried, "given": given, "series_text": text}
    note = post.get("note", "").strip()
    try:
        facts = {**given, **_series_given(request, seen, kind, form)}
        if possible is not None:
            _explained(seen, kind, possible, {**seen.state.facts, **facts}, note, seq)
        case = papers.act(
            seen.case, request.user, wanted[1], step=wanted[0], each_key=wanted[2], facts=facts, expected_seq=seq,
            note=note, **how(request),
        )  # fmt: skip
    except BadReadings as bad:
        return _page(request, seen, kind, **again, bad=bad, other=["序列有误，没有保存任何内容"], status=422)
    except service.Conflict as conflict:
        fresh = service.look(Case.objects.get(pk=seen.case.pk))
        return _page(request, fresh, kind, **again, other=[str(conflict)], since_seq=seq, status=409)
    except service.ActionRefused as refused:
        left = [words for name, words in refused.fields.items() if name not in dict(form)]
        other = left or ([] if refused.fields else [str(refused)])
        return _page(request, seen, kind, **again, errors=refused.fields, other=other, status=422)
    except files.BadFile as bad_file:
        return _page(request, seen, kind, **again, other=[str(bad_file)], status=422)
    messages.success(request, f"已记录：{possible.label if possible else wanted[1]}")
    return redirect("alerts:warning", case.number)


def _series_given(request: HttpRequest, seen: service.Look, kind: Kind, form: Any) -> dict[str, Any]:
    """The series that the form brings: a file, or text that differs from the one the case has."""
    if kind.fact not in dict(form):
        return {}
    upload, text = request.FILES.get("series_file"), request.POST.get("series", "")
    held = seen.state.facts.get(kind.fact)
    if upload is not None:
        rows = readings.from_file(upload.read(), upload.name or "", kind.series.label)
    elif text.strip() and not (isinstance(held, Series) and _same(text, readings.as_text(held))):
        rows = readings.from_text(text)
    else:
        return {}
    return {kind.fact: readings.read(rows, kind.series, now=seen.now, step=readings.step_of(request.POST.get("step")))}


def _same(text: str, other: str) -> bool:
    return [line.split() for line in text.splitlines() if line.strip()] == [line.split() for line in other.splitlines()]


def _explained(
    seen: service.Look, kind: Kind, possible: Possible, facts: Mapping[str, Any], note: str, seq: int | None
) -> None:
    """A level that is not the one the rules give needs a word of explanation."""
    name = warnings.level_fact(seen, kind, presenting.action_of(seen, possible))
    if name is None or (seq is not None and seq != seen.state.seq):
        return
    series = facts.get(kind.fact)
    a = assess(seen.world, series, facts, as_of=seen.now) if isinstance(series, Series) else None
    missing = warnings.reason_missing(a, facts.get(name), note)
    if missing:
        raise service.ActionRefused(missing, {name: missing})


@require_POST
def settle(request: HttpRequest, number: str) -> HttpResponse:
    """A person's judgement on which the level depends: the fact, and why."""
    seen, kind = seen_for(request, number)
    name, value, note = (request.POST.get(key, "").strip() for key in ("fact", "value", "note"))
    if name not in seen.world.facts or not value:
        return _page(request, seen, kind, other=["请选定一种判断"], status=422)
    if not note:
        return _page(request, seen, kind, other=["请写明由谁判断、理由是什么"], status=422)
    try:
        service.record(seen.case, request.user, {name: value}, note=note, **_without_behalf(request))
    except (service.ActionRefused, files.BadFile) as refused:
        return _page(request, seen, kind, other=[str(refused)], status=422)
    messages.success(request, f"已登记：{seen.world.facts[name].label}")
    return redirect("alerts:warning", number)


def _without_behalf(request: HttpRequest) -> dict[str, Any]:
    return {key: value for key, value in how(request).items() if key != "on_behalf_of"}


@require_GET
def news(request: HttpRequest, number: str) -> HttpResponse:
    """Whether the case has moved on since ?seq=, for a page that is open with a form half filled."""
    case = access.case_for(request.user, number)
    since = request.GET.get("seq", "")
    moved = since.isdigit() and case.seq > int(since)
    return render(request, "alerts/news.html", {"case": case, "moved": moved, "since": since})


# ---------------------------------------------------------------------------------------------------------- papers


@require_GET
def papers_page(request: HttpRequest, number: str) -> HttpResponse:
    """The papers that were made, those that could be, and the reports with their dates."""
    from gongbao.office.alerts import measures

    seen, kind = seen_for(request, number)
    rows = [t for t in measures.tasks_of(seen.case) if t.status != "cancelled" and t.due is not None]
    evidence = {d.id: d.evidence for d in seen.world.duties if d.evidence}
    reports: dict[str, dict[str, Any]] = {}
    for task in rows:
        if task.duty in evidence:
            one = reports.setdefault(
                task.duty, {"do": task.do, "cite": task.cite, "due": task.due, "count": measures.Count(), "late": []}
            )
            one["count"].add(task, seen.now)
            if measures.late(task, seen.now):
                one["late"].append(task.unit)
    context = {
        **head(seen, kind, "papers"), "papers": papers.of_case(seen), "templates": papers.templates_of(seen),
        "reports": list(reports.values()), "takes_part": access.takes_part(request.user, seen.case),
        "own_deadlines": [d for d in seen.state.deadlines if d.due is not None and d.status != "cancelled"],
    }  # fmt: skip
    return render(request, "alerts/papers.html", context)


@require_POST
def make_paper(request: HttpRequest, number: str) -> HttpResponse:
    seen, _ = seen_for(request, number)
    seq = request.POST.get("seq", "")
    try:
        papers.issue(seen.case, request.user, int(seq) if seq.isdigit() else 0)
    except (papers.NoPaper, service.ActionRefused) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "文书已制发")
    return redirect("alerts:papers", number)


@require_GET
def draft(request: HttpRequest, number: str, template: str) -> HttpResponse:
    """The paper as it would be now, to read before it is signed."""
    from urllib.parse import quote

    seen, _ = seen_for(request, number)
    if template not in papers.templates_of(seen):
        raise Http404("没有这种文书")
    name, content = papers.draft(seen.case, template)
    answer = HttpResponse(content, content_type=files.KINDS[".docx"])
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return answer
