"""Every clause has one locator, and a locator written in any usual way finds it."""

from __future__ import annotations

import re

import pytest

from gongbao.gazette.clauses import clause_index, clauses, document_discrepancies, resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.library import read_gazette
from gongbao.gazette.locators import han, number_value, parse
from gongbao.gazette.text import GazetteError

from .shared import CREDIT, HEAVY_POLLUTION, HOTLINE, library, needs_seeds, seed_document

PLAN = """示例市人民政府
关于花箱的意见
示政字〔2023〕1号
各区人民政府：
开头一段。
一、总则
（一）目的
花箱要美。
第二段。
（二）范围。全市的花箱。
1.大花箱；
2. 小花箱。
（1）木的
①刷漆
杉木：两遍；
松木：三遍。
②晾干
2.重复的编号。
二、措施
1.直接浇水。
三、2023年工作
2023年3月底前完成。
附件：1.名单
2.图样
示例市人民政府
2023年1月1日
附件1
名单
\t序号
\t名称

\t1
\t甲

\t1
\t乙

说明：可增减。
"""
RULES = """示例市人民政府
关于印发灯杆办法的通知
示政字〔2023〕2号
各区人民政府：
发给你们。
示例市人民政府
2023年1月1日
灯杆办法
第一章　总　　则
第一条　为了亮。
第二章　管理
第一节　日常
第二条　灯杆坏了：
（一）报修；
（二）换灯。
第三条规定的不算开头。
第十一条　施行。
第二款在这里。
附件
清单
1.灯
2.杆
"""


@pytest.fixture
def plan() -> Document:
    return read_gazette(PLAN.encode()).documents[0]


@pytest.fixture
def rules() -> Document:
    return read_gazette(RULES.encode()).documents[0]


def test_the_tree_of_a_plan(plan: Document) -> None:
    assert list(clause_index(plan)) == [
        "题注",
        "正文",
        "一",
        "一（一）",
        "一（二）",
        "一（二）1",
        "一（二）2",
        "一（二）2（1）",
        "一（二）2（1）①",
        "一（二）2（1）②",
        "一（二）2#2",
        "二",
        "二 1",
        "三",
        "附件目录",
        "落款",
        "附件1",
        "附件1 1",
        "附件1 1#2",
        "附件1 说明",
    ]


def test_the_tree_of_rules_with_chapters(rules: Document) -> None:
    assert list(clause_index(rules)) == [
        "题注",
        "通知",
        "落款",
        "正文",
        "第一章",
        "第一条",
        "第二章",
        "第二章第一节",
        "第二条",
        "第二条（一）",
        "第二条（二）",
        "第十一条",
        "附件",
        "附件 1",
        "附件 2",
    ]


def test_a_paragraph_without_number_belongs_to_the_clause_before_it(plan: Document) -> None:
    painted = resolve(plan, "一（二）2（1）①")
    assert [p.text for p in painted.paragraphs] == ["杉木：两遍；", "松木：三遍。"]
    assert painted.heading == "刷漆"
    assert resolve(plan, "一（二）2（1）①第2款").text == "松木：三遍。"


def test_a_clause_has_its_own_words_and_those_below(plan: Document) -> None:
    clause = resolve(plan, "一（二）")
    assert clause.heading == "范围"
    assert clause.text == "范围。全市的花箱。"
    assert "晾干" in clause.full_text
    assert (clause.first, clause.last) == (10, 18)


def test_a_year_at_the_start_of_a_line_is_no_number(plan: Document) -> None:
    assert resolve(plan, "三").text == "2023年工作\n2023年3月底前完成。"


def test_a_sentence_that_begins_with_an_article_is_no_article(rules: Document) -> None:
    assert resolve(rules, "第二条（二）").text.endswith("第三条规定的不算开头。")


