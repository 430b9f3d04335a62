"""A drill: on its own site only, on a simulated clock, told once what is due, scored, packed away, and gone."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import pytest

from gongbao.engine.case import replay
from gongbao.office import clock, worlds
from gongbao.office.cases import service
from gongbao.office.cases.models import Case, Event, Notice
from gongbao.office.drills import record, running, scoring, scripts
from gongbao.office.drills.models import Drill
from gongbao.office.drills.running import CannotDrill
from gongbao.policy.events import read_events

pytestmark = pytest.mark.django_db
TEN = dt.datetime(2023, 3, 6, 22, tzinfo=clock.SHANGHAI)


@pytest.fixture
def machine(monkeypatch):
    """The machine's clock, which the test moves."""
    held = [dt.datetime(2026, 1, 1, 8, tzinfo=clock.SHANGHAI)]
    monkeypatch.setattr(clock, "machine_now", lambda: held[0])
    monkeypatch.setattr(clock, "_CACHE_SECONDS", 0)

    def pass_(**length) -> None:
        held[0] += dt.timedelta(**length)

    return pass_


@pytest.fixture
def site(settings, machine):
    settings.GONGBAO_SITE = "drill"


@pytest.fixture
def director(account):
    return account("dao", "甲市人民政府", "带班领导", posts=["市长"])


@pytest.fixture
def mayor(director):
    return director


@pytest.fixture
def duty(account):
    return account("zhi", "甲市热线中心", "值班员")


@pytest.fixture
def drill(site, director):
    return running.start(director, scripts.find("toy/street", "dust_night")[1])


def test_a_drill_begins_on_the_drill_site_only(settings, director) -> None:
    script = scripts.find("toy/street", "dust_night")[1]
    for name in ("12345", "110", "office"):
        settings.GONGBAO_SITE = name
        with pytest.raises(CannotDrill, match="只能在演练台"):
            running.start(director, script)


def test_the_time_of_the_real_office_can_neither_stand_nor_run_faster(settings, director) -> None:
    settings.GONGBAO_SITE = "12345"
    for rate in (0, 60):
        with pytest.raises(ValueError, match="只有演练台"):
            clock.move_to(TEN, by="x", rate=rate)


def test_the_clock_of_a_drill_starts_where_the_script_says_and_runs_at_its_rate(drill, director, machine) -> None:
    assert clock.now() == TEN
    machine(minutes=1)
    assert clock.now() == TEN + dt.timedelta(minutes=1)
    running.pace(director, 60)
    machine(minutes=1)
    assert clock.now() == TEN + dt.timedelta(minutes=61)
    running.pace(director, 0)
    machine(hours=5)
    assert clock.now() == TEN + dt.timedelta(minutes=61)
    with pytest.raises(CannotDrill, match="只能往前走"):
        running.jump(director, clock.now())
    running.jump(director, clock.now() + dt.timedelta(seconds=1))
    assert clock.now() == TEN + dt.timedelta(minutes=61, seconds=1)


def test_what_is_due_is_told_once_to_each_unit_and_nothing_before(drill, director) -> None:
    assert running.tell_due() == 1
    assert running.tell_due() == 0
    assert list(Notice.objects.values_list("who", flat=True)) == ["甲市热线中心"]
    running.jump(director, TEN + dt.timedelta(minutes=29, seconds=59))
    assert running.tell_due() == 0
    running.jump(director, TEN + dt.timedelta(minutes=30))
    assert running.tell_due() == 1
    assert Notice.objects.filter(who="甲市环保局", text__startswith="【演练】系统 监测点").count() == 1


def test_the_next_thing_to_happen_is_what_the_script_tells_or_a_clock(drill, account) -> None:
    caller = account("hua", "甲市热线中心", "话务员")
    running.tell_due()
    assert running.next_moment(drill) == (TEN + dt.timedelta(minutes=30), "来系统：监测点")
    service.open_case(
        caller, "toy/street", "complaint", {"content": "灯", "place": "东区"}
    )  # to be dispatched in 30 minutes
    assert running.next_moment(drill) == (TEN + dt.timedelta(minutes=30), "到时限：派单时限")


