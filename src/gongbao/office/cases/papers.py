"""Papers of a case: a template of its pack filled from the log as it stood, laid out, numbered and kept.

A paper is drawn up for the event whose action says `document: <template>`, on the facts of that moment. It is kept by
its content like a scan, and a `note` in the log says that it was made, so the chain vouches for it. `draft` shows the
same paper before it exists: without a number, marked 草稿.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from gongbao.engine.case.fold import effective
from gongbao.engine.case.state import fold_of
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.model import NOTE, Actor, Event
from gongbao.engine.who import resolve
from gongbao.exchange import paper
from gongbao.feel import compile_expression
from gongbao.office import exercise, worlds
from gongbao.office.cases import files, log, numbers, service
from gongbao.office.cases.models import Case
from gongbao.office.people.models import Account
from gongbao.policy.expressions import PAPER, scope_names
from gongbao.policy.schema import TemplateSpec

DRAFT = "草稿，尚未制发"
_FOR = re.compile(r"（据第(\d+)条）\.docx$")


class NoPaper(LookupError):
    """There is no such template, or the event does not order a paper."""


@dataclass(frozen=True, slots=True)
class CasePaper:
    """A paper that an event of the case ordered. `address` is empty until it has been made."""

    seq: int  # of the event it was ordered by
    template: str
    label: str
    ordered_at: dt.datetime
    name: str = ""
    address: str = ""

    @property
    def made(self) -> bool:
        return bool(self.address)


def of_case(seen: service.Look) -> tuple[CasePaper, ...]:
    """Every paper of the case, newest first; one whose event was voided is left out."""
    made = _made(seen.events, seen.state.voided)
    templates = worlds.pack_of(seen.case).documents
    listed = []
    for event in seen.events:
        name = str(event.data.get("document") or "")
        if name not in templates or event.seq in seen.state.voided:
            continue
        digest, _, file = made.get(event.seq, "").partition("/")
        address = reverse("cases:file", args=[seen.case.number, digest]) if digest else ""
        listed.append(CasePaper(event.seq, name, templates[name].label, event.occurred_at, file, address))
    return tuple(reversed(listed))


def _made(events: Iterable[Event], voided: frozenset[int]) -> dict[int, str]:
    """Papers that the log says were made: seq of the event that ordered it -> reference."""
    made: dict[int, str] = {}
    for event in events:
        if event.type == NOTE and event.seq not in voided:
            made |= {int(found[1]): reference for reference in event.evidence if (found := _FOR.search(reference))}
    return made


def templates_of(seen: service.Look) -> dict[str, str]:
    """Templates that the case's procedure may order: id -> label."""
    rule = seen.world.procedures[seen.case.procedure]
    actions = [*rule.anytime.values(), *(a for step in rule.steps.values() for a in step.actions.values())]
    templates = worlds.pack_of(seen.case).documents
    return {a.document: templates[a.document].label for a in actions if a.document in templates}


def issue(case: Case, account: Account | Actor, seq: int, *, recorded_at: dt.datetime | None = None) -> Case:
    """Make the paper that event `seq` ordered, give it its number, and note it in the log. Once made, it stays."""
    with transaction.atomic():
        case = log.locked(case)
        events = log.events_of(case)
        ordered = next((e for e in events if e.seq == seq), None)
        template = None if ordered is None else _template(case, ordered)
        if ordered is None or template is None:
            raise NoPaper(f"第{seq}条没有要制发的文书")
        if seq in _made(events, effective(events)[1]):
            raise NoPaper(f"第{seq}条的“{template.label}”已经制发")
        paper = _paper(case, [e for e in events if e.seq <= seq], ordered, template)
        return service.remark(case, account, paper.note, recorded_at=recorded_at, evidence=paper.evidence)


def act(case: Case, account: Account | Actor, action: str, **how: Any) -> Case:
    """`service.act` with the papers that it orders: what a page calls, so that no act of a person lacks its paper."""
    return service.act(case, account, action, **how, brings=ordered_by)


