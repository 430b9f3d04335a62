"""`gongbao score`: a scoring sheet for one subject, or for many with their order, their self-scores and their votes."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gongbao.cli import law
from gongbao.cli.failure import or_fail
from gongbao.cli.finding import certificate, out_of_force
from gongbao.cli.options import Json, PackId, Packs
from gongbao.cli.output import print_json, print_table, warn
from gongbao.cli.reading import known, read_json


def score_command(
    pack: PackId,
    sheet: Annotated[str, typer.Argument(metavar="SHEET", help="考核表的编号")],
    findings: Annotated[
        str,
        typer.Option(
            "--findings",
            help="考核情况的 JSON 文件，- 为标准输入，也可直接写 {…}；一个对象的事实，或几个对象的列表（排名）",
        ),
    ],
    on: Annotated[str | None, typer.Option("--on", help="考核之日（年-月-日），也是 as_of")] = None,
    settings: Annotated[str | None, typer.Option("--settings", help="设置的 JSON 文件或 {…}")] = None,
    packs: Packs = None,
    as_json: Json = False,
) -> None:
    """按考核表计分：总分或可能的范围，每一处扣分及其条款，缺什么；几个对象时排名。"""
    from gongbao.engine.receipt import make_receipt
    from gongbao.engine.scoresheet import score
    from gongbao.engine.scoresheet_findings import read_findings
    from gongbao.engine.scoresheet_ranking import differences, ranked, taken, tally
    from gongbao.engine.scoresheet_words import (
        as_dict,
        differences_as_dict,
        differences_in_words,
        explain,
        places_as_dict,
        points,
    )

    as_of = law.start(on)
    world, version = law.picked(pack, packs, settings, occurred_at=as_of)
    day = version.day if version is not None else as_of and as_of.date()
    known(sheet, world.scoresheets, "考核表")
    one = world.scoresheets[sheet]
    found, votes, many = or_fail(lambda: read_findings(world, one, read_json(findings)))
    shown: list[dict[str, Any]] = []
    scores = []
    for each in found:
        made = or_fail(lambda each=each: score(world, one, each.facts, as_of=as_of, evidence=each.evidence))
        own = None if each.own is None else or_fail(lambda each=each: score(world, one, each.own, as_of=as_of))
        apart = differences(own, made) if own is not None else ()
        scores.append((each, made, own, apart))
        if as_json:
            one_shown = {"subject": each.subject, **as_dict(world, made)}
            if own is not None:
                one_shown |= {"self": {"total": own.total, "lowest": own.lowest, "highest": own.highest},
                              "differences": differences_as_dict(apart)}  # fmt: skip
            if made.outcome is not None:
                one_shown["receipt"] = make_receipt(world, made.outcome, each.facts).to_dict()
            shown.append(one_shown)
    values = {name: setting.value for name, setting in world.settings.items()}
    places = ranked([(f.subject, s, f.facts) for f, s, _, _ in scores], take=taken(one, values), within=one.within)
    counted = tally(votes, one.votes) if one.votes is not None and votes else None
    if as_json:
        about = {"certificate": certificate(world), "out_of_force": out_of_force(world, day),
                 "law": law.as_data(world, version, day)}  # fmt: skip
        if not many:
            print_json({**shown[0], **about})
            return
        told = None if counted is None else {
            "counted": dict(counted.counted),
            "refused": [{"vote": at, "voter": v.voter, "subject": v.subject, "at": v.at, "why": why}
                        for at, v, why in counted.refused],
        }  # fmt: skip
        print_json({"sheet": one.id, "label": one.label, "ranking": places_as_dict(places), "scores": shown,
                    "votes": told, **about})  # fmt: skip
        return
    for each, made, own, apart in scores:
        print(("" if not each.subject else f"【{each.subject}】") + explain(world, made))
        if own is not None:
            print(f"自评 {points(own)} 分，核定 {points(made)} 分" + ("；不同的项：" if apart else "；各项相同"))
            print("\n".join(differences_in_words(apart)))
    if many:
        print_table(["名次", one.subject, "得分", "等次", "入选"], [
            [
                p.left_out or (f"{p.best}" if p.best == p.worst else f"{p.best}—{p.worst}") + ("（并列）" if p.tied else ""),
                p.subject, points(p.score), p.score.grade or "、".join(p.score.grades),
                "" if p.left_out or taken(one, values) is None else {True: "是", False: "否", None: "未定"}[p.chosen],
            ]
            for p in places
        ])  # fmt: skip
    if counted is not None:
        print_table(["对象", "有效票"], [[name, n] for name, n in counted.counted.items()])
        print("\n".join(f"第 {at} 票不计：{why}" for at, _, why in counted.refused))
    print(f"{world.document['title']}（{world.document['number']}），版本 {world.version[:12]}，{certificate(world)}")
    warn(out_of_force(world, day))