@pytest.mark.parametrize(
    ("written", "locator"),
    [
        ("一（一）", "一（一）"),
        ("一、（一）", "一（一）"),
        ("一(一)", "一（一）"),
        (" 一 （一） ", "一（一）"),
        ("一、(一)。", "一（一）"),
        ("一（二）2（1）①", "一（二）2（1）①"),
        ("一、（二）2.（1）①", "一（二）2（1）①"),
        ("一（二）2#2", "一（二）2#2"),
        ("一（二）2#1", "一（二）2"),
        ("一㈡2⑴①", "一（二）2（1）①"),
        ("一（二）第2项", "一（二）2"),
        ("第一（一）项", ""),
        ("一（一）第2款", "一（一）第2款"),
        ("一（一）第二款", "一（一）第2款"),
        ("一（一）末款", "一（一）第2款"),
        ("二1", "二 1"),
        ("二、1.", "二 1"),
        ("二（1）", "二 1"),
        ("正文", "正文"),
        ("前言", "正文"),
        ("标题", "题注"),
        ("正文第1款", "正文第1款"),
        ("附件1第1行", "附件1 1"),
        ("附件1 第2行", "附件1 1#2"),
        ("附件一 1", "附件1 1"),
        ("附件1表", "附件1"),
        ("附件1表1", "附件1"),
        ("附件1注", "附件1 说明"),
        ("附件1 1 第2列", "附件1 1第2列"),
        ("附件1（1）", "附件1 1"),
        ("１", ""),
    ],
)
def test_locators_as_people_write_them(plan: Document, written: str, locator: str) -> None:
    if locator:
        assert resolve(plan, written).locator == locator
    else:
        with pytest.raises(GazetteError):
            resolve(plan, written)


@pytest.mark.parametrize(
    ("written", "locator"),
    [
        ("第2条", "第二条"),
        ("第二条（一）", "第二条（一）"),
        ("第二条第一项", "第二条（一）"),
        ("第二条第（二）项", "第二条（二）"),
        ("第二章第二条", "第二条"),
        ("第二章第一节", "第二章第一节"),
        ("第11条第2款", "第十一条第2款"),
        ("第十一条第二款", "第十一条第2款"),
        ("附件1", "附件"),
        ("附件", "附件"),
        ("附件 2", "附件 2"),
        ("附件1 2", "附件 2"),
        ("附件 2.", "附件 2"),
        ("第二条第一款第二项", "第二条（二）"),
        ("第二条第1款（二）", "第二条（二）"),
    ],
)
def test_locators_of_articles(rules: Document, written: str, locator: str) -> None:
    assert resolve(rules, written).locator == locator


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("一（九）", "“一”之下有：一（一） 目的、一（二） 范围"),
        ("一（一）第3款", "只有2款"),
        ("一第2款", "只有0款。编号之后的段落归前一项，如一（一）第2款"),
        ("附件2", "附件2“图样”，但公报没有刊印"),
        ("附件2 一 3", "没有刊印"),
        ("二 1（1）", "“二 1”之下没有分项"),
        ("十二", "相近的有"),
        ("随便写", "看不懂条款位置"),
        ("", "看不懂条款位置"),
    ],
)
def test_a_locator_that_leads_nowhere_says_what_is_near(plan: Document, written: str, says: str) -> None:
    with pytest.raises(GazetteError, match=says):
        resolve(plan, written)


@pytest.mark.parametrize(
    "written", ["附件2", "第二条（一）（二）", "第二条（一）至（二）", "第二条（一）、（二）", "第二条第2款"]
)
def test_a_locator_of_several_clauses_or_of_none_is_never_taken_for_one(rules: Document, written: str) -> None:
    with pytest.raises(GazetteError):
        resolve(rules, written)


@pytest.mark.parametrize("number", [1, 9, 10, 11, 19, 20, 21, 99, 100, 101, 110, 111, 120, 999])
def test_chinese_numerals_round_trip(number: int) -> None:
    assert number_value(han(number)) == number


def test_what_is_no_locator_has_no_tokens() -> None:
    assert parse("一（一）的规定") == []
    assert parse("附件2 一 3") == [("附件", "附件2"), ("一", "一"), ("1", "3")]


@needs_seeds
@pytest.mark.seeds
def test_every_clause_of_the_seeds_is_reached_by_its_own_locator_and_no_two_share_one() -> None:
    count = 0
    for document in library().documents:
        walked = list(clauses(document).walk())[1:]
        assert len({clause.locator for clause in walked}) == len(walked)
        for clause in walked:
            assert resolve(document, f" {clause.locator}") is clause
        count += len(walked)
    assert count > 6000


