"""Many gazettes are one library: documents by number or title, JSON out, and the five seeds in under three seconds."""

from __future__ import annotations

import json
import random
from datetime import date
from pathlib import Path

import pytest

from gongbao.gazette.clauses import clauses
from gongbao.gazette.generate import generate, plan
from gongbao.gazette.library import Library, dumps, read_gazette, to_json
from gongbao.gazette.text import GazetteError

from .shared import (
    CREDIT,
    HEAVY_POLLUTION,
    HOTLINE,
    SEEDS,
    library,
    needs_seeds,
    respace,
    seed_document,
    seed_file,
    structure,
)


@pytest.fixture
def small(tmp_path: Path) -> Library:
    (tmp_path / "1.txt").write_text(generate(1, 5), encoding="utf-8")
    (tmp_path / "2.txt").write_bytes(generate(2, 5).encode("gb18030"))
    return Library.read([tmp_path])


def test_a_folder_is_read_in_the_order_of_its_names(small: Library) -> None:
    assert [(g.name, g.encoding) for g in small.gazettes] == [("1.txt", "utf-8"), ("2.txt", "gb18030")]
    assert len(small.documents) == 10


def test_documents_are_found_by_number_however_typed_and_by_title(small: Library) -> None:
    draft = next(p for p in plan(1, 5) if p.number)
    assert draft.number
    for query in (draft.number, draft.number.replace("〔", "[").replace("〕", "]")):
        assert small.document(number=query, title=draft.title).title == draft.title
    assert small.document(title=draft.heading, dated=draft.dated).number == draft.number


@needs_seeds
def test_a_document_without_a_number_is_found_by_its_title_alone() -> None:
    (found,) = library().find(number="无文号", title="2023年度市政府领导干部集中学法计划")
    assert (found.number, found.dated) == (None, date(2023, 3, 22))
    assert library().find(number="无文号", title="2023年人大代表建议政协提案办理要求") == ()  # it has a number
    assert library().find(number="无文号") == ()


def test_a_document_that_is_not_there_and_one_that_is_not_alone_are_told_apart(small: Library) -> None:
    with pytest.raises(GazetteError, match="已载入的公报中没有"):
        small.document(number="示政字〔1999〕1号")
    with pytest.raises(GazetteError, match=r"对应\d份文件"):
        small.document(title="示例市")
    assert small.find() == ()


@pytest.mark.parametrize(("name", "says"), [("无此文件.txt", "找不到公报文件"), ("", "没有公报文件")])
def test_paths_that_hold_no_gazette(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(GazetteError, match=says):
        Library.read([tmp_path / name])


def test_a_text_without_documents_is_no_gazette() -> None:
    with pytest.raises(GazetteError, match="没有找到文件"):
        read_gazette("今天天气很好。\n适合散步。".encode())


def test_json_is_what_the_objects_say(small: Library) -> None:
    value = json.loads(dumps(small.gazettes, full=True))
    for gazette, read in zip(value, small.gazettes, strict=True):
        assert gazette == json.loads(json.dumps(to_json(read, full=True)))
        for said, document in zip(gazette["documents"], read.documents, strict=True):
            assert said["number"] == document.number
            assert said["lines"] == [document.first, document.last]
            locators = []
            todo = list(reversed(said["clauses"]))
            while todo:
                clause = todo.pop()
                locators.append(clause["locator"])
                todo.extend(reversed(clause.get("children", [])))
            assert locators == [c.locator for c in list(clauses(document).walk())[1:]]
    assert "clauses" not in to_json(small.gazettes[0])["documents"][0]


def test_the_digest_is_of_the_words_and_not_of_the_white_space() -> None:
    text = generate(5, 2)
    one, other = read_gazette(text.encode()), read_gazette(respace(text, 5).encode())
    assert [d.digest for d in one.documents] == [d.digest for d in other.documents]
    changed = read_gazette(text.replace("演示", "展示").encode())
    assert [d.digest for d in one.documents] != [d.digest for d in changed.documents]


@needs_seeds
@pytest.mark.seeds
def test_the_five_seeds_are_read_with_every_clause() -> None:
    count = sum(1 for document in Library.read([SEEDS]).documents for _ in clauses(document).walk())
    assert count > 6000


@needs_seeds
@pytest.mark.seeds
def test_the_seeds_with_other_white_space_have_the_same_structure() -> None:
    for prefix in ("000", "001", "002", "003", "004"):
        text = seed_file(prefix).read_text(encoding="utf-8")
        assert structure(read_gazette(respace(text, 3).encode())) == structure(read_gazette(text.encode()))


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("share", [0.001, 0.01, 0.1, 0.27, 0.5, 0.77, 0.99, 0.9999])
def test_a_truncated_seed_is_read_as_far_as_it_goes(share: float) -> None:
    for prefix in ("000", "004"):
        data = seed_file(prefix).read_bytes()
        try:
            gazette = read_gazette(data[: int(len(data) * share)])
        except GazetteError:
            assert share < 0.05
            continue
        whole = next(g for g in library().gazettes if g.name.startswith(prefix))
        assert [d.first for d in gazette.documents] == [d.first for d in whole.documents[: len(gazette.documents)]]
        assert all(list(clauses(document).walk()) for document in gazette.documents)


@needs_seeds
@pytest.mark.seeds
def test_a_number_without_an_organ_repeats_and_needs_a_title() -> None:
    with pytest.raises(GazetteError, match=r"对应[23]份文件"):
        library().document(number="〔2023〕1号")
    assert library().document(number="〔2023〕1号", title="人工智能").first == 5475
    assert library().lookup(CREDIT) is seed_document(CREDIT)
    assert library().lookup(CREDIT.removesuffix("号")) is seed_document(CREDIT)
    assert library().lookup("重污染天气") is seed_document(HEAVY_POLLUTION)
    assert library().clause(HOTLINE, "三、(一)1.").heading == "直接转办"


def junk(text: str, seed: int) -> str:
    """Page breaks as converters leave them: page numbers between dashes, form feeds, blank lines around them."""
    chance = random.Random(seed)
    lines = text.split("\n")
    out: list[str] = []
    for number, line in enumerate(lines):
        out.append(line)
        inside = line.startswith("\t") or (number + 1 < len(lines) and lines[number + 1].startswith("\t"))
        if not inside and chance.random() < 0.05:
            page = chance.randint(1, 300)
            out += ["", chance.choice((f"— {page} —", f"-{page}-", f"·{page}·", f"第 {page} 页", "\x0c")), ""]
    return "\n".join(out)


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("prefix", ["000", "001", "002", "003", "004"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_page_breaks_and_white_space_do_not_change_the_seeds(prefix: str, seed: int) -> None:
    text = seed_file(prefix).read_text(encoding="utf-8")
    expected = structure(read_gazette(text.encode()))
    assert structure(read_gazette(junk(text, seed).encode())) == expected
    assert structure(read_gazette(respace(junk(text, seed), seed).encode("utf-16"))) == expected
