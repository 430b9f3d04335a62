"""Every paper of a pack as its examples issue it, for the tests of packs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gongbao.engine.case.scope import Scope
from gongbao.engine.case.state import actions_of, fold_of
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.world import World
from gongbao.exchange.paper import fill
from gongbao.feel import compile_expression
from gongbao.policy.events import read_events
from gongbao.policy.expressions import PAPER, scope_names
from gongbao.policy.source import read_source


def assert_every_paper_is_filled(folder: Path, world: World) -> None:
    """Nothing left in braces, an issuer, a paragraph that says something; and no paper that no example issues."""
    pack = read_source(folder).pack
    issued: set[str] = set()
    for example in pack.examples:
        if example.procedure is None or "problems" in example.expect:
            continue
        events = read_events(world, example.procedure, example.events).events
        documents = {a.id: a.document for a in actions_of(world.procedures[example.procedure])}
        for i, event in enumerate(events):
            if (name := documents.get(str(event.data.get("action")))) is None:
                continue
            template = pack.documents[name]
            scope = fold_of(world, example.procedure, events[: i + 1]).scope(event.occurred_at).over(unit=event.unit)

            def evaluate(text: str, scope: Scope = scope) -> Any:
                return compile_expression(text, (*scope_names(pack), *PAPER), FUNCTIONS).evaluate(scope)

            paper = fill(title=template.title, body=template.body, table=template.table, evaluate=evaluate,
                         addressees=template.addressees, issuer=template.issuer or "")  # fmt: skip
            texts = (paper.title, *paper.paragraphs, *(value for _, value in paper.table))
            assert not any("{" in text or "（未填写）" in text for text in texts)
            assert paper.issuer
            assert len(paper.paragraphs) + len(paper.table) > 0
            issued.add(name)
    assert issued == set(pack.documents)
