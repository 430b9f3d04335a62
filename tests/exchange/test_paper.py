"""A paper says what the case holds, in the words of a Chinese office, and lays it out as GB/T 9704 asks."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from docx import Document

from gongbao.exchange.docx import to_docx
from gongbao.exchange.paper import Paper, fill, fill_text, number, say

CASE = {"unit": "市水务局", "limit": dt.datetime(2023, 2, 8, 18, 5), "reason": None}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ""),
        (True, "是"),
        (dt.date(2023, 2, 8), "2023年2月8日"),
        (dt.datetime(2023, 2, 8, 9, 5), "2023年2月8日9时05分"),
        (Decimal("20.50"), "20.5"),
        (Decimal("100"), "100"),
        (["市水务局", "市公安局"], "市水务局、市公安局"),
        ({"等级": "黄色", "原因": None}, "等级：黄色"),
    ],
)
def test_values_are_said_in_chinese(value: object, said: str) -> None:
    assert say(value) == said


def test_a_paragraph_with_nothing_known_is_left_out() -> None:
    assert fill_text("理由：{reason}", CASE.get) is None
    assert fill_text("{unit}：{reason}", CASE.get) == "市水务局："
    assert fill_text("特此通知。", CASE.get) == "特此通知。"


def test_a_template_becomes_a_paper() -> None:
    paper = fill(
        title="督办单",
        body=["请于{limit}前反馈。", "理由：{reason}"],
        evaluate=CASE.get,
        table={"承办单位": "unit"},
        addressees="{unit}",
        dated=dt.date(2023, 2, 6),
        number=number("示督〔{year}〕{seq}号", unit="", year=2023, seq=5),
    )
    assert paper.addressees == "市水务局"
    assert paper.paragraphs == ("请于2023年2月8日18时05分前反馈。",)
    assert paper.table == (("承办单位", "市水务局"),)
    assert paper.number == "示督〔2023〕5号"


@pytest.mark.parametrize(("issuer", "printed"), [("市政府办公室", "市政府办公室"), ("{unit}", "市水务局"), ("", "")])
def test_a_paper_is_issued_by_a_name_or_by_the_unit_that_acts(issuer: str, printed: str) -> None:
    assert fill(title="初报", body=[], evaluate=CASE.get, issuer=issuer).issuer == printed


def test_the_file_has_the_page_of_the_standard_and_all_the_text() -> None:
    paper = Paper(
        title="督办单",
        kind="red_head",
        issuer="示例市人民政府办公室",
        number="示督〔2023〕5号",
        addressees="市水务局",
        paragraphs=("请按期办结。",),
        table=(("承办单位", "市水务局"),),
        dated=dt.date(2023, 2, 6),
        copies=("市公安局",),
        remark="未经发布机关审定，仅供参考",
    )
    document = Document(io.BytesIO(to_docx(paper)))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert (round(section.top_margin.mm), round(section.left_margin.mm)) == (37, 28)
    text = "\n".join(p.text for p in document.paragraphs)
    for expected in (
        "示例市人民政府办公室",
        "示督〔2023〕5号",
        "市水务局：",
        "请按期办结。",
        "2023年2月6日",
        "抄送：市公安局。",
    ):
        assert expected in text
    assert [c.text.strip() for c in document.tables[0].rows[0].cells] == ["承办单位", "市水务局"]
    assert "未经发布机关审定" in text


def test_a_control_character_that_was_pasted_in_does_not_keep_a_report_from_being_written() -> None:
    from gongbao.exchange import report

    made = report.Report("报告\x07", (report.Section("一\x0b", ("甲\x0b乙",), report.Grid(("a",), (("丙\x00丁",),))),))
    document = Document(io.BytesIO(report.to_docx(made)))
    assert "甲 乙" in [p.text for p in document.paragraphs]
    assert document.tables[0].rows[1].cells[0].text == "丙 丁"


@pytest.mark.parametrize(
    ("copies", "printed"),
    [
        (["市政府办公室1份", "{unit}1份"], ("市政府办公室1份", "市水务局1份")),
        (["市政府办公室", "{reason}"], ("市政府办公室",)),
        ([], ()),
    ],
)
def test_a_copy_names_who_gets_one_in_this_case_and_is_left_out_where_nobody_does(
    copies: list[str], printed: tuple[str, ...]
) -> None:
    assert fill(title="复函", body=[], evaluate=CASE.get, copies=copies).copies == printed