def test_the_director_tells_more_but_only_to_units_that_exist(drill, director) -> None:
    running.tell(drill, director, ["市环保局"], "记者", "电话", "现在什么情况？")
    assert Notice.objects.get(who="甲市环保局").text == "【演练】电话 记者：现在什么情况？"
    with pytest.raises(CannotDrill, match="“火星局”不是本市的单位"):
        running.tell(drill, director, ["火星局"], "记者", "电话", "喂")


def play(duty, mayor, *, dust: int) -> Case:
    case = Case.objects.first() or service.open_case(duty, "toy/street", "warning", {"place": "东区"})
    step = Case.objects.get(pk=case.pk).steps[0]["id"]
    if step == "respond":
        service.act(case, duty_of(case), "raise", step="respond")
    return service.act(case, mayor, "signed", step="sign", facts={"dust": dust})


def duty_of(case: Case):
    from gongbao.engine.model import Actor

    return Actor(account="huan", unit="甲市环保局")


def test_what_was_expected_is_right_late_wrong_missing_or_still_to_come(drill, director, duty, mayor) -> None:
    def verdicts() -> list[str]:
        now = clock.now()
        return [e.verdict for e in scoring.expected(drill, scoring.played(now), now)]

    assert verdicts() == ["waiting", "waiting"]
    running.jump(director, TEN + dt.timedelta(minutes=20))
    assert verdicts() == ["missing", "waiting"]
    play(duty, mayor, dust=120)  # at the very minute
    assert verdicts() == ["right", "wrong"]
    running.jump(director, TEN + dt.timedelta(minutes=60, seconds=1))
    play(duty, mayor, dust=310)
    assert verdicts() == ["right", "late"]


def test_whoever_enters_late_with_an_earlier_time_is_late_and_both_times_are_told(drill, director, duty, mayor) -> None:
    case = service.open_case(duty, "toy/street", "warning", {"place": "东区"})
    running.jump(director, TEN + dt.timedelta(minutes=20, seconds=1))
    service.act(case, mayor, "signed", step="sign", facts={"dust": 120}, occurred_at=TEN + dt.timedelta(minutes=5))
    now = clock.now()
    first = scoring.expected(drill, scoring.played(now), now)[0]
    assert first.verdict == "late"
    assert (first.said, first.at) == (TEN + dt.timedelta(minutes=5), now)
    text = text_of(record.report(drill))
    assert "2023-03-06 22:05（03-06 22:20 登记）" in text


def text_of(report) -> str:
    return "\n".join(
        "\n".join((s.heading, *s.paragraphs, *(cell for row in (s.grid.rows if s.grid else ()) for cell in row)))
        for s in report.sections
    )


def test_the_record_bears_the_version_the_settings_and_the_acts_of_the_director(drill, director) -> None:
    running.pace(director, 10)
    worlds.set_setting("toy/street", "return_limit", "4 hours", by="dao", reason="试")
    text = text_of(record.report(drill))
    assert drill.stamp["version"][:16] in text
    assert all(row[0] in text for row in drill.stamp["settings"])
    assert "演练时间 10 倍（dao）" in text
    assert "演练中改过" in text
    assert "未填 改为 4小时" in text


def test_what_was_put_to_an_entry_is_told_and_packed_with_it(drill, director, duty) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from gongbao.office.cases import files

    case = service.open_case(
        duty, "toy/street", "warning", {"place": "东区"}, evidence=(files.keep(SimpleUploadedFile("现场.png", b"x")),)
    )
    assert "附件：现场.png" in text_of(record.report(drill))
    running.end(director)
    ended = running.clear(director)
    with zipfile.ZipFile(record.path_of(ended)) as box:
        assert box.read(f"附件/{case.number}/001-现场.png") == b"x"


def test_numbers_say_that_it_is_a_drill(drill, duty) -> None:
    case = service.open_case(duty, "toy/street", "warning", {"place": "东区"})
    assert case.number.startswith("演练W20230306")


