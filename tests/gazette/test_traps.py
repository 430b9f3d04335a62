"""Odd spots in the print of the seeds, each of which once could lead a reader astray."""

from __future__ import annotations

import re

import pytest

from gongbao.gazette.clauses import clause_index, clauses, document_tables, resolve
from gongbao.gazette.documents import Document

from .shared import library, needs_seeds, seed_document

pytestmark = [needs_seeds, pytest.mark.seeds]


def at(seed: str, first: int) -> Document:
    gazette = next(g for g in library().gazettes if g.name.startswith(seed))
    return next(d for d in gazette.documents if d.first == first)


def test_the_contents_page_of_the_chengde_gazette_is_nobodys() -> None:
    chengde = next(g for g in library().gazettes if g.name.startswith("004"))
    assert chengde.documents[0].first == 69
    assert all(line.number >= 69 for document in chengde.documents for line in document.lines)


def test_an_issuer_and_a_title_on_one_line_are_two_things() -> None:
    plan = at("004", 69)
    assert plan.issuer == "承德市人民政府"
    assert plan.heading.startswith("关于印发")


@pytest.mark.parametrize(("seed", "first"), [("000", 568), ("000", 779), ("002", 2779), ("002", 3558)])
def test_a_number_directly_below_the_spread_word_notice(seed: str, first: int) -> None:
    document = at(seed, first)
    assert document.heading.endswith("的通知")
    assert document.number is not None


def test_a_misprint_in_the_disclosure_is_kept_as_printed() -> None:
    assert at("001", 2266).disclosure == "公开分布"
    assert at("002", 4600).disclosure == "删减后公开"


@pytest.mark.parametrize("number", ["承市政办字〔2022〕50号", "承市政办字〔2022〕51号"])
def test_half_width_and_full_width_brackets_number_alike(number: str) -> None:
    document = seed_document(number)
    assert resolve(document, "一(一)") is resolve(document, "一（一）")


def test_the_four_application_ways_of_one_article_repeat_their_numbers() -> None:
    index = clause_index(at("004", 2416))
    assert {"第十六条（一）", "第十六条（一）#2", "第十六条（一）#3"} <= set(index)


def test_consecutive_paragraphs_without_blank_lines_are_clauses_of_their_own() -> None:
    index = clause_index(at("000", 568))
    assert [index[f"三（四）{n}"].first for n in range(1, 6)] == list(range(633, 638))


def test_numbers_that_go_on_through_sections_are_not_restarted() -> None:
    index = clause_index(at("002", 4600))
    numbered = [place for place in index if place[0] in "一二三四五六" and place.count("（") == 1]
    assert len(numbered) == 25
    assert numbered[-1].endswith("（二十五）")


def test_a_line_that_a_document_prints_twice_is_reached_twice() -> None:
    for document in library().documents:
        for clause in clauses(document).walk():
            if "#" in clause.locator:
                assert resolve(document, clause.locator) is clause
                first = clause.locator.rsplit("#", 1)[0]
                assert resolve(document, first) is not clause


def test_an_annex_that_is_listed_but_not_printed_says_so() -> None:
    document = at("001", 67)
    assert [(a.no, a.printed) for a in document.attachments] == [(1, True), (2, False)]


def test_html_that_a_converter_left_inside_a_box_is_its_paragraphs() -> None:
    index = clause_index(at("004", 69))
    assert [index[f"专栏{n}"].first for n in range(1, 7)] == [271, 302, 334, 376, 418, 472]
    assert sum(place.startswith("专栏4 ") for place in index) == 4
    assert index["专栏3 2"].heading == "VOCs 综合治理工程"
    assert not any("<" in clause.text for clause in index.values())


def test_a_number_that_lost_its_dot_goes_on_the_count() -> None:
    index = clause_index(at("004", 1414))
    assert [index[f"二（二）{n}"].first for n in range(1, 6)] == [1449, 1463, 1487, 1499, 1509]


