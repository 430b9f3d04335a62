"""Status, timeline, citations in and out, JSON and the permanent address of documents and clauses."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from gongbao.office.library import anchoring, legal, shelf

pytestmark = pytest.mark.django_db

TEXT = """丙市人民政府
关于印发《丙市长椅办法》的通知
丙政〔2020〕3号
各区人民政府：
现印发给你们。
丙市人民政府
2020年5月6日
丙市长椅办法
第一条　根据《中华人民共和国长椅法》制定。
第二条　本办法自2020年6月1日起施行，有效期五年。

丙市人民政府
关于印发《丙市花箱办法》的通知
〔2023〕9号
各区人民政府：
现印发给你们。
丙市人民政府
2023年1月2日
丙市花箱办法
第一条　按照《丙市长椅办法》（丙政〔2020〕3号）摆放，并依照《中华人民共和国长椅法》维护。
第二条　本办法自2023年2月1日起施行。《丙市桌子办法》（丙政〔2019〕1号）同时废止。
"""
BENCH, BOX = "丙政〔2020〕3号", "丙市-2023-01-02-丙市花箱办法"
TABLE = "丙政〔2019〕1号"


@pytest.fixture
def loaded(gazette, settings, tmp_path):
    (tmp_path / "loaded" / "丙市公报.txt").write_text(TEXT, encoding="utf-8")


def page(client, name, *args, query=""):
    return client.get(reverse(f"library:{name}", args=args) + query)


def text(response):
    return response.content.decode()


def test_a_number_without_an_organ_gives_an_address_of_city_day_and_title(loaded, reader):
    assert {e.key for e in shelf.entries()} >= {BENCH, BOX}
    assert page(reader, "document", BOX).status_code == 200
    moved = page(reader, "clause", "〔2023〕9号", "第一条")
    assert (moved.status_code, moved.url) == (301, reverse("library:clause", args=[BOX, "第一条"]))


def test_the_address_given_at_first_still_leads_there(loaded, reader):
    (entry,) = shelf.find(BOX)
    moved = page(reader, "document", entry.document.digest[:12])
    assert (moved.status_code, moved.url) == (301, reverse("library:document", args=[BOX]))


@pytest.mark.parametrize(
    ("day", "state"),
    [("2020-05-31", "not_yet"), ("2020-06-01", "in_force"), ("2025-06-01", "in_force"), ("2025-06-02", "expired")],
)
def test_the_page_shows_the_status_of_a_chosen_day(loaded, reader, day, state):
    shown = page(reader, "document", BENCH, query=f"?on={day}")
    assert shown.context["asked"].state == state
    assert shown.context["asked"].words in text(shown)
    assert reverse("library:clause", args=[BENCH, "第二条"]) in text(shown)


def test_a_day_that_is_no_date_is_refused_with_how_to_write_it(loaded, reader):
    assert page(reader, "document", BENCH, query="?on=昨天").status_code == 400


def test_what_cites_a_document_is_told_on_its_page_and_linked_to_the_clause(loaded, reader):
    shown = text(page(reader, "document", BENCH))
    assert reverse("library:clause", args=[BOX, "第一条"]) in shown
    assert [(c.relation, c.clauses) for c in legal.cited_by(shelf.find(BENCH)[0].document)] == [
        ("based_on", ("第一条",))
    ]


def test_a_clause_links_the_documents_that_it_names(loaded, reader):
    shown = text(page(reader, "clause", BOX, "第一条"))
    assert f'<a href="{reverse("library:document", args=[BENCH])}">《丙市长椅办法》（丙政〔2020〕3号）</a>' in shown


def test_an_act_that_no_gazette_prints_has_a_page_with_its_status(loaded, reader):
    before, after = (page(reader, "act", TABLE, query=f"?on={day}") for day in ("2023-01-31", "2023-02-01"))
    assert before.context["asked"].state == "unknown"
    assert after.context["asked"].state == "repealed"
    assert reverse("library:clause", args=[BOX, "第二条"]) in text(after)
    assert page(reader, "act", "丙政〔1999〕1号").status_code == 404


def test_citations_are_offered_in_the_usual_form(loaded, reader):
    assert "《丙市长椅办法》（丙政〔2020〕3号）第二条" in text(page(reader, "clause", BENCH, "第二条"))


def test_a_document_as_json(loaded, reader):
    value = page(reader, "document_json", BENCH, query="?on=2025-06-02").json()
    assert value["citation"] == "《丙市长椅办法》（丙政〔2020〕3号）"
    assert (value["status"]["state"], value["status"]["because"]["source"]["locator"]) == ("expired", "第二条")
    assert value["address"].endswith(reverse("library:document", args=[BENCH]))
    assert [(c["relation"], c["title"], c["loaded"]) for c in value["cites"]] == [
        ("based_on", "中华人民共和国长椅法", False)
    ]
    assert [c["title"] for c in value["cited_by"]] == ["丙市花箱办法"]
    assert value["clauses"]


def test_a_clause_as_json(loaded, reader):
    value = page(reader, "clause_json", BOX, "第一条").json()
    assert (value["clause"]["locator"], value["words"]) == ("第一条", "第一条")
    assert [(c["number"], c["loaded"]) for c in value["cites"]] == [(BENCH, True), (None, False)]
    assert page(reader, "clause_json", BOX, "第九条").status_code == 404


@pytest.mark.parametrize(("on", "said"), [("2025-02-30", "没有这一天"), ("昨天", "须是年-月-日")])
def test_a_day_that_is_none_is_answered_in_json(loaded, reader, on, said):
    for answer in (page(reader, "document_json", BENCH, query=f"?on={on}"),
                   page(reader, "clause_json", BOX, "第一条", query=f"?on={on}")):  # fmt: skip
        assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
        assert said in answer.json()["detail"]
    assert page(reader, "clause_json", BOX, "第九条").json()["detail"]


def test_json_is_for_who_is_signed_in(loaded, client):
    assert page(client, "document_json", BENCH).status_code == 302


def test_a_document_without_a_pack_has_the_status_that_its_text_gives(loaded, office_clock):
    assert shelf.find(BENCH)[0].force in (("现行有效", True), ("期满失效", False))
    assert legal.on(shelf.find(BENCH)[0].document, dt.date(2025, 6, 2)).state == "expired"


def test_the_pack_page_says_how_the_pack_stands_on_its_gazette(gazette, reader):
    held = anchoring.of_pack(gazette)
    city, slug = gazette.split("/")
    shown = text(page(reader, "pack", city, slug))
    assert "与公报核对" in shown
    assert f"{held.verification.citations} 处" in shown
    for problem in held.verification.problems:
        assert problem.message[:12] in shown


def test_a_clause_page_tells_the_figures_that_rules_use(gazette, reader):
    held = anchoring.of_pack(gazette).coverage
    assert held.used_figures
    at, figure = held.used_figures[0]
    shown = page(reader, "clause", "甲政〔2023〕1号", at)
    assert figure in shown.context["anchored"].used
    assert "规则用到的数字" in text(shown)
