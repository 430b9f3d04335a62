"""The receipt of a decision that reads personal facts keeps none of them, and can be verified until they are erased."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from django.db import transaction

from gongbao.engine import case as engine
from gongbao.office import worlds
from gongbao.office.cases import bulk, chain, log, receipts, service
from gongbao.office.cases.models import Case, Event, PersonalValue

pytestmark = pytest.mark.django_db

PHONE, ID_NUMBER = "13800004321", "131000195001019876"
GIVEN = {"phone": PHONE, "id_number": ID_NUMBER, "place": "东区"}
DECISION = """
aged:
  label: 高龄补助
  cite: 三
  hit: first
  let: {born: 'number(substring(id_number, 7, 4))'}
  output: {given: {type: choice, values: [不予, 给予]}}
  rules:
    - {when: {born: "<= 1960", phone: 'starts with(?, "138")'}, then: 给予, cite: 三（一）}
    - {otherwise: 不予, cite: 三（二）}
"""
PROCEDURE = """
relief:
  label: 高龄补助
  case: 办件
  cite: 三
  open_by: [{role: 话务员}]
  form: [place, "phone?", "id_number?"]
  number: "B{date}{seq:03}"
  decide:
    aged: {proposed_by: aged, decided_by: [{role: 话务员}], cite: 三（一）}
  steps:
    judge:
      label: 审定
      by: [{role: 话务员}]
      actions:
        judged: {label: 审定, decides: aged, form: ["phone?", "id_number?"], to: [pay]}
    pay:
      label: 发放
      by: [{role: 话务员}]
      actions: {paid: {label: 发放, to: [closed]}}
