"""Values are entered once for all plans, kept with their history, sent back with a reason, and judged by each plan."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from tests.office.indicators.conftest import RULE, YEAR

from gongbao.engine.indicator_judge import evaluate
from gongbao.engine.indicator_observations import parse_period
from gongbao.office import clock, worlds
from gongbao.office.append_only import Rewritten
from gongbao.office.cases.models import Notice
from gongbao.office.indicators import book, lines, sheet
from gongbao.office.indicators.models import Report
from gongbao.office.people.access import NotYours

pytestmark = pytest.mark.django_db


def line(label: str) -> lines.Line:
    return next(x for x in lines.lines(lines.plans()) if x.label == label)


def given(label: str, value: str, note: str = "") -> book.Given:
    return book.Given(line(label), value, "统计年报", note)


def status(pack: str, indicator: str) -> str:
    world = worlds.world(pack)
    return next(
        one.status for one in evaluate([world], book.observations(), clock.today()) if one.indicator.id == indicator
    )


def test_a_shared_indicator_is_one_line_for_all_plans(clerk):
    mine = lines.of_account(clerk, lines.plans())
    assert [x.label for x in mine] == ["每千人口注册护士数", "健康素养水平", "服务体系"]
    assert mine[0].plans == ("健康规划", "护理规划")


def test_one_value_is_judged_in_every_plan(clerk):
    assert (status("langfang/health", "1"), status("langfang/nursing", "1")) == ("无数据", "无数据")
    assert book.enter(clerk, YEAR, [given("每千人口注册护士数", "3.8")]) == 1
    assert (status("langfang/health", "1"), status("langfang/nursing", "1")) == ("达标", "达标")


def test_a_value_is_kept_exactly(clerk):
    book.enter(clerk, YEAR, [given("健康素养水平", "24.90")])
    (series,) = (s for (key, _, _), s in book.observations().series.items() if key.endswith(":2"))
    assert [one.value for one in series.values()] == [Decimal("24.9")]
    assert status("langfang/health", "2") == "推进中"


def test_all_are_written_or_none(clerk):
    with pytest.raises(book.Refused) as refused:
        book.enter(clerk, YEAR, [given("每千人口注册护士数", "3.5"), given("健康素养水平", "百分之三")])
    assert list(refused.value.faults) == [line("健康素养水平").id]
    assert Report.objects.count() == 0


@pytest.mark.parametrize(("value", "taken"), [("0", True), ("-0.1", False), ("100", True), ("100.1", False)])
def test_a_value_is_within_what_the_indicator_may_be(clerk, value, taken):
    if taken:
        assert book.enter(clerk, YEAR, [given("健康素养水平", value)]) == 1
    else:
        with pytest.raises(book.Refused):
            book.enter(clerk, YEAR, [given("健康素养水平", value)])


def test_only_who_answers_for_it_enters_a_value(stranger):
    with pytest.raises(book.Refused, match="没有保存"):
        book.enter(stranger, YEAR, [given("健康素养水平", "20")])


def test_a_period_that_is_not_over_has_no_value(clerk):
    with pytest.raises(book.Refused, match="还没有结束"):
        book.enter(clerk, parse_period("2023"), [given("健康素养水平", "20")])


def test_a_correction_needs_its_reason_and_leaves_what_was(clerk, office_clock):
    book.enter(clerk, YEAR, [given("健康素养水平", "20")])
    office_clock.advance(days=1)
    with pytest.raises(book.Refused):
        book.enter(clerk, YEAR, [given("健康素养水平", "21")])
    book.enter(clerk, YEAR, [given("健康素养水平", "21", "重新测算")])
    assert [r.value for r in book.history(line("健康素养水平").key, "", "2022")] == ["21", "20"]
    held = book.held(YEAR)[line("健康素养水平").id]
    assert (held.report.value, held.corrected) == ("21", True)


def test_the_same_value_again_is_no_report(clerk):
    book.enter(clerk, YEAR, [given("健康素养水平", "20")])
    assert book.enter(clerk, YEAR, [given("健康素养水平", "20"), given("服务体系", "")]) == 0


def test_what_supervision_sends_back_counts_no_longer(clerk, inspector, office_clock):
    book.enter(clerk, YEAR, [given("每千人口注册护士数", "3.9")])
    office_clock.advance(days=1)
    with pytest.raises(NotYours):
        book.give_back(clerk, "nurses", "", YEAR, "口径不符")
    with pytest.raises(book.Refused, match="理由"):
        book.give_back(inspector, "nurses", "", YEAR, " ")
    book.give_back(inspector, "nurses", "", YEAR, "口径不符")
    assert status("langfang/health", "1") == "无数据"
    assert "口径不符" in Notice.objects.get(who=clerk.unit, kind="value").text
    with pytest.raises(book.Refused, match="没有可以退回"):
        book.give_back(inspector, "nurses", "", YEAR, "口径不符")
    office_clock.advance(days=1)
    assert book.enter(clerk, YEAR, [given("每千人口注册护士数", "3.7")]) == 1  # no reason needed: it was asked for
    assert status("langfang/health", "1") == "推进中"


@pytest.mark.parametrize(("allowed", "late"), [(59, True), (60, False)])
def test_late_is_what_comes_after_the_days_that_are_set(clerk, inspector, allowed, late):
    worlds.set_setting(RULE, "report_days", allowed, by=inspector, reason="试行")
    book.enter(clerk, YEAR, [given("健康素养水平", "20")])  # 60 days after the end of 2022
    assert book.held(YEAR)[line("健康素养水平").id].late is late


def test_while_no_days_are_set_nothing_is_late(clerk):
    book.enter(clerk, YEAR, [given("健康素养水平", "20")])
    assert book.held(YEAR)[line("健康素养水平").id].late is False


def test_a_report_is_never_changed(clerk):
    book.enter(clerk, YEAR, [given("健康素养水平", "20")])
    with pytest.raises(Rewritten):
        Report.objects.update(value="30")


# ------------------------------------------------------------------------------------------------------------ the sheet


def filled(clerk, **cells: object) -> bytes:
    workbook = load_workbook(io.BytesIO(sheet.made(lines.of_account(clerk, lines.plans()), book.held(YEAR), YEAR)))
    for address, value in cells.items():
        workbook.active[address] = value
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def test_the_sheet_is_filled_in_and_only_its_answers_are_open(clerk):
    book.enter(clerk, YEAR, [given("健康素养水平", "20")])
    active = load_workbook(io.BytesIO(filled(clerk))).active
    assert [c.value for c in active[3]][:6] == [line("健康素养水平").id, "健康素养水平", "全市", "%", "2022年", "20"]
    assert active.protection.sheet
    assert (active["F3"].protection.locked, active["G3"].protection.locked) == (True, False)
    assert {str(rule.sqref): rule.type for rule in active.data_validations.dataValidation} == {
        "G2": "decimal", "G3": "decimal", "G4": "list",
    }  # fmt: skip


def test_the_sheet_comes_back_whole(clerk, signed_in):
    table = SimpleUploadedFile("填报.xlsx", filled(clerk, G2=3.9, G4="达到", H2="年报"))
    answer = signed_in(clerk).post("/indicators/sheet/?period=2022", {"table": table})
    assert answer.status_code == 302
    assert {(r.key.rpartition(":")[2], r.value, r.source) for r in Report.objects.all()} == {
        ("nurses", "3.9", "年报"), ("3", "达到", ""),
    }  # fmt: skip


def test_a_fault_in_the_sheet_names_its_cell_and_nothing_is_taken(clerk, signed_in):
    table = SimpleUploadedFile("填报.xlsx", filled(clerk, G2=3.9, G3="一百"))
    answer = signed_in(clerk).post("/indicators/sheet/?period=2022", {"table": table})
    assert answer.status_code == 422
    assert "G3：“健康素养水平”（全市）现为“一百”" in answer.content.decode()
    assert Report.objects.count() == 0


def test_the_sheet_of_another_period_or_unit_is_refused(clerk, stranger, signed_in):
    table = SimpleUploadedFile("填报.xlsx", filled(clerk, G2=3.9))
    answer = signed_in(clerk).post("/indicators/sheet/?period=2021", {"table": table})
    assert "E2：是“2022年”的表" in answer.content.decode()
    table = SimpleUploadedFile("填报.xlsx", filled(clerk, G2=3.9))
    answer = signed_in(stranger).post("/indicators/sheet/?period=2022", {"table": table})
    assert "不由您的单位填报" in answer.content.decode()
    assert Report.objects.count() == 0


# ------------------------------------------------------------------------------------------------------------ pages


def test_a_clerk_enters_in_the_grid_and_attaches_what_proves_it(clerk, signed_in):
    client = signed_in(clerk)
    paper = SimpleUploadedFile("年报.pdf", b"%PDF-1.4 test")
    answer = client.post("/indicators/enter/?period=2022", {"v-0": "3.9", "s-0": "年报", "evidence": paper})
    assert answer.status_code == 302
    report = Report.objects.get()
    assert (report.value, report.evidence[0].partition("/")[2]) == ("3.9", "年报.pdf")
    page = client.get("/indicators/history/?key=nurses&subject=&period=2022").content.decode()
    assert "年报.pdf" in page
    address = f"/indicators/files/{report.pk}/{report.evidence[0].partition('/')[0]}/"
    assert client.get(address).status_code == 200


def test_a_fault_in_the_grid_stands_at_its_field_with_what_was_typed(clerk, signed_in):
    answer = signed_in(clerk).post("/indicators/enter/?period=2022", {"v-0": "3.9", "v-1": "120"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#v-1"' in page
    assert 'value="3.9"' in page
    assert Report.objects.count() == 0


def test_the_plans_page_and_a_plan_say_how_its_indicators_stand(clerk, inspector, signed_in):
    book.enter(clerk, YEAR, [given("每千人口注册护士数", "3.8")])
    client = signed_in(inspector)
    assert "健康规划" in client.get("/indicators/").content.decode()
    page = client.get("/indicators/plan/langfang/health/").content.decode()
    for words in ("达标", "无数据", "需人工判定", "≥3.8人", "依据"):
        assert words in page


def test_supervision_sends_a_value_back_from_its_page(clerk, inspector, signed_in):
    book.enter(clerk, YEAR, [given("每千人口注册护士数", "3.8")])
    address = "/indicators/history/?key=nurses&subject=&period=2022"
    assert "退回理由" not in signed_in(clerk).get(address).content.decode()
    assert signed_in(inspector).post(address, {"why": "口径不符"}).status_code == 302
    page = signed_in(clerk).get("/indicators/enter/?period=2022").content.decode()
    assert "已退回" in page
    assert "口径不符" in page
