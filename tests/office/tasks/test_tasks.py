"""Standing tasks: any pack's dated duties appear by unit, are received, answered, done and checked, on one record."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongbao.office import worlds
from gongbao.office.cases import chain, lists, rebuild
from gongbao.office.cases.models import Case, CaseTask, Event, Notice
from gongbao.office.cases.service import ActionRefused
from gongbao.office.tasks import LOG, book
from gongbao.office.tasks import lists as task_lists

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parents[1]
PACKS = HERE.parents[1] / "packs"
DUTIES = """
- {id: survey, do: 完成路灯普查, lead: [{unit: 市城管局}], with: [{group: 各区}], deadline: {id: done, label: 普查, kind: date, on_or_before: 2023-02-20, cite: 三（一）}, cite: 三（一）}
- {id: repair, do: 修复破损路灯, lead: [{group: 各区}], deadline: {id: done, label: 修复, kind: date, on_or_before: 2023-03-20, cite: 三（二）}, cite: 三（二）}
"""


@pytest.fixture
def city(tmp_path, settings, office_clock):
    """The toy pack with two dated tasks of its own: nothing of it is known to the office's code."""
    shutil.copytree(HERE / "packs", tmp_path / "packs")
    duties = tmp_path / "packs" / "toy" / "street" / "duties.yaml"
    duties.write_text(duties.read_text("utf-8").rstrip("\n") + DUTIES, "utf-8")
    settings.GONGBAO_PACKS = tmp_path / "packs"
    worlds.forget()
    book.catch_up()


@pytest.fixture
def bureau(account):
    return account("cheng", "市城管局", "承办人", name="程某")


@pytest.fixture
def inspector(account):
    return account("du", "甲市政府督查室", "督查员", name="督某")


def task(do: str, unit: str = "") -> CaseTask:
    rows = task_lists.all_tasks().filter(do=do)
    return rows.get(unit=unit) if unit else rows.get()


def units(rows) -> set[str]:
    return {row.unit for row in rows}


def test_every_dated_duty_without_a_case_is_listed_by_unit(city):
    rows = list(task_lists.all_tasks().order_by("due"))
    assert {r.do for r in rows} == {"完成路灯普查", "修复破损路灯"}  # those of a warning arise in its case
    assert len(units(r for r in rows if r.do == "修复破损路灯")) > 1
    assert task("完成路灯普查").due.date().isoformat() == "2023-02-20"
    assert task("完成路灯普查").status == "issued"


def test_listing_again_changes_nothing(city):
    before = list(CaseTask.objects.values_list("pk", "key", "status"))
    assert book.catch_up() == 0
    book._seen.clear()
    book.catch_up()
    assert list(CaseTask.objects.values_list("pk", "key", "status")) == before
    assert Case.objects.filter(procedure=LOG).count() == 1


def test_a_unit_receives_answers_and_finishes_its_task(city, bureau, signed_in):
    client, at = signed_in(bureau), task("完成路灯普查")
    page = client.get("/tasks/").content.decode()
    assert "完成路灯普查" in page
    assert "逾期" in page
    assert "修复破损路灯" not in page
    for kind, note in (("task_received", ""), ("task_feedback", "已普查八条街"), ("task_done", "全部完成，附台账")):
        scan = SimpleUploadedFile("台账.pdf", b"%PDF-1.4 x") if kind == "task_done" else None
        answer = client.post(
            f"/tasks/{at.pk}/act/", {"type": kind, "note": note, **({"evidence": scan} if scan else {})}
        )
        assert answer.status_code == 302
    at.refresh_from_db()
    assert (at.status, at.last_feedback, at.done_at is not None) == ("done", "已普查八条街", True)
    page = client.get(f"/tasks/{at.pk}/").content.decode()
    assert "全部完成，附台账" in page
    assert "台账.pdf" in page
    digest = book.entries(at)[0].event.evidence[0].partition("/")[0]
    assert b"".join(client.get(f"/tasks/{at.pk}/files/{digest}/").streaming_content) == b"%PDF-1.4 x"


def test_done_needs_words_and_feedback_too(city, bureau, signed_in):
    at = task("完成路灯普查")
    for kind in ("task_feedback", "task_done"):
        assert signed_in(bureau).post(f"/tasks/{at.pk}/act/", {"type": kind, "note": " "}).status_code == 422
    assert not Event.objects.exists()


def test_only_the_own_unit_confirms_and_supervision_checks_it(city, bureau, inspector, east, signed_in):
    at = task("完成路灯普查")
    for stranger in (east, inspector):
        with pytest.raises(ActionRefused, match="须由甲市城管局办理"):
            book.record(at, stranger, "task_done", note="x")
        assert signed_in(stranger).post(f"/tasks/{at.pk}/act/", {"type": "task_done", "note": "x"}).status_code in (
            403,
            422,
        )
    book.record(at, bureau, "task_done", note="完成")
    with pytest.raises(ActionRefused, match="不能由承办人自己核查"):
        book.record(at, bureau, "task_returned", note="x")
    assert (
        signed_in(inspector).post(f"/tasks/{at.pk}/act/", {"type": "task_returned", "note": "缺台账"}).status_code
        == 302
    )
    at.refresh_from_db()
    assert at.status == "returned"
    assert Notice.objects.get(who="甲市城管局").text == "工作任务被退回：完成路灯普查"


