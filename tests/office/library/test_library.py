"""政策库: what is on the shelf, what a search finds, and which rules stand on a clause."""

from __future__ import annotations

import datetime as dt
import shutil

import pytest
from django.urls import reverse

from gongbao.office import clock, worlds
from gongbao.office.cases.models import Notice
from gongbao.office.clock import SHANGHAI
from gongbao.office.library import shelf, standing
from gongbao.policy.loader import packs_root

pytestmark = pytest.mark.django_db
HERE = "甲政〔2023〕1号"
OTHER = "乙政办〔2022〕7号"


def page(client, name, *args, query="", **extra):
    return client.get(reverse(f"library:{name}", args=args) + query, **extra)


def text(response):
    return response.content.decode()


def test_everybody_signed_in_reads_the_library_and_nobody_else(client, gazette, reader):
    assert page(client, "home").status_code == 302
    assert page(reader, "home").status_code == 200


def test_the_shelf_holds_every_document_and_knows_its_pack(gazette):
    found = {e.key: (e.pack, e.city) for e in shelf.entries()}
    assert found == {HERE: ("toy/street", "甲市"), OTHER: ("", "乙市")}


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("?city=乙市", {OTHER}), ("?year=2023", {HERE}), ("?pack=yes", {HERE}), ("?pack=no", {OTHER}),
        ("?issuer=甲市人民政府", {HERE}), ("?city=甲市&year=2022", set()), ("?pack=force", {HERE}),
    ],
)  # fmt: skip
def test_filters_narrow_the_list(gazette, reader, query, kept):
    shown = text(page(reader, "home", query=query))
    assert {n for n in (HERE, OTHER) if f">{n}<" in shown} == kept


def test_a_word_of_two_characters_finds_clauses_of_both_documents(gazette, reader):
    shown = page(reader, "home", query="?q=督办", HTTP_HX_REQUEST="true")
    assert "<html" not in text(shown)
    assert {(e.key, h.locator) for e, h, _ in shown.context["hits"]} == {(OTHER, "二"), (HERE, "二（三）")}
    assert "<mark>督办</mark>" in text(shown)


def test_a_search_stays_inside_the_filters(gazette, reader):
    hits = page(reader, "home", query="?q=督办&city=甲市").context["hits"]
    assert {e.key for e, _, _ in hits} == {HERE}


def test_a_number_written_with_other_brackets_is_the_same_document(gazette, reader):
    moved = page(reader, "document", "甲政[2023]1号")
    assert (moved.status_code, moved.url) == (301, reverse("library:document", args=[HERE]))
    assert page(reader, "document", "甲政〔2023〕2号").status_code == 404


def test_a_document_without_certificate_says_so(gazette, reader):
    assert "未经发布机关审定，仅供参考" in text(page(reader, "document", HERE))
    assert "未经发布机关审定" not in text(page(reader, "document", OTHER))


@pytest.mark.parametrize(
    ("day", "words", "holds"),
    [(dt.date(2022, 12, 31), "尚未施行（自 2023-01-01 起）", False), (dt.date(2023, 1, 1), "现行有效", True)],
)
def test_whether_a_document_is_in_force_is_asked_on_the_offices_day(gazette, office_clock, day, words, holds):
    office_clock.moment = dt.datetime.combine(day, dt.time(9), SHANGHAI)
    assert shelf.of_pack(gazette).force == (words, holds)


def test_a_clause_shows_its_words_and_the_rule_that_stands_on_it(gazette, reader):
    shown = page(reader, "clause", HERE, "一（一）")
    assert "粉尘浓度达到300的" in text(shown)
    kinds = {kind: [s.title for s in group] for kind, group in shown.context["rules"]}
    assert kinds["判定规则"] == ["粉尘等级 第 1 行"]
    link = reverse("library:decision", args=["toy", "street", "level"])
    assert f"{link}#r1" in text(shown)


def test_a_clause_gathers_what_stands_on_those_below_it(gazette, reader):
    titles = [s.title for kind, group in page(reader, "clause", HERE, "一").context["rules"] for s in group
              if kind == "判定规则"]  # fmt: skip
    assert titles == ["粉尘等级 第 1 行", "粉尘等级 第 2 行", "粉尘等级 第 3 行"]


def test_deadlines_and_settings_stand_on_their_clauses(gazette):
    kinds = {(s.kind, s.title) for s in standing.standings(gazette) if s.locator == "二（一）"}
    assert ("时限", "派单时限") in kinds
    assert ("设置", "退单时限") in {(s.kind, s.title) for s in standing.standings(gazette) if s.locator == "二"}


def test_a_clause_has_one_address(gazette, reader):
    assert page(reader, "clause", HERE, "一、(一)").url == reverse("library:clause", args=[HERE, "一（一）"])
    assert page(reader, "clause", HERE, "九").status_code == 404


def test_the_decision_page_shows_rows_in_words_with_their_results(gazette, reader):
    shown = page(reader, "decision", "toy", "street", "level")
    rows = shown.context["d"].rows
    assert [(r.cells[0].words, r.outputs) for r in rows[:2]] == [("≥ 300", ("红色",)), ("≥ 100", ("黄色",))]
    assert rows[2].otherwise
    assert rows[2].outputs == ("无",)


@pytest.mark.parametrize(("dust", "level"), [("299", "黄色"), ("300", "红色")])
def test_a_trial_decides_with_what_was_typed(gazette, reader, dust, level):
    shown = page(reader, "try", "toy", "street", "level", query=f"?f-dust={dust}")
    assert shown.context["trial"].outcome.value == {"level": level}
    assert "一（" in text(shown)


