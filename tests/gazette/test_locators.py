"""A clause is reached by any of the forms in which people write where it stands."""

from __future__ import annotations

import pytest

from gongbao.gazette.clauses import resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.library import read_gazette
from gongbao.gazette.text import GazetteError

PLAN = """示例市人民政府
关于印发示例市路灯计划的通知
示政字〔2023〕1号
各区人民政府：
现将《示例市路灯计划》印发给你们，请认真组织实施。
附件：1.路灯名录
2.路灯说明
示例市人民政府
2023年1月7日
示例市路灯计划
路灯照亮道路。
一、目标
全市路灯都亮。
每条路有灯。
二、任务
（一）装灯。装在路边。
1.买灯。
（1）问价。
①打电话；
②上门问。
（2）签约。
2.立杆。
（二）修灯。
3.查灯。
专栏1  重点工程
1.老城。
2.新区。
三、保障
（一）有人。
（二）有钱。
附件1
路灯名录
一、东区（共2项）
\t序号
\t名称
\t地点

\t1
\t一号灯
\t东路

\t2
\t二号灯
\t西路

说明：地点以牌为准。
附件2
路灯说明
一、怎样开
按开关。
二、怎样关
再按一次。
"""
RULES = """示例市人民政府
关于印发示例市路灯办法的通知
示政字〔2023〕2号
各区人民政府：
现将《示例市路灯办法》印发给你们。
示例市人民政府
2023年2月7日
示例市路灯办法
第一章 总则
第一条 为了管灯，制定本办法。
第二条 本办法所称路灯，是指路边的灯。
私人的灯不是路灯。
第二章 管理
第一节 日常
第十五条 灯要亮。
第十六条 有下列情形之一的，应当报修：
（一）不亮；
（二）闪烁；
（三）倾斜：
1.杆斜；
2.头斜。
前款规定的报修应当在三日内完成。
第二节 其他
第一百零一条 本办法自2023年3月1日起施行。
"""


def read(text: str) -> Document:
    return read_gazette(text.encode()).documents[0]


@pytest.mark.parametrize(
    ("locator", "written"),
    [
        ("一", ["一", "一、", "“一”", "正文一", "正文 一、", "第一部分", "一#1", "《示例市路灯计划》一", "《路灯计划》的一、"]),
        ("二（一）", ["二（一）", "二(一)", "二、（一）", "二 （一）", "二·（一）", "第二部分（一）", "二之（一）", "二-（一）",
                      "二/（一）", "二、㈠", "二（ 一 ）", "二、第（一）项", "二第一项", "正文二（一）"]),
        ("二（一）1", ["二（一）1", "二（一）1.", "二（一）１", "二(一)1、", "二、（一）、1", "二（一）⒈", "二（一）第1项"]),
        ("二（一）1（1）", ["二（一）1（1）", "二(一)1(1)", "二（一）1.（1）", "二（一）１（１）", "二（一）1⑴", "二、（一）1.第（1）项"]),
        ("二（一）1（1）②", ["二（一）1（1）②", "二、（一）1.（1）②", "二(一)1(1) ②"]),
        ("专栏1", ["专栏1", "专栏一", "专栏 1", "二（二）专栏1", "二（二）3专栏1"]),
        ("专栏1 2", ["专栏1 2", "专栏1第2项", "专栏一 2.", "专栏1：2"]),
        ("附件1 一", ["附件1 一", "附件1一", "附件一 一", "附件１　一、", "附件（1）一", "附 件1 一", "附件1：一", "附件1、一", "附件1第一部分"]),
        ("附件1 一 2", ["附件1 一 2", "附件1一2", "附件1第2行", "附件1 一第2行", "附件1 一、第2项"]),
        ("附件1 一 说明", ["附件1 一 说明", "附件1说明", "附件1 说明"]),
        ("附件2 二", ["附件2 二", "附件二、二", "附件二 第二部分", "附件2之二"]),
        ("题注", ["题注", "标题"]),
        ("通知", ["通知", "印发通知"]),
        ("落款", ["落款"]),
        ("附件目录", ["附件目录", "附件清单"]),
        ("正文", ["正文", "前言", "《示例市路灯计划》"]),
    ],
)  # fmt: skip
def test_clauses_of_a_plan(locator: str, written: list[str]) -> None:
    document = read(PLAN)
    assert {form: resolve(document, form).locator for form in written} == dict.fromkeys(written, locator)


@pytest.mark.parametrize(
    ("locator", "written"),
    [
        ("第一章", ["第一章", "第1章", "第 一 章"]),
        ("第二章第二节", ["第二章第二节", "第2章第2节", "第二章 第二节"]),
        ("第二条", ["第二条", "第2条", "第２条", "第 2 条", "第一章第二条", "正文第二条", "《示例市路灯办法》第二条", "《路灯办法》第2条"]),
        ("第十六条（二）", ["第十六条（二）", "第16条（二）", "第十六条第二项", "第16条第2项", "第十六条第（二）项", "第十六条第一款第二项",
                           "第16条(二)", "第二章第十六条（二）", "第二章第一节第十六条第二项"]),
        ("第十六条（三）2", ["第十六条（三）2", "第十六条第三项第2目", "第十六条（三）2.", "第16条第（三）项2"]),
        ("第一百零一条", ["第一百零一条", "第101条", "第一〇一条"]),
    ],
)  # fmt: skip
def test_clauses_of_rules(locator: str, written: list[str]) -> None:
    document = read(RULES)
    found = {}
    for form in written:
        try:
            found[form] = resolve(document, form).locator
        except GazetteError as error:
            found[form] = str(error)
    assert found == dict.fromkeys(written, locator)


@pytest.mark.parametrize(
    ("text", "written", "words"),
    [
        (PLAN, "一第1款", "全市路灯都亮。"),
        (PLAN, "一第二款", "每条路有灯。"),
        (PLAN, "一第2段", "每条路有灯。"),
        (PLAN, "一最后一款", "每条路有灯。"),
        (PLAN, "附件2 二第一款", "再按一次。"),
        (PLAN, "附件1 一 2第3列", "西路"),
        (PLAN, "附件1第1行第2列", "一号灯"),
        (RULES, "第二条第二款", "私人的灯不是路灯。"),
        (RULES, "第2条第2款", "私人的灯不是路灯。"),
        (RULES, "第二条第1款", "本办法所称路灯，是指路边的灯。"),
    ],
)
def test_paragraphs_and_cells(text: str, written: str, words: str) -> None:
    assert resolve(read(text), written).text == words


@pytest.mark.parametrize(
    ("text", "written", "says"),
    [
        (PLAN, "", "看不懂条款位置"),
        (PLAN, "不知道哪里", "看不懂条款位置"),
        (PLAN, "二（九）", "“二”之下有：二（一）"),
        (PLAN, "一第9款", "“一”只有2款"),
        (PLAN, "（一）", "没有写明上级，可能是：二（一）、三（一）"),
        (PLAN, "附件3", "没有“附件3”"),
        (PLAN, "《示例市电线计划》一", "不是其中一份文本的标题"),
        (RULES, "第十七条", "相近的有：.*第十[五六]条"),
        (RULES, "第0条", "看不懂|没有"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(text: str, written: str, says: str) -> None:
    with pytest.raises(GazetteError, match=says):
        resolve(read(text), written)