def test_each_unit_is_counted_once_however_the_tasks_are_ordered(city):
    rows = task_lists.all_tasks()
    CaseTask.objects.filter(do="完成路灯普查").update(unit=rows.filter(do="修复破损路灯").first().unit)
    counted = task_lists.by_unit(rows.order_by("due", "case_id", "duty", "unit"))
    assert {u.unit for u in counted} == units(rows)
    assert sum(u.all for u in counted) == rows.count()
    assert len(counted) == len(units(rows))
    assert task_lists.by_unit(task_lists.filtered(rows, {})) == counted


def test_who_takes_no_part_does_not_see_it_and_supervision_sees_all(city, account, inspector, signed_in):
    at = task("完成路灯普查")
    stranger = account("bie", "甲市热线中心", "话务员")
    assert signed_in(stranger).get(f"/tasks/{at.pk}/").status_code == 403
    assert "完成路灯普查" not in signed_in(stranger).get("/tasks/?view=all").content.decode()
    page = signed_in(inspector).get("/tasks/?view=all&state=").content.decode()
    assert "完成路灯普查" in page
    assert "修复破损路灯" in page


def test_a_unit_that_works_with_others_sees_and_answers(city, account, signed_in):
    at = task("完成路灯普查")
    helper = account("xie", at.supporting[0], "承办人")
    page = signed_in(helper).get("/tasks/?view=with").content.decode()
    assert "完成路灯普查" in page
    book.record(at, helper, "task_feedback", note="本区已配合")
    with pytest.raises(ActionRefused):
        book.record(at, helper, "task_done", note="x")


def test_overdue_tasks_stand_on_the_board_until_they_are_done(city, bureau, inspector, signed_in):
    assert "逾期 1 项" in signed_in(bureau).get("/").content.decode()
    assert "各单位逾期 1 项" in signed_in(inspector).get("/").content.decode()
    book.record(task("完成路灯普查"), bureau, "task_done", note="完成")
    assert "完成路灯普查" not in signed_in(bureau).get("/").content.decode()
    assert "各单位逾期 1 项" not in signed_in(inspector).get("/").content.decode()


def test_a_task_is_overdue_only_after_its_last_day(city, office_clock):
    office_clock.moment = office_clock.moment.replace(day=20, hour=23, minute=59)
    assert not task_lists.in_state(task_lists.all_tasks(), "overdue").filter(do="修复破损路灯").exists()
    office_clock.advance(minutes=2)
    assert task_lists.in_state(task_lists.all_tasks(), "overdue").filter(do="修复破损路灯").exists()


def test_the_record_is_chained_and_the_rows_are_what_a_replay_gives(city, bureau):
    at = task("完成路灯普查")
    book.record(at, bureau, "task_received")
    book.record(at, bureau, "task_feedback", note="一半")
    case = Case.objects.get(procedure=LOG)
    assert (case.seq, list(chain.verify_chain(case) or ())) == (2, [])
    before = list(CaseTask.objects.order_by("pk").values())
    rebuild.rebuild_projections()
    assert list(CaseTask.objects.order_by("pk").values()) == before


def test_it_is_no_matter_of_the_other_lists(city, inspector, signed_in):
    case = Case.objects.get(procedure=LOG)
    assert case not in lists.page(inspector, {}).cases
    assert signed_in(inspector).get(f"/case/{case.number}/").status_code == 404
    assert signed_in(inspector).get(f"/find/?q={case.number}").status_code == 200


def test_the_police_network_keeps_none(settings, tmp_path, city):
    CaseTask.objects.all().delete()
    settings.GONGBAO_SITE = "110"
    book._seen.clear()
    assert book.catch_up() == 0
    assert not CaseTask.objects.exists()


def test_all_of_a_unit_s_tasks_are_received_at_once(city, bureau, signed_in):
    signed_in(bureau).post("/tasks/receive/")
    assert task("完成路灯普查").status == "received"
    assert CaseTask.objects.filter(status="issued").exists()  # of other units


def test_the_14_tasks_of_the_hotline_document_stand_there(settings, office_clock):
    settings.GONGBAO_PACKS = PACKS
    worlds.forget()
    book.catch_up()
    rows = task_lists.all_tasks().filter(case__pack="langfang/hotline-110")
    assert rows.values("duty").distinct().count() == 14
    assert rows.filter(duty="task_1_1").count() == 3
    assert rows.get(duty="task_4_3").unit == "廊坊市公安局"
    assert task_lists.in_state(rows, "overdue").values("duty").distinct().count() == 4  # 2022年12月
