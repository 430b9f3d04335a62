"""References to other documents are found with their place and what the sentence does with them."""

from __future__ import annotations

import pytest

from gongbao.gazette.citations import citations, find_citations
from gongbao.gazette.library import read_gazette
from gongbao.gazette.text import read

from .shared import HEAVY_POLLUTION, HOTLINE, needs_seeds, seed_document


def found(text: str) -> list[tuple[str | None, str | None, str]]:
    return [(c.title, c.number, c.relation) for c in find_citations(read(text.encode()).lines)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("根据《灯杆办法》（示政字〔2020〕3号）制定。", [("灯杆办法", "示政字〔2020〕3号", "based_on")]),
        ("按照《甲法》《乙法》规定，制定本办法。", [("甲法", None, "based_on"), ("乙法", None, "based_on")]),
        ("《旧办法》（示政发〔2010〕1号）同时废止。", [("旧办法", "示政发〔2010〕1号", "repeals")]),
        ("将《旧办法》第三条修改为新的。", [("旧办法", None, "amends")]),
        ("参见《关于印发〈细则〉的通知》。", [("关于印发〈细则〉的通知", None, "mentions")]),
        ("参见示政办字〔2021〕12号文件。", [(None, "示政办字〔2021〕12号", "mentions")]),
        ("根据示政办字〔2021〕12号文件。", [(None, "示政办字〔2021〕12号", "based_on")]),
        ("示政字[2021]12号仍有效。", [(None, "示政字〔2021〕12号", "mentions")]),
        ("《甲》有效。《乙》废止。", [("甲", None, "mentions"), ("乙", None, "repeals")]),
        ("《没有结束的标题", []),
        ("（2023）5号不是文号", []),
    ],
)
def test_references_and_relations(text: str, expected: list[tuple[str | None, str | None, str]]) -> None:
    assert found(text) == expected


def test_a_title_broken_over_two_lines_is_one_and_stands_on_the_first() -> None:
    lines = read("依据《示例市\n长椅办法》办理，另见《花箱规定》。".encode()).lines
    assert [(c.title, c.line, c.column) for c in find_citations(lines)] == [
        ("示例市长椅办法", 1, 3),
        ("花箱规定", 2, 11),
    ]


def test_a_documents_own_number_and_title_are_no_reference() -> None:
    head = "示例市人民政府\n关于印发长椅办法的通知\n示政字〔2023〕1号\n各区：\n"
    text = head + "现将《长椅办法》发给你们，示政字〔2023〕1号。根据《甲法》。\n"
    document = read_gazette(text.encode()).documents[0]
    assert [(c.title, c.number) for c in citations(document)] == [("甲法", None)]


@needs_seeds
@pytest.mark.seeds
def test_what_the_hotline_plan_implements() -> None:
    based = [c.number for c in citations(seed_document(HOTLINE)) if c.relation == "implements" and c.number]
    assert based == ["国办发〔2022〕12号", "冀政办字〔2022〕158号"]


@needs_seeds
@pytest.mark.seeds
def test_the_heavy_pollution_plan_names_its_bases_on_the_line_where_they_are_printed() -> None:
    based = [c for c in citations(seed_document(HEAVY_POLLUTION)) if c.line == 2439]
    assert len(based) >= 14
    assert all(c.relation == "based_on" for c in based)
    assert {"国发〔2013〕37号", "环发〔2013〕104号", "环办应急函〔2016〕225号"} <= {c.number for c in based}
