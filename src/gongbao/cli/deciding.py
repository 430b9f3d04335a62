"""One decision for the command line: the outcome or the candidates, the grounds, the version, the receipt."""

from __future__ import annotations

from pathlib import Path

from gongbao.cli import law
from gongbao.cli.failure import or_fail
from gongbao.cli.finding import certificate, out_of_force, with_day
from gongbao.cli.output import print_json, warn
from gongbao.cli.reading import known, mapping, read_json


def decide(
    pack: str,
    decision: str,
    facts: str,
    on: str | None = None,
    *,
    settings: str | None = None,
    unit: str | None = None,
    packs: Path | None = None,
    as_json: bool = False,
) -> None:
    """Prints what `gongbao decide` prints; the arguments are those of the command (cli.decide)."""
    from gongbao.engine.decision.change_words import nearest_data, nearest_lines
    from gongbao.engine.decision.decide import decide as decide_one
    from gongbao.engine.decision.sources import sources
    from gongbao.engine.decision.trace import as_dict, explain
    from gongbao.engine.fact import read_facts
    from gongbao.engine.receipt import make_receipt

    given, as_of = mapping(read_json(facts), "事实"), law.start(on)
    world, version = law.picked(pack, packs, settings, occurred_at=as_of, given=given)
    day = version.day if version is not None else as_of and as_of.date()
    known(decision, world.decisions, "判定")
    with_day(world, decision, on)
    if unit is not None:
        known(unit, {name: each for each in world.units.units.values() for name in each.names}, "单位")
    read = or_fail(lambda: read_facts(world.facts, given))
    outcome = or_fail(lambda: decide_one(world, decision, read, as_of=as_of, unit=unit))
    if as_json:
        shown = {**as_dict(outcome), "certificate": certificate(world), "out_of_force": out_of_force(world, day),
                 "law": law.as_data(world, version, day),
                 "nearest": nearest_data(outcome), "sources": sources(outcome)}  # fmt: skip
        print_json({**shown, "receipt": make_receipt(world, outcome, read).to_dict()})
        return
    print(explain(outcome))
    for line in nearest_lines(outcome):
        print(f"如果{line}")
    print(f"{world.document['title']}（{world.document['number']}），版本 {world.version[:12]}，{certificate(world)}")
    if said := law.in_words(world, version):
        print(said)
    warn(out_of_force(world, day))