def ordered_by(case: Case, events: Sequence[Event]) -> service.Remark | None:
    """The paper that the last of these events orders, made and numbered; None where it orders none."""
    template = _template(case, events[-1])
    return None if template is None else _paper(case, events, events[-1], template)


def _template(case: Case, ordered: Event) -> TemplateSpec | None:
    return worlds.pack_of(case).documents.get(str(ordered.data.get("document") or ""))


def _paper(case: Case, events: Sequence[Event], ordered: Event, template: TemplateSpec) -> service.Remark:
    """Make the paper on the events up to the one that ordered it: what the log is to say of it."""
    number = _number(template, ordered)
    filled = fill(case, events, str(ordered.data["document"]), number=number)
    title = " ".join(part for part in (template.label, number) if part)
    upload = SimpleUploadedFile(f"{title}（据第{ordered.seq}条）.docx", _docx(filled))
    return service.Remark(f"制发{title}", (files.keep(upload),))


def draft(case: Case, name: str) -> tuple[str, bytes]:
    """(file name, content) of the paper as it would be now: no number, and it says that it is a draft."""
    template = worlds.pack_of(case).documents.get(name)
    if template is None:
        raise NoPaper(f"没有“{name}”这种文书")
    filled = fill(case, log.events_of(case), name)
    return f"{template.label}（草稿）.docx", _docx(
        replace(filled, remark="；".join(filter(None, (DRAFT, filled.remark))))
    )


def _docx(filled: paper.Paper) -> bytes:
    from gongbao.exchange.docx import to_docx  # when a paper is made: python-docx is not for a server's start

    return to_docx(filled)


def fill(case: Case, events: Sequence[Event], name: str, *, number: str = "") -> paper.Paper:
    """The paper on these events, dated by the last of them."""
    world, pack = worlds.world_of(case), worlds.pack_of(case)
    template = pack.documents[name]
    fold = fold_of(world, case.procedure, events)
    last = events[-1]
    names = (*scope_names(pack), *PAPER)
    scope = fold.scope(last.occurred_at)
    issuer = (template.issuer or str(world.document.get("issuer") or "")).replace("{unit}", last.unit)
    signer = "、".join(resolve((_who(fold.world, template),), world, scope, last.occurred_at.date()).names) if (
        template.signed_by is not None
    ) else ""  # fmt: skip
    own = {"document": str(world.document.get("number") or ""), "number": number, "issued_on": last.occurred_at.date(),
           "issuer": issuer, "signer": last.on_behalf_of or signer, "unit": last.unit}  # fmt: skip
    # A fact or decision of the pack comes before the paper's own word of that name.
    full = scope.over(**{key: value for key, value in own.items() if key not in {*world.facts, *world.decisions}})

    def evaluate(text: str) -> Any:
        return compile_expression(text, names, FUNCTIONS).evaluate(full)

    return paper.fill(
        title=template.title, body=template.body, table=template.table, addressees=template.addressees,
        evaluate=evaluate, dated=last.occurred_at.date(), kind=template.kind, issuer=issuer, number=number,
        copies=template.copies, signer=own["signer"], remark="" if world.certified_by or world.house else paper.NOT_CERTIFIED,
        mark=exercise.mark(),
    )  # fmt: skip


def _who(world: Any, template: TemplateSpec) -> Any:
    from gongbao.engine.model import Who

    spec = template.signed_by
    kind = next(k for k in ("unit", "post", "role", "body", "party", "group", "fact", "decision", "relative")
                if getattr(spec, k, None) is not None)  # fmt: skip
    return Who(kind, getattr(spec, kind), getattr(spec, "level", None))  # type: ignore[arg-type]


def _number(template: TemplateSpec, ordered: Event) -> str:
    """The next number of the template's own run (per unit and year, as it says)."""
    if not template.number:
        return ""
    year = ordered.occurred_at.year
    issuer = (template.issuer or "{unit}").replace("{unit}", ordered.unit)
    known = {"unit": issuer, "year": str(year)}
    run = ":".join(known[part] for part in template.seq_per if part in known)
    seq = numbers.next_number(f"paper:{template.number[:40]}:{run}"[:120])
    return paper.number(template.number, unit=known["unit"], year=year, seq=seq)
