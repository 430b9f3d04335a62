"""Lists printed as text read as rows: labelled blocks, items that end in a bracket of fields, outlines."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from gongbao.gazette.clauses import resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.library import read_gazette
from gongbao.gazette.lists import document_lists
from gongbao.gazette.outline import outline

from .shared import library, needs_seeds, seed_document


def document_of(body: str) -> Document:
    text = "示例市人民政府\n关于清单的通知\n示政字〔2023〕1号\n各区：\n" + body + "\n"
    return read_gazette(text.encode()).documents[0]


def test_a_block_of_labelled_lines_is_a_row_under_its_heading() -> None:
    document = document_of(
        "类别-1：道路\n任务1：修路，得5分。\n解读：先修旧路。\n佐证材料：照片。\n任务2：扫路，得3分。\n解读：每天一次。\n又一段。\n佐证材料，台账。\n"
        "类别-2：园林\n任务3：种树，得2分。\n佐证材料：照片。\n类别-3：河道\n任务4：清淤，得1分。\n解读：冬天做。\n佐证材料：照片。"
    )
    (table,) = document_lists(document)
    assert table.columns == ("序号", "任务", "解读", "佐证材料")
    assert [row.cells for row in table.rows] == [
        ("1", "修路，得5分。", "先修旧路。", "照片。"),
        ("2", "扫路，得3分。", "每天一次。\n又一段。", "台账。"),
        ("3", "种树，得2分。", "", "照片。"),
        ("4", "清淤，得1分。", "冬天做。", "照片。"),
    ]
    assert [(group.name, group.rows) for group in table.groups] == [
        ("类别-1：道路", 2),
        ("类别-2：园林", 1),
        ("类别-3：河道", 1),
    ]
    assert [row.uncertain for row in table.rows] == [(), (), ("解读",), ()]


def test_items_that_end_in_a_bracket_of_fields_are_rows() -> None:
    document = document_of(
        "一、任务\n1.修路。（牵头单位：甲局、乙局，责任单位：各县（市、区）政府。）\n2.扫路。（牵头单位：丙局，责任单位：丁局。）\n"
        "3.种树。先种东边。（牵头单位：甲局；责任单位：丁局）\n二、保障\n1.钱。\n2.人。\n3.物。"
    )
    (table,) = document_lists(document)
    assert (table.locator, table.title) == ("一", "任务")
    assert table.columns == ("序号", "事项", "牵头单位", "责任单位")
    assert [row.cells for row in table.rows] == [
        ("1", "修路。", "甲局、乙局", "各县（市、区）政府"),
        ("2", "扫路。", "丙局", "丁局"),
        ("3", "种树。先种东边。", "甲局", "丁局"),
    ]
    assert [resolve(document, row.locator).first for row in table.rows] == [row.first for row in table.rows]


def test_two_items_and_a_list_without_labels_are_no_table() -> None:
    assert document_lists(document_of("一、任务\n1.修路。（牵头单位：甲局）\n2.扫路。（牵头单位：乙局）")) == ()
    assert document_lists(document_of("一、任务\n1.修路（甲局）。\n2.扫路（乙局）。\n3.种树（丙局）。")) == ()


def test_an_outline_has_suppliers_lengths_and_charts_and_mends_a_lost_point() -> None:
    document = document_of(
        "一、框架\n（一）概览\n1.综述（甲局供稿2000字，图表2张）\n2河流（乙局、丙局供稿，各800～1000字，图表各1张）\n3.物产\n（1）谷物（丁局收集）\n"
        "（2）瓜果（各县（市、区）志办提供500字）\n编写注意事项：\n（3）名录：列正职。\n（二）人物\n1.模范"
    )
    nodes = outline(resolve(document, "一"))
    assert [(node.locator, node.level, node.title) for node in nodes if not node.note] == [
        ("一（一）", 1, "概览"),
        ("一（一）1", 2, "综述"),
        ("一（一）2", 2, "河流"),
        ("一（一）3", 2, "物产"),
        ("一（一）3（1）", 3, "谷物"),
        ("一（一）3（2）", 3, "瓜果"),
        ("一（二）", 1, "人物"),
        ("一（二）1", 2, "模范"),
    ]
    river = nodes[2]
    assert (river.suppliers, river.words, river.charts, river.each) == (("乙局", "丙局"), (800, 1000), 1, True)
    assert [node.repaired for node in nodes] == [False, False, True, *[False] * (len(nodes) - 3)]


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize(("year", "counts"), [("2023", (37, 263, 165)), ("2022", (36, 263, 164))])
def test_the_outlines_of_two_yearbooks(year: str, counts: tuple[int, int, int]) -> None:
    document = next(d for d in library().documents if d.title == f"《廊坊年鉴（{year}）》编纂方案")
    nodes = outline(resolve(document, "四"))
    levels = Counter((node.level, node.note) for node in nodes)
    assert tuple(levels[level, False] for level in (1, 2, 3)) == counts
    assert sum(levels[level, True] for level in (1, 2, 3)) == 6
    assert len({node.locator for node in nodes}) == len(nodes)
    assert [node.title for node in nodes if node.repaired] == ["旅游基础设施项目建设"]


@needs_seeds
@pytest.mark.seeds
def test_a_supplier_of_the_yearbook_has_18_nodes_of_42000_words_and_52_charts() -> None:
    document = next(d for d in library().documents if d.title == "《廊坊年鉴（2023）》编纂方案")
    own = [node for node in outline(resolve(document, "四")) if node.suppliers == ("市文广旅局",)]
    assert len(own) == 18
    assert sum(node.words[1] for node in own if node.words) == 42000
    assert sum(node.charts or 0 for node in own) == 52


@needs_seeds
@pytest.mark.seeds
def test_the_weather_score_sheet_has_27_tasks_of_102_points_under_11_indicators() -> None:
    (table,) = document_lists(seed_document("廊政办字〔2017〕89号"))
    assert [row.key for row in table.rows] == [str(n) for n in range(1, 28)]
    assert [group.rows for group in table.groups] == [1, 2, 4, 2, 4, 6, 3, 2, 1, 1, 1]
    points = [int(found[1]) for row in table.rows if (found := re.search(r"得(\d+)分", row.cell("任务")))]
    assert (len(points), sum(points), points[0], points[25], points[26]) == (27, 102, 5, 4, 1)
    # Task 6 prints its reading, and task 14 its evidence, without the label.
    assert {row.key: row.uncertain for row in table.rows if row.uncertain} == {"6": ("解读",), "14": ("佐证材料",)}


@needs_seeds
@pytest.mark.seeds
def test_the_39_indicators_of_the_forest_city_with_their_units() -> None:
    table = document_lists(seed_document("廊政办字〔2017〕158号"))[0]
    assert [row.key for row in table.rows] == [str(n) for n in range(1, 40)]
    assert all(row.cell("牵头单位") for row in table.rows)
    assert table.rows[0].cells[2:] == ("市林业局", "各县（市、区）政府、廊坊开发区管委会")
    assert table.rows[2].cells[2:] == ("市建设局、市城乡规划局", "市园林局、开发区公用事业管理局")
    assert table.rows[38].cells[2:] == ("市林业局", "市林业局")


@needs_seeds
@pytest.mark.seeds
def test_the_33_tasks_of_the_cold_chain_in_8_groups() -> None:
    tables = document_lists(seed_document("廊政办字〔2022〕54号"))
    assert [len(table.rows) for table in tables] == [3, 3, 8, 3, 6, 4, 3, 3]
    assert all(row.cell("责任单位") for table in tables for row in table.rows)


@needs_seeds
@pytest.mark.seeds
def test_the_18_tasks_of_the_fitness_plan() -> None:
    table = document_lists(seed_document("廊政发〔2022〕1号"))[0]
    assert len(table.rows) == 18
    assert all(row.cell("责任部门").startswith("市体育局牵头") for row in table.rows)
