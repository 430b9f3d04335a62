"""However a table is printed (cells behind TABs, rows between pipes, over a page break), the same table is read."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.gazette.clauses import clauses, document_discrepancies, document_tables, resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.library import read_gazette
from gongbao.gazette.table_checks import amount, discrepancies
from gongbao.gazette.tables import Table, block_end, is_table, rebuild
from gongbao.gazette.text import Line, read


def lines_of(text: str) -> list[Line]:
    return [line for line in read(("表\n" + text).encode()).lines[1:] if line.text or line.is_cell]


def table_of(text: str) -> Table:
    lines = lines_of(text)
    assert block_end(lines, 0) == len(lines)
    return rebuild(lines, "附件1")


def tabbed(*rows: str) -> str:
    return "\n\n".join("\n".join("\t" + cell for cell in row.split("|")) for row in rows)


def piped(*rows: str) -> str:
    first, *rest = [f"| {' | '.join(row.split('|'))} |" for row in rows]
    return "\n".join([first, "|" + "---|" * first.count(" | ") + "---|", *rest])


def document_of(body: str) -> Document:
    text = "示例市人民政府\n关于表的通知\n示政字〔2023〕1号\n各区：\n" + body + "\n表后的话。\n一、下一节\n"
    return read_gazette(text.encode()).documents[0]


# --- where a table ends ----------------------------------------------------------------------------------------------


def test_a_cell_that_ends_a_row_runs_on_and_the_next_number_goes_on_with_the_table() -> None:
    t = table_of("\t序号\n\t证照\n\t部门\n\n\t1\n\t甲证\n\t市卫生健康委\n\n市行政审批局\n\n\t2\n\t乙证\n\t市公安局")
    assert [row.cells for row in t.rows] == [
        ("1", "甲证", "市卫生健康委\n市行政审批局"),
        ("2", "乙证", "市公安局"),
    ]


def test_the_last_name_of_a_header_runs_on_before_the_first_row() -> None:
    t = table_of("\t类别\n\t名称\n\t指标\n\n属性\n\n\t公园\n\t长椅\n\t约束性")
    assert (t.columns, [row.cells for row in t.rows]) == (("类别", "名称", "指标属性"), [("公园", "长椅", "约束性")])


def test_items_of_a_cell_are_its_paragraphs_to_the_last() -> None:
    text = (
        tabbed("等级|标准", "重大|（1）甲；")
        + "\n\n（2）乙。\n\n"
        + tabbed("一般|（1）丙；")
        + "\n\n（2）丁；\n\n（3）戊。"
    )
    assert [row.cells for row in table_of(text).rows] == [
        ("重大", "（1）甲；\n（2）乙。"),
        ("一般", "（1）丙；\n（2）丁；\n（3）戊。"),
    ]


def test_a_title_between_two_tables_parts_them() -> None:
    years = tabbed("序号|名称", "1|甲"), tabbed("序号|名称", "1|乙", "2|丙")
    document = document_of("第一年更新计划表\n" + "\n\n第二年更新计划表\n\n".join(years))
    assert [(t.title, t.locator, len(t.rows)) for t in document_tables(document)] == [
        ("第一年更新计划表", "", 1),
        ("第二年更新计划表", "表2", 2),
    ]
    assert resolve(document, "表2 2").text == "2　丙"


def test_a_box_around_text_is_no_table() -> None:
    assert not is_table(lines_of("\t专栏1 重点工程\n"))
    document = document_of("一、工程\n\t专栏1 重点工程\n\n1.修桥。把三座旧桥都修好，年底前完成。\n\n\t专栏2 续\n")
    assert document_tables(document) == ()
    assert "重点工程" in clauses(document).full_text


def test_a_title_inside_the_frame_is_the_title() -> None:
    document = document_of("一、目标\n" + tabbed("专栏 1 主要指标", "序号|指标|2025年", "1|绿地|40"))
    assert [(t.title, t.columns) for t in document_tables(document)] == [("专栏1主要指标", ("序号", "指标", "2025年"))]


@pytest.mark.parametrize(
    ("above", "title", "unit"),
    [
        ("表1 主要指标", "表1主要指标", ""),
        ("表1 示例市\n主要指标", "表1示例市主要指标", ""),
        ("供应计划表\n单位：公顷", "供应计划表", "公顷"),
        ("单位：万元 / 公顷", "关于表的通知", "万元/公顷"),
        ("以下各项都要做到。", "关于表的通知", ""),
    ],
)
def test_titles_and_units_above_a_table(above: str, title: str, unit: str) -> None:
    t = document_tables(document_of(above + "\n" + tabbed("序号|名称", "1|甲")))[0]
    assert (t.title, t.unit) == (title, unit)


# --- headers ---------------------------------------------------------------------------------------------------------


def test_levels_of_a_header_are_told_by_names_that_come_again_or_hold_the_name_above() -> None:
    t = table_of(
        tabbed(
            "序号|地区|燃气|供水",
            "||燃气合计|管道|立管|供水合计|管道",
            "|||数量（公里）|投资|数量（处）|投资||数量（公里）|投资",
            "1|甲区|3|1|2|1|1|5|2|5",
            "2|乙区|3|1|2|1|1|5|2|5",
        )
    )
    assert t.columns == (
        "序号", "地区", "燃气·燃气合计", "燃气·管道·数量（公里）", "燃气·管道·投资", "燃气·立管·数量（处）", "燃气·立管·投资",
        "供水·供水合计", "供水·管道·数量（公里）", "供水·管道·投资",
    )  # fmt: skip
    assert (len(t.header), len(t.rows), t.uncertain) == (3, 2, ())
    assert t.heading == (
        (("序号", 1, 3), ("地区", 1, 3), ("燃气", 5, 1), ("供水", 3, 1)),
        (("燃气合计", 1, 2), ("管道", 2, 1), ("立管", 2, 1), ("供水合计", 1, 2), ("管道", 2, 1)),
        (
            ("数量（公里）", 1, 1),
            ("投资", 1, 1),
            ("数量（处）", 1, 1),
            ("投资", 1, 1),
            ("数量（公里）", 1, 1),
            ("投资", 1, 1),
        ),
    )


def test_levels_that_nothing_tells_are_shared_out_evenly_and_marked() -> None:
    t = table_of(tabbed("序号|上年|今年", "|甲|乙|丙|丁", "1|1|2|3|4"))
    assert t.columns == ("序号", "上年·甲", "上年·乙", "今年·丙", "今年·丁")
    assert t.uncertain == t.columns[1:]


def test_levels_between_pipes() -> None:
    t = table_of(piped("县|总量|产权||租赁|其他", "||商品|小计|小计|", "||①|②|③|④", "甲县|6|1|1|2|3"))
    assert t.columns == ("县", "总量", "产权·商品", "产权·小计", "租赁·小计", "其他")
    assert [row.cells for row in t.rows] == [("甲县", "6", "1", "1", "2", "3")]


def test_a_name_over_several_columns_is_told_by_what_stands_below() -> None:
    figures = table_of(tabbed("机构|2020年|2025年", "甲院|本部|9|10", "|新院|--|20", "乙院|5|6"))
    assert figures.columns == ("机构", "机构#2", "2020年", "2025年")
    assert figures.rows[2].cells == ("乙院", "", "5", "6")
    labels = table_of(tabbed("序号|单位|职责", "1|成员|甲局|管甲事", "2||乙局|管乙事"))
    assert labels.columns == ("序号", "单位", "单位#2", "职责")
    assert labels.rows[1].cells == ("2", "成员", "乙局", "管乙事")
    assert labels.uncertain == ()
    assert labels.heading == ((("序号", 1, 1), ("单位", 2, 1), ("职责", 1, 1)),)


# --- rows ------------------------------------------------------------------------------------------------------------


def test_group_headings_are_counted_and_compared() -> None:
    t = table_of(tabbed("序号|名称|文号|理由", "甲局（共1件）", "1|a|b|c", "乙局（共3件）||", "2|d|e|f", "3|g|h|i"))
    assert [(group.name, group.rows, group.printed_total) for group in t.groups] == [
        ("甲局（共1件）", 1, 1),
        ("乙局（共3件）", 2, 3),
    ]
    assert [row.group for row in t.rows] == ["甲局（共1件）", "乙局（共3件）", "乙局（共3件）"]
    assert [(d.kind, d.printed, d.counted) for d in discrepancies([t])] == [("total", 3, 2)]


def test_subtotals_close_and_han_numbers_open_their_rows() -> None:
    closed = table_of(piped("序号|区|面积（公顷）", "1|甲|1.5", "2|甲|2.5", "甲合计4公顷||", "3|乙|1", "乙合计2公顷||"))
    assert [(row.key, row.kind) for row in closed.totals] == [("甲合计", "subtotal"), ("乙合计", "subtotal")]
    assert [(d.locator, d.printed, d.counted) for d in discrepancies([closed])] == [
        ("附件1 乙合计", Decimal(2), Decimal(1))
    ]
    opened = table_of(piped("序号|地块|面积", "|总计|6", "一|甲区|3", "1|东|1", "2|西|2", "二|乙区|3", "1|南|3"))
    assert [row.locator for row in opened.rows] == ["附件1 一 1", "附件1 一 2", "附件1 二 1"]
    assert [row.group for row in opened.rows] == ["甲区", "甲区", "乙区"]
    assert [row.key for row in opened.totals] == ["总计", "一", "二"]
    assert discrepancies([opened]) == ()


def test_a_note_is_no_row() -> None:
    t = table_of(tabbed("序号|区|甲|乙", "1|a|1|1", "备 注|1.甲的单位是公里。"))
    assert (len(t.rows), [(row.locator, row.kind, row.cells[1]) for row in t.notes]) == (
        1,
        [("附件1 备注", "note", "1.甲的单位是公里。")],
    )
    assert t.notes[0].drawn == (("备 注", False, 1), ("1.甲的单位是公里。", False, 3))


def test_a_printed_sum_with_fewer_decimals_is_told_from_a_wrong_one() -> None:
    rows = ("序号|区|甲|乙", "1|a|1.251|1", "2|b|1.253|1")
    t = table_of(tabbed(*rows, "合计|2.50|3"))
    assert [(row.key, row.cells) for row in t.totals] == [("合计", ("合计", "", "2.50", "3"))]
    assert t.totals[0].drawn == (("合计", False, 2), ("2.50", False, 1), ("3", False, 1))
    assert [across for _, _, across in t.rows[0].drawn] == [1, 1, 1, 1]
    assert [(d.kind, d.printed, d.counted) for d in discrepancies([t])] == [
        ("rounded", Decimal("2.50"), Decimal("2.504")),
        ("sum", Decimal(3), Decimal(2)),
    ]


def test_a_column_that_its_name_makes_a_sum_is_proved_on_the_rows_before_it_is_held_against_one() -> None:
    right = [f"{n}|区{n}|{n + 2}|{n}|2" for n in range(1, 6)]
    good = table_of(tabbed("序号|区|合计|甲|乙", *right, "6|区6|9|6|2"))
    assert [(d.locator, d.printed, d.counted) for d in discrepancies([good])] == [("附件1 6", Decimal(9), Decimal(8))]
    never = table_of(tabbed("序号|区|合计|甲|乙", *[f"{n}|区{n}|{n + 50}|{n}|2" for n in range(1, 7)]))
    assert discrepancies([never]) == ()


@pytest.mark.parametrize(
    ("cell", "number"),
    [("239. 6358", "239.6358"), ("147 6 0", "14760"), ("1,234.50", "1234.50"), ("0.0000", "0.0000"), ("-3", "-3")],
)
def test_blanks_inside_a_number_do_not_change_it(cell: str, number: str) -> None:
    assert str(amount(cell)) == number


@pytest.mark.parametrize("cell", ["", "--", "—", "10以内", "≥60", "3.5%", "1．5"])
def test_what_is_not_a_plain_number_is_none(cell: str) -> None:
    assert amount(cell) is None


def test_an_empty_cell_right_of_the_name_is_left_empty_and_marked() -> None:
    rows = [
        "序号|类别|指标|目标",
        *[f"{n}|{'甲类' if n == 1 else ''}|指标{n}|{n}" for n in range(1, 10)],
        "10||指标十|",
    ]
    t = table_of(piped(*rows))
    assert t.rows[9].cells == ("10", "甲类", "指标十", "")
    assert [row.uncertain for row in t.rows] == [()] * 9 + [("目标",)]
    assert [(span.column, span.row, span.rows) for span in t.spans] == [(2, 1, 10)]


# --- one table, printed in every way ---------------------------------------------------------------------------------

words = st.text("甲乙丙丁戊己庚辛壬癸", min_size=2, max_size=6)


@st.composite
def printed_tables(draw: st.DrawFn) -> tuple[list[list[str]], list[int]]:
    """Numbered rows with a merged label in the second column; and how many rows each page holds."""
    labels = draw(st.lists(words, min_size=1, max_size=3, unique=True))
    rows: list[list[str]] = []
    for label in labels:
        for n in range(draw(st.integers(1, 4))):
            rows.append([str(len(rows) + 1), label if n == 0 else "", draw(words), str(draw(st.integers(0, 999)))])
    return rows, draw(st.lists(st.integers(1, 5), max_size=3))


@settings(max_examples=60, deadline=None)
@given(printed_tables())
def test_pipes_and_tabs_pages_and_blank_lines_give_the_same_table(made: tuple[list[list[str]], list[int]]) -> None:
    rows, pages = made
    header = "序号|类别|名称|数量"
    printed = ["|".join(row) for row in rows]
    whole = table_of(tabbed(header, *printed))
    paged: list[str] = [header]
    left = list(printed)
    for size in pages:
        paged += left[:size]
        left = left[size:]
        if left:
            paged.append(header)
    paged += left
    for text in (piped(header, *printed), tabbed(*paged), tabbed(header, *printed).replace("\n\n", "\n\n\n\n")):
        other = table_of(text)
        assert [(row.key, row.group, row.cells, row.printed) for row in other.rows] == [
            (row.key, row.group, row.cells, row.printed) for row in whole.rows
        ]
    label = ""
    for row, (number, printed_label, name, amount_of) in zip(whole.rows, rows, strict=True):
        label = printed_label or label
        filled = label if any(not r[1] for r in rows) else printed_label
        assert row.cells == (number, filled, name, amount_of)


def test_a_document_with_a_wrong_total_says_so() -> None:
    body = "附件：某目录\n\n附件\n某目录\n" + tabbed("序号|名称", "1|甲", "3|乙")
    assert [d.kind for d in document_discrepancies(document_of(body))] == ["missing"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(("\t", "\t\t", "", "| ", "|", "|||")),
            st.sampled_from(
                (
                    "",
                    "序号",
                    "1",
                    "2",
                    "合计",
                    "小计3公顷",
                    "一",
                    "备注",
                    "--",
                    "甲局（共2项）",
                    "（1）甲；",
                    "表1 乙",
                    "3.5|丙|",
                    "丁 | 4 |",
                )
            ),
        ),
        max_size=40,
    ),
    st.sampled_from(("\n", "\n\n")),
)
def test_whatever_stands_between_tabs_and_pipes_is_read_and_no_line_is_lost(
    made: list[tuple[str, str]], between: str
) -> None:
    document = document_of(between.join(mark + words for mark, words in made))
    for table in document_tables(document):
        assert all(len(row.cells) == len(row.printed) == len(table.columns) for row in table.printed_rows)
        assert len(set(table.columns)) == len(table.columns)
        assert len({row.locator for row in table.printed_rows}) == len(table.printed_rows)
        assert discrepancies([table]) is not None
        assert sum(span.rows for span in table.spans) <= len(table.columns) * len(table.rows)
    assert document_discrepancies(document) is not None


def test_an_empty_header_over_rows_of_an_earlier_page_names_no_column() -> None:
    t = table_of("| | | |\n|---|---|---|\n| 8 | 甲 | 乙 |\n| 9 | 丙 | 丁 |")
    assert (t.columns, [row.key for row in t.rows]) == (("第1列", "第2列", "第3列"), ["8", "9"])
    assert table_of("| | | |").rows == ()


def test_a_table_of_a_web_page_is_the_same_table() -> None:
    page = """<html><head><meta charset="utf-8"></head><body><p>示例市人民政府</p><p>关于管网计划的通知</p><p>示政字〔2023〕1号</p>
    <p>各区：</p><p>更新计划表</p><p>单位：万元</p><table>
    <tr><td rowspan="2">序号</td><td rowspan="2">区</td><td colspan="2">燃气</td><td rowspan="2">备注</td></tr>
    <tr><td>数量</td><td>投资</td></tr>
    <tr><td>1</td><td rowspan="2">甲区</td><td>2</td><td>3.5</td><td></td></tr>
    <tr><td>2</td><td>1</td><td>1.5</td><td>急</td></tr>
    <tr><td colspan="2">合计</td><td>3</td><td>6</td><td></td></tr></table></body></html>"""
    document = read_gazette(page.encode(), "公报.html").documents[0]
    (t,) = document_tables(document)
    assert (t.title, t.unit) == ("更新计划表", "万元")
    assert t.columns == ("序号", "区", "燃气·数量", "燃气·投资", "备注")
    assert [row.cells for row in t.rows] == [("1", "甲区", "2", "3.5", ""), ("2", "甲区", "1", "1.5", "急")]
    assert [row.key for row in t.totals] == ["合计"]
    assert [(d.kind, d.printed, d.counted) for d in document_discrepancies(document)] == [
        ("sum", Decimal(6), Decimal("5.0"))
    ]