@needs_seeds
@pytest.mark.seeds
def test_no_printed_line_of_the_103_documents_is_lost() -> None:
    for document in library().documents:
        walked = list(clauses(document).walk())[1:]
        covered = {n for c in walked for p in c.paragraphs for n in range(p.first, p.last + 1)}
        covered |= {n for c in walked for t in c.tables for n in range(t.first, t.last + 1)}
        covered |= {c.first for c in walked}
        headings = [part.title for part in document.parts] + [c.heading for c in walked if c.kind in ("专栏", "章")]
        titles = re.sub(r"\W", "", "".join(headings))
        lost = [line.number for line in document.lines if line.text and line.number not in covered]
        assert [n for n in lost if re.sub(r"\W", "", _line(document, n)) not in titles] == []


def _line(document: Document, number: int) -> str:
    return next(line.text for line in document.lines if line.number == number)


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize(
    ("number", "locator", "first", "last", "begins"),
    [
        (HEAVY_POLLUTION, "四（一）第2款", 2474, 2474, "蓝色预警："),
        (HEAVY_POLLUTION, "四（一）第3款", 2475, 2475, "黄色预警："),
        (HEAVY_POLLUTION, "四（一）第4款", 2476, 2476, "橙色预警："),
        (HEAVY_POLLUTION, "四（一）第5款", 2477, 2477, "红色预警："),
        (HEAVY_POLLUTION, "三（三）2第2款", 2468, 2468, "经会商，"),
        (HEAVY_POLLUTION, "四（六）2（1）第2款", 2496, 2496, "红色、橙色预警由"),
        (HEAVY_POLLUTION, "四（六）6（2）", 2512, 2512, "公安交警交通诱导屏"),
        (HEAVY_POLLUTION, "五（四）3（3）①第2款", 2566, 2566, "玻璃行业："),
        (HEAVY_POLLUTION, "五（四）4（3）②第4款", 2596, 2596, "玻璃行业："),
        (HEAVY_POLLUTION, "五（四）4（3）②", 2593, 2602, "工业企业减排措施。"),
        (HEAVY_POLLUTION, "五（四）7", 2638, 2645, "补充说明"),
        (HEAVY_POLLUTION, "七第2款", 2658, 2658, "Ⅰ级应急响应终止后"),
        (HEAVY_POLLUTION, "九（四）3", 2689, 2689, "市大气领导小组"),
        (HEAVY_POLLUTION, "附件1 一", 2702, 2705, "廊坊市重污染天气应急响应办公室"),
        (HOTLINE, "二（四）第2款", 609, 609, "市政府办公室、市公安局"),
        (HOTLINE, "三（一）1", 617, 617, "直接转办。"),
        (HOTLINE, "三（四）5", 637, 637, "队伍建设。"),
        (HOTLINE, "附件1 8", 688, 690, "8　其他事项类"),
        (HOTLINE, "附件2 11", 740, 744, "11　文化和旅游广电类　"),
        (CREDIT, "三（五）", 2090, 2090, "严格分类内涵，"),
        (CREDIT, "五（三）第2款", 2113, 2113, "本方案"),
        (CREDIT, "附件2 十八 25#2", 3002, 3004, "25　行政检查　"),
        (CREDIT, "解读 三", 3228, 3240, "制定的主要内容"),
    ],
)
def test_clauses_of_the_three_documents(number: str, locator: str, first: int, last: int, begins: str) -> None:
    clause = resolve(seed_document(number), locator)
    assert (clause.first, clause.last) == (first, last)
    assert clause.text.startswith(begins)


@needs_seeds
@pytest.mark.seeds
def test_the_sections_of_the_three_documents() -> None:
    def sections(number: str) -> dict[str, int]:
        body = next(c for c in clauses(seed_document(number)).children if c.kind == "正文")
        return {section.locator: len(section.children) for section in body.children}

    assert sections(HEAVY_POLLUTION) == {
        "一": 5,
        "二": 3,
        "三": 3,
        "四": 6,
        "五": 4,
        "六": 3,
        "七": 0,
        "八": 7,
        "九": 4,
        "十": 0,
    }
    assert sections(HOTLINE) == {"一": 0, "二": 4, "三": 4, "四": 4}
    assert sections(CREDIT) == {"一": 3, "二": 3, "三": 6, "四": 5, "五": 3}


