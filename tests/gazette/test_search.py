"""Words of one, two and more characters, phrases, numbers and 文号 are found in their clauses."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.gazette.clauses import clauses
from gongbao.gazette.documents import Document
from gongbao.gazette.generate import generate
from gongbao.gazette.library import read_gazette
from gongbao.gazette.search import MAX_QUERY, Index, entries, fold

from .shared import HEAVY_POLLUTION, library, needs_seeds


def _generated() -> Iterator[tuple[str, Document]]:
    for seed in range(6):
        for at, document in enumerate(read_gazette(generate(seed, 6).encode()).documents):
            yield f"{seed}-{at}", document


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(_generated)


@pytest.mark.parametrize("query", ["井", "井盖", "工作日", "市园林局", "三分之二", "不低于"])
def test_every_clause_with_the_word_is_found_and_no_other(index: Index, query: str) -> None:
    expected = {
        (key, clause.locator)
        for key, document in _generated()
        for clause in clauses(document).walk()
        if clause.locator and query in "".join(clause.text.split())
    }
    hits = index.search(query, limit=10_000)
    assert {(h.key, h.locator) for h in hits if h.locator and h.marks} == expected
    assert expected


@given(st.data())
@settings(max_examples=60)
def test_what_stands_in_a_clause_finds_the_clause(index: Index, data: st.DataObject) -> None:
    key, document = data.draw(st.sampled_from(list(_generated())))
    entry = data.draw(st.sampled_from([each for each in entries(document) if len(each.text) > 8]))
    start = data.draw(st.integers(0, len(entry.text) - 2))
    part = entry.text[start : start + data.draw(st.integers(1, 12))].split("\n")[0]
    if set(part) & set(' ,，;；“”"\u3000') or not part or part[0].isdecimal() or part[-1].isdecimal():
        return
    assert (key, entry.locator) in {(h.key, h.locator) for h in index.search(part, limit=10_000)}


@pytest.mark.parametrize(
    ("query", "wanted"), [("20个工作日", False), ("120个工作日", True), ("工作日", True), ("第3", False)]
)
def test_a_number_is_not_found_inside_a_longer_one(query: str, wanted: bool) -> None:
    text = "示例市人民政府\n关于试行的通知\n示政〔2023〕31号\n各单位：\n一、办理期限为120个工作日，见第30条。\n2023年3月1日\n"
    [document] = read_gazette(text.encode()).documents
    index = Index(lambda: [("d", document)])
    assert bool([h for h in index.search(query) if h.locator]) is wanted


@pytest.mark.parametrize(
    "query",
    [
        "示政〔2023〕31号",
        "示政[2023]31号",
        "示政（2023）31号",
        "示政202331号",
        "示政 2023 31",
        "31号",
        "示政〔2023〕31",
        "示政[2023]31",
    ],
)
def test_a_document_number_is_found_however_it_is_typed(query: str) -> None:
    text = "示例市人民政府\n关于试行的通知\n示政〔2023〕31号\n各单位：\n一、办理期限。\n2023年3月1日\n"
    [document] = read_gazette(text.encode()).documents
    assert Index(lambda: [("d", document)]).search(query)[0].locator == ""


def test_a_unit_is_found_under_its_other_names(index: Index) -> None:
    plain = {(h.key, h.locator) for h in index.search("市园林局", limit=10_000)}
    names = {"市绿化局": ("市园林局",), "市园林局": ("市绿化局",)}
    assert index.search("市绿化局") == ()
    assert {(h.key, h.locator) for h in index.search("市绿化局", limit=10_000, names=names)} == plain


def test_only_the_documents_asked_for_are_looked_at(index: Index) -> None:
    hits = index.search("市", limit=10_000)
    keys = {h.key for h in hits}
    assert len(keys) > 3
    some = set(list(keys)[:2])
    assert {h.key for h in index.search("市", limit=10_000, among=some)} == some
    assert index.search("市", among=()) == ()


def test_a_hit_names_the_headings_above_it(index: Index) -> None:
    below = [h for h in index.search("井盖", limit=10_000) if h.trail]
    assert below
    assert all(isinstance(part, str) and part for h in below for part in h.trail)


def test_a_file_is_made_once_and_anew_when_the_gazettes_changed(tmp_path: Path) -> None:
    made = []

    def documents() -> Iterator[tuple[str, Document]]:
        made.append(1)
        return _generated()

    path = tmp_path / "search.sqlite3"
    first = Index(documents, path=path, stamp="a").search("井盖", limit=500)
    assert Index(documents, path=path, stamp="a").search("井盖", limit=500) == first
    assert len(made) == 1
    Index(documents, path=path, stamp="b")
    assert len(made) == 2
    path.write_bytes(b"not a database" * 100)
    assert Index(documents, path=path, stamp="b").search("井盖", limit=500) == first
    assert len(made) == 3


def test_many_threads_search_at_once(tmp_path: Path) -> None:
    index = Index(_generated, path=tmp_path / "search.sqlite3", stamp="a")
    wanted = index.search("井盖", limit=500)
    with ThreadPoolExecutor(8) as pool:
        assert all(found == wanted for found in pool.map(lambda _: index.search("井盖", limit=500), range(40)))


def test_the_snippet_shows_the_word_where_the_marks_say(index: Index) -> None:
    for hit in index.search("井盖 工作日", limit=50):
        assert {hit.snippet[start:end] for start, end in hit.marks} <= {"井盖", "工作日"}
        assert hit.marks


def test_several_phrases_must_all_stand_in_the_clause(index: Index) -> None:
    both = {(h.key, h.locator) for h in index.search("井盖 工作日", limit=10_000)}
    assert both
    for word in ("井盖", "工作日"):
        assert both <= {(h.key, h.locator) for h in index.search(word, limit=10_000)}


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
    assert library().documents[int(hits[0].key)].number == HEAVY_POLLUTION


_built: list[Index] = []


def _seeds() -> Index:
    if not _built:
        _built.append(Index(lambda: ((str(at), each) for at, each in enumerate(library().documents))))
    return _built[0]


@needs_seeds
@pytest.mark.seeds
def test_words_of_one_and_more_characters_are_found_in_the_seeds() -> None:
    index = _seeds()
    for query in ("异议 工作日", "宅基地", "养老", "24小时", "110", "年"):
        assert index.search(query)
