"""A gazette is cut into its documents: heads tell them apart, and what follows a document belongs to it."""

from __future__ import annotations

import re
from datetime import date

import pytest

from gongbao.gazette.documents import find_date, find_number, number_key
from gongbao.gazette.library import read_gazette

from .shared import (
    CREDIT,
    HAVE_SEEDS,
    HEAVY_POLLUTION,
    HOTLINE,
    library,
    listed_documents,
    needs_seeds,
    seed_document,
)

Listed = tuple[str, int, int, str | None, str]

NOTICE = """示例市人民政府办公室
关于印发示例市长椅办法的
通　　知
示政办字〔2023〕1号

各区人民政府：
现将《示例市长椅办法》发给你们。
示例市人民政府办公室
2019年2月3日　　　　
（此件公开发布）
示例市长椅办法
第一条　长椅要擦。
示例市人民政府的长椅另有规定。
示例市人民政府
2023年2月4日
"""


def test_a_signature_is_not_a_head() -> None:
    documents = read_gazette(NOTICE.encode()).documents
    assert [(d.first, d.last) for d in documents] == [(1, 15)]


def test_a_head_gives_number_titles_issuer_addressees_and_date() -> None:
    document = read_gazette(NOTICE.encode()).documents[0]
    assert document.number == "示政办字〔2023〕1号"
    assert document.heading == "关于印发示例市长椅办法的通知"
    assert document.title == "示例市长椅办法"
    assert document.issuer == "示例市人民政府办公室"
    assert document.addressees == "各区人民政府"
    assert document.dated == date(2019, 2, 3)


def test_a_head_on_one_line_with_the_date_below_the_number() -> None:
    text = (
        "示例市人民政府 关于印发《花箱规划》的 通 知\n示政字〔2022〕16 号\n2022 年 5 月 27 日\n各区人民政府：\n正文。"
    )
    document = read_gazette(text.encode()).documents[0]
    assert (document.number, document.dated) == ("示政字〔2022〕16号", date(2022, 5, 27))


def test_an_order_is_a_document_and_its_number_names_the_order() -> None:
    order = "示例市人民政府令\n〔2023〕 第1号\n《示例市灯杆办法》现予公布。\n市  长  某  某\n2023年1月1日\n"
    text = order + "示例市灯杆办法\n第一条  灯要亮。"
    document = read_gazette(text.encode()).documents[0]
    assert document.number == "示例市人民政府令〔2023〕第1号"
    assert number_key(document.number) == "政府令〔2023〕1号"
    assert document.title == "示例市灯杆办法"


def test_a_contents_page_is_nobodys() -> None:
    contents = "目 录\n示例市人民政府关于印发示例市长椅办法的通知（1）\n示政办字〔2023〕1号（1）\n"
    assert [d.first for d in read_gazette((contents + NOTICE).encode()).documents] == [4]


def test_an_interpretation_at_the_end_goes_to_the_document_it_names() -> None:
    other = NOTICE.replace("长椅", "灯杆").replace("〔2023〕1号", "〔2023〕2号")
    text = NOTICE + other + "《示例市长椅办法》政策解读\n一、背景\n说明。\n"
    bench, lamp = read_gazette(text.encode()).documents
    assert [part.kind for part in bench.parts][-1] == "interpretation"
    assert bench.last == 15
    assert "interpretation" not in [part.kind for part in lamp.parts]
    assert lamp.last == 30


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("示政办字〔2023〕1号", "示政办字〔2023〕1号"),
        ("示政字〔2022〕16 号", "示政字〔2022〕16号"),
        ("〔2017〕—21号", "〔2017〕—21号"),
        ("示政字[2023]１号", "示政字[2023]1号"),
        ("根据示政字〔2023〕1号文件", None),
        ("〔2023〕号", None),
        ("2023年1号", None),
    ],
)
def test_a_number_is_a_line_of_its_own(line: str, number: str | None) -> None:
    assert find_number(line) == number