def test_a_field_code_of_word_is_not_text() -> None:
    plan = at("003", 318)
    assert not any("INCLUDEPICTURE" in line.text or "MERGEFORMAT" in line.text for line in plan.lines)
    assert clause_index(plan)["第四章第十五节 一"].first == 680


def test_captions_of_figures_without_data_stay_where_they_are_printed() -> None:
    index = clause_index(at("003", 318))
    for place, line in (("第一章第一节 一", 336), ("第一章第一节 四", 343)):
        assert any(p.text.startswith("图") and p.last == line for p in index[place].paragraphs)


def test_half_a_box_printed_again_keeps_both_prints() -> None:
    index = clause_index(at("003", 62))
    once, again = [[index[f"专栏8 {n}{mark}"] for n in range(2, 7)] for mark in ("", "#2")]
    assert [c.first for c in once] == [290, 292, 294, 296, 298]
    assert [c.first for c in again] == [302, 304, 306, 308, 310]
    assert [c.heading for c in once] == [c.heading for c in again]
    assert index["专栏8 6"].last == 300


@pytest.mark.parametrize(
    ("places", "lines"),
    [
        (("三（一）1", "三（一）2", "三（一）3", "三（二）"), (617, 619, 620, 621)),
        (("三（二）1", "三（二）2", "三（二）3", "三（二）4", "三（三）"), (623, 624, 625, 626, 627)),
        (("三（三）1", "三（三）2", "三（四）"), (629, 630, 631)),
        (("三（四）1", "三（四）2", "三（四）3", "三（四）4", "三（四）5", "四"), (633, 634, 635, 636, 637, 638)),
    ],
)
def test_paragraphs_with_and_without_a_blank_line_between_them(places: tuple[str, ...], lines: tuple[int, ...]) -> None:
    index = clause_index(at("000", 568))
    assert tuple(index[place].first for place in places) == lines


@pytest.mark.parametrize(
    ("first", "issuer", "number"),
    [
        (69, "承德市人民政府", None),
        (630, "承德市人民政府", "承市政字〔2022〕24号"),
        (1414, "承德市人民政府办公室", "承市政办字〔2022〕47号"),
    ],
)
def test_a_title_over_several_lines_or_with_blanks_inside_is_one_title(
    first: int, issuer: str, number: str | None
) -> None:
    document = at("004", first)
    assert document.issuer == issuer
    assert " " not in document.heading
    assert document.heading.endswith(("通知", "意见"))
    assert number in (None, document.number)


def test_headings_between_blank_lines_are_clauses() -> None:
    index = clause_index(at("001", 2113))
    assert [clause.locator for clause in index.values() if clause.first in (2129, 2131, 2132, 2133, 2134)] == [
        "一（二）3", "一（二）4", "一（三）", "一（三）1", "一（三）2",
    ]  # fmt: skip


def test_each_box_of_the_seeds_is_a_clause_or_the_caption_of_a_table() -> None:
    for document in library().documents:
        printed = set()
        for line in document.lines:
            heading = re.fullmatch(r"专栏\s*(\d{1,2})[\s：:].{2,40}", line.text.strip("| "))
            if heading and "。" not in line.text:
                printed.add(int(heading[1]))
        boxes = {int(c.locator[2:]) for c in clauses(document).walk() if c.kind == "专栏"}
        captions = {
            int(found[1])
            for table in document_tables(document)
            if (found := re.match(r"专栏(\d{1,2})", re.sub(r"\s", "", table.title)))
        }
        assert printed == boxes | captions, document.name
        assert not boxes & captions, document.name


def test_numbers_that_begin_anew_below_one_heading_are_kept_apart() -> None:
    index = clause_index(at("003", 318))
    assert [index[f"第一章第二节 {n}"].first for n in "一二三四五"] == [346, 348, 350, 352, 354]
    assert [index[f"第一章第二节 {n}#2"].first for n in "一二三四"] == [357, 359, 361, 363]


def test_an_annex_of_which_only_the_title_is_printed_says_so() -> None:
    assert [(a.no, a.printed) for a in at("003", 1521).attachments] == [(1, False)]
    assert resolve(at("003", 1521), "附件").kind == "附件"
