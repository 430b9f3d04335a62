"""A draft pack: sections of the pack's format, each entry cited, for every document; nothing that was not read."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from tests.gazette.shared import SEEDS, library, needs_seeds
from tests.gazette.test_duties import GAZETTE
from typer.testing import CliRunner

from gongbao.cli import app
from gongbao.gazette.citations import citations
from gongbao.gazette.clauses import clause_index, resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.figures import contains_figure
from gongbao.gazette.library import read_gazette
from gongbao.policy.draft import SECTIONS, Draft, draft, to_yaml
from gongbao.policy.schema import DutySpec, FactSpec, Param, RegisterSpec


@lru_cache(maxsize=1)
def _drafts() -> list[tuple[Document, Draft, dict[str, Any]]]:
    made = [(document, draft(document)) for document in library().documents]
    return [(document, offered, yaml.safe_load(to_yaml(offered))) for document, offered in made]


@lru_cache(maxsize=1)
def _toy() -> dict[str, Any]:
    (document,) = read_gazette(GAZETTE.encode()).documents
    loaded: dict[str, Any] = yaml.safe_load(to_yaml(draft(document)))
    return loaded


def test_a_draft_has_the_sections_of_a_pack() -> None:
    assert set(_toy()) == set(SECTIONS)
    assert _toy()["document"]["number"] == "廊政办字〔2022〕901号"
    assert _toy()["document"]["review"]["certified_by"] is None


def test_a_task_becomes_a_duty_with_lead_group_and_deadline() -> None:
    duty = next(d for d in _toy()["duties"] if d["cite"] == "二（一）")
    assert duty["do"] == "建立台账"
    assert duty["lead"] == [{"unit": "市财政局"}]
    assert duty["with"] == [{"unit": "市审计局"}, {"group": "各县（市、区）政府"}]
    assert (duty["deadline"]["kind"], duty["deadline"]["limit"]) == ("period", "5 working days")


def test_what_must_be_looked_at_is_marked() -> None:
    (document,) = read_gazette(GAZETTE.encode()).documents
    text = to_yaml(draft(document))
    assert "lead: []" in next(line for line in text.splitlines() if "二（三）" in line and "task" in line)
    assert "需核对：条款没有写是谁" in text
    assert "起算：收到材料" in text


@needs_seeds
def test_every_document_gives_a_draft_whose_citations_resolve_and_whose_figures_are_printed() -> None:
    assert len(_drafts()) == 103
    for document, offered, made in _drafts():
        index = clause_index(document)
        listed = [*made["params"].values(), *made["facts"].values(), *made["duties"], *made["indicators"]]
        for entry in listed:
            assert entry["cite"] in index, (document.name, entry)
        for entry in offered.params.values():
            broken = "印刷把数字拆开" in entry["_note"]
            assert broken or contains_figure(index[entry["cite"]].text, entry["text"]), (document.name, entry)
        for entry in made["registers"].values():
            resolve(document, entry["cite"])


@needs_seeds
def test_the_health_plan_gives_its_27_indicators() -> None:
    made = draft(library().document("廊政办字〔2023〕3号"))
    table = [i for i in made.indicators if "nature" in i]
    assert len(table) == 27
    assert sum(i["nature"] == "约束性" for i in table) == 6
    assert {i["target"]["year"] for i in table} == {2025}
    assert sum(i["target"]["form"] == "floor" for i in table) == 4


@needs_seeds
def test_what_it_repeals_and_stands_on_is_in_the_head() -> None:
    document = library().document("廊政办字〔2022〕62号")
    head = draft(document).document
    assert "廊政办字〔2021〕25号" in head["repeals"]
    assert set(head["based_on"]) == {c.number or c.title for c in citations(document) if c.relation == "based_on"}


@needs_seeds
def test_the_command_prints_yaml_json_or_what_is_wrong() -> None:
    run = CliRunner()
    printed = run.invoke(app, ["draft", "廊政办字〔2022〕60号", "--gazettes", str(SEEDS)])
    assert printed.exit_code == 0
    assert yaml.safe_load(printed.stdout)["document"]["number"] == "廊政办字〔2022〕60号"
    as_json = run.invoke(app, ["draft", "廊政办字〔2022〕60号", "--gazettes", str(SEEDS), "--json"])
    assert as_json.stdout.startswith("{")
    assert run.invoke(app, ["draft", "没有这份文件", "--gazettes", str(SEEDS)]).exit_code == 1


@needs_seeds
def test_facts_params_duties_and_registers_are_of_the_packs_format() -> None:
    for _, _, made in _drafts():
        for model, entries in (
            (FactSpec, made["facts"].values()),
            (Param, made["params"].values()),
            (DutySpec, [{k: v for k, v in d.items() if k != "deadlines_found"} for d in made["duties"]]),
            (RegisterSpec, made["registers"].values()),
        ):
            for entry in entries:
                model.model_validate(entry)