BOXED = """示例市人民政府
关于灯杆的意见
示政字〔2023〕3号
各区人民政府：
一、背景
灯暗。
二、任务
（一）点灯。
1.装灯杆。
\t专栏1  灯杆
\t一、木灯杆

二、铁灯杆
三、石灯杆
（二）看灯。
2.派人。
三、保障
有钱。
"""
SEVERAL = """示例市人民政府
关于印发灯杆会议制度的通知
示政字〔2023〕4号
各区人民政府：
发给你们。
示例市人民政府
2023年1月1日
灯杆会议制度
一、大会制度
第一条  每年开。
第二条  都来。
二、小会制度
第一条  每月开。
第二条  少来。
"""


def test_the_numbers_of_a_box_do_not_end_the_section_it_stands_in() -> None:
    boxed = read_gazette(BOXED.encode()).documents[0]
    assert [locator for locator in clause_index(boxed) if locator[0] in "一二三专"] == [
        "一", "二", "二（一）", "二（一）1", "专栏1", "专栏1 一", "专栏1 二", "专栏1 三", "二（二）", "二（二）2", "三",
    ]  # fmt: skip
    assert resolve(boxed, "三").text == "保障\n有钱。"
    assert resolve(boxed, "专栏一、三").text == "石灯杆"
    assert resolve(boxed, "二（一）专栏1").heading == "灯杆"


def test_a_box_goes_on_while_its_own_count_does() -> None:
    text = BOXED.replace("三、石灯杆\n", "1.旧；\n2.新；\n3.备。\n三、石灯杆\n专栏 2  灯泡\n1.钨丝；\n2.管。\n")
    index = clause_index(read_gazette(text.encode()).documents[0])
    assert [f for f in index if f.startswith("专栏")] == [
        "专栏1", "专栏1 一", "专栏1 二", "专栏1 二 1", "专栏1 二 2", "专栏1 二 3", "专栏1 三",
        "专栏2", "专栏2 1", "专栏2 2",
    ]  # fmt: skip
    assert index["二（二）"].text == "看灯。"


@needs_seeds
@pytest.mark.seeds
def test_what_boxes_count_is_not_counted_among_the_clauses_around_them() -> None:
    """Numbers still printed twice in the seeds are printed twice, each in its own place."""
    twice = {
        (d.gazette[:3], d.first, re.split(r"[（ 第]", c.locator.lstrip("第"))[0])
        for d in library().documents
        for c in clauses(d).walk()
        if "#" in c.locator
    }
    assert {(seed, first) for seed, first, _ in twice} == {
        ("000", 2043), ("003", 62), ("003", 318), ("004", 2416),
    }  # fmt: skip


def test_several_sets_of_rules_in_one_text_count_their_articles_under_their_own_heading() -> None:
    rules = read_gazette(SEVERAL.encode()).documents[0]
    found = [locator for locator in clause_index(rules) if locator[0] in "一二第"]
    assert found == ["一", "一第一条", "一第二条", "二", "二第一条", "二第二条"]
    assert resolve(rules, "二、第2条").text == "少来。"


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize(
    ("number", "sections"),
    [
        ("廊政办发〔2017〕20号", {"一": 0, "二": 8, "三": 4}),
        ("廊政办字〔2017〕129号", None),
    ],
)
def test_boxes_and_sets_of_rules_in_the_seeds(number: str, sections: dict[str, int] | None) -> None:
    body = next(c for c in clauses(seed_document(number)).children if c.kind == "正文")
    if sections:
        found = {c.locator: sum(child.kind == "（一）" for child in c.children) for c in body.children}
        assert {k: found.get(k) for k in ("二", "三")} == {k: sections[k] for k in ("二", "三")}
    else:
        assert [c.locator for c in body.children[:3]] == ["一", "二", "三"]
        assert [c.locator for c in body.children[1].children][:2] == ["二第一条", "二第二条"]


@needs_seeds
@pytest.mark.seeds
def test_texts_issued_together_are_parts_under_their_titles() -> None:
    document = seed_document("廊政办字〔2017〕129号")
    texts = [part for part in document.parts if part.kind == "text"]
    assert [(part.first, part.last) for part in texts] == [
        (2806, 2826), (2827, 2847), (2849, 2878), (2879, 2943), (2945, 2969),
    ]  # fmt: skip
    assert [part.label for part in texts] == ["正文", *(f"《{part.title}》" for part in texts[1:])]
    with pytest.raises(GazetteError, match="不是其中一份文本的标题"):
        resolve(document, "《河长制》一")


