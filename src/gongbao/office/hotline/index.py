"""Keeping the desk's projection up to the log, and asking it: similar matters, who handled such before, queues.

`catch_up` reads the events written since it last did, whoever wrote them; pages call it for a little, the worker for
all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count

from gongbao.office.cases import codec, following
from gongbao.office.cases.models import Case, Event
from gongbao.office.hotline import desk, similar
from gongbao.office.hotline.models import At, Cursor, Matter, Term

CANDIDATES = 60  # matters per term that are compared
FACTS = ("place", "category", "list_row", "handler", "request_type", "content", "address", "satisfied")


def catch_up(limit: int = 400) -> int:
    """File the cases whose events have not been read; how many. `limit`: events read."""
    with following.written_since(Cursor, limit) as written:
        if not written:
            return 0
        found = desk.find()
        cases = Case.objects.filter(pk__in=written, pack=found.pack, procedure__in=(desk.REQUEST, desk.ALARM)).in_bulk()
        known = dict(Matter.objects.filter(case_id__in=cases).values_list("case_id", "seq"))
        stale = [case for case in cases.values() if known.get(case.pk) != case.seq]
        if stale:
            _file(stale, found)
        return len(stale)


def catch_up_wholly() -> int:
    """For the worker: until nothing is left."""
    return following.wholly(Cursor, catch_up)


def _file(cases: list[Case], found: desk.Desk) -> None:
    events: dict[int, list[Event]] = {}
    rows = Event.objects.filter(case_id__in=[case.pk for case in cases]).order_by("case_id", "seq")
    for event in rows:
        events.setdefault(event.case_id, []).append(event)
    matters, places, terms = [], [], []
    for case in cases:
        log = events.get(case.pk, [])
        voided = {event.data.get("seq") for event in log if event.type == "voided"}
        log = [event for event in log if event.seq not in voided]
        facts = _facts(log)
        link = log[0].data.get("link") or {} if log else {}
        replied = [event.occurred_at for event in log if event.type == "replied"]
        content = str(facts.get("content") or "")
        place, address = str(facts.get("place") or ""), str(facts.get("address") or "")
        matters.append(Matter(
            case=case, seq=case.seq, procedure=case.procedure, place=place[:80],
            category=str(facts.get("category") or "")[:40], row=str(facts.get("list_row") or "")[:40],
            handler=str(facts.get("handler") or "")[:80], request_type=str(facts.get("request_type") or "")[:20],
            content=content[:500], address=address[:120], opened_at=case.opened_at,
            replied_at=replied[-1] if replied else None, satisfied=str(facts.get("satisfied") or "")[:20],
            from_site=str(link.get("site") or "")[:20], open=case.is_open,
        ))  # fmt: skip
        if case.is_open:
            signed = any(event.type == "signed" for event in log)
            for step in case.steps:
                places.append(At(
                    case=case, procedure=case.procedure, step=step["id"], since=_since(log, case),
                    from_site=bool(link.get("site")), signed=signed,
                ))  # fmt: skip
            for term in similar.terms(content, address, found.lexicon):
                terms.append(Term(case=case, place=place[:80], term=term[:20]))
    pks = [case.pk for case in cases]
    At.objects.filter(case_id__in=pks).delete()
    Term.objects.filter(case_id__in=pks).delete()
    names = [f.attname for f in Matter._meta.concrete_fields if f.attname != "case_id"]
    Matter.objects.bulk_create(
        matters, update_conflicts=True, unique_fields=["case"], update_fields=names, batch_size=400
    )
    At.objects.bulk_create({(a.case_id, a.step): a for a in places}.values(), batch_size=400)
    Term.objects.bulk_create({(t.case_id, t.term): t for t in terms}.values(), batch_size=400)


def _facts(log: Iterable[Event]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for event in log:
        for name in FACTS:
            if event.facts.get(name) is not None:
                facts[name] = codec.decode(event.facts[name])
    return facts


def _since(log: list[Event], case: Case) -> Any:
    """When it last moved: what a queue sorts by."""
    moves = [event.occurred_at for event in log if event.step is not None or event.type == "opened"]
    return moves[-1] if moves else case.opened_at


# ----------------------------------------------------------------------------------------------------------- asking


def alike(text: str, place: str, address: str, found: desk.Desk, *, without: int | None = None) -> list[dict[str, Any]]:
    """Open matters of the county that the call repeats: [{case, per_cent, content, address}], the likest first."""
    wanted = similar.terms(text, address, found.lexicon)
    if not place or not wanted:
        return []
    keys: set[int] = set()
    for term in wanted:
        keys.update(
            Term.objects.filter(place=place, term=term).order_by("-case").values_list("case_id", flat=True)[:CANDIDATES]
        )
    keys.discard(without or 0)
    rows = Matter.objects.filter(case_id__in=keys, procedure=desk.REQUEST, open=True).order_by("-opened_at")
    texts = {row.case_id: f"{row.address}{row.content}" for row in rows.only("case_id", "address", "content")}
    ranked = similar.rank(f"{address}{text}", texts.items())
    cases = Case.objects.in_bulk([a.key for a in ranked])
    return [{"case": cases[a.key], "per_cent": a.per_cent, "shared": a.shared} for a in ranked if a.key in cases]


def handled_before(place: str, category: str) -> list[tuple[str, int]]:
    """Who handled matters of this category in this county, most first: [(unit, how many)]."""
    if not place or not category:
        return []
    rows = (
        Matter.objects.filter(place=place, category=category).exclude(handler="")
        .values("handler").annotate(n=Count("case_id")).order_by("-n", "handler")
    )  # fmt: skip
    return [(row["handler"], row["n"]) for row in rows[:5]]
