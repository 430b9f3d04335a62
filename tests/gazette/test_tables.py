"""Flattened tables come back with their columns, merged cells and groups, and their contradictions are reported."""

from __future__ import annotations

import pytest

from gongbao.gazette.clauses import document_discrepancies, document_tables, resolve
from gongbao.gazette.library import read_gazette
from gongbao.gazette.table_checks import discrepancies
from gongbao.gazette.tables import Table, block_end, printed_total, rebuild
from gongbao.gazette.text import Line, read

from .shared import CREDIT, HOTLINE, needs_seeds, seed_document


def table_of(text: str, title: str = "") -> Table:
    lines: list[Line] = [line for line in read(("表\n" + text).encode()).lines[1:] if line.text or line.is_cell]
    assert block_end(lines, 0) == len(lines)
    return rebuild(lines, "附件1", title)


def tabbed(*rows: str) -> str:
    return "\n\n".join("\n".join("\t" + cell for cell in row.split("|")) for row in rows)


def test_rows_are_parted_by_blank_lines() -> None:
    table = table_of(tabbed("序号|名称", "1|长椅", "2|花箱"))
    assert table.columns == ("序号", "名称")
    assert [(row.locator, row.cells) for row in table.rows] == [("附件1 1", ("1", "长椅")), ("附件1 2", ("2", "花箱"))]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_without_blank_lines_between_rows_the_numbers_part_them(between: str) -> None:
    text = between.join("\t" + cell for cell in ("序号", "名称", "1", "长椅", "2", "花箱"))
    assert [row.cells for row in table_of(text).rows] == [("1", "长椅"), ("2", "花箱")]


def test_a_cell_split_over_lines_is_one_cell() -> None:
    table = table_of("\t序号\n\t类别\n\t范围\n\n\t1\n\t公园和\n\n绿地类\n\t长椅\n\n\t2\n\t道路类\n\t灯杆")
    assert [row.cells for row in table.rows] == [("1", "公园和绿地类", "长椅"), ("2", "道路类", "灯杆")]


def test_cells_on_one_line_are_cells() -> None:
    assert [row.cells for row in table_of("\t序号\t名称\n\n\t1\t长椅\n").rows] == [("1", "长椅")]


def test_an_empty_cell_under_a_merged_one_repeats_it_and_a_repeated_group_is_one() -> None:
    table = table_of(
        tabbed(
            "序号|类别|名称|来源",
            "1|基本|甲|园林局",
            "||乙|水务局",
            "2|失信|一般|丙|法院",
            "|||丁|",
            "2|失信|一般|戊|税务局",
            "||严重|己|各局",
        )
    )
    assert table.columns == ("序号", "类别", "名称", "名称#2", "来源")
    assert [(row.key, row.cells) for row in table.rows] == [
        ("1 1", ("1", "基本", "", "甲", "园林局")),
        ("1 2", ("1", "基本", "", "乙", "水务局")),
        ("2 1", ("2", "失信", "一般", "丙", "法院")),
        ("2 2", ("2", "失信", "一般", "丁", "法院")),
        ("2 3", ("2", "失信", "一般", "戊", "税务局")),
        ("2 4", ("2", "失信", "严重", "己", "各局")),
    ]
    assert table.rows[3].printed == ("", "", "", "丁", "")


def test_an_empty_cell_in_a_table_without_merged_rows_stays_empty() -> None:
    assert [row.cells for row in table_of(tabbed("序号|名称|备注", "1|甲|好", "2|乙|")).rows] == [
        ("1", "甲", "好"),
        ("2", "乙", ""),
    ]


def test_a_header_printed_again_on_the_next_page_is_no_row() -> None:
    table = table_of(tabbed("序号|名称", "1|甲", "序 号|名 称", "2|乙"))
    assert [row.key for row in table.rows] == ["1", "2"]


def test_rows_between_pipes() -> None:
    table = table_of("| 序号 | 名称 |\n|---|:--:|\n| 1 | 甲 |\n| 2 | |")
    assert [row.cells for row in table.rows] == [("1", "甲"), ("2", "")]