def test_a_trial_without_facts_tells_the_candidates(gazette, reader):
    outcome = page(reader, "try", "toy", "street", "level", query="?f-dust=").context["trial"].outcome
    assert not outcome.settled
    assert [c["level"] for c in outcome.candidates] == ["无", "黄色", "红色"]


def test_a_trial_with_a_wrong_value_names_the_field_and_stores_nothing(gazette, reader):
    shown = page(reader, "try", "toy", "street", "level", query="?f-dust=很多")
    assert shown.status_code == 200
    assert shown.context["trial"].outcome is None
    assert "很多" in next(f.error for f in shown.context["trial"].controls if f.fact == "dust")


def test_without_the_gazette_the_pack_still_stands_on_the_shelf(toy, reader):
    entry = shelf.of_pack(toy)
    assert (entry.key, entry.document) == (HERE, None)
    assert "原文没有载入" in text(page(reader, "document", HERE))
    assert page(reader, "clause", HERE, "一（一）").status_code == 200


def test_packs_of_documents_without_a_number_each_have_an_address_of_their_own(settings, tmp_path, toy, reader):
    city = tmp_path / "packs" / "langfang"
    city.mkdir(parents=True)
    for name in ("units.yaml", "law-study-2023", "courtyard-drainage"):
        (city / name).symlink_to(packs_root() / "langfang" / name)
    settings.GONGBAO_PACKS = city.parent
    addresses = {e.key for e in shelf.entries()}
    assert len(addresses) == 2
    assert "无文号" not in addresses
    assert all(reader.get(f"/library/{key}/").status_code == 200 for key in addresses)


def test_what_is_not_there_is_a_404(gazette, reader):
    for name, args in (("pack", ["toy", "none"]), ("decision", ["toy", "street", "none"]),
                       ("procedure", ["toy", "street", "none"]), ("register", ["toy", "street", "none"])):  # fmt: skip
        assert page(reader, name, *args).status_code == 404


def test_every_page_of_a_pack_opens(gazette, reader):
    for name in ("pack", "duties", "figures"):
        assert page(reader, name, "toy", "street").status_code == 200
    for procedure in worlds.world(gazette).procedures:
        assert page(reader, "procedure", "toy", "street", procedure).status_code == 200


def test_a_document_without_a_pack_opens_for_somebody_with_unread_reminders(gazette, reader, opened):
    Notice.objects.create(who="东区城管局", text="催办", case=opened, at=clock.now())
    for entry in shelf.entries():
        assert page(reader, "document", entry.key).status_code == 200


@pytest.mark.parametrize("formula", ["dust + nosuch", "params.nosuch", "settings.nosuch", "level.nosuch"])
def test_a_formula_that_names_what_the_pack_does_not_have_is_told_and_not_run(settings, tmp_path, toy, reader, formula):
    shutil.copytree(settings.GONGBAO_PACKS, tmp_path / "packs")
    file = tmp_path / "packs" / "toy" / "street" / "decisions.yaml"
    made = f"\nmade: {{label: 公式, cite: 一, requires: [level], output: {{made: {{type: text}}}}, value: {{made: '{formula}'}}}}\n"
    over = "\nover: {label: 其上, cite: 一, requires: [made], output: {over: {type: text}}, value: {over: made.made}}\n"
    file.write_text(file.read_text(encoding="utf-8") + made + over, encoding="utf-8")
    settings.GONGBAO_PACKS = tmp_path / "packs"
    worlds.forget()
    for name in ("made", "over"):
        answer = page(reader, "decision", "toy", "street", name)
        assert "这项判定有误，不能使用" in text(answer)
        assert "nosuch" in text(answer)
        assert reverse("library:try", args=["toy", "street", name]) not in answer.content.decode()
        trial = reader.get(reverse("library:try", args=["toy", "street", name]), {"f-dust": "1"})
        assert trial.status_code == 422
        assert 'id="trial"' not in text(trial)
    assert "这个政策包有误" in text(page(reader, "pack", "toy", "street"))
    assert "有误" not in text(page(reader, "decision", "toy", "street", "level"))


@pytest.mark.parametrize(
    ("file", "words"),
    [("decisions.yaml", "level: {label: 坏, cite: 一, output: {level: {type: number}}, value: {level: '1 +'}}"),
     ("facts.yaml", "not: [a, mapping")],
    ids=["不能编译", "读不出来"],
)  # fmt: skip
def test_a_pack_that_is_wrong_is_told_and_takes_nothing_else_down(
    settings, tmp_path, toy, reader, signed_in, account, file, words
):
    shutil.copytree(settings.GONGBAO_PACKS, tmp_path / "packs")
    (tmp_path / "packs" / "toy" / "street" / file).write_text(words, encoding="utf-8")
    settings.GONGBAO_PACKS = tmp_path / "packs"
    worlds.forget()
    assert page(reader, "home").status_code == 200
    assert page(reader, "decision", "toy", "street", "level").status_code == 404
    admin = signed_in(account("guan", "甲市人民政府", "管理员"))
    for name in ("home", "packs", "settings", "units"):
        assert admin.get(reverse(f"management:{name}")).status_code == 200
    for address in ("/", "/cases/", "/tasks/", "/alerts/", "/alerts/ask/", "/api/packs"):
        assert admin.get(address).status_code == 200, address
    checked = admin.post(reverse("management:check", args=["toy", "street"]), HTTP_HX_REQUEST="true")
    assert file in text(checked)
