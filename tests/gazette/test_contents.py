"""A contents page is read, belongs to no document, and tells which document was not read."""

from __future__ import annotations

import pytest

from gongbao.gazette.contents import contents, unread
from gongbao.gazette.generate import generate, plan
from gongbao.gazette.library import read_gazette
from gongbao.gazette.text import read

from .shared import library, needs_seeds

PAGE = """目  录
●市政府文件
示例市人民政府关于印发示例市路灯计
划的通知………………（3）
| | |
|--|--|
| 示例市人民政府关于修灯的意见..... | （12） |
●政策解读
《示例市路灯计划》解读·····（15）
"""


def test_titles_broken_over_lines_are_joined_without_a_space() -> None:
    found = contents(read(PAGE.encode()).lines)
    assert [(e.section, e.title, e.page, e.line) for e in found] == [
        ("市政府文件", "示例市人民政府关于印发示例市路灯计划的通知", 3, 3),
        ("市政府文件", "示例市人民政府关于修灯的意见", 12, 7),
        ("政策解读", "《示例市路灯计划》解读", 15, 9),
    ]


@pytest.mark.parametrize("text", ["没有目录的公报\n", "目录\n第一章 总则……1\n" + "第二章 灯……2\n" * 60])
def test_what_is_no_contents_page_of_a_gazette_lists_nothing(text: str) -> None:
    assert contents(read(text.encode()).lines) == ()


def test_a_listed_document_that_was_not_read_is_named() -> None:
    drafts = plan(4, 3)
    listed = "目录\n" + "".join(f"{d.issuer}{d.heading}……（{n}）\n" for n, d in enumerate(drafts, 1))
    whole = read_gazette((listed + generate(4, 3)).encode())
    assert len(whole.contents) == 3
    assert whole.warnings == ()
    missing = read_gazette((listed + "示例市人民政府关于别的事的通知……（9）\n" + generate(4, 3)).encode(), "甲.txt")
    assert missing.warnings == ("甲.txt：目录列有“示例市人民政府关于别的事的通知”（第9页），正文中没有读到这份文件。",)
    assert unread(whole.contents, missing.documents[1:]) == whole.contents[:1]


@needs_seeds
@pytest.mark.seeds
def test_the_contents_page_of_chengde_lists_17_entries_in_five_sections_all_of_them_read() -> None:
    chengde = next(g for g in library().gazettes if g.name.startswith("004"))
    assert [e.page for e in chengde.contents] == [
        3, 29, 44, 50, 62, 67, 72, 76, 87, 94, 101, 105, 108, 110, 118, 119, 120,
    ]  # fmt: skip
    assert len({e.section for e in chengde.contents}) == 5
    assert [e.line for e in chengde.contents][:4] == [15, 17, 20, 25]
    assert all(not g.warnings for g in library().gazettes)
