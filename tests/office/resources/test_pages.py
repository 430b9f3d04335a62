"""The pages: nearest, register, row, forms, import; what is masked and that reading is written down."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.office.resources.conftest import PACK, TENT

from gongbao.exchange.tables import read_table
from gongbao.office.people.models import Audit
from gongbao.office.resources import book, finding, lending
from gongbao.office.resources.kept import kept
from gongbao.office.resources.models import Holding, Row

pytestmark = pytest.mark.django_db
AT = f"/resources/{PACK}"


def text(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_the_room_is_for_those_who_act(city, operator, signed_in, town):
    assert "应急资源" in signed_in(city).get("/").content.decode()
    assert "应急资源" not in signed_in(operator).get("/").content.decode()
    assert signed_in(operator).get("/resources/").status_code == 403


def test_the_first_page_lists_the_registers_with_what_does_not_agree(city, crew, signed_in):
    page = text(signed_in(city).get("/resources/"))
    assert "抢修队伍 队伍 1 2 项不符" in page
    assert "甲市蓝盾救援队" not in page
    assert Row.objects.filter(register="printed").count() == 2  # what the document prints is there


def test_nearest_first_with_whom_to_call(teams, city, crew, signed_in):
    book.add(teams, city, {"name": "西区抢修队", "place": "西区"})
    page = text(signed_in(city).get("/resources/?kind=team&place=西区"))
    assert page.index("西区抢修队") < page.index("东区抢修一队")
    assert "赵某某 13900001234" in page
    entry = Audit.objects.filter(act="查看个人信息", subject="应急资源").last()
    assert entry.detail == {"rows": [crew.pk], "n": 1}


def test_neighbours_come_before_the_others_once_entered(teams, city, signed_in):
    book.add(teams, city, {"name": "甲队", "place": "东区"})
    assert "相邻县没有登记" in text(signed_in(city).get("/resources/?place=西区"))
    book.add(kept(PACK, "borders"), city, {"place": "东区", "neighbour": "西区"})
    page = text(signed_in(city).get("/resources/?place=西区"))
    assert "相邻 甲队" in page


def test_distances_where_both_have_coordinates(teams, city, signed_in):
    book.add(teams, city, {"name": "远队", "place": "东区", "longitude": "117.2", "latitude": "39.5"})
    book.add(teams, city, {"name": "近队", "place": "西区", "longitude": "116.71", "latitude": "39.5"})
    page = text(signed_in(city).get("/resources/?place=东区&point=116.70,39.50"))
    assert page.index("0.9 公里") < page.index("近队") < page.index("42.9 公里") < page.index("远队")


@pytest.mark.parametrize("query", ["point=abc", "point=200,39", "place=南区", "need=x", "need=-1"])
def test_a_wrong_question_is_told_and_answered_without_it(city, crew, signed_in, query):
    answer = signed_in(city).get(f"/resources/?{query}")
    assert answer.status_code == 422
    assert "东区抢修一队" in text(answer)


def test_masked_for_those_who_do_not_read_personal_data(crew, account, signed_in):
    page = text(signed_in(account("du", "甲市城管局", "督查员")).get("/resources/?kind=team"))
    assert "13900001234" not in page
    assert "赵＊＊" in page
    assert not Audit.objects.filter(subject="应急资源").exists()


@pytest.mark.parametrize("word", ["帐篷", "东区", "区库", "帐篷 东区", "顶"])
def test_two_characters_are_enough_to_find(tents, city, signed_in, word):
    assert "帐篷" in text(signed_in(city).get(f"/resources/?q={word}&state=all"))
    assert "帐篷" in text(signed_in(city).get(f"{AT}/stock/?q={word}"))
    assert "没有符合" in text(signed_in(city).get(f"/resources/?q={word}无"))


def test_of_many_the_nearest_are_shown_and_the_rest_counted(teams, city, signed_in, monkeypatch):
    monkeypatch.setattr(finding, "SHOWN", 2)
    for i, longitude in enumerate(("119", "118", "116.71")):
        book.add(teams, city, {"name": f"队{i}", "place": "东区", "longitude": longitude, "latitude": "39.5"})
    page = text(signed_in(city).get("/resources/?kind=team&point=116.70,39.50"))
    assert page.index("队2") < page.index("队1")
    assert "队0" not in page
    assert "另有 1 项" in page


def test_state_and_need_narrow(tents, crew, case, city, signed_in):
    client = signed_in(city)
    lending.lend(crew.pk, case, city)
    lending.lend(tents.pk, case, city, quantity="6")

    def names(query: str) -> str:
        return text(client.get(f"/resources/?{query}"))

    assert "东区抢修一队" not in names("state=free")
    assert "部分调用 4顶（共10顶）" in names("state=free")
    assert "东区抢修一队" in names("state=lent")
    assert "帐篷" in names("need=4")
    assert "帐篷" not in names("need=5")


def test_lent_from_the_list_in_one_press_and_back_on_the_list(crew, case, city, signed_in):
    client = signed_in(city)
    page = client.get(f"/resources/?case={case.number}&kind=team")
    assert f"/resources/rows/{crew.pk}/lend/" in page.content.decode()
    back = f"/resources/?case={case.number}&kind=team"
    answer = client.post(f"/resources/rows/{crew.pk}/lend/", {"case": case.number, "next": back}, follow=True)
    assert answer.redirect_chain[-1][0] == back
    assert f"已为 {case.number} 调用 东区抢修一队" in text(answer)


def test_somebody_elses_address_is_not_followed(crew, case, city, signed_in):
    answer = signed_in(city).post(f"/resources/rows/{crew.pk}/lend/", {"case": case.number, "next": "//evil.example/"})
    assert answer.headers["Location"] == f"/resources/rows/{crew.pk}/"


def test_the_page_of_a_case_shows_what_it_holds_and_gives_it_back(tents, case, city, signed_in):
    client = signed_in(city)
    held = lending.lend(tents.pk, case, city, quantity="6")
    page = text(client.get(f"/case/{case.number}/"))
    assert "帐篷" in page
    assert "就近调用" in page
    client.post(
        f"/resources/holdings/{held.pk}/return/", {"returned": "5", "used": "1", "next": f"/case/{case.number}/"}
    )
    page = text(client.get(f"/case/{case.number}/"))
    assert "已归还 1 项" in page
    assert "归还 5顶，消耗 1顶" in page


def test_a_matter_without_resources_of_another_room_has_no_panel(case, city, signed_in):
    assert "就近调用" not in text(signed_in(city).get(f"/case/{case.number}/"))


def test_the_row_shows_which_case_holds_what(tents, case, other_case, city, signed_in):
    lending.lend(tents.pk, case, city, quantity="6")
    lending.lend(tents.pk, other_case, city, quantity="1")
    page = text(signed_in(city).get(f"/resources/rows/{tents.pk}/"))
    assert case.number in page or case.title in page
    assert "在用 2 项" in page
    assert page.count("调用") >= 2


def test_a_refused_lending_says_why_beside_the_form(tents, case, city, signed_in):
    answer = signed_in(city).post(
        f"/resources/rows/{tents.pk}/lend/", {"case": case.number, "quantity": "11", "note": "急"}
    )
    assert answer.status_code == 422
    assert "只剩 10顶，不够 11" in text(answer)
    assert 'value="急"' in answer.content.decode()
    answer = signed_in(city).post(f"/resources/rows/{tents.pk}/lend/", {"quantity": "1"})
    assert "须选择事项" in text(answer)
    assert not Holding.objects.exists()


def test_a_row_is_entered_changed_and_ended_by_forms(stock, city, signed_in):
    client = signed_in(city)
    answer = client.post(f"{AT}/stock/new/", {f"c-{k}": v for k, v in {**TENT, "quantity": "十"}.items()})
    assert answer.status_code == 422
    assert 'href="#c-quantity"' in answer.content.decode()
    answer = client.post(f"{AT}/stock/new/", {f"c-{k}": v for k, v in TENT.items()}, follow=True)
    assert "已登记 帐篷" in text(answer)
    row = Row.objects.get()
    form = client.get(f"/resources/rows/{row.pk}/change/").content.decode()
    assert 'value="10"' in form
    given = {f"c-{k}": v for k, v in {**TENT, "quantity": "12"}.items()}
    answer = client.post(f"/resources/rows/{row.pk}/change/", {**given, "seq": "1", "why": "补充"}, follow=True)
    assert "变更 数量" in text(answer)
    assert client.post(f"/resources/rows/{row.pk}/change/", {**given, "seq": "1", "why": "补充"}).status_code == 422
    answer = client.post(f"/resources/rows/{row.pk}/end/", {"seq": "2", "why": "报废"}, follow=True)
    assert "已注销 帐篷" in text(answer)
    assert "还没有登记" in text(answer)


def test_who_does_not_read_personal_cells_changes_the_others(teams, crew, account, signed_in):
    """监管人员 read them; a role that edits and does not read is made up of none, so the form is asked directly."""
    regulator = account("jian", "甲市城管局", "监管人员")
    form = signed_in(regulator).get(f"/resources/rows/{crew.pk}/change/").content.decode()
    assert "13900001234" in form
    assert Audit.objects.filter(act="查看个人信息", account="jian").exists()


def test_import_names_the_cell(stock, city, signed_in):
    data = "品名,库,所在区,数量,单位\n水泵,库,南区,1,台\n".encode()
    answer = signed_in(city).post(f"{AT}/stock/import/", {"file": SimpleUploadedFile("a.csv", data)})
    assert answer.status_code == 422
    assert "C2 所在区 南区 只能是 东区、西区" in text(answer)
    data = data.replace("南区".encode(), "东区".encode())
    answer = signed_in(city).post(f"{AT}/stock/import/", {"file": SimpleUploadedFile("a.csv", data)}, follow=True)
    assert "读 1 行，新增 1，变更 0" in text(answer)


def test_export_follows_the_search_and_is_written_down(stock, tents, city, signed_in):
    book.add(stock, city, {**TENT, "name": "水泵"})
    answer = signed_in(city).get(f"{AT}/stock/export/?q=水泵")
    assert [row[0].text for row in read_table(answer.content, "a.xlsx").rows] == ["水泵"]
    assert Audit.objects.filter(act="导出清单").last().detail["rows"] == 1


def test_a_past_day_is_shown_as_it_was(stock, tents, city, signed_in, office_clock):
    office_clock.advance(days=3)
    book.change(stock, city, tents.pk, {"quantity": "4"}, why="核减")
    page = text(signed_in(city).get(f"{AT}/stock/?on=2023-03-02"))
    assert " 10 顶" in page
    assert signed_in(city).get(f"{AT}/stock/?on=2023-03-20").status_code == 422
    assert signed_in(city).get(f"{AT}/stock/?on=昨天").status_code == 422


@pytest.mark.parametrize(
    "path", [f"{AT}/none/", f"{AT}/none/new/", "/resources/rows/999/", "/resources/no/pack/teams/"]
)
def test_what_is_not_there(city, town, signed_in, path):
    assert signed_in(city).get(path).status_code == 404


def test_an_inspector_looks_and_enters_nothing(stock, tents, account, signed_in):
    client = signed_in(account("du", "甲市城管局", "督查员"))
    assert "登记</a>" not in client.get(f"{AT}/stock/").content.decode()
    for form in (f"{AT}/stock/new/", f"/resources/rows/{tents.pk}/change/"):
        page = client.get(form)
        assert page.status_code == 403
        assert "登记" in page.content.decode()
    assert client.post(f"{AT}/stock/new/", {f"c-{k}": v for k, v in {**TENT, "name": "泵"}.items()}).status_code == 422
    assert client.post(f"{AT}/stock/import/", {}).status_code == 403
    assert client.post(f"/resources/rows/{tents.pk}/end/", {"why": "x"}).status_code == 422
    assert Row.objects.filter(valid_until=None, register="stock").count() == 1
