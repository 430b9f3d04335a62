"""What the generator writes, the reader reads back: whatever the seed, the white space, or where the file ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.gazette.clauses import clause_index, clauses, document_discrepancies, document_tables, resolve
from gongbao.gazette.generate import generate, plan
from gongbao.gazette.library import read_gazette
from gongbao.gazette.text import GazetteError

from .shared import reread, respace, structure

seeds = st.integers(min_value=0, max_value=2**32)
NUMBERED = ("章", "节", "条", "一", "（一）", "1", "（1）", "1）", "①")


@given(seeds, st.integers(min_value=1, max_value=8))
@settings(max_examples=40, deadline=None)
def test_heads_are_read_back(seed: int, count: int) -> None:
    read = read_gazette(generate(seed, count).encode()).documents
    planned = plan(seed, count)
    assert [(d.number, d.title, d.heading, d.issuer, d.dated) for d in read] == [
        (p.number, p.title, p.heading, p.issuer, p.dated) for p in planned
    ]


@given(seeds)
@settings(max_examples=40, deadline=None)
def test_clauses_and_tables_are_read_back(seed: int) -> None:
    for draft, document in zip(plan(seed, 4), read_gazette(generate(seed, 4).encode()).documents, strict=True):
        body = [
            (clause.locator, clause.text)
            for clause in clauses(document).walk()
            if clause.kind in NUMBERED and not clause.locator.startswith(("附件", "解读"))
        ]
        assert body == list(draft.clauses)
        tables = [(table.locator, tuple(row.cells for row in table.rows)) for table in document_tables(document)]
        assert tables == list(draft.tables)
        assert [d for d in document_discrepancies(document) if d.kind != "identical"] == []


@given(seeds)
@settings(max_examples=25, deadline=None)
def test_white_space_does_not_change_the_structure(seed: int) -> None:
    text = generate(seed, 3)
    assert structure(reread(respace(text, seed))) == structure(reread(text))


@given(seeds, st.floats(min_value=0, max_value=1), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
@settings(max_examples=40, deadline=None)
def test_a_truncated_file_is_read_or_refused_but_never_crashes(seed: int, share: float, encoding: str) -> None:
    data = generate(seed, 3).encode(encoding)
    try:
        gazette = read_gazette(data[: int(len(data) * share)])
    except GazetteError:
        return
    for document in gazette.documents:
        for locator, clause in clause_index(document).items():
            assert resolve(document, locator) is clause


@given(seeds)
@settings(max_examples=15, deadline=None)
def test_the_encoding_does_not_matter(seed: int) -> None:
    text = generate(seed, 2)
    expected = structure(read_gazette(text.encode("utf-8")))
    for encoding in ("utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"):
        assert structure(read_gazette(text.encode(encoding))) == expected


LINES = st.sampled_from(
    [
        "示例市人民政府",
        "示例市人民政府办公室",
        "示例市人民政府令",
        "关于试行的通知",
        "关于印发办法的",
        "通　　知",
        "示政字〔2023〕1号",
        "〔2023〕第2号",
        "各区人民政府：",
        "现将《办法》印发。",
        "2023年1月7日",
        "2023年13月40日",
        "（此件公开发布）",
        "办法",
        "第一章　总则",
        "第一条　内容。",
        "第一条",
        "一、事项",
        "（一）事项。内容",
        "1.事项",
        "(1)事项；",
        "①事项",
        "1）事项",
        "⑴事项",
        "㈠事项",
        "普通段落没有编号。",
        "说明：注解",
        "附件：1.清单",
        "2.名单",
        "附件：清单",
        "附件",
        "附件1",
        "附件 2",
        "附件3   题目",
        "清单",
        "《办法》政策解读",
        "政策解读",
        "办法》解读",
        "\t",
        "\t序号",
        "\t名称",
        "\t1",
        "\t2",
        "\t内容",
        "\t序号\t名称",
        "| 序号 | 名称 |",
        "|---|---|",
        "| 1 | 甲 |",
        "|",
        "||",
        "",
        "　",
        "—12—",
        "12",
        "\x0c",
        "第百条　内容",
        "《未完",
        "〔2023〕号",
    ]
)


@given(st.lists(LINES, max_size=60))
@settings(max_examples=400, deadline=None)
def test_no_order_of_lines_breaks_the_reader(lines: list[str]) -> None:
    """Every printed line of a document is in its tree, every locator is unique and resolves."""
    head = ["示例市人民政府", "关于试行的通知", "示政字〔2023〕9号", "各区人民政府："]
    document = read_gazette("\n".join([*head, *lines]).encode()).documents[0]
    walked = list(clauses(document).walk())
    locators = [clause.locator for clause in walked]
    assert len(set(locators)) == len(locators)
    for clause in walked[1:]:
        assert resolve(document, clause.locator) is clause
        assert document.first <= clause.first <= clause.last <= max(line.number for line in document.lines)
    covered = {n for clause in walked[1:] for p in clause.paragraphs for n in range(p.first, p.last + 1)}
    covered |= {n for clause in walked[1:] for table in clause.tables for n in range(table.first, table.last + 1)}
    covered |= {clause.first for clause in walked[1:] if clause.kind in NUMBERED or clause.heading}
    titles = "".join(part.title for part in document.parts) + "".join(a.title for a in document.attachments)
    for line in document.lines:
        letters = re.sub(r"\W", "", line.text)
        assert line.number in covered or not letters or letters in re.sub(r"\W", "", titles) or "附件" in letters


def test_a_gazette_of_no_documents_is_not_planned() -> None:
    with pytest.raises(ValueError, match="至少有一份"):
        generate(1, 0)


def test_the_same_seed_writes_the_same_text_and_another_seed_does_not() -> None:
    assert generate(7) == generate(7)
    assert generate(7) != generate(8)
