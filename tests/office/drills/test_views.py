"""The pages of drills: who may direct, what players see, what the director does; and elsewhere only the way there."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.office import clock
from gongbao.office.drills import running
from gongbao.office.drills.models import Injection

pytestmark = pytest.mark.django_db
TEN = dt.datetime(2023, 3, 6, 22, tzinfo=clock.SHANGHAI)


@pytest.fixture
def site(settings, monkeypatch):
    settings.GONGBAO_SITE = "drill"
    monkeypatch.setattr(clock, "_CACHE_SECONDS", 0)


@pytest.fixture
def director(account, signed_in):
    return signed_in(account("dao", "甲市人民政府", "带班领导"))


@pytest.fixture
def player(account, signed_in):
    return signed_in(account("zhi", "甲市热线中心", "值班员"))


def start(client):
    return client.post("/drills/start/", {"pack": "toy/street", "name": "dust_night"}, follow=True)


def text(answer) -> str:
    return answer.content.decode()


def test_the_office_shows_the_way_to_the_drill_site_and_starts_nothing(director, monkeypatch) -> None:
    monkeypatch.setenv("GONGBAO_DRILL_ADDRESS", "http://drill.example/")
    page = text(director.get("/drills/"))
    assert "http://drill.example/" in page
    assert "夜间扬尘" in page
    assert "开始</button>" not in page
    assert "只能在演练台开始" in text(start(director))


def test_only_a_director_starts_a_drill(site, director, player) -> None:
    assert start(player).status_code == 403
    assert running.current() is None
    page = text(start(director))
    assert "导调" in page
    assert "工地在扬尘" in page


def test_every_page_of_a_drill_says_so(site, director, player) -> None:
    start(director)
    for address in ("/", "/cases/", "/drills/now/", "/notices/"):
        page = text(player.get(address))
        assert "【演练】" in page, address
        assert 'class="strip drill"' in page, address


def test_a_player_reads_what_his_unit_was_told_and_no_more(site, director, player, account, signed_in) -> None:
    start(director)
    other = signed_in(account("lv", "甲市环保局", "承办人"))
    assert "工地在扬尘" in text(player.get("/drills/now/"))
    page = text(other.get("/drills/now/"))
    assert "工地在扬尘" not in page
    assert "待注入" not in page
    assert "应有判定" not in page
    assert "待注入" in text(director.get("/drills/now/"))


def test_the_director_moves_the_time_to_the_next_thing_and_tells_more(site, director) -> None:
    start(director)
    director.post("/drills/direct/", {"do": "next"})
    assert TEN + dt.timedelta(minutes=30) <= clock.now() < TEN + dt.timedelta(minutes=31)
    assert Injection.objects.exclude(told_at=None).count() == 2
    director.post(
        "/drills/direct/", {"do": "tell", "to": "市环保局，热线中心", "source": "记者", "by": "电话", "text": "问"}
    )
    assert Injection.objects.get(source="记者").to == ["甲市环保局", "甲市热线中心"]
    page = text(director.post("/drills/direct/", {"do": "jump", "minutes": "一会儿"}, follow=True))
    assert "快进“一会儿”分钟不行" in page


def test_a_player_directs_nothing(site, director, player) -> None:
    start(director)
    for do in ("pace", "jump", "next", "tell", "end", "clear"):
        assert player.post("/drills/direct/", {"do": do}).status_code == 403


def test_report_end_clear_and_record(site, director) -> None:
    start(director)
    assert director.get("/drills/report/").content[:2] == b"PK"
    director.post("/drills/direct/", {"do": "end"})
    assert "归档清场" in text(director.get("/drills/now/"))
    page = text(director.post("/drills/direct/", {"do": "clear"}, follow=True))
    assert "已归档" in page
    assert "报告和全部事件" in page
    answer = director.get(f"/drills/record/{running.Drill.objects.get().pk}/")
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_every_act_of_the_director_stands_in_the_audit_log_of_the_drill_site_and_stays(
    site, director, account, signed_in
) -> None:
    from gongbao.office.people.models import Audit

    start(director)
    for given in ({"do": "next"}, {"do": "jump", "minutes": "5"}, {"do": "pace", "rate": "10"}, {"do": "pace", "rate": "7"},
                  {"do": "tell", "to": "市环保局", "source": "记者", "by": "电话", "text": "问"}, {"do": "end"}):  # fmt: skip
        director.post("/drills/direct/", given)
    director.get("/drills/report/")
    director.post("/drills/direct/", {"do": "clear"})
    director.get(f"/drills/record/{running.Drill.objects.get().pk}/")
    rows = Audit.objects.filter(act__startswith="演练：").order_by("id")
    assert [row.act.removeprefix("演练：") for row in rows] == [
        "开始", "到下一件事", "快进", "时间快慢", "临机注入", "结束", "下载评估报告", "归档清场", "下载全部记录",
    ]  # fmt: skip
    assert {row.subject for row in rows} == {"夜间扬尘"}
    assert {row.account for row in rows} == {"dao"}
    admin = signed_in(account("guan", "甲市人民政府", "管理员"))
    assert "本台审计日志" in text(admin.get("/drills/"))
    assert "演练：临机注入" in text(admin.get("/management/audit/"))


def test_while_a_drill_runs_its_report_is_for_directors_for_it_tells_what_is_to_come(site, director, player) -> None:
    start(director)
    assert player.get("/drills/report/").status_code == 403
    assert "/drills/report/" not in text(player.get("/drills/now/"))
    assert director.get("/drills/report/").status_code == 200
    director.post("/drills/direct/", {"do": "end"})
    assert "/drills/report/" in text(player.get("/drills/now/"))
    assert player.get("/drills/report/").status_code == 200


def test_the_record_holds_what_was_entered_word_for_word_so_only_directors_take_it(site, director, player) -> None:
    start(director)
    pk = running.current().pk
    director.post("/drills/direct/", {"do": "end"})
    director.post("/drills/direct/", {"do": "clear"})
    assert f"/drills/record/{pk}/" not in text(player.get("/drills/"))
    assert player.get(f"/drills/record/{pk}/").status_code == 403
    assert director.get(f"/drills/record/{pk}/").status_code == 200


def test_what_the_director_typed_and_was_refused_is_not_lost(site, director) -> None:
    start(director)
    given = {"do": "tell", "to": "没有这个单位", "source": "<b>某人", "by": "书面", "text": "要紧的内容"}
    answer = director.post("/drills/direct/", given)
    assert answer.status_code == 422
    page = text(answer)
    assert "没有这个单位”不是本市的单位" in page
    assert "要紧的内容</textarea>" in page
    assert "&lt;b&gt;某人" in page
    assert "<option selected>书面</option>" in page


def test_what_is_expected_bears_its_chinese_name_before_any_matter_is_opened(site, director) -> None:
    start(director)
    page = text(director.get("/drills/now/"))
    expected = running.current().script["expects"][0]["decided"]
    assert [name for name in expected if f'data-label="判定">{name} ' in page] == []