"""


@pytest.fixture
def relief(toy, settings, tmp_path):
    """The toy pack with one more procedure, whose decision reads a telephone and an identity number."""
    settings.GONGBAO_PACKS = shutil.copytree(settings.GONGBAO_PACKS, tmp_path / "packs")
    for name, more in (("decisions.yaml", DECISION), ("procedures.yaml", PROCEDURE)):
        with (Path(settings.GONGBAO_PACKS) / "toy" / "street" / name).open("a", encoding="utf-8") as file:
            file.write(more)
    worlds.forget()
    return toy


@pytest.fixture
def judged(relief, operator):
    return service.act(service.open_case(operator, relief, "relief", GIVEN), operator, "judged", facts={})


def held(case: Case) -> str:
    """All that the event store holds of a case for good."""
    rows = Event.objects.filter(case=case).values("facts", "data", "note")
    return json.dumps(list(rows), ensure_ascii=False, default=str)


def test_nothing_kept_for_good_says_the_value_or_what_was_worked_out_of_it(judged):
    assert Event.objects.get(case=judged, seq=2).data["value"] == {"given": "给予"}
    assert not [secret for secret in (PHONE, ID_NUMBER, "1950") if secret in held(judged)]


def test_the_receipt_names_the_digests_under_which_the_case_keeps_them(judged):
    facts = Event.objects.get(case=judged, seq=2).data["receipt"]["facts"]
    kept = {row.name: row.digest for row in PersonalValue.objects.filter(case=judged)}
    assert {name: seal["sha256"] for name, seal in facts.items()} == {n: kept[n] for n in ("phone", "id_number")}
    assert PersonalValue.objects.filter(case=judged).count() == 2  # nothing is kept twice


def test_it_verifies_while_they_are_kept(judged):
    assert receipts.verify(judged, 2) == []
    assert chain.verify_chain(Case.objects.get(pk=judged.pk)) == ()


@pytest.mark.parametrize("names", [["phone"], ["id_number"], ["phone", "id_number"]])
def test_once_erased_it_says_so_and_nothing_else_is_wrong(judged, names):
    chain.erase(judged, by="admin", why="期满", names=names)
    found = receipts.verify(judged, 2)
    assert sorted(each.field for each in found) == sorted(f"facts.{name}" for name in names)
    assert all(each.erased and "个人信息已删除" in str(each) for each in found)
    assert chain.verify_chain(Case.objects.get(pk=judged.pk)) == ()


def test_a_value_that_does_not_fit_its_digest_is_not_believed(judged):
    PersonalValue.objects.filter(case=judged, name="phone").update(value="13900000000")
    assert [each.field for each in receipts.verify(judged, 2)] == ["facts.phone"]


def test_values_given_with_the_very_act_are_kept_with_that_event(relief, operator):
    case = service.open_case(operator, relief, "relief", {"place": "东区"})
    case = service.act(case, operator, "judged", facts={"phone": PHONE, "id_number": ID_NUMBER})
    assert {row.seq for row in PersonalValue.objects.filter(case=case)} == {2}
    assert PHONE not in held(case)
    assert receipts.verify(case, 2) == []


def test_the_newest_value_is_meant_where_it_was_revised(relief, operator):
    case = service.open_case(operator, relief, "relief", {**GIVEN, "phone": "13900000000"})
    case = service.record(case, operator, {"phone": PHONE})
    case = service.act(case, operator, "judged", facts={})
    seal = Event.objects.get(case=case, seq=3).data["receipt"]["facts"]["phone"]
    assert seal["sha256"] == PersonalValue.objects.get(case=case, name="phone", seq=2).digest
    chain.erase(
        case, by="x", why="x", names=["phone"], only=[PersonalValue.objects.get(case=case, seq=1, name="phone").pk]
    )
    assert receipts.verify(case, 3) == []


def test_appending_gives_back_the_event_as_it_is_kept(relief, operator):
    case = service.open_case(operator, relief, "relief", GIVEN)
    world, events = worlds.world_of(case), log.events_of(case)
    at = events[0].recorded_at
    made = engine.act(world, "relief", events, action="judged", actor=service._actor(operator), occurred_at=at,
                      recorded_at=at)  # fmt: skip
    assert PHONE in str(made[0].data["receipt"])
    with transaction.atomic():
        (back,) = log.append(log.locked(case), made, world)
    kept = Event.objects.get(case=case, seq=2)
    assert (back.data["receipt"], back.facts) == (kept.data["receipt"], made[0].facts)
    assert PHONE not in str(back.data)
    assert log.events_of(case)[1].data == back.data


def test_histories_stored_in_bulk_are_sealed_too(relief, operator, office_clock):
    world = worlds.world(relief)
    actor = service._actor(operator)
    made = bulk.draft(world, "relief", office_clock().date()).open(actor, GIVEN, office_clock())
    made.act(actor, "judged", office_clock())
    bulk.store([made])
    case = Case.objects.get(number=made.number)
    assert PHONE not in held(case)
    assert receipts.verify(case, 2) == []


def test_a_fact_that_became_personal_later_is_set_apart_with_the_decision(relief, operator, settings):
    facts = Path(settings.GONGBAO_PACKS) / "toy" / "street" / "facts.yaml"
    told = facts.read_text(encoding="utf-8")
    line = "phone: {label: 联系电话, type: text, format: phone, personal: personal}"
    assert line in told
    facts.write_text(told.replace(line, line.replace(", personal: personal", "")), encoding="utf-8")
    worlds.forget()
    case = service.open_case(operator, relief, "relief", GIVEN)
    world = worlds.world_of(case)
    events = log.events_of(case)
    facts.write_text(told, encoding="utf-8")
    worlds.forget()
    later = worlds.world(relief)
    made = bulk.Draft(world, "relief", case.number, events=list(events)).act(
        service._actor(operator), "judged", events[0].recorded_at
    )
    rows, apart, _ = log.rows_for(case, made.events[1:], later, 1, case.head)
    assert [(row.seq, row.name, row.value) for row in apart] == [(2, "phone", PHONE)]
    assert PHONE not in json.dumps(rows[0].data, ensure_ascii=False)
