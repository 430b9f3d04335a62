"""The three packs on the real gazettes: every page opens, and each citation reaches a clause."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from gongbao.office.library import shelf, standing

ROOT = Path(__file__).resolve().parents[3]
SEEDS = Path(os.environ.get("GONGBAO_SHARED", ROOT.parent / "shared")) / "seeds"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.seeds,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="没有公报：设置 GONGBAO_SHARED，或在仓库旁放 shared/seeds"),
]
PACKS = ("langfang/hotline-110", "langfang/heavy-pollution", "langfang/enterprise-credit")


@pytest.fixture
def city(settings, office_clock):
    settings.GONGBAO_PACKS = ROOT / "packs"
    settings.GONGBAO_GAZETTES = str(SEEDS)


@pytest.fixture
def reader(signed_in, account, city):
    return signed_in(account("li", "廊坊市公安局", "接警员"))


def test_the_shelf_holds_103_documents_each_with_its_own_address(city):
    entries = shelf.entries()
    assert len(entries) == len({e.key for e in entries})
    assert len([e for e in entries if e.document is not None]) == 103
    assert {e.pack for e in entries if e.pack} >= set(PACKS)


@pytest.mark.parametrize("pack", PACKS)
def test_every_citation_of_a_pack_reaches_a_clause(city, pack):
    assert [s.cite for s in standing.standings(pack) if not s.resolved] == []


def test_the_clause_of_the_grades_carries_their_six_rows(reader):
    shown = reader.get(reverse("library:clause", args=["廊政办字〔2023〕8号", "三（五）"]))
    rules = dict(shown.context["rules"])["判定规则"]
    grades = [s.title for s in rules if s.title.startswith("公共信用等级")]
    assert grades == [f"公共信用等级 第 {n} 行" for n in range(1, 7)]


def test_the_printed_total_of_the_catalogue_is_shown_as_a_discrepancy(reader):
    shown = reader.get(reverse("library:document", args=["廊政办字〔2023〕8号"])).content.decode()
    assert "210" in shown
    assert "208" in shown


def test_the_catalogue_is_exported_whole_and_as_searched(reader):
    args = ["langfang", "enterprise-credit"]
    registers = {name: r for name, r in shelf.packs.pack_of(PACKS[2]).registers.items() if r.printed_total == 210}
    (name,) = registers
    whole = reader.get(reverse("library:export", args=[*args, name, "xlsx"]))
    assert load_workbook(io.BytesIO(whole.content)).active.max_row == 209
    some = reader.get(reverse("library:export", args=[*args, name, "csv"]) + "?q=市水利局").content.decode("utf-8-sig")
    assert 1 < len(some.splitlines()) < 209
    assert all("市水利局" in line for line in some.splitlines()[1:])


def test_an_organ_is_found_under_the_name_it_bears_since(reader):
    page = reader.get(reverse("library:home"), {"q": "环保局", "city": "廊坊市"})
    shown = {hit.snippet[a:b] for _, hit, _ in page.context["hits"] for a, b in hit.marks}
    assert {"环保局", "市生态环境局"} <= shown | {"环保局"}
    assert any("生态环境局" in text for text in shown)


def test_search_keeps_to_kind_and_status(reader):
    page = reader.get(reverse("library:home"), {"q": "应急", "kind": "预案"})
    assert page.context["hits"]
    assert {entry.kind for entry, _, _ in page.context["hits"]} == {"预案"}
    page = reader.get(reverse("library:home"), {"status": "expired"})
    assert {e.state for e in page.context["rows"]} <= {"expired"}
    assert reader.get(reverse("library:home"), {"q": "没有这样的话"}).context["hits"] == []
