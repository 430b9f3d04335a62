"""A run over all enterprises gives what deciding each of them gives; nobody is dropped; what changed is told."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.engine.decision.decide import decide
from gongbao.office import clock, worlds
from gongbao.office.credit import facts as counting
from gongbao.office.credit import grading, invent, models, runs
from gongbao.office.credit.models import CreditRecord, Enterprise, Run

TODAY = dt.date(2023, 3, 1)
SETTINGS = (
    {},
    {"repaired_counts": "不计入", "record_date": "认定日期", "penalty_scope": "限于评价周期内"},
    {"repaired_counts": "计入", "record_date": "归集日期", "penalty_scope": "不限评价周期"},
)


def one_by_one(world, company):
    found = counting.of_one(company, world, counting.cycle(world, TODAY))
    plain = [grading.plain(decide(world, "grade", counting.known(each))) for each in found.facts]
    return grading.verdict(world, plain, found.differing)


@pytest.mark.django_db
@pytest.mark.parametrize("filled", SETTINGS)
def test_a_run_over_2000_enterprises_equals_each_decided_by_itself(filled):
    invent.fill(2_000, as_of=TODAY, added_at=clock.now())
    for name, value in filled.items():
        worlds.set_setting(models.PACK, name, value, by="x", reason="试")
    run = runs.carry_out(runs.prepare("jian"))
    world = worlds.world(models.PACK)
    rows = {row.enterprise_id: row for row in run.grades.all()}
    assert len(rows) == run.done == run.total == sum(run.counts.values()) == 2_000
    for company in Enterprise.objects.all():
        row, wanted = rows[company.pk], one_by_one(world, company)
        assert (row.status, row.grade, row.rule, tuple(row.candidates), row.reason) == (
            wanted.status, wanted.grade, wanted.rule, wanted.candidates, wanted.reason,
        ), company.credit_code  # fmt: skip
        assert (company.grade, company.grade_status) == (row.grade, row.status)
    assert {row.status for row in rows.values()} >= {"settled", "needs_person"}
    assert {row.grade for row in rows.values()} == {"", "A", "B", "C", "D"}


@pytest.mark.django_db
def test_columns_and_rows_agree_on_every_boundary(world):
    facts = [
        dict(zip(counting.FACTS, (revoked, general, repaired, listed, penalties, harm), strict=True))
        for revoked in (True, False, None) for general in (0, 1, 5, 6, None) for repaired in (0, 1, None)
        for listed in (0, 1, None) for penalties in (0, 1) for harm in (True, False, None)
    ]  # fmt: skip
    for filled in ({}, {"repaired_counts": "计入"}, {"repaired_counts": "不计入"}):
        held = world.with_settings(filled)
        wanted = [grading.plain(decide(held, "grade", counting.known(each))) for each in facts]
        assert runs.decide_all(held, facts) == wanted


@pytest.mark.django_db
def test_the_next_run_tells_who_changed(enterprise, record):
    stays, falls = enterprise(), enterprise()
    first = runs.carry_out(runs.prepare("jian"))
    assert list(runs.changed(first)) == []
    record(falls)
    second = runs.carry_out(runs.prepare("jian"))
    assert [(row.enterprise, row.before, row.grade) for row in runs.changed(second)] == [(falls, "A", "B")]
    assert stays.grades.count() == 2


@pytest.mark.django_db
def test_one_run_at_a_time_and_one_whose_process_died_is_buried():
    first = runs.prepare("jian")
    with pytest.raises(runs.Busy):
        runs.prepare("jian")
    Run.objects.filter(pk=first.pk).update(seen_at=clock.machine_now() - 2 * runs.SILENT)
    runs.prepare("jian")
    first.refresh_from_db()
    assert (first.status, "中断" in first.error) == (Run.FAILED, True)


@pytest.mark.django_db
def test_counting_for_many_is_counting_for_one_with_gaps_in_the_ids(world, enterprise, record):
    companies = [enterprise() for _ in range(5)]
    for company in companies[1::2]:
        record(company)
    CreditRecord.objects.filter(enterprise=companies[1]).delete()
    companies[2].delete()
    left = list(Enterprise.objects.order_by("pk"))
    cycle = counting.cycle(world, TODAY)
    many = list(counting.of_many([(e.pk, e.licence_revoked) for e in left], world, cycle))
    assert many == [(e.pk, counting.of_one(e, world, cycle)) for e in left]
