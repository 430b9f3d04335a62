"""Odd spots in the print of the seeds, each of which once could lead a reader astray."""

from __future__ import annotations

import pytest

from gongbao.gazette.clauses import clause_index, clauses, resolve
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