def test_a_second_drill_begins_only_after_the_first_is_cleared(drill, director) -> None:
    script = scripts.find("toy/street", "dust_night")[1]
    with pytest.raises(CannotDrill, match="还没有归档清场"):
        running.start(director, script)
    with pytest.raises(CannotDrill, match="还在进行"):
        running.clear(director)
    running.end(director)
    with pytest.raises(CannotDrill, match="还没有归档清场"):
        running.start(director, script)
    running.clear(director)
    assert running.start(director, script).running


def test_what_was_played_is_packed_away_replays_and_leaves_nothing_behind(
    drill, director, duty, mayor, machine
) -> None:
    running.tell_due()
    case = play(duty, mayor, dust=120)
    world, number, procedure = worlds.world_of(case), case.number, case.procedure
    level = case.decided
    running.end(director)
    stood = clock.now()
    machine(hours=1)
    assert clock.now() == stood
    ended = running.clear(director)
    assert (ended.result["right"], ended.result["expected"]) == (1, 2)
    with zipfile.ZipFile(record.path_of(ended)) as box:
        assert "夜间扬尘演练评估报告.docx" in box.namelist()
        kept = json.loads(box.read(f"{number}.json"))
    again = replay(world, procedure, read_events(world, procedure, kept["events"]).events, stood)
    assert {name: next(iter(d.value.values())) for name, d in again.decided.items()} == {
        name: next(iter(v.values())) for name, v in level.items()
    }
    assert not Case.objects.exists()
    assert not Event.objects.exists()
    assert not Notice.objects.exists()
    assert Drill.objects.count() == 1
    assert running.current() is None
    assert clock.offset() is None


def test_clearing_is_refused_anywhere_but_on_the_drill_site(settings, opened) -> None:
    from gongbao.office.drills import clearing

    settings.GONGBAO_SITE = "12345"
    with pytest.raises(RuntimeError, match="只有演练台"):
        clearing.clear()
    assert Event.objects.exists()


def test_the_append_only_guards_stand_again_after_clearing(drill, director, duty) -> None:
    from django.db import DatabaseError, connection, transaction

    running.end(director)
    running.clear(director)
    running.start(director, scripts.find("toy/street", "dust_night")[1])
    service.open_case(duty, "toy/street", "warning", {"place": "东区"})
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM cases_event")


def test_a_time_that_stands_does_not_fall_into_the_second_before(drill, director, machine, monkeypatch) -> None:
    real = clock.machine_now

    def ticking():
        machine(microseconds=7)
        return real()

    monkeypatch.setattr(clock, "machine_now", ticking)
    running.pace(director, 0)
    coming = running.next_moment(drill)
    assert coming is not None
    running.jump(director, coming[0])
    assert clock.now() == coming[0]
    assert clock.rate() == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [({"pack": "toy/none"}, "没有政策包"), ({"label": "长" * 121}, "最多 120 字，现有 121 字"), ({"label": ""}, "须写明"),
     ({"starts": dt.datetime(9999, 12, 31, 23, 59, tzinfo=clock.SHANGHAI)}, "离今天最多 30 年"),
     ({"starts": dt.datetime(1, 1, 1, tzinfo=clock.SHANGHAI)}, "离今天最多 30 年")],
)  # fmt: skip
def test_a_drill_without_a_script_begins_on_a_pack_and_a_day_that_can_be(site, director, given, why) -> None:
    with pytest.raises(CannotDrill, match=why):
        running.start(director, None, **{"pack": "toy/street", "label": "夜间", "starts": TEN, **given})
    assert running.current() is None
    assert clock.offset() is None
    assert running.start(director, None, pack="toy/street", label="长" * 120, starts=TEN).running


def test_what_the_director_tells_fits_its_columns(drill, director) -> None:
    to = ["甲市热线中心"]
    for source, way, why in (("长" * 81, "电话", "最多 80 字，现有 81 字"), ("某人", "飞鸽", "方式“飞鸽”不对")):
        with pytest.raises(CannotDrill, match=why):
            running.tell(drill, director, to, source, way, "内容")
    running.tell(drill, director, to, "长" * 80, "口头", "内容")
    assert drill.injections.get(source="长" * 80).told_at is not None
