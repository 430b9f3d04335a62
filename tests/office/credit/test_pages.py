"""The pages: who may see what, what the window answers, exports, and that every page opens."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongbao.exchange.tables import read_table
from gongbao.office.cases import service
from gongbao.office.cases.models import Case
from gongbao.office.credit import inspection, models, runs
from gongbao.office.credit.models import Draw, Query, Run
from gongbao.office.people.models import Audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(signed_in, regulator):
    return signed_in(regulator)


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def test_every_page_of_the_room_opens(web, enterprise, record):
    company = enterprise()
    record(company)
    run = runs.carry_out(runs.prepare("jian"))
    for address in (
        "/credit/", "/credit/?by=sector", "/credit/?by=directory", "/credit/enterprises/", "/credit/runs/", "/credit/draws/",
        f"/credit/enterprises/{company.credit_code}/", f"/credit/runs/{run.pk}/", f"/credit/runs/{run.pk}/?show=changed",
        f"/credit/runs/{run.pk}/progress/", "/credit/draws/new/", "/credit/queries/", "/credit/registers/items/",
        "/credit/registers/information/", "/credit/registers/directories/", "/credit/registers/item-change/",
        "/credit/import/", "/credit/import/records/template/", f"/credit/enterprises/{company.credit_code}/objection/new/",
        f"/credit/enterprises/{company.credit_code}/repair/new/",
    ):  # fmt: skip
        response = web.get(address)
        assert response.status_code == 200, address
        if "html" in response.headers["Content-Type"]:
            assert "style=" not in response.content.decode(), address


@pytest.mark.parametrize("address", ["/credit/", "/credit/enterprises/"])
def test_pages_of_grades_say_that_nobody_has_certified_the_rules(web, address):
    assert "未经发布机关审定，仅供参考" in text(web.get(address))


def test_one_enterprise_shows_grade_grounds_and_the_nearest_change(web, enterprise, record):
    company = enterprise()
    record(company)
    page = text(web.get(f"/credit/enterprises/{company.credit_code}/"))
    assert "公共信用等级" in page
    assert re.search(r"计入的一般失信次数1（[^）]*一般失信行为记录次数 1[^）]*） 符合“1 至 5”", page)
    assert "一般失信行为记录次数少1次（1次→0次），即升为A" in page
    assert "合理降低" not in page
    assert "常规" in page


def test_conflicting_grade_and_risk_show_both_possibilities(web, enterprise):
    page = text(web.get(f"/credit/enterprises/{enterprise(sector_risk='较高').credit_code}/"))
    assert "合理降低 或 适当提高" in page
    assert "公共信用评价与行业信用风险不一致时" in page


def test_the_catalogue_shows_what_does_not_add_up(web):
    page = text(web.get("/credit/registers/items/"))
    assert "文中称210，实列208" in page
    assert "市市场监督管理局：序号 25 印了两次" in page
    assert "市市场监督管理局：没有序号 26" in page
    assert "市交通运输局：7、19 号的事项名称相同" in page


def test_an_item_change_is_to_be_reported_in_10_working_days(web):
    response = web.post("/credit/registers/item-change/", {
        "f-change_kind": "增加", "f-changed_item": "对示例事项的检查", "f-changed_at": "2023-03-01T08:00", "f-changed_by": "市体育局",
    })  # fmt: skip
    case = Case.objects.get(procedure="item_change")
    assert response.headers["Location"].endswith(f"{case.number}/")
    assert case.next_due.date().isoformat() == "2023-03-15"


def test_a_wrong_item_change_is_told_by_field(web):
    response = web.post("/credit/registers/item-change/", {"f-change_kind": "增加"})
    assert response.status_code == 422
    assert "监管事项名称" in text(response)


def ask(client, company, asker, name="李某", **more):
    return client.post(
        "/credit/queries/", {"f-credit_code": company.credit_code, "f-asker": asker, "asker_name": name, **more}
    )


def test_a_stranger_is_refused_and_written_down(signed_in, clerk, enterprise):
    company, window = enterprise(), signed_in(clerk)
    response = ask(window, company, "其他人")
    made = Query.objects.get()
    assert (made.allowed, made.grade, made.asker_name) == (False, "", "李某")
    page = text(window.get(response.headers["Location"]))
    assert "不予提供" in page
    assert window.get(response.headers["Location"] + "notice/").status_code == 403
    assert window.get(f"/credit/enterprises/{company.credit_code}/").status_code == 403
    assert Audit.objects.filter(act="信用查询被拒", subject=company.credit_code).exists()


def test_the_enterprise_itself_gets_its_result_as_a_paper(signed_in, clerk, enterprise, record):
    company, window = enterprise(), signed_in(clerk)
    record(company)
    address = ask(window, company, "企业本身").headers["Location"]
    assert "公共信用等级" in text(window.get(address))
    response = window.get(address + "notice/")
    assert response.content[:2] == b"PK"
    from docx import Document

    words = "\n".join(cell.text for row in Document(io.BytesIO(response.content)).tables[0].rows for cell in row.cells)
    assert company.credit_code in words
    assert "公共信用等级\nB" in words
    assert "三（五）" in words
    # Having answered, the window may open its objection.
    assert window.get(f"/credit/enterprises/{company.credit_code}/objection/new/").status_code == 200


def test_an_authorised_person_brings_the_authorisation(signed_in, clerk, enterprise):
    company, window = enterprise(), signed_in(clerk)
    assert ask(window, company, "经企业授权的人").status_code == 422
    assert not Query.objects.exists()
    scan = SimpleUploadedFile("授权书.pdf", b"%PDF-1.4")
    assert ask(window, company, "经企业授权的人", evidence=scan).status_code == 302
    assert Query.objects.get().evidence[0].endswith("授权书.pdf")


def test_no_result_paper_while_the_grade_is_open(signed_in, clerk, enterprise, record):
    company, window = enterprise(), signed_in(clerk)
    record(company, serious_consequence=None)
    address = ask(window, company, "企业本身").headers["Location"]
    assert window.get(address + "notice/").status_code == 302


def test_other_roles_do_not_enter(signed_in, account, enterprise):
    stranger = signed_in(account("hua", "市行政审批局", "话务员"))
    company = enterprise()
    for address in (
        "/credit/",
        "/credit/enterprises/",
        f"/credit/enterprises/{company.credit_code}/",
        "/credit/runs/",
        "/credit/draws/",
    ):
        assert stranger.get(address).status_code == 403
    assert stranger.post("/credit/runs/").status_code == 403
    assert not Run.objects.exists()


def test_exports_hold_what_the_page_shows(web, enterprise):
    enterprise(name="=1+1 公司")
    enterprise(county="香河县")
    response = web.get("/credit/enterprises/?county=三河市&format=csv")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == ["'=1+1 公司"]
    table = read_table(web.get("/credit/enterprises/?format=xlsx").content, "a.xlsx")
    assert len(table.rows) == 2
    run = runs.carry_out(runs.prepare("jian"))
    assert len(read_table(web.get(f"/credit/runs/{run.pk}/?show=all&format=xlsx").content, "a.xlsx").rows) == 2


def test_pages_of_many_enterprises_follow_one_another(web, enterprise):
    made = sorted(enterprise().credit_code for _ in range(55))
    first = web.get("/credit/enterprises/").content.decode()
    following = re.search(r'href="\?([^"]*after=[^"]*)"', first)[1].replace("&amp;", "&")
    second = web.get(f"/credit/enterprises/?{following}").content.decode()
    assert made[0] in first
    assert made[-1] not in first
    assert made[-1] in second
    assert made[0] not in second


def test_an_objection_form_that_misses_something_keeps_what_was_typed(web, enterprise, record):
    company = enterprise()
    own = record(company)
    response = web.post(f"/credit/enterprises/{company.credit_code}/objection/new/",
                        {"f-record_numbers": own.number, "f-objection_reason": "已缴清税款", "f-source_unit": "市税务局"})  # fmt: skip
    assert response.status_code == 422
    page = response.content.decode()
    assert "已缴清税款" in page
    assert f'value="{own.number}" checked' in page
    other = record(enterprise())
    response = web.post(f"/credit/enterprises/{company.credit_code}/repair/new/", {"f-record_numbers": other.number})
    assert "不是这个企业可以办理的记录" in text(response)


def test_the_page_of_an_objection_shows_its_records_and_what_became_of_them(web, regulator, enterprise, record):
    company = enterprise()
    own = record(company)
    response = web.post(f"/credit/enterprises/{company.credit_code}/objection/new/", {
        "f-record_numbers": own.number, "f-objection_about": "等级B", "f-objection_reason": "已缴清", "source": "书面",
        "f-received_at": "2023-02-27T09:00", "f-source_unit": "市税务局",
    })  # fmt: skip
    assert response.status_code == 302
    page = text(web.get(response.headers["Location"]))
    assert "1 条记录异议中" in page
    assert own.number in page


def test_a_judgement_is_entered_with_the_name_of_who_made_it(web, enterprise, record):
    company = enterprise()
    own = record(company, serious_consequence=None)
    address = f"/credit/enterprises/{company.credit_code}/judge/"
    web.post(address, {"record": own.number, "serious": "否"})
    own.refresh_from_db()
    assert own.serious_consequence is None
    web.post(address, {"record": own.number, "serious": "否", "judge": "市税务局 王某"})
    company.refresh_from_db()
    assert company.grade == "B"


def test_an_import_with_a_wrong_cell_shows_it(web):
    upload = SimpleUploadedFile("a.csv", "统一社会信用代码,企业名称,注册地\n123,甲,三河市\n".encode())
    response = web.post("/credit/import/", {"kind": "enterprises", "file": upload})
    assert response.status_code == 422
    assert "没有导入任何一行" in text(response)
    assert "A2" in text(response)


def test_a_draw_without_ratio_shows_why_and_with_one_makes_a_list(web, enterprise):
    from gongbao.office import worlds

    enterprise(grade="A", grade_status="settled")
    form = {"department": "市体育局", "item": "对经营高危险性体育项目的监管", "seed": "s", "draw": "1"}
    response = web.post("/credit/draws/new/", form)
    assert response.status_code == 422
    assert "还没有填写" in text(response)
    worlds.set_setting(models.PACK, "ratio_reduced", 50, by="x", reason="试", unit="市体育局")
    response = web.post("/credit/draws/new/", form)
    made = Draw.objects.get()
    assert "按同一种子重抽，名单相同" in text(web.get(response.headers["Location"] + "?repeat=1"))
    assert len(read_table(web.get(f"/credit/draws/{made.number}/?format=xlsx").content, "a.xlsx").rows) == 1
    assert inspection.repeat(made)[0]


def test_a_case_opened_elsewhere_for_an_unknown_company_does_no_harm(web, regulator):
    case = service.open_case(regulator, models.PACK, "objection", {
        "enterprise": "不在名录的公司", "credit_code": "91131000MA07DEM009", "objection_about": "x", "objection_reason": "y",
        "received_at": "2023-02-27 09:00", "source_unit": "市税务局",
    })  # fmt: skip
    assert "名录中没有这个企业" in text(web.get(reverse("cases:page", args=[case.number])))