def test_a_number_printed_twice_gets_its_own_key_and_is_reported() -> None:
    table = table_of(tabbed("序号|名称", "1|甲甲甲甲甲", "2|乙", "2|甲甲甲甲甲", "4|丁"), "某局（共5项）")
    assert [row.key for row in table.rows] == ["1", "2", "2#2", "4"]
    assert [(d.kind, d.printed, d.counted) for d in discrepancies([table])] == [
        ("total", 5, 4),
        ("duplicate", 2, 2),
        ("missing", 3, 0),
        ("identical", None, None),
    ]


def test_a_table_that_agrees_with_its_total_has_no_discrepancy() -> None:
    assert discrepancies([table_of(tabbed("序号|名称", "1|甲", "2|乙"), "某局（共2项）")]) == ()


def test_cells_are_addressed_by_column_and_a_wrong_column_names_those_there_are() -> None:
    row = table_of(tabbed("序号|名 称", "1|甲")).rows[0]
    assert row.cell("名称") == row.cell("名 称") == row.cell(2) == "甲"
    with pytest.raises(KeyError, match="序号、名称"):
        row.cell("数量")
    for position in (0, 3):
        with pytest.raises(KeyError, match="共2列"):
            row.cell(position)


@pytest.mark.parametrize(
    ("heading", "total"), [("市某局（共2项）", 2), ("（共210项）", 210), ("某局（共 ３ 件）", 3), ("共同做好", None)]
)
def test_totals_printed_in_headings(heading: str, total: int | None) -> None:
    assert printed_total(heading) == total


def test_the_text_after_a_table_is_not_of_the_table() -> None:
    text = (
        "示例市人民政府\n关于表的通知\n示政字〔2023〕1号\n各区：\n"
        + tabbed("序号|名称", "1|甲")
        + "\n表后的话。\n一、下一节\n"
    )
    document = read_gazette(text.encode()).documents[0]
    assert [row.cells for table in document_tables(document) for row in table.rows] == [("1", "甲")]
    assert resolve(document, "正文").paragraphs[-1].text == "表后的话。"


@needs_seeds
@pytest.mark.seeds
def test_the_two_hotline_lists() -> None:
    tables = document_tables(seed_document(HOTLINE))
    assert [(t.locator, len(t.rows), t.columns) for t in tables] == [
        ("附件1", 8, ("序号", "事项类别", "受理范围")),
        ("附件2", 19, ("序号", "事项类别", "受理范围")),
    ]
    for table in tables:
        assert [row.key for row in table.rows] == [str(n) for n in range(1, len(table.rows) + 1)]
        assert all(row.cell("事项类别").endswith("类") for row in table.rows)
    assert tables[1].rows[10].cell("事项类别") == "文化和旅游广电类"
    assert resolve(seed_document(HOTLINE), "附件1 3").row is tables[0].rows[2]


@needs_seeds
@pytest.mark.seeds
def test_the_credit_information_table_has_2_and_9_and_2_classes() -> None:
    table = next(t for t in document_tables(seed_document(CREDIT)) if t.locator == "附件1")
    classes = [(row.cells[0], row.cells[2]) for row in table.rows]
    assert classes == [("1", "")] * 2 + [("2", "一般失信行为信息")] * 9 + [("2", "严重失信信息")] * 2
    assert {row.cell("类别") for row in table.rows} == {"企业基础信息", "企业失信行为信息"}
    merged = table.rows[9]
    assert (merged.cell("信息名称#2"), merged.printed[-1], merged.cell("信息来源")) == (
        "非正常纳税户信息",
        "",
        "市税务局",
    )


@needs_seeds
@pytest.mark.seeds
def test_the_catalogue_has_23_groups_and_208_rows_and_says_210() -> None:
    document = seed_document(CREDIT)
    groups = [t for t in document_tables(document) if t.locator.startswith("附件2")]
    assert len(groups) == 23
    assert sum(len(t.rows) for t in groups) == 208
    assert [t.printed_total for t in groups] == [len(t.rows) for t in groups]
    assert {row.cells[1] for t in groups for row in t.rows} == {"行政检查"}
    found = {(d.locator, d.kind, d.printed, d.counted) for d in document_discrepancies(document)}
    assert found == {
        ("附件2", "total", 210, 208),
        ("附件2 十 19", "identical", None, None),
        ("附件2 十八", "duplicate", 25, 2),
        ("附件2 十八", "missing", 26, 0),
    }
