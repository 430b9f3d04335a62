"""Opening a matter by hand: the procedures that the account's unit may open, and of one of them the form its pack asks.

Calls and warnings come in through rooms of their own (受理, 应急值守, 预警与响应); this is the door of all other matters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from gongbao.engine.force import may_open
from gongbao.engine.model import Actor, Procedure
from gongbao.engine.who import is_one_of, resolve
from gongbao.engine.world import World
from gongbao.office import clock, worlds
from gongbao.office.cases import files, service
from gongbao.office.cases.acting import how
from gongbao.office.pages import fields
from gongbao.office.people.models import Account


@dataclass(frozen=True, slots=True)
class Openable:
    """One procedure that may be opened. `expired`: why only on a confirmed basis, empty while the document is in force."""

    world: World
    rule: Procedure
    expired: str

    @property
    def key(self) -> str:
        return f"{self.world.pack}:{self.rule.id}"

    @property
    def lists(self) -> list[tuple[str, str]]:
        """The registers whose rows are handed out as such matters: label and address."""
        found = [
            r for r in self.world.registers.values() if r.assign is not None and r.assign.procedure == self.rule.id
        ]
        return [(r.label, reverse("cases:rows", args=[*self.world.pack.split("/"), r.id])) for r in found]


def openable(actor: Actor, on: dt.date) -> Iterator[Openable]:
    """The procedures whose `open_by` names the actor's unit, document by document; those that nobody is named for are not."""
    for world in worlds.loaded():
        for rule in world.procedures.values():
            whom = resolve(rule.open_by, world, {"case": {"place": None}, "decided": {}}, on)
            if rule.open_by and is_one_of(whom, actor, world.units, on):
                yield Openable(world, rule, may_open(world, on))


def new(request: HttpRequest) -> HttpResponse:
    """The list of what may be opened; with ?procedure=<pack>:<id> the form of that one, which opens it."""
    account, now = request.user, clock.now()
    assert isinstance(account, Account)
    found = list(openable(account.actor, now.date()))
    wanted = request.GET.get("procedure", "")
    if not wanted:
        return render(request, "cases/new.html", {"found": found})
    one = next((o for o in found if o.key == wanted), None)
    if one is None:
        raise Http404(f"“{wanted}”不是您的单位可以开立的事项")
    given, errors, other = None, {}, []
    if request.method == "POST":
        given = fields.typed(one.world, one.rule.form, request.POST)
        try:
            case = service.open_case(
                account, one.world.pack, one.rule.id, given, note=request.POST.get("note", "").strip(),
                basis_confirmed_by=request.POST.get("basis", "").strip() or None, **how(request),
            )  # fmt: skip
        except service.ActionRefused as refused:
            errors = dict(refused.fields)
            other = [text for name, text in errors.items() if name not in dict(one.rule.form)]
            other = other or ([] if errors else [str(refused)])
        except files.BadFile as bad:
            other = [str(bad)]
        else:
            messages.success(request, f"已开立 {case.number}")
            return redirect("cases:page", case.number)
    made = fields.fields(one.world, one.rule.form, given, errors)
    context = {
        "one": one, "fields": made, "errors": fields.summary(made, other), "sources": service.SOURCES,
        "basis": request.POST.get("basis", ""), "note": request.POST.get("note", ""),
    }  # fmt: skip
    return render(request, "cases/new_form.html", context, status=422 if request.method == "POST" else 200)
