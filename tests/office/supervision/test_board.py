"""The board: every matter, part and plan task once, its light with the reason, and to each unit what it takes part in."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from openpyxl import load_workbook
from tests.office.supervision.conftest import HELPER, LEAD, OFFICE, OTHER, PACK, SHARE

from gongbao.office.cases import lists, service
from gongbao.office.cases.models import Case, CaseTask
from gongbao.office.supervision import board, index, lights
from gongbao.office.supervision.models import Involved, Item
from gongbao.office.tasks import book

pytestmark = pytest.mark.django_db


def fill() -> None:
    book.catch_up()
    index.catch_up_wholly()


def item(title: str) -> Item:
    return Item.objects.get(title__startswith=title)


def light(title: str) -> tuple[str, str]:
    index.catch_up_wholly()
    return lights.now().of(item(title))


def in_sql(title: str) -> str:
    """The light by the conditions on rows, which must say the same as the words on one row."""
    lit = lights.now()
    found = [
        t
        for t in ("red", "yellow", "green")
        if board.in_tab(Item.objects.all(), t, lit).filter(title__startswith=title)
    ]
    assert len(found) == 1
    return found[0]


def test_matters_parts_and_tasks_of_plans_are_rows_of_one_board(divided):
    fill()
    rows = {(i.kind, i.unit, i.plan, i.state) for i in Item.objects.all()}
    assert rows == {
        ("matter", OFFICE, "政府工作报告", "0/1 件已办结"), ("part", LEAD, "政府工作报告", "待签收"),
        ("task", LEAD, "langfang/lights", "待签收"), ("task", OTHER, "langfang/lights", "待签收"),
    }  # fmt: skip


def test_filing_again_changes_nothing(divided):
    fill()
    before = list(Item.objects.order_by("pk").values())
    assert index.catch_up_wholly() == 0
    assert list(Item.objects.order_by("pk").values()) == before


def test_rows_made_anew_from_nothing_are_the_same(divided, lead):
    service.act(divided[1], lead, "signed")
    fill()
    before = list(Item.objects.order_by("case", "key").values("case", "key", "state", "due", "last_word", "unit"))
    Item.objects.all().delete()
    index.Cursor.objects.all().delete()
    index.Book.objects.all().delete()
    fill()
    assert (
        list(Item.objects.order_by("case", "key").values("case", "key", "state", "due", "last_word", "unit")) == before
    )


def test_a_unit_sees_what_it_takes_part_in_and_supervision_sees_all(divided, inspector, lead, helper, other):
    fill()
    titles = {
        who.username: {i.title.partition("（")[0] for i in board.seen_by(who)}
        for who in (inspector, lead, helper, other)
    }
    assert titles["du"] == {"老旧小区改造", "完成改造立项", "完成路灯普查", "修复破损路灯"}
    assert titles["jian"] == {"完成改造立项", "完成路灯普查"}
    assert titles["cai"] == {"完成改造立项", "完成路灯普查"}
    assert titles["sanhe"] == {"修复破损路灯"}


def test_who_takes_part_finds_the_part_among_what_is_to_do(divided, lead, helper):
    assert [t.case.procedure for t in lists.todo(lead)] == ["part"]
    service.act(divided[1], lead, "signed")
    assert [t.case.procedure for t in lists.todo(helper)] == ["part"]


def test_a_part_given_to_another_unit_leaves_the_board_of_the_first(divided, lead, helper, inspector):
    part = divided[1]
    service.act(part, lead, "refused", facts={"refuse_reason": "属三河市职责"})
    fill()
    assert light("完成改造立项") == ("green", "退回待审")
    service.act(part, inspector, "reassigned", facts={"part_lead": OTHER, "part_with": []})
    fill()
    assert set(Involved.objects.filter(item=item("完成改造立项")).values_list("unit", flat=True)) == {OTHER}
    assert item("完成改造立项").area == "三河市"


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (14, ("green", "还有 5 天")), (15, ("yellow", "4 天后到期")), (19, ("yellow", "今日到期")),
        (20, ("red", "逾期 1 天")), (23, ("red", "逾期 4 天")),
    ],
)  # fmt: skip
def test_the_light_follows_the_day(divided, lead, days, office_clock, ahead, expected):
    days(yellow=4)
    service.act(divided[1], lead, "signed")
    office_clock.advance(days=ahead)
    assert light("完成改造立项") == expected
    assert in_sql("完成改造立项") == expected[0]


@pytest.mark.parametrize(("ahead", "expected"), [(9, ("green", "还有 10 天")), (10, ("yellow", "10 天未反馈"))])
def test_silence_counts_from_the_last_word(divided, lead, days, office_clock, ahead, expected):
    days(silent=10)
    service.act(divided[1], lead, "signed")
    office_clock.advance(days=ahead)
    assert light("完成改造立项") == expected
    assert in_sql("完成改造立项") == expected[0]
    service.act(divided[1], lead, "progress", facts={"progress": "已上会"})
    assert light("完成改造立项")[0] == "green"
    assert item("完成改造立项").told == "已上会"


def test_while_nothing_is_set_only_red_and_green_are_told_apart(divided, lead, office_clock):
    service.act(divided[1], lead, "signed")
    office_clock.advance(days=19)
    assert light("完成改造立项") == ("green", "还有 0 天")
    assert in_sql("完成改造立项") == "green"


def test_what_a_check_sends_back_is_red_until_it_is_reported_again(divided, lead, inspector, office_clock):
    part = divided[1]
    service.act(part, lead, "signed")
    service.act(part, lead, "reported", facts={"result": "办完"})
    assert light("完成改造立项") == ("green", "待核查")
    redo = {"on_site": "实地核查", "redo_reason": "缺一处", "redo_due": "2023-03-25"}
    service.act(part, inspector, "returned", facts=redo)
    assert light("完成改造立项") == ("red", "核查退回")
    assert in_sql("完成改造立项") == "red"
    assert item("完成改造立项").due.date().isoformat() == "2023-03-25"
    service.act(part, lead, "reported", facts={"result": "全部办完"})
    assert light("完成改造立项") == ("green", "待核查")


def test_waiting_for_the_supervision_office_is_not_held_against_the_unit(divided, lead, office_clock):
    part = divided[1]
    service.act(part, lead, "signed")
    service.act(part, lead, "reported", facts={"result": "办完"})
    office_clock.advance(days=60)
    assert light("完成改造立项") == ("green", "待核查")
    assert in_sql("完成改造立项") == "green"


def test_the_matter_knows_that_its_part_is_done_and_is_then_to_be_filed(divided, lead, inspector):
    matter, part = divided
    service.act(part, lead, "signed")
    service.act(part, lead, "reported", facts={"result": "办完"})
    service.act(part, inspector, "cleared", facts={"on_site": "书面核查", "check_note": "齐全"})
    fill()
    assert item("老旧小区改造").state == "待归档"
    service.act(matter, inspector, "archived")
    fill()
    assert {i.state for i in Item.objects.exclude(kind="task")} == {"已归档", "已销号"}
    assert not Item.objects.exclude(kind="task").filter(open=True)


def test_a_task_of_a_plan_has_its_light_too(divided, lead, days, office_clock):
    days(silent=30)
    fill()
    assert light("完成路灯普查") == ("red", "逾期 9 天，59 天未反馈")
    task = CaseTask.objects.get(do="完成路灯普查")
    book.record(task, lead, "task_done", note="已普查")
    fill()
    assert (item("完成路灯普查").open, item("完成路灯普查").state) == (False, "已办结")


def test_the_figures_add_up(divided, lead, days):
    days(yellow=30)
    fill()
    found = board.figures(Item.objects.all(), lights.now())
    assert {k: found.tabs[k] for k in ("red", "yellow", "green", "all", "month", "week")} == {
        "red": 1, "yellow": 1, "green": 2, "all": 4, "month": 1, "week": 0,
    }  # fmt: skip
    for lines in found.by.values():
        if lines is not found.by["leader"]:
            assert sum(line.all for line in lines) == 4
    assert {line.label for line in found.by["plan"]} == {"政府工作报告", "路灯改造方案"}
    assert {line.key: line.all for line in found.by["area"]} == {"市直": 3, "三河市": 1}
    assert {line.key for line in found.by["leader"]} == {"李某（副市长）"}


def test_a_sealed_matter_is_seen_only_by_those_who_take_part(city, inspector, lead, account):
    matter = service.open_case(
        inspector, PACK, "matter", {"title": "密件", "source": "其他", "instruction": "抓紧"}, sealed=True
    )
    service.act(matter, inspector, "part_assigned", facts=SHARE)
    fill()
    another = account("guan", "廊坊市人民政府办公室", "督查员")
    assert {i.kind for i in board.seen_by(lead) if i.kind != "task"} == {"part"}
    assert not [i for i in board.seen_by(another) if i.kind != "task"]


# ------------------------------------------------------------------------------------------------------------ pages


def test_the_page_shows_lights_reasons_and_only_ones_own(divided, inspector, lead, other, signed_in, days):
    days(yellow=30)
    fill()
    page = signed_in(inspector).get("/supervision/").content.decode()
    assert "逾期 9 天" in page
    assert "完成路灯普查" in page
    page = signed_in(inspector).get("/supervision/?tab=yellow").content.decode()
    assert "19 天后到期" in page
    assert "完成改造立项" in page
    page = signed_in(other).get("/supervision/?tab=all").content.decode()
    assert "修复破损路灯" in page
    assert "完成改造立项" not in page
    assert "立项</a>" not in page


def test_the_board_narrows_by_unit_plan_county_leader_and_words(divided, inspector, signed_in):
    fill()
    client = signed_in(inspector)

    def titles(query: str) -> int:
        return client.get(f"/supervision/?tab=all&{query}").content.decode().count('class="title"')

    assert titles("") == 4
    assert titles(f"unit={LEAD}") == 2
    assert titles("plan=langfang/lights") == 2
    assert titles("area=三河市") == 1
    assert titles("leader=李某（副市长）") == 2
    assert titles("kind=matter") == 1
    assert titles("q=路灯") == 2
    assert titles("kind=nothing") == 4


def test_a_missing_setting_is_named_with_its_owner(divided, inspector, signed_in):
    page = signed_in(inspector).get("/supervision/").content.decode()
    assert "未设定：到期前几天转为黄灯、几天没有反馈应催办" in page


def test_the_export_holds_the_rows_of_the_tab_with_the_reasons(divided, inspector, lead, signed_in):
    fill()
    answer = signed_in(inspector).get("/supervision/export.xlsx?tab=all")
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:4] == ["灯", "原因", "类别", "事项或任务"]
    assert len(rows) == 5
    survey = next(row for row in rows if row[3] == "完成路灯普查")
    assert survey[:3] == ["红", "逾期 9 天", "文件任务"]
    assert (survey[6], survey[7]) == (LEAD, HELPER)
    assert survey[11].date() == dt.date(2023, 2, 20)
    mine = signed_in(lead).get("/supervision/export.xlsx?tab=all")
    assert load_workbook(io.BytesIO(mine.content)).active.max_row == 3


def test_the_page_of_a_part_proposes_the_order_with_its_clause(divided, inspector, lead, signed_in, days, office_clock):
    days(silent=10)
    part = divided[1]
    service.act(part, lead, "signed")
    office_clock.advance(days=25)
    page = signed_in(inspector).get(f"/case/{part.number}/").content.decode()
    assert "督办建议" in page
    assert "督办单" in page
    assert "第八条" in page
    assert "本单位办理规则" in page
    assert "未经发布机关审定" not in page
    assert "督办建议" not in signed_in(lead).get(f"/case/{part.number}/").content.decode()


def test_an_order_is_made_with_number_under_a_red_head(divided, inspector, lead, office_clock):
    from gongbao.office.cases import papers

    part = divided[1]
    service.act(part, lead, "signed")
    office_clock.advance(days=25)
    papers.act(part, inspector, "ordered", facts={"order_problem": "逾期", "order_demand": "五日内报完成"})
    made = papers.of_case(service.look(Case.objects.get(pk=part.pk)))
    assert [p.name for p in made] == ["督办单 政督办〔2023〕1号（据第3条）.docx"]
