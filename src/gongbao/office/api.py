"""The API: cases, acts, decisions and packs, under the same permissions as the pages. OpenAPI at /api/docs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Schema, Status
from ninja.security import django_auth

from gongbao.engine.errors import CaseError, Conflict
from gongbao.engine.fact import FactErrors, read_facts
from gongbao.office import clock, worlds
from gongbao.office.cases import codec, lists, papers, presenting, projection, service
from gongbao.office.cases.models import Case
from gongbao.office.people import access, audit
from gongbao.policy.errors import PackError

api = NinjaAPI(title="gongbao", version="1", auth=django_auth, urls_namespace="api")


class Refusal(Schema):
    """Why not; `fields` by fact id where a message concerns one fact."""

    detail: str
    fields: dict[str, str] = {}


class CaseLine(Schema):
    number: str
    word: str
    title: str
    pack: str
    procedure: str
    status: str
    steps: list[dict[str, Any]]
    next_due: dt.datetime | None
    opened_at: dt.datetime
    seq: int


class CaseList(Schema):
    cases: list[CaseLine]
    words: str


class Opening(Schema):
    pack: str
    procedure: str
    facts: dict[str, Any] = {}
    occurred_at: dt.datetime | None = None
    source: str = "系统"
    on_behalf_of: str | None = None
    note: str = ""
    basis_confirmed_by: str | None = None


class Acting(Schema):
    action: str
    step: str | None = None
    each_key: str | None = None
    facts: dict[str, Any] = {}
    seq: int | None = None
    occurred_at: dt.datetime | None = None
    source: str = "系统"
    on_behalf_of: str | None = None
    note: str = ""
    value: Any = None


class TaskWord(Schema):
    task: str
    type: str
    note: str = ""


class Deciding(Schema):
    facts: dict[str, Any] = {}


@api.exception_handler(service.ActionRefused)
def _refused(request: HttpRequest, error: service.ActionRefused) -> HttpResponse:
    return api.create_response(request, {"detail": str(error), "fields": error.fields}, status=422)


@api.exception_handler(Conflict)
def _conflict(request: HttpRequest, error: Conflict) -> HttpResponse:
    return api.create_response(request, {"detail": str(error), "fields": {}}, status=409)


@api.exception_handler(CaseError)
def _case_error(request: HttpRequest, error: CaseError) -> HttpResponse:
    fields = {fault.field: fault.text for fault in error.faults if fault.field}
    return api.create_response(request, {"detail": error.text, "fields": fields}, status=422)


@api.exception_handler(FactErrors)
def _wrong_facts(request: HttpRequest, error: FactErrors) -> HttpResponse:
    fields = {item.path: item.message for item in error.items}
    return api.create_response(request, {"detail": str(error), "fields": fields}, status=422)


@api.exception_handler(Case.DoesNotExist)
def _no_case(request: HttpRequest, error: Exception) -> HttpResponse:
    return api.create_response(request, {"detail": "没有这个编号的事项"}, status=404)


@api.exception_handler(worlds.NoSuchPack)
def _no_pack(request: HttpRequest, error: Exception) -> HttpResponse:
    return api.create_response(request, {"detail": str(error)}, status=404)


@api.exception_handler(PackError)
def _bad_pack(request: HttpRequest, error: Exception) -> HttpResponse:
    return api.create_response(request, {"detail": str(error)}, status=422)


@api.exception_handler(access.NotYours)
def _not_yours(request: HttpRequest, error: Exception) -> HttpResponse:
    audit.note(request.user, audit.REFUSED, request.path, {"method": request.method}, request)
    return api.create_response(request, {"detail": str(error)}, status=403)


@api.get("/packs", response=list[dict[str, Any]], summary="政策包")
def packs(request: HttpRequest) -> list[dict[str, Any]]:
    found = []
    for world in worlds.loaded():
        found.append({
            "id": world.pack, "version": world.version, "number": world.document.get("number"),
            "title": world.document.get("title"), "certified_by": world.certified_by,
            "decisions": {name: d.label for name, d in world.decisions.items()},
            "procedures": {name: p.label for name, p in world.procedures.items()},
        })  # fmt: skip
    return found


@api.post("/packs/{city}/{slug}/decide/{decision}", response={200: dict[str, Any], 422: Refusal}, summary="判定")
def decide(request: HttpRequest, city: str, slug: str, decision: str, body: Deciding) -> Any:
    from gongbao.engine.decision.decide import decide as judge
    from gongbao.engine.decision.trace import as_dict
    from gongbao.engine.receipt import make_receipt

    now = clock.now()
    world = worlds.for_matter(f"{city}/{slug}", body.facts, now, now)
    if decision not in world.decisions:
        return Status(422, {"detail": f"没有判定“{decision}”；现有：{'、'.join(world.decisions)}"})
    facts = read_facts(world.facts, body.facts)
    outcome = judge(world, decision, facts, as_of=now, unit=request.user.unit)
    return {**as_dict(outcome), "receipt": make_receipt(world, outcome, facts).to_dict()}


@api.get("/cases", response=CaseList, summary="事项列表")
def cases(
    request: HttpRequest, q: str = "", status: str = "", procedure: str = "", place: str = "", page: int = 1
) -> dict[str, Any]:
    asked = {"q": q, "status": status, "procedure": procedure, "place": place, "page": str(max(1, page))}
    found = lists.page(request.user, asked)
    return {"cases": found.cases, "words": found.words}


@api.get("/cases/{number}", response=dict[str, Any], summary="一个事项")
def case(request: HttpRequest, number: str) -> dict[str, Any]:
    return _detail(request, access.case_for(request.user, number))


@api.post("/cases", response={201: dict[str, Any], 409: Refusal, 422: Refusal}, summary="开立")
def open_case(request: HttpRequest, body: Opening) -> Any:
    made = service.open_case(
        request.user, body.pack, body.procedure, body.facts, occurred_at=body.occurred_at, source=body.source,
        on_behalf_of=body.on_behalf_of, note=body.note, basis_confirmed_by=body.basis_confirmed_by,
    )  # fmt: skip
    return Status(201, _detail(request, made))


@api.post("/cases/{number}/act", response={200: dict[str, Any], 409: Refusal, 422: Refusal}, summary="办理")
def act(request: HttpRequest, number: str, body: Acting) -> Any:
    made = papers.act(
        access.case_for(request.user, number), request.user, body.action, step=body.step, each_key=body.each_key,
        facts=body.facts, expected_seq=body.seq, occurred_at=body.occurred_at, source=body.source,
        on_behalf_of=body.on_behalf_of, note=body.note, value=body.value,
    )  # fmt: skip
    return Status(200, _detail(request, made))


@api.post("/cases/{number}/task", response={200: dict[str, Any], 409: Refusal, 422: Refusal}, summary="任务签收、反馈")
def task(request: HttpRequest, number: str, body: TaskWord) -> Any:
    made = service.feedback(access.case_for(request.user, number), request.user, body.task, body.type, note=body.note)
    return Status(200, _detail(request, made))


def _detail(request: HttpRequest, case: Case) -> dict[str, Any]:
    seen = service.look(case)
    reader = presenting.Reader(request.user, seen)
    facts = {fact.name: {"label": fact.label, "text": fact.text} for fact in reader.facts(seen.state.facts)}
    if reader.read:
        audit.note(request.user, audit.READ_PERSONAL, case.number, {"facts": sorted(reader.read)}, request)
    return {
        "number": case.number, "title": case.title, "pack": case.pack, "version": case.version,
        "procedure": case.procedure, "status": case.status, "seq": case.seq, "facts": facts,
        "decided": {name: projection.shown(d.value) for name, d in seen.state.decided.items()},
        "steps": [{"id": s.id, "label": s.label, "who": list(s.who)} for s in seen.state.steps],
        "deadlines": [
            {"id": d.id, "label": d.label, "cite": d.cite, "status": d.status,
             "due": codec.moment(d.due) if d.due else None}
            for d in seen.state.deadlines
        ],
        "tasks": [{"id": t.id, "unit": t.unit, "do": t.do, "status": t.status} for t in seen.state.tasks],
        "possible": [
            {"action": p.action, "step": p.step, "label": p.label, "allowed": p.allowed, "why_not": p.why_not,
             "form": [name for name, _ in p.form]}
            for p in service.possible(seen, request.user)
        ],
    }  # fmt: skip
