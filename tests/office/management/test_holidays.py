"""The holiday table: what is taken, what is refused with which words, what moves, and that nothing is overwritten."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.engine.time.calendar import default_calendar
from gongbao.exchange.tables import write_xlsx
from gongbao.office import worlds
from gongbao.office.append_only import Rewritten
from gongbao.office.cases import log, projection, service
from gongbao.office.cases.models import CalendarYear, Case, Event, Notice, Timer
from gongbao.office.cases.rebuild import rebuild_case
from gongbao.office.clock import SHANGHAI
from gongbao.office.management import holidays
from gongbao.office.people.models import Audit

D = dt.date
TYPED = {"source": "某办发〔2022〕16号", "reason": "按通知录入"}
# 2023-03-01, a Wednesday, is the day of the tests; a time of five working days ends on the 8th.
MARCH = "2023-01-01 休 元旦\n2023-03-06 至 2023-03-07 休 节\n2023-03-11 班\n2023-05-01 休 劳动节\n2023-10-01 休 国庆节"


@pytest.fixture
def admin(account):
    return account("guan", "甲市人民政府", "管理员")


@pytest.fixture
def at():
    return reverse("management:calendar_edit", args=[2023])


def preview(client, at, days=MARCH, **more):
    return client.post(at, {"act": "preview", "days": days, **TYPED, **more})


def save(client, at, days=MARCH, **more):
    shown = preview(client, at, days, **more)
    mark = shown.context["preview"]["mark"]
    return client.post(at, {"act": "save", "days": days, "previewed": mark, **TYPED, **more})


def due_of(case, label="办理时限"):
    return Timer.objects.get(case=case, label=label, fired_at=None).due_at.astimezone(SHANGHAI).date()


# ------------------------------------------------------------------------------------------------------ reading lines


@pytest.mark.parametrize(
    ("line", "days"),
    [
        ("2024-02-10 休 春节", [(D(2024, 2, 10), "休", "春节")]),
        ("2024-02-10 至 2024-02-11 休 春节", [(D(2024, 2, 10), "休", "春节"), (D(2024, 2, 11), "休", "春节")]),
        ("2月10日至11日 放假 春节", [(D(2024, 2, 10), "休", "春节"), (D(2024, 2, 11), "休", "春节")]),
        ("9月30日至10月1日 休息日", [(D(2024, 9, 30), "休", ""), (D(2024, 10, 1), "休", "")]),
        ("2024/2/4 补班", [(D(2024, 2, 4), "班", "")]),
        ("2024年2月18日（周日） 上班", [(D(2024, 2, 18), "班", "")]),
        ("# 说明", []),
        ("", []),
    ],
)
def test_a_line_is_a_day_or_a_run_of_days(line, days):
    assert [(e.day, e.kind, e.name) for e in holidays.from_text(line, 2024)] == days


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("明天 休", "读不懂"),
        ("2024-02-30 休", "不是日历上的日子"),
        ("2024-02-10 半天", "只能是 休息日（休）或 补班日（班）"),
        ("2024-02-10 休\n2024-02-10 休", "第 2 行：2024-02-10（周六）写了两次（另见第 1 行）"),
        ("2024-02-04 班\n2024-02-04 休", "一次是补班日，一次是休息日"),
        ("2023-02-10 休", "2023-02-10 不是 2024 年的日子"),
        ("2024-02-11 至 2024-02-10 休", "2024-02-10 在 2024-02-11 之前"),
        ("2024-02-01 至 2024-03-03 休", "一段最多 31 天"),
        ("2024-02-09 休\n2024-02-07 班", "2024-02-07（周三）本来就上班；补班日只能是周六、周日"),
        ("2024-02-09 休\n2024-02-04 班\n2024-02-18 班", "补班日有 2 天，而放假占用的工作日只有 1 天"),
        ("2024-02-18 班", "没有一个休息日"),
        ("", "没有一个休息日"),
        (f"2024-02-10 休 {'长' * 21}", "名称最多 20 个字，现有 21 个"),
    ],
)
def test_what_cannot_be_a_years_arrangement_is_refused_in_words(text, told):
    with pytest.raises(holidays.Refused) as refused:
        holidays.checked(holidays.from_text(text, 2024), 2024)
    assert told in str(refused.value)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(holidays.Refused) as refused:
        holidays.checked(holidays.from_text("2023-01-02 休\n2024-01-03 班\n2024-01-04 休\n2024-01-04 休", 2024), 2024)
    assert len(refused.value.problems) == 3


def test_both_sides_of_a_run_of_31_days_and_a_name_of_20():
    assert len(holidays.from_text("2024-01-01 至 2024-01-31 休", 2024)) == 31
    assert holidays.from_text(f"2024-02-10 休 {'长' * 20}", 2024)


@given(st.sampled_from(range(2010, 2025)))
@settings(max_examples=15)
def test_every_published_year_is_taken_as_it_is_and_written_as_it_is_read(year):
    published = holidays.of_year(default_calendar(), year)
    assert holidays.checked(holidays.from_text(holidays.as_text(published), year), year) == published
    assert holidays.reminders(published, year) == ()


def test_what_deserves_a_second_look_is_said_but_not_refused():
    arranged = holidays.checked(holidays.from_text("2024-01-01 休\n2024-10-01 休\n2024-06-01 班", 2024), 2024)
    told = "；".join(holidays.reminders(arranged, 2024))
    assert "5 月 1 日（劳动节）没有列为休息日" in told
    assert "2024-06-01（周六）上班，但前后两周内没有占用工作日的放假" in told


# ----------------------------------------------------------------------------------------------------- effect on cases

db = pytest.mark.django_db


@db
def test_a_preview_lists_what_moves_and_writes_nothing(dispatched, admin, signed_in, at):
    shown = preview(signed_in(admin), at).context["preview"]
    assert [(m.case.number, m.label, m.before.date(), m.after.date()) for m in shown["moves"]] == [
        (dispatched.number, "办理时限", D(2023, 3, 8), D(2023, 3, 10))
    ]
    assert {c.day: c.after for c in shown["changes"] if c.day.month == 3} == {
        D(2023, 3, 6): "休息", D(2023, 3, 7): "休息", D(2023, 3, 11): "上班",
    }  # fmt: skip
    assert due_of(dispatched) == D(2023, 3, 8)
    assert not CalendarYear.objects.exists()


@db
def test_saving_recounts_open_times_tells_their_owners_and_is_written_down(dispatched, admin, signed_in, at):
    assert save(signed_in(admin), at).status_code == 302
    row = CalendarYear.objects.get()
    assert (row.year, row.set_by, row.source, row.reason) == (2023, "guan", TYPED["source"], TYPED["reason"])
    assert due_of(dispatched) == D(2023, 3, 10)
    assert Case.objects.get(pk=dispatched.pk).next_due.astimezone(SHANGHAI).date() == D(2023, 3, 10)
    told = Notice.objects.get(case=dispatched, kind="due")
    assert (told.who, "由 2023-03-08 24:00" in told.text or "改为 2023-03-10" in told.text) == ("东区城管局", True)
    assert Audit.objects.get(act="更改节假日表").detail["移动的时限"] == 1


@db
def test_the_stored_times_are_those_of_a_replay(dispatched, admin, signed_in, at):
    save(signed_in(admin), at)
    before = projection.snapshot(dispatched)
    rebuild_case(dispatched)
    assert projection.snapshot(dispatched) == before


@db
def test_a_later_act_counts_by_the_new_table_and_its_receipt_names_the_edition(toy, account, operator, signed_in, admin,
                                                                              at):  # fmt: skip
    save(signed_in(admin), at)
    case = service.open_case(operator, toy, "complaint", {"content": "井盖", "place": "东区"})
    case = service.act(case, operator, "sent", facts={"handler": "东区城管局"})
    assert due_of(case) == D(2023, 3, 10)
    assert "跳过节2天" in next(d for d in service.look(case).state.deadlines if d.id == "handle_limit").explain
    duty = account("zhi", "甲市环保局", "值班员")
    warning = service.open_case(duty, toy, "warning", {"place": "东区", "dust": 320})
    service.act(warning, duty, "signed", facts={"dust": 320}, on_behalf_of="市长甲")
    receipt = Event.objects.get(case=warning, type="signed").data["receipt"]
    assert (
        receipt["calendar"]["2023"]["source"] == f"某办发〔2022〕16号（节假日表第 {CalendarYear.objects.get().pk} 版）"
    )


@db
def test_a_time_that_ends_before_the_first_changed_day_stays(dispatched, admin, signed_in, at):
    days = MARCH.replace("2023-03-06 至 2023-03-07", "2023-03-09 至 2023-03-10")
    kept = "2023-01-01 至 2023-01-02 休 元旦\n2023-01-21 至 2023-01-27 休 春节\n2023-01-28 至 2023-01-29 班"
    with pytest.raises(holidays.Refused):  # a run of make-up days is two lines too, a Saturday and a Sunday
        holidays.checked(holidays.from_text("2023-01-27 至 2023-01-29 班\n2023-01-23 休", 2023), 2023)
    shown = preview(signed_in(admin), at, f"{kept}\n" + days.partition("\n")[2]).context["preview"]
    assert min(c.day for c in shown["changes"]) == D(2023, 3, 9)
    assert shown["moves"] == ()


@db
def test_a_met_time_does_not_move(dispatched, east, admin, signed_in, at):
    service.act(dispatched, east, "answered", facts={"result": "已修"})
    assert preview(signed_in(admin), at).context["preview"]["moves"] == ()


@db
def test_what_was_not_previewed_is_not_saved(dispatched, admin, signed_in, at):
    client = signed_in(admin)
    mark = preview(client, at).context["preview"]["mark"]
    other = MARCH.replace("03-07", "03-08")
    shown = client.post(at, {"act": "save", "days": other, "previewed": mark, **TYPED})
    assert shown.status_code == 200
    assert shown.context["preview"]["mark"] != mark
    assert not CalendarYear.objects.exists()


@db
def test_who_previewed_before_another_saved_sees_the_preview_anew(dispatched, admin, account, signed_in, at):
    mine, theirs = signed_in(admin), signed_in(account("ling", "甲市人民政府", "管理员"))
    mark = preview(mine, at).context["preview"]["mark"]
    save(theirs, at, MARCH.replace("03-07", "03-08"))
    assert mine.post(at, {"act": "save", "days": MARCH, "previewed": mark, **TYPED}).status_code == 200
    assert CalendarYear.objects.count() == 1


@db
@pytest.mark.parametrize(
    ("change", "where"),
    [({"days": "2024-01-01 休"}, "days"), ({"days": "2023-03-06 休\n2023-03-06 休"}, "days"), ({"source": ""}, "source"),
     ({"reason": ""}, "reason"), ({"source": "长" * 121}, "source"), ({"reason": "长" * 301}, "reason")],
)  # fmt: skip
def test_bad_input_changes_nothing(dispatched, admin, signed_in, at, change, where):
    shown = signed_in(admin).post(at, {"act": "save", "days": MARCH, **TYPED, **change})
    assert shown.status_code == 400
    assert where in {p["id"] for p in shown.context["summary"]}
    assert not CalendarYear.objects.exists()
    assert due_of(dispatched) == D(2023, 3, 8)


@db
def test_a_failure_while_saving_leaves_nothing(dispatched, admin, signed_in, at, monkeypatch):
    from gongbao.office.cases import recounting

    def fail(*_):
        raise RuntimeError("电断了")

    client = signed_in(admin)
    mark = preview(client, at).context["preview"]["mark"]
    monkeypatch.setattr(recounting, "recount", fail)
    with pytest.raises(RuntimeError):
        client.post(at, {"act": "save", "days": MARCH, "previewed": mark, **TYPED})
    assert not CalendarYear.objects.exists()
    assert worlds.calendar().is_working(D(2023, 3, 6))
    assert due_of(dispatched) == D(2023, 3, 8)


@db
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_table_is_imported(dispatched, admin, signed_in, at, suffix):
    rows = [["2023-01-01", "休息日", "元旦"], ["2023-03-06", "休", "节"], ["2023-03-11", "补班日", ""],
            ["2023-05-01", "休", "劳动节"], ["2023-10-01", "休", "国庆节"]]  # fmt: skip
    header = ["日期", "类型", "名称"]
    data = write_xlsx(header, rows) if suffix == "xlsx" else "\n".join(map(",".join, [header, *rows])).encode("gb18030")
    shown = preview(signed_in(admin), at, days="", file=SimpleUploadedFile(f"放假.{suffix}", data))
    assert [m.after.date() for m in shown.context["preview"]["moves"]] == [D(2023, 3, 9)]
    assert "2023-03-11 班" in shown.context["given"]["days"]


@db
@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("日期,名称\n2023-01-01,元旦", "表头缺少“类型”列"),
        ("日期,类型\n2023-01-01,休\n2023-01-01,休", "单元格 A3：2023-01-01（周日）写了两次（另见单元格 A2）"),
        ("日期,类型\n2022-01-01,休", "单元格 A2：2022-01-01 不是 2023 年的日子"),
        ("日期,类型\n明天,休", "单元格 A2：“明天”不是日期"),
        ("\0", "不是 CSV"),
        ("", "没有内容"),
    ],
)
def test_a_bad_table_is_refused_with_its_cell(toy, admin, signed_in, at, data, told):
    shown = preview(signed_in(admin), at, file=SimpleUploadedFile("放假.csv", data.encode() or b" "))
    assert shown.status_code == 400
    assert told in "；".join(p["text"] for p in shown.context["summary"])


@db
def test_a_year_without_data_says_so_until_it_is_entered(toy, operator, office_clock, admin, signed_in):
    office_clock.moment = dt.datetime(2027, 9, 28, 9, tzinfo=SHANGHAI)
    case = service.open_case(operator, toy, "complaint", {"content": "灯", "place": "东区"}, basis_confirmed_by="主任")
    case = service.act(case, operator, "sent", facts={"handler": "东区城管局"})

    def explained():
        return next(d for d in service.look(case).state.deadlines if d.id == "handle_limit").explain

    assert "2027年放假安排未载入，只按周末推算" in explained()
    client, at = signed_in(admin), reverse("management:calendar_edit", args=[2027])
    assert (
        "现有 <b>1</b> 个时限落在这一年" in client.get(reverse("management:calendar") + "?year=2027").content.decode()
    )
    days = "2027-01-01 休 元旦\n2027-05-01 休 劳动节\n2027-10-01 至 2027-10-07 休 国庆节\n2027-10-09 班"
    save(client, at, days)
    assert "未载入" not in explained()
    assert due_of(case) == D(2027, 10, 11)  # 29, 30 September; 8, 9 (made up), 11 October


@db
def test_a_year_is_given_back_to_the_softwares_table_and_both_editions_stay(dispatched, admin, signed_in, at):
    client = signed_in(admin)
    save(client, at)
    given = {"act": "withdraw", "days": MARCH, "source": "", "reason": "录错了"}
    shown = client.post(at, given)
    assert [m.after.date() for m in shown.context["preview"]["moves"]] == [D(2023, 3, 8)]
    client.post(at, {**given, "previewed": shown.context["preview"]["mark"]})
    assert due_of(dispatched) == D(2023, 3, 8)
    assert worlds.calendar().source_of(2023) == default_calendar().source_of(2023)
    assert [row.days is None for row in CalendarYear.objects.order_by("id")] == [False, True]
    with pytest.raises(Rewritten):
        CalendarYear.objects.all().delete()


@db
def test_only_an_administrator_enters_days(toy, account, signed_in, at):
    editor = signed_in(account("bian", "甲市人民政府", "政策维护"))
    assert editor.get(at).status_code == 403
    assert editor.post(at, {"act": "save", "days": MARCH, **TYPED}).status_code == 403
    assert editor.get(reverse("management:calendar")).context["may_edit"] is False


@db
def test_a_year_too_far_off_is_not_found(toy, admin, signed_in):
    client = signed_in(admin)
    assert [client.get(reverse("management:calendar_edit", args=[y])).status_code for y in (2003, 2004, 2028, 2029)] == [
        404, 200, 200, 404,
    ]  # fmt: skip


@db
def test_erased_and_replayed_under_the_same_table_gives_the_same(dispatched, admin, signed_in, at):
    save(signed_in(admin), at)
    world = worlds.world_of(dispatched)
    assert world.calendar is worlds.calendar()
    assert log.events_of(dispatched)[0].type == "opened"
