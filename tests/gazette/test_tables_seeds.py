"""The tables of the five gazettes: counts, sums and cells as read by hand, and the contradictions that are printed."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from gongbao.gazette.clauses import document_discrepancies, document_tables, resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.library import read_gazette
from gongbao.gazette.table_checks import amount
from gongbao.gazette.tables import Table

from .shared import SPEC, library, needs_seeds, seed_document, seed_file

pytestmark = [needs_seeds, pytest.mark.seeds]

EMERGENCY = "廊政字〔2023〕1号"
HEALTH_PLAN = "廊政办字〔2023〕2号"
PUBLIC_HEALTH = "廊政办字〔2023〕3号"
PIPES = "廊政办字〔2023〕16号"
REVIEW = "廊政字〔2017〕41号"
ECOLOGY = "廊政字〔2022〕32号"
LICENCES = "廊政办字〔2022〕52号"
DOMESTIC = "廊政办字〔2022〕56号"
INCIDENT = "廊政办字〔2022〕62号"
FOOD = "廊政办字〔2022〕63号"
DISABILITY = "廊政字〔2022〕2号"
SCIENCE = "廊政办字〔2022〕3号"
CHENGDE_ECOLOGY = "承市政字〔2022〕16号"
CHENGDE_ELDERS = "承市政字〔2022〕24号"
LAND = "承市政办字〔2022〕42号"
RESEARCH = "承市政办字〔2022〕46号"
CHENGDE_COMMUNITY = "承市政办字〔2022〕49号"
PREVENTION = "承市政办字〔2022〕51号"


def table(document: str | Document, locator: str) -> Table:
    found = seed_document(document) if isinstance(document, str) else document
    return next(t for t in document_tables(found) if t.locator == locator)


def altered(prefix: str, number: str, printed: str, other: str) -> Document:
    """A document of a seed in which the first `printed` says something else."""
    text = seed_file(prefix).read_text()
    assert printed in text
    return next(d for d in read_gazette(text.replace(printed, other, 1).encode()).documents if d.number == number)


def groups(t: Table) -> list[tuple[str, int]]:
    return [(group.name, group.rows) for group in t.groups]


# --- indicators of plans ---------------------------------------------------------------------------------------------


def test_the_27_health_indicators_of_which_6_are_binding() -> None:
    t = table(PUBLIC_HEALTH, "二（三）2")
    assert t.title == "廊坊市“十四五”国民健康主要指标及发展目标"
    assert t.columns == ("领域", "序号", "主要指标", "2020年基数", "2025年目标", "指标性质")
    assert [row.cell("序号") for row in t.rows] == [str(n) for n in range(1, 28)]
    binding = [row.cell("序号") for row in t.rows if row.cell("指标性质") == "约束性"]
    assert binding == ["15", "16", "18", "21", "25", "26"]
    assert groups(t) == [
        ("健康水平", 6), ("健康生活", 3), ("健康服务", 11), ("健康保障", 3), ("健康环境", 3), ("健康产业", 1),
    ]  # fmt: skip
    assert t.rows[0].cells == ("健康水平", "1", "人均预期寿命（岁）", "80.25", "累计增长1岁", "预期性")
    assert t.rows[25].cells[2:5] == ("地表水达到或好于Ⅲ类水体比例（%）", "—", "完成省任务")
    assert t.rows[26].cells == ("健康产业", "27", "健康服务业总规模平均增速（%）", "5.60", "7.00左右", "预期性")
    assert not any(row.uncertain for row in t.rows)


@pytest.mark.parametrize(
    ("document", "locator", "rows", "binding", "counted"),
    [
        (EMERGENCY, "二（二）", 12, 4, [("安全生产类", 4), ("灾害防治类", 3), ("能力建设类", 5)]),
        (HEALTH_PLAN, "二（三）", 16, 1, None),
        (ECOLOGY, "二（三）", 19, 14, [("环境治理", 11), ("应对气候变化", 3), ("环境风险防控", 2), ("生态保护", 3)]),
        ("廊政办字〔2023〕10号", "二（三）", 7, 0, []),
        (DISABILITY, "三", 11, 6, [("收入和就业", 2), ("社会保障和基本公共服务", 9)]),
        (SCIENCE, "第一章第三节 三", 12, 0, None),
        (CHENGDE_ECOLOGY, "一（一）", 18, 10, [("环境质量", 8), ("污染减排", 5), ("生态建设", 3), ("环境风险防控", 2)]),
        (CHENGDE_ECOLOGY, "二（三）2", 19, 17,
         [("环境治理", 8), ("污染减排", 4), ("应对气候变化", 3), ("环境风险防控", 2), ("生态保护", 2)]),
        (CHENGDE_ELDERS, "二（三）", 10, 5, []),
        (CHENGDE_COMMUNITY, "二（三）", 7, 0, []),
        (PREVENTION, "一（四）", 27, 0, None),
    ],
)  # fmt: skip
def test_indicator_tables(
    document: str, locator: str, rows: int, binding: int, counted: list[tuple[str, int]] | None
) -> None:
    t = table(document, locator)
    assert len(t.rows) == rows
    assert sum(1 for row in t.rows if "约束性" in row.cells) == binding
    if counted is not None:
        assert groups(t) == counted


def test_one_number_over_four_rows_and_a_header_over_three_columns() -> None:
    t = table(ECOLOGY, "二（三）")
    assert t.columns == ("规划指标", "规划指标#2", "规划指标#3", "2020年", "2025年", "指标属性")
    assert Counter(row.cells[1] for row in t.rows) == Counter({str(n): 4 if n == 8 else 1 for n in range(1, 17)})
    assert t.rows[2].cell("2025年") == "22以上（国省考断面）"
    assert t.rows[8].cells == ("环境治理", "8", "氨氮重点工程减排量（万吨）", "-", "0.036", "约束性")
    assert (1, 1, 11) in {(span.column, span.row, span.rows) for span in t.spans}
    assert (2, 8, 4) in {(span.column, span.row, span.rows) for span in t.spans}


def test_an_empty_target_may_be_merged_with_the_one_above_and_is_marked() -> None:
    t = table(CHENGDE_ECOLOGY, "二（三）2")
    assert {row.key: row.uncertain for row in t.rows if row.uncertain} == {
        "14": ("2025年指标值",),
        "15": ("2025年指标值",),
    }
    assert [t.rows[n].cell("2025年指标值") for n in (12, 13, 14)] == ["完成省定目 标任务", "", ""]


def test_hospitals_and_their_beds() -> None:
    places = table(HEALTH_PLAN, "三（一）1（1）")
    assert [row.cells[0] for row in places.rows[:3]] == ["廊坊市人民医院", "廊坊市人民医院", "廊坊市中医医院"]
    assert [row.cell("建设情况") for row in places.rows] == ["改造", "新增", "扩建", "扩建", "新增", "新增", "迁建"]
    beds = table(HEALTH_PLAN, "三（二）1（1）")
    assert beds.columns[:3] == ("机构名称", "机构名称#2", "2020年编制床位")
    assert [row.cells[:2] for row in beds.rows[:3]] == [
        ("廊坊市人民医院", "本部"),
        ("廊坊市人民医院", "新院区"),
        ("廊坊市中医医院", ""),
    ]
    # One increment is printed for both sites: it stands in both rows, counts once, and the second is marked.
    assert [row.cells[5] for row in beds.rows] == ["1583", "1583", "655", "240", "300", "200", "201"]
    assert beds.rows[1].uncertain == (beds.columns[5],)
    assert [row.cells[2:] for row in beds.totals] == [("1578", "1721", "4900", "3179")]
    assert document_discrepancies(seed_document(HEALTH_PLAN)) == ()


# --- lists -----------------------------------------------------------------------------------------------------------


def test_the_clean_up_of_2017_has_172_and_2_and_26_and_2_documents_in_their_groups() -> None:
    counts = [
        (len(t.rows), len(t.groups), [g.printed_total for g in t.groups] == [g.rows for g in t.groups])
        for t in document_tables(seed_document(REVIEW))
    ]
    assert counts == [(172, 36, True), (2, 2, True), (26, 14, True), (2, 2, True)]
    in_force = table(REVIEW, "附件1")
    assert in_force.columns == ("序号", "文件名称", "文号")
    assert [row.key for row in in_force.rows] == [str(n) for n in range(1, 173)]
    assert in_force.rows[0].cells[2] == "廊政〔2015〕12号"
    assert in_force.rows[102].cells[1:] == ("廊坊市城镇房屋安全管理办法", "政府令〔2009〕第2号")
    assert in_force.rows[171].cells[2] == "廊政〔2015〕29号"
    assert in_force.rows[0].group == "起草部门：市审计局（共2件）"
    lapsed = table(REVIEW, "附件3")
    assert lapsed.rows[25].cells[1:] == ("廊坊市职工劳动模范管理规定", "政府令〔2011〕第3号", "自行失效")
    assert lapsed.rows[25].group == "起草部门：市总工会（共1件）"
    assert [row.cells[2] for row in table(REVIEW, "附件4").rows] == ["廊政〔2016〕75号", "廊政〔2015〕12号"]


def test_a_group_that_says_another_number_is_reported() -> None:
    changed = altered("001", REVIEW, "市发改委（共16件）", "市发改委（共17件）")
    found = [d for d in document_discrepancies(changed) if d.kind == "total"]
    assert [(d.locator, d.printed, d.counted) for d in found] == [("附件1", 17, 16)]


def test_the_49_and_91_licences_with_their_levels() -> None:
    persons, firms = table(LICENCES, "附件1"), table(LICENCES, "附件2")
    assert (len(persons.rows), len(firms.rows)) == (49, 91)
    for t in (persons, firms):
        assert [row.key for row in t.rows] == [str(n) for n in range(1, len(t.rows) + 1)]
        assert all(all(row.cells) for row in t.rows)
    assert persons.rows[0].cells == ("1", "户口簿", "省公安厅", "市公安局")
    assert persons.rows[23].cell("市级行业主管部门") == "市卫生健康委\n市行政审批局"
    assert persons.rows[42].cells[2:] == ("省应急管理厅", "市消防救援支队")
    both = [row.key for row in persons.rows if row.cells[3].endswith("\n市行政审批局")]
    assert both == ["24", "35", "44", "45", "48"]
    levels = [row.cell("制发层级") for row in firms.rows]
    assert {word: sum(1 for level in levels if word in level) for word in "国省市县乡"} == {
        "国": 15, "省": 63, "市": 49, "县": 38, "乡": 2,
    }  # fmt: skip
    assert (levels.count("省级"), levels.count("市、县级"), levels.count("国家、省、市、县级")) == (28, 17, 3)
    assert firms.rows[2].cell("制发层级") == "国家、省、市、县级"


def test_the_26_tasks_in_40_rows() -> None:
    t = table(DOMESTIC, "附件")
    rows = Counter(row.cell("序号") for row in t.rows)
    assert len(t.rows) == 40
    assert rows == Counter({str(n): 1 for n in range(1, 27)}) + Counter(
        {"13": 2, "14": 2, "16": 2, "18": 2, "5": 1, "7": 1, "15": 1, "17": 1, "20": 1, "21": 1}
    )
    assert t.rows[0].cell("重点任务") == "推动家政服务业组织化发展"
    assert {row.cell("重点任务") for row in t.rows if row.cell("序号") == "14"} == {"叫响“河北福嫂”品牌"}
    assert all(row.cell("责任单位") for row in t.rows)


def test_the_30_duties_keep_their_paragraphs_and_the_label_of_the_members() -> None:
    t = table(INCIDENT, "附件2")
    assert [row.key for row in t.rows] == [str(n) for n in range(1, 31)]
    assert groups(t) == [("指挥长", 1), ("副指挥长", 1), ("办公室主任", 1), ("成员单位", 27)]
    assert t.rows[1].cells[2].split("\n") == ["市政府分管副秘书长", "市生态环境局局长"]
    assert t.rows[3].cells[2] == "市委宣传部（市政府新闻办）"
    assert all(row.cells[3].split("\n")[-1] == "完成市指挥部交办的其他事项。" for row in t.rows[3:])
    assert all(len(row.cells[3].split("\n")) > 1 for row in t.rows[3:])


def test_four_grades_of_food_accidents_with_their_items() -> None:
    t = table(FOOD, "附件2")
    assert [row.cells[0] for row in t.rows] == ["特别重大", "重大", "较大", "一般"]
    assert [len(row.cells[1].split("\n")) for row in t.rows] == [2, 4, 3, 3]


def test_the_17_measures_and_who_carries_them() -> None:
    document = next(d for d in library().documents if d.title == "廊坊市促进人工智能产业发展十三条措施")
    t = table(document, "附件")
    assert [row.key for row in t.rows] == [str(n) for n in range(1, 18)]
    assert [rows for _, rows in groups(t)] == [7, 6, 3, 1]
    assert t.rows[3].cells[2:] == ("AI大模型补助", "市科技局\n市工信局")
    assert t.rows[6].cells[3] == "市科技局\n市发改委"


@pytest.mark.parametrize(
    ("document", "locator", "rows", "columns"),
    [
        (EMERGENCY, "三（三）14", 3, 3),
        (RESEARCH, "附件", 4, 6),
        (LAND, "附件1", 1, 9),
        ("廊政字〔2023〕7号", "附件", 1, 3),
        ("廊政办字〔2023〕15号", "附件1", 4, 6),
    ],
)
def test_other_tables(document: str, locator: str, rows: int, columns: int) -> None:
    t = table(document, locator)
    assert (len(t.rows), len(t.columns)) == (rows, columns)


def test_forms_are_told_from_tables() -> None:
    forms = {(d.number or d.title, t.locator) for d in library().documents for t in document_tables(d) if t.is_form}
    assert ("廊政办字〔2023〕15号", "附件1") in forms
    assert ("廊坊市鼓励企业利用多层次资本市场发展的若干措施", "附件1") in forms
    assert not {number for number, _ in forms} & {PIPES, LAND, REVIEW, LICENCES, PUBLIC_HEALTH}


# --- sums ------------------------------------------------------------------------------------------------------------


def spec_of_pipes() -> list[dict[str, list[Decimal]]]:
    """The numbers of the three years as the spec transcribed them, by district; 合计 is the city."""
    text = (SPEC.parent / "S000c.md").read_text()
    block = next(b for b in text.split("```") if b.lstrip().startswith("2023: "))
    years: list[dict[str, list[Decimal]]] = []
    for entry in re.split(r"\n|(?<=0) / ", block):
        if match := re.match(r"(20\d\d): ", entry):
            years.append({})
            entry = entry[match.end() :]
        if zero := re.fullmatch(r"(.+?) all 0\s*", entry):
            years[-1][zero[1]] = [Decimal(0)] * 26
        elif "," in entry:
            name, *numbers = entry.strip().split(",")
            years[-1][name] = [Decimal(n) for n in numbers]
    return years


def test_the_pipe_tables_have_11_areas_and_26_exact_numbers_in_each_of_3_years() -> None:
    years = spec_of_pipes()
    tables = document_tables(seed_document(PIPES))
    assert [t.locator for t in tables] == ["附件", "附件 表2", "附件 表3"]
    assert len(years) == 3
    for year, t in zip(years, tables, strict=True):
        assert (len(t.rows), len(t.totals), len(t.columns)) == (11, 1, 28)
        read = {row.cells[1]: [amount(cell) for cell in row.cells[2:]] for row in t.rows}
        assert read == {name: numbers for name, numbers in year.items() if name != "合计"}
        assert [amount(cell) for cell in t.totals[0].cells[2:]] == year["合计"]
        assert [note.key for note in t.notes] == ["备注"]
    assert tables[1].columns == tables[0].columns == tables[2].columns
    assert tables[0].columns[4:7] == (
        "燃气·预计燃气总投资合计",
        "燃气·市政管道·数量（公里）",
        "燃气·市政管道·预计总投资",
    )
    assert tables[0].columns[23:] == (
        "供热·住宅楼内公共管道·数量（公里）",
        "供热·住宅楼内公共管道·预计总投资",
        "排水·预计排水总投资合计",
        "排水·管道·数量（公里）",
        "排水·管道·预计总投资",
    )
    assert sum((amount(t.totals[0].cells[2]) or Decimal(0) for t in tables), Decimal(0)) == Decimal("37841.055")


def test_the_pipe_tables_contradict_themselves_in_five_places_and_no_other() -> None:
    found = [(d.locator, d.kind, d.printed, d.counted) for d in document_discrepancies(seed_document(PIPES))]
    assert found == [
        ("附件 全市合计", "sum", Decimal("1015"), Decimal("1050")),
        ("附件 表2 全市合计", "rounded", Decimal("6540.18"), Decimal("6540.179")),
        ("附件 表3 全市合计", "rounded", Decimal("14553.3"), Decimal("14553.324")),
        ("附件 表3 全市合计", "sum", Decimal("5390.584"), Decimal("5205.564")),
        ("附件 表3 5", "sum", Decimal("2538.08"), Decimal("2723.10")),
    ]


def test_the_40_and_48_parcels_meet_the_printed_totals() -> None:
    supply, reserve = table(LAND, "附件2"), table(LAND, "附件3 表2")
    assert [row.key for row in supply.rows] == [str(n) for n in range(1, 41)]
    areas: dict[str, Decimal] = defaultdict(Decimal)
    for row in supply.rows:
        areas[row.cell("区")] += amount(row.cell("拟供地面积（公顷）")) or Decimal(0)
    assert areas == {"双桥区": Decimal("25.6334"), "双滦区": Decimal("26.8681"), "高新区": Decimal("30.4095"),
                     "营子区": Decimal("78.1598")}  # fmt: skip
    assert [row.key for row in supply.totals] == ["双桥区合计", "双滦区合计", "高新区合计", "营子区合计"]
    assert amount(table(LAND, "附件1").rows[0].cell("合计")) == sum(areas.values(), Decimal(0)) == Decimal("161.0708")

    assert [(group.name, group.rows) for group in reserve.groups] == [
        ("双桥区", 13), ("双滦区", 29), ("营子区", 2), ("高新区", 4),
    ]  # fmt: skip
    assert [row.locator for row in reserve.rows[12:14]] == ["附件3 表2 一 13", "附件3 表2 二 1"]
    areas_of = [amount(row.cell("收储土地面积")) or Decimal(0) for row in reserve.rows]
    needs = [amount(row.cell("土地储备资金需求预算")) or Decimal(0) for row in reserve.rows]
    assert (sum(areas_of, Decimal(0)), sum(needs, Decimal(0))) == (Decimal("239.6358"), Decimal(756498))
    total = reserve.totals[0]
    assert (total.key, amount(total.cells[3]), amount(total.cells[4])) == ("总计", Decimal("239.6358"), Decimal(756498))
    assert reserve.unit == "万元/公顷"
    assert reserve.rows[-1].cells[5:7] == ("集体", "医疗卫生")
    assert document_discrepancies(seed_document(LAND)) == ()
    assert resolve(seed_document(LAND), "附件3 表2 二 14").row is reserve.rows[26]


def test_housing_land_has_levels_in_its_header() -> None:
    t = table(LAND, "附件3")
    assert t.columns[:5] == (
        "市（县）",
        "总量",
        "产权住宅用地·商品住宅用地",
        "产权住宅用地·共有产权住宅用地",
        "产权住宅用地·小计",
    )
    assert t.columns[-1] == "其他住宅用地"
    assert [row.cells[0] for row in t.rows] == ["双桥区", "双滦区", "高新区", "营子区"]
    assert [row.cells[1] for row in t.totals] == ["29.2290"]


@pytest.mark.parametrize("figure", ["0.2333", "55 00", "13.4"])
def test_a_parcel_that_no_longer_meets_its_total_is_reported(figure: str) -> None:
    changed = altered("004", LAND, f"| {figure} |", "| 99 |")
    assert any(d.kind == "sum" for d in document_discrepancies(changed))


# --- white space -----------------------------------------------------------------------------------------------------


def _spread(text: str, chance: random.Random) -> str:
    """Blanks around cells, more of the blank lines that are there, and another line end."""
    out = []
    for line in text.split("\n"):
        if line.startswith("\t"):
            line = "\t" + chance.choice(("", " ", "　")) + line[1:] + chance.choice(("", "  ", "　"))
        elif line.startswith("|"):
            line = chance.choice(("", " ")) + line.replace("| ", chance.choice(("|", "|  ", "| "))) + " "
        elif line.strip():
            line = chance.choice(("", "　　")) + line + chance.choice(("", " "))
        out.extend([line] * (chance.randint(1, 3) if not line.strip() and not line.startswith("\t") else 1))
    return chance.choice(("\n", "\r\n")).join(out)


@pytest.mark.parametrize("prefix", ["000", "001", "002", "003", "004"])
@pytest.mark.parametrize("seed", [1, 2])
def test_other_white_space_gives_the_same_rows(prefix: str, seed: int) -> None:
    text = seed_file(prefix).read_text()

    def rows(text: str) -> list[object]:
        return [
            (t.locator, t.title, t.columns, [(r.locator, r.kind, r.group, r.cells) for r in t.printed_rows])
            for document in read_gazette(text.encode()).documents
            for t in document_tables(document)
        ]

    assert rows(_spread(text, random.Random(seed))) == rows(text)