@needs_seeds
@pytest.mark.seeds
def test_chapters_whose_number_the_print_lost_have_the_number_that_the_interpretation_gives() -> None:
    document = seed_document("廊政办字〔2022〕3号")
    index = clause_index(document)
    chapters = [index[f"第{n}章"] for n in "一二三四五六"]
    assert [chapter.first for chapter in chapters] == [331, 467, 548, 608, 696, 734]
    sections = [sum(child.kind == "节" for child in chapter.children) for chapter in chapters]
    assert sections == [3, 3, 4, 6, 5, 5]
    lost = [d for d in document_discrepancies(document) if d.kind == "missing" and "章" in d.locator]
    assert [d.locator for d in lost] == ["第二章", "第三章", "第四章", "第五章"]
    assert index["解读 三"].first == 770


AMBIGUOUS = """示例市人民政府
关于灯的意见
示政字〔2023〕5号
各区人民政府：
一、总则
（一）甲；
（二）乙。
（1）戊；
（2）己。
1.丙；
2.丁。
二、其他
（一）己。
"""


def test_a_locator_that_may_mean_several_clauses_names_them_all() -> None:
    document = read_gazette(AMBIGUOUS.encode()).documents[0]
    with pytest.raises(GazetteError, match="“一（二）第二项”可指2处：“一（二）2”、“一（二）（2）”"):
        resolve(document, "一（二）第二项")
    with pytest.raises(GazetteError, match="“（一）”没有写明上级，可能是：一（一）、二（一）"):
        resolve(document, "（一）")
    assert resolve(document, "一（二）2").text == "丁。"
    assert resolve(document, "一（二）(2)").text == "己。"


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize(
    ("number", "written", "locator"),
    [
        (HEAVY_POLLUTION, "四(一)", "四（一）"),
        (HEAVY_POLLUTION, "四、（一）", "四（一）"),
        (HEAVY_POLLUTION, "4(1)", ""),
        (CREDIT, "附件2十八3", "附件2 十八 3"),
        (CREDIT, "附件二 十八 3", "附件2 十八 3"),
        (CREDIT, "附件２　十八、３", "附件2 十八 3"),
        (CREDIT, "附件二 第十八部分 3", "附件2 十八 3"),
        (CREDIT, "附件2十八25#2", "附件2 十八 25#2"),
        ("隆政发〔2022〕11号", "第16条(二)", "第十六条（二）"),
        ("隆政发〔2022〕11号", "第十六条第二项", "第十六条（二）"),
        ("隆政发〔2022〕11号", "第１６条（２）", ""),
        ("廊政办字〔2017〕129号", "二、第2条", "二第二条"),
        ("廊政办字〔2017〕129号", "《廊坊市河长制市级会议制度（试行）》二第二条", "二第二条"),
        (
            "廊政办字〔2017〕129号",
            "《廊坊市河长巡河制度（试行）》第6条第3项",
            "《廊坊市河长巡河制度（试行）》第六条（三）",
        ),
        ("廊政办字〔2017〕129号", "《河长巡河制度》的第二十六条", "《廊坊市河长巡河制度（试行）》第二十六条"),
        ("廊政办字〔2017〕129号", "《信息共享制度》二、（三）", "《廊坊市河长制信息共享制度（试行）》二（三）"),
        ("廊政办字〔2022〕3号", "第四节", "第二章第四节"),
        ("廊政办字〔2022〕3号", "第22节", "第六章第二十二节"),
        ("廊政办字〔2022〕3号", "专栏六①", "专栏6①"),
        ("廊政字〔2022〕2号", "四（七）专栏7 二 1", "专栏7 二 1"),
        ("廊政办字〔2022〕62号", "附件一 一", "附件1 一"),
    ],
)
def test_locators_of_the_seeds_as_people_write_them(number: str, written: str, locator: str) -> None:
    document = seed_document(number)
    if locator:
        assert resolve(document, written).locator == locator
    else:  # 4 is not 四: which of the two numberings is meant stays open
        with pytest.raises(GazetteError):
            resolve(document, written)
