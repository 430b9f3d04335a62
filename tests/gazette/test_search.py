"""Words of one, two and more characters, phrases, numbers and 文号 are found in their clauses."""

from __future__ import annotations

import pytest

from gongbao.gazette.clauses import clauses
from gongbao.gazette.generate import generate
from gongbao.gazette.library import read_gazette
from gongbao.gazette.search import MAX_QUERY, Index, fold

from .shared import HEAVY_POLLUTION, library, needs_seeds


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(document for seed in range(6) for document in read_gazette(generate(seed, 6).encode()).documents)


@pytest.mark.parametrize("query", ["井", "井盖", "工作日", "市园林局", "三分之二", "不低于"])
def test_every_clause_with_the_word_is_found_and_no_other(index: Index, query: str) -> None:
    expected = {
        (document.name, document.dated, clause.locator)
        for seed in range(6)
        for document in read_gazette(generate(seed, 6).encode()).documents
        for clause in clauses(document).walk()
        if clause.locator and query in "".join(clause.text.split())
    }
    hits = index.search(query, limit=10_000)
    assert {(h.document.name, h.document.dated, h.locator) for h in hits if h.locator} == expected
    assert expected


def test_the_snippet_shows_the_word_where_the_marks_say(index: Index) -> None:
    for hit in index.search("井盖 工作日", limit=50):
        assert {hit.snippet[start:end] for start, end in hit.marks} <= {"井盖", "工作日"}
        assert hit.marks


def test_several_phrases_must_all_stand_in_the_clause(index: Index) -> None:
    both = {(h.document.digest, h.locator) for h in index.search("井盖 工作日", limit=10_000)}
    assert both
    for word in ("井盖", "工作日"):
        assert both <= {(h.document.digest, h.locator) for h in index.search(word, limit=10_000)}


@pytest.mark.parametrize("query", ["", "   ", "，，", "没有这样的词", "\x00"])
def test_a_query_without_a_hit_finds_nothing(index: Index, query: str) -> None:
    assert index.search(query) == ()


def test_the_limit_is_kept(index: Index) -> None:
    assert len(index.search("市", limit=3)) == 3
    assert index.search("市", limit=0) == ()


def test_an_absurd_query_is_cut(index: Index) -> None:
    index.search("井盖" * 100_000)
    assert MAX_QUERY == 200


def test_width_case_and_brackets_do_not_matter() -> None:
    assert fold("AQI") == "aqi"
    assert fold("〔2023〕１号") == fold("[2023]1号")
    assert len(fold("İ〔")) == 2


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("query", ["红色预警", "错峰", "廊政办字[2017]118号", "重污染天气"])
def test_the_heavy_pollution_plan_is_found_by_its_words(query: str) -> None:
    hits = _seeds().search(query)
    assert hits[0].document.number == HEAVY_POLLUTION


_built: list[Index] = []


def _seeds() -> Index:
    if not _built:
        _built.append(Index(library().documents))
    return _built[0]


@needs_seeds
@pytest.mark.seeds
def test_words_of_one_and_more_characters_are_found_in_the_seeds() -> None:
    index = _seeds()
    for query in ("异议 工作日", "宅基地", "养老", "24小时", "110", "年"):
        assert index.search(query)
