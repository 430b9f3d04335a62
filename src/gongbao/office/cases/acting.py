"""An action as a page's form sends it: found among what may be done, taken with its paper, or refused with what was typed.

A room that shows actions on a page of its own takes them from here, so that they are read and refused in one way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict

from gongbao.engine.model import Possible
from gongbao.office import clock
from gongbao.office.cases import files, papers, service
from gongbao.office.cases.models import Case
from gongbao.office.cases.presenting import action_of
from gongbao.office.pages import fields


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of it. `case`: as it then is, None when it was refused; the rest is for showing the form again."""

    case: Case | None
    label: str
    tried: str = ""  # presenting.action_id
    given: Mapping[str, Any] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)  # by fact
    other: tuple[str, ...] = ()
    status: int = 200
    since: int | None = None  # the sequence that the page showed, where somebody was faster


def attempt(request: HttpRequest, case: Case) -> Attempt:
    """Take the action that the form names: step, action, each_key, seq, the form's facts (f-...), and how it came about.

    What only registers (it neither decides nor leaves its step) needs no sequence: many register at once.
    """
    post = request.POST
    seen = service.look(case)
    wanted = (post.get("step") or None, post.get("action", ""), post.get("each_key") or None)
    found = next((p for p in service.possible(seen, request.user) if (p.step, p.action, p.each_key) == wanted), None)
    form = found.form if found is not None else ()
    given = fields.typed(seen.world, form, post)
    label = found.label if found else wanted[1]
    seq = int(post["seq"]) if post.get("seq", "").isdigit() else None
    again = {"label": label, "tried": ".".join(part for part in wanted if part), "given": given}
    try:
        done = papers.act(
            case, request.user, wanted[1], step=wanted[0], each_key=wanted[2], facts=given,
            expected_seq=None if found is not None and registers(seen, found) else seq,
            note=post.get("note", "").strip(), value=decided(post), **how(request),
        )  # fmt: skip
    except service.ActionRefused as refused:
        left = tuple(text for name, text in refused.fields.items() if name not in dict(form))
        other = left or (() if refused.fields else (str(refused),))
        return Attempt(None, errors=refused.fields, other=other, status=422, **again)
    except service.Conflict as conflict:
        return Attempt(None, other=(str(conflict),), status=409, since=seq, **again)
    except files.BadFile as bad:
        return Attempt(None, other=(str(bad),), status=422, **again)
    return Attempt(done, label)


def registers(seen: service.Look, possible: Possible) -> bool:
    """Whether the action only writes something down: it decides nothing, moves nothing and reads no earlier act."""
    rule = action_of(seen, possible)
    return rule.stay and not rule.to and rule.decides is None and rule.opens is None and not rule.computes


def decided(post: QueryDict) -> dict[str, str] | None:
    """What is decided instead of the proposal (v-<output>), or None to decide as the rules propose."""
    chosen = {name[2:]: value for name, value in post.items() if name.startswith("v-") and value}
    return chosen or None


def how(request: HttpRequest) -> dict[str, Any]:
    """How an act came about, as the page's form says it: when it really happened, by whose order, by what medium."""
    post = request.POST
    occurred = post.get("occurred_at", "").strip()
    source = post.get("source", "")
    try:
        moment = dt.datetime.fromisoformat(occurred).replace(tzinfo=clock.SHANGHAI) if occurred else None
    except ValueError:
        raise service.ActionRefused(f"发生时间“{occurred}”不是时间", {"occurred_at": "请填年月日时分"}) from None
    return {
        "occurred_at": moment,
        "source": source if source in service.SOURCES else "系统",
        "on_behalf_of": post.get("on_behalf_of", "").strip() or None,
        "evidence": tuple(files.keep(upload) for upload in request.FILES.getlist("evidence")),
    }
