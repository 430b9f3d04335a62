"""A clause cited in the usual Chinese form leads back to the clause."""

from __future__ import annotations

import pytest

from gongbao.gazette.clauses import clauses, resolve
from gongbao.gazette.library import read_gazette
from gongbao.gazette.quoting import clause_words, document_words, locator_words

from .shared import CREDIT, library, needs_seeds

TEXT = (
    "示例市人民政府\n关于印发《长椅办法》的通知\n示政字〔2020〕3号\n各区人民政府：\n现印发给你们。\n示例市人民政府\n2020年5月6日\n"
    "长椅办法\n第一条　擦长椅：\n（一）早上擦。\n第二条　不擦花箱。\n"
)


@pytest.mark.parametrize(
    ("locator", "words"),
    [
        ("第十六条（二）", "第十六条第（二）项"),
        ("第三条第2款", "第三条第2款"),
        ("四（一）", "第四部分第（一）项"),
        ("四（一）3", "第四部分第（一）项第3目"),
        ("一2", "第一部分第2项"),
        ("附件2 一 3", "附件2第一部分第3项"),
        ("附件2 3", "附件2 3"),
        ("解读 二", "解读第二部分"),
        ("二#2", "二#2"),
    ],
)
def test_locators_in_words(locator: str, words: str) -> None:
    assert locator_words(locator) == words


def test_a_document_with_a_number_and_one_without() -> None:
    numbered = read_gazette(TEXT.encode()).documents[0]
    assert document_words(numbered) == "《长椅办法》（示政字〔2020〕3号）"
    assert (
        clause_words(numbered, resolve(numbered, "第一条（一）")) == "《长椅办法》（示政字〔2020〕3号）第一条第（一）项"
    )
    bare = read_gazette(TEXT.replace("示政字〔2020〕3号\n", "").encode()).documents[0]
    assert document_words(bare) == "《长椅办法》（示例市人民政府，2020年5月6日）"


@needs_seeds
@pytest.mark.seeds
def test_what_is_written_resolves_to_the_clause_it_was_written_for() -> None:
    asked = 0
    for document in library().documents:
        for clause in clauses(document).walk():
            words = locator_words(clause.locator) if clause.row is None else clause.locator
            if clause.locator and words != clause.locator:
                asked += 1
                assert resolve(document, words).locator == clause.locator
    assert asked > 3000


@needs_seeds
@pytest.mark.seeds
def test_the_credit_opinion_as_people_cite_it() -> None:
    document = library().document(CREDIT)
    assert clause_words(document, resolve(document, "三（二）")).endswith("（廊政办字〔2023〕8号）第三部分第（二）项")