@pytest.mark.parametrize(
    "written", ["示政字[2023]1号", "示政字（2023）1号", "示政字〔2023〕第1号", "示政字 〔2023〕 １号"]
)
def test_numbers_compare_however_they_are_typed(written: str) -> None:
    assert number_key(written) == number_key("示政字〔2023〕1号")


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("2023年1月7日　　　　", date(2023, 1, 7)),
        ("二〇二三年十二月三十一日", date(2023, 12, 31)),
        ("二○一七年十月十日", date(2017, 10, 10)),
        ("2023年2月29日", None),
        ("2023年13月1日", None),
        ("截至2023年1月7日", None),
    ],
)
def test_a_date_is_a_line_of_its_own_and_a_day_that_exists(line: str, read: date | None) -> None:
    assert find_date(line) == read


@needs_seeds
@pytest.mark.seeds
def test_the_seeds_hold_103_documents() -> None:
    assert len(listed_documents()) == 103
    assert len(library().documents) == 103


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("listed", listed_documents() if HAVE_SEEDS else [], ids=lambda r: f"{r[0]}-{r[1]}")
def test_every_listed_document_is_found_with_range_number_and_title(
    listed: tuple[str, int, int, str | None, str],
) -> None:
    seed, first, last, number, title = listed
    gazette = next(g for g in library().gazettes if g.name.startswith(seed))
    document = next(d for d in gazette.documents if first <= d.first <= first + 1)
    assert (number_key(document.number) if document.number else None) == number
    assert document.dated is not None
    assert document.issuer
    # The list ends a document at its last line, or before its annexes or its interpretation; blank lines do not count.
    ends = {document.last, *(part.first - 1 for part in document.parts if part.kind in ("annex", "interpretation"))}
    ends |= {part.first - 1 for part in document.parts if part.kind == "attachments"}
    printed = [line.number for line in document.lines]
    assert any(max(n for n in printed if n <= max(end, first)) == max(n for n in printed if n <= last) for end in ends)
    words = re.sub(r"\W", "", title)
    pairs = {words[i : i + 2] for i in range(len(words) - 1)}
    printed_title = re.sub(r"\W", "", document.heading + document.title)
    assert sum(pair in printed_title for pair in pairs) / len(pairs) >= 0.4


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize(
    ("number", "first", "last", "title", "dated"),
    [
        (HEAVY_POLLUTION, 2425, 2706, "廊坊市重污染天气应急预案", date(2017, 9, 30)),
        (HOTLINE, 568, 776, "廊坊市12345政务服务便民热线与110报警服务台高效对接联动实施方案", date(2023, 1, 4)),
        (CREDIT, 2043, 3240, "关于推进企业信用分级分类监管工作的实施意见", date(2023, 1, 19)),
    ],
)
def test_the_three_documents_are_exact(number: str, first: int, last: int, title: str, dated: date) -> None:
    document = seed_document(number)
    assert (document.first, document.last, document.title, document.dated) == (first, last, title, dated)
    assert document.issuer == "廊坊市人民政府办公室"


@needs_seeds
@pytest.mark.seeds
def test_attachments_are_bound_and_one_that_is_not_printed_says_so() -> None:
    listed = [(a.no, a.printed) for a in seed_document(HEAVY_POLLUTION).attachments]
    assert listed == [(1, True), (2, False), (3, False)]  # of the third only label and title
    parts = [(p.label, p.first, p.last) for p in seed_document(CREDIT).parts if p.kind in ("annex", "interpretation")]
    assert parts == [("附件1", 2127, 2213), ("附件2", 2215, 3210), ("解读", 3213, 3240)]


@needs_seeds
@pytest.mark.seeds
def test_the_three_interpretations_at_the_end_of_the_chengde_gazette_are_bound() -> None:
    chengde = next(g for g in library().gazettes if g.name.startswith("004"))
    bound = {d.title[:12]: p.first for d in chengde.documents for p in d.parts if p.kind == "interpretation"}
    assert sorted(bound.values()) == [2647, 2671, 2715]
    assert all(d.last <= 2645 for d in chengde.documents)
