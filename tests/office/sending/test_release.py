"""A decided warning goes out as CAP, page, mail and SMS in one act, is updated and lifted with references, and is in the log."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from tests.office.alerts import conftest as alerts

from gongbao.exchange import cap
from gongbao.office.append_only import Rewritten
from gongbao.office.cases import chain, files, service
from gongbao.office.cases.models import Case, Event
from gongbao.office.sending import releasing
from gongbao.office.sending.models import Contact, Group, Message, Recipient, Release

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(account, toy, settings):
    settings.EMAIL_HOST = "127.0.0.1"
    return account("zhi", "市环保局", "值班员", name="赵值班")


@pytest.fixture
def warned(toy, duty, account):
    """A dust warning that was decided yellow."""
    case = service.open_case(duty, toy, "warning", {"place": "东区", "dust": 150})
    return service.act(case, duty, "signed", step="sign", facts={"dust": 150}, on_behalf_of="市长")


@pytest.fixture
def client(signed_in, duty):
    return signed_in(duty)


def address(case: Case) -> str:
    return reverse("sending:release", args=[case.number])


def form(case: Case, user, **more):
    seen = service.look(Case.objects.get(pk=case.pk))
    plan = releasing.draft(seen, user)
    given = {**(plan.said if plan else {}), "seq": seen.state.seq, "do": "release", "channels": ["email"], "public": "on",
             "others": "a@x.example b@x.example", **more}  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}  # None: a box that is not ticked


def released(client, case, user, **more) -> Release:
    answer = client.post(address(case), form(case, user, **more))
    assert answer.status_code == 302, answer.content.decode()
    return Release.objects.order_by("-id").first()


def cap_of(release: Release) -> cap.Alert:
    return cap.from_xml(files.path_of(release.file).read_bytes())


def test_a_release_is_a_valid_cap_file_in_the_log_with_a_row_for_each_address(client, warned, duty):
    release = released(client, warned, duty)
    made = cap_of(release)
    assert (made.severity, made.message, made.status, made.event) == ("Moderate", "Alert", "Actual", "粉尘")
    assert made.areas[0].description.endswith("东区")
    assert ("预警级别", "黄色") in made.parameters
    assert "未经发布机关审定" in made.description
    event = Event.objects.get(case=warned, seq=release.seq)
    assert event.evidence == [f"{release.file}/{release.identifier}.xml"]
    assert release.identifier in event.note
    assert list(Recipient.objects.values_list("address", "state")) == [
        ("a@x.example", "queued"),
        ("b@x.example", "queued"),
    ]
    assert chain.verify_chain(Case.objects.get(pk=warned.pk)) == ()


def test_preview_shows_all_of_it_and_releases_nothing(client, warned, duty):
    answer = client.post(address(warned), form(warned, duty, do="preview"))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "urn:oasis:names:tc:emergency:cap:1.2" in text
    assert "共 2 个收件地址" in text
    assert not Release.objects.exists()
    assert not Message.objects.exists()


def test_raising_updates_and_lifting_cancels_with_references_to_all_before(client, warned, duty, office_clock):
    first = released(client, warned, duty)
    office_clock.advance(hours=1)
    service.act(warned, duty, "raise", step="respond")
    service.act(warned, duty, "signed", step="sign", facts={"dust": 400}, on_behalf_of="市长")
    second = released(client, warned, duty)
    office_clock.advance(hours=1)
    service.act(warned, duty, "lifted", step="respond")
    third = released(client, warned, duty)
    one, two, three = map(cap_of, (first, second, third))
    assert (two.message, two.severity, [r.identifier for r in two.references]) == (
        "Update",
        "Extreme",
        [one.identifier],
    )
    assert (three.message, three.urgency) == ("Cancel", "Past")
    assert [r.identifier for r in three.references] == [one.identifier, two.identifier]
    assert three.references[0].sent == one.sent
    again = client.get(address(warned)).content.decode()
    assert "没有可发布的内容" in again


def test_pressing_the_key_twice_releases_once(client, warned, duty):
    given = form(warned, duty)
    assert client.post(address(warned), given).status_code == 302
    assert client.post(address(warned), given).status_code == 409
    assert (Release.objects.count(), Message.objects.count()) == (1, 1)


def test_a_level_that_is_not_decided_is_not_released(client, toy, duty):
    case = service.open_case(duty, toy, "warning", {"place": "东区", "dust": 150})
    assert "尚未确定预警级别" in client.get(address(case)).content.decode()
    assert client.post(address(case), {"do": "release", "headline": "x"}).status_code == 200
    assert not Release.objects.exists()


def test_who_takes_no_part_may_not_release(signed_in, account, warned, duty):
    given = form(warned, duty)
    stranger = signed_in(account("wai", "市城管局", "值班员"))
    assert stranger.post(address(warned), given).status_code == 403
    clerk = account("ban", "西区城管局", "督查员")  # sees all, and releases nothing
    assert signed_in(clerk).post(address(warned), given).status_code == 403
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"headline": ""}, "没有填写"),
        ({"headline": "题" * 161}, "最多 160 字"),
        ({"onset": "明天"}, "不是时间"),
        ({"onset": "2023-03-02T08:00", "expires": "2023-03-02T08:00"}, "不晚于开始时间"),
        ({"category": "Dust"}, "不在所列之中"),
        ({"others": "a@x.example 不是地址"}, "不是邮箱"),
    ],
)
def test_what_cannot_go_out_is_named_and_nothing_goes(client, warned, duty, change, said):
    answer = client.post(address(warned), form(warned, duty, **change))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (Release.objects.count(), Message.objects.count(), Case.objects.get(pk=warned.pk).seq) == (0, 0, 2)


def test_the_colour_is_what_was_decided_whatever_is_posted(client, warned, duty):
    assert cap_of(released(client, warned, duty, level="红色", severity="Extreme")).severity == "Moderate"


def test_groups_and_typed_addresses_together_give_each_address_once(client, warned, duty):
    Contact.objects.create(unit="东区城管局", email="A@x.example", mobile="13800000001")
    Contact.objects.create(unit="东区城管局", email="c@x.example")
    Contact.objects.create(unit="西区城管局", email="d@x.example")
    group = Group.objects.create(name="东区", units=["东区城管局"])
    released(client, warned, duty, groups=[str(group.pk)], channels=["email", "sms"])
    rows = Recipient.objects.order_by("channel", "address").values_list("channel", "address")
    assert list(rows) == [
        ("email", "A@x.example"),
        ("email", "b@x.example"),
        ("email", "c@x.example"),
        ("sms", "13800000001"),
    ]


def test_in_a_demonstration_it_is_a_test_and_in_a_drill_an_exercise(client, warned, duty, settings, monkeypatch):
    monkeypatch.setattr("gongbao.office.clock.is_demonstration", lambda: True)
    made = cap_of(released(client, warned, duty))
    assert (made.status, made.note) == ("Test", "【演示】不是真实预警")
    assert made.headline.startswith("【演示】")
    settings.GONGBAO_SITE = "drill"
    release = released(client, warned, duty)
    made = cap_of(release)
    assert (made.status, release.public) == ("Exercise", False)
    assert made.headline.startswith("【演练】")
    assert set(release.message.recipients.values_list("state", flat=True)) == {"held"}
    assert client.get(reverse("warnings:page", args=[release.identifier])).status_code == 404


def test_the_page_of_the_matter_shows_what_was_sent_and_offers_the_release(client, warned, duty):
    page = reverse("cases:page", args=[warned.number])
    assert address(warned) in client.get(page).content.decode()
    release = released(client, warned, duty)
    text = client.get(page).content.decode()
    assert release.identifier in text
    assert reverse("sending:message", args=[release.message.pk]) in text


def test_a_warning_of_another_plan_goes_out_the_same_way_and_is_cancelled_once_lifted(
    settings, account, signed_in, office_clock, db
):
    from gongbao.office import worlds
    from gongbao.policy.loader import packs_root

    settings.GONGBAO_PACKS, settings.GONGBAO_SITE, settings.EMAIL_HOST = packs_root(), "office", "127.0.0.1"
    worlds.forget()
    bureau = account("huan", "市生态环境局", "值班员")
    command = account("zhi2", "市突发环境事件应急指挥部", "带班领导")
    case = service.open_case(bureau, "langfang/environmental-incident", "warning", {"place": "三河市"})
    proposed = {"risk_note": "上游来水异常", "warning_colour": "黄色", "told_peers": True, "advice": "暂停取水"}
    service.act(case, bureau, "warning_proposed", step="judge", facts=proposed)
    service.act(case, command, "city_warned", step="issue", facts={"channels": ["电视"]})
    client = signed_in(command)
    made = cap_of(released(client, case, command))
    assert (made.severity, made.category, made.instruction) == ("Moderate", ("Env",), "暂停取水")
    assert made.areas[0].geocodes == (("GB/T 2260", "131082"),)
    office_clock.advance(hours=1)
    service.act(case, command, "city_lifted", step="in_force", facts={"impossible": False, "danger_gone": True})
    over = cap_of(released(client, case, command))
    assert (over.message, over.references[0].identifier, over.instruction) == ("Cancel", made.identifier, "")


def test_a_release_of_the_city_plan_says_what_its_paper_says_and_encloses_it(
    settings, account, signed_in, office_clock, db
):
    from gongbao.office import worlds
    from gongbao.policy.loader import packs_root

    settings.GONGBAO_PACKS, settings.GONGBAO_SITE, settings.EMAIL_HOST = packs_root(), "office", "127.0.0.1"
    worlds.forget()
    for name, value in (("light_max", 150), ("trend_counts", True)):
        worlds.set_setting(alerts.PACK, name, value, by="test", reason="测试")
    people = {
        "d": signed_in(account("zhiban", "市应急响应办公室", "值班员")), "f": signed_in(account("yubao", "监测预报组", "承办人")),
        "e": signed_in(officer := account("yingji", "市政府应急办", "值班员")),
    }  # fmt: skip
    case = alerts.published(people, alerts.PACK, office_clock)
    release = released(people["e"], case, officer, enclose="on", onset="2017-11-05T00:00", expires="2017-11-08T00:00")
    made = cap_of(release)
    assert (made.severity, made.category, made.status) == ("Severe", ("Env",), "Actual")
    assert "橙色预警" in made.headline
    assert "II级应急响应" in made.description
    assert ("GB/T 2260", "131000") in made.areas[0].geocodes
    assert made.sender_name == "廊坊市人民政府"
    assert ("文号", "廊重污染预警〔2017〕1号") in made.parameters
    assert (made.onset.isoformat(), made.expires.isoformat()) == (
        "2017-11-05T00:00:00+08:00",
        "2017-11-08T00:00:00+08:00",
    )
    assert made.urgency == "Future"
    assert [name.rpartition(".")[2] for name in release.message.files] == ["docx", "xml"]
    office_clock.advance(days=2)
    alerts.act(people["d"], case, "released_on_time", "respond", facts={"change": "按期解除"})
    over = cap_of(released(people["e"], case, officer))
    assert (over.message, over.references[0].identifier) == ("Cancel", made.identifier)
    assert "解除" in over.headline
    assert dt.timedelta() < over.sent - made.sent


def test_what_was_released_is_neither_changed_nor_taken_back(client, warned, duty):
    one = released(client, warned, duty)
    for statement in ("UPDATE sending_release SET level = '红色'", "DELETE FROM sending_release"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    one.level = "红色"
    for rewriting in (one.save, one.delete, Release.objects.all().delete, lambda: Release.objects.update(level="红色")):
        with pytest.raises(Rewritten):
            rewriting()
    assert Release.objects.get().level == "黄色"
