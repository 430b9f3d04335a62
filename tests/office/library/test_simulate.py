"""试算 on the page: what may be changed, over which data, what comes back, who sees it - and that nothing else changes."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from gongbao.engine.codes import credit_code_check
from gongbao.exchange.tables import write_xlsx
from gongbao.office import clock, worker, worlds
from gongbao.office.cases import service
from gongbao.office.cases.models import Case, Event, SettingValue
from gongbao.office.credit import models
from gongbao.office.credit.models import PACK, CreditRecord, Enterprise, Grade
from gongbao.office.library import simulating
from gongbao.office.library.models import Simulation

pytestmark = pytest.mark.django_db
PAGE = f"/library/pack/{PACK}/simulate/"
FACTS = ("licence_revoked", "general_records", "repaired_records", "serious_listed", "serious_penalties",
         "serious_consequence")  # fmt: skip


@pytest.fixture(autouse=True)
def _packs(_instance, settings, office_clock):
    settings.GONGBAO_PACKS = Path(__file__).parents[3] / "packs"
    settings.GONGBAO_SITE = "office"
    worlds.forget()


@pytest.fixture
def drafter(signed_in, account):
    return signed_in(account("gao", "市行政审批局", "政策维护"))


@pytest.fixture
def regulator(signed_in, account):
    return signed_in(account("jian", "市行政审批局", "监管人员"))


@pytest.fixture
def city(db):
    """Enterprises with 0 to 6 general records of the cycle."""
    for n in range(7):
        body = f"91131082MA{n + 1:07d}"
        held = Enterprise.objects.create(
            credit_code=body + credit_code_check(body), name=f"示例{n}号食品有限公司", county="三河市",
            licence_revoked=False, added_at=dt.datetime(2023, 1, 1, tzinfo=dt.UTC),
        )  # fmt: skip
        for i in range(n):
            CreditRecord.objects.create(
                enterprise=held, number=f"XY{n}{i}", kind="欠缴税款", klass=models.GENERAL, source="市税务局",
                dated=dt.date(2022, 10, 1), collected_on=dt.date(2022, 10, 1), serious_consequence=False,
            )  # fmt: skip


def run(client, **more):
    """Posts the form and gives the page of the result."""
    sent = {"decision": "grade", "source": "credit", "c-params.general_limit": "3", **more}
    return client.post(PAGE, sent, follow=True)


def table(*records: int | str) -> SimpleUploadedFile:
    rows = [[f"企业{i}", "否", n, 0, 0, 0, "否"] for i, n in enumerate(records, 1)]
    return SimpleUploadedFile("表.xlsx", write_xlsx(("名称", *FACTS), rows))


def text(response) -> str:
    return response.content.decode()


def test_the_form_shows_the_present_value_its_unit_and_its_clause(regulator, city):
    said = text(regulator.get(PAGE, {"decision": "grade"}))
    assert 'name="c-params.general_limit"' in said
    assert "5次" in said
    assert "三（五）" in said
    assert "信用监管名录里的全部企业，7 户" in said
    assert "未经发布机关审定，仅供参考" in said
    assert "不改变任何事项、等级或设置" in said


def test_how_many_enterprises_drop_if_the_limit_moves_from_five_to_three(regulator, city):
    said = text(run(regulator, **{"c-settings.repaired_counts": "不计入"}))
    row = Simulation.objects.get()
    assert (row.status, row.total, row.names) == ("done", 7, True)
    assert row.result["changed"] == 2
    assert row.result["outputs"][0]["matrix"]["steps"] == {"-1": 2, "0": 5}
    assert "示例4号食品有限公司" in said
    assert f"/credit/enterprises/{Enterprise.objects.get(name='示例4号食品有限公司').credit_code}/" in said
    assert "原“1 至 5（含两端）”，改后“＞ 3”" in said
    assert "<svg " in said
    assert "5次（计入的一般失信次数）改为 3次" in said


def test_no_matter_grade_or_setting_changes(regulator, city):
    def state():
        return (list(Enterprise.objects.values()), list(CreditRecord.objects.values()), list(Grade.objects.values()),
                list(SettingValue.objects.values()), list(Event.objects.values()), list(Case.objects.values()))  # fmt: skip

    before = state()
    run(regulator, **{"c-settings.conflict_reading": "从严"})
    assert Simulation.objects.get().status == "done"
    assert state() == before
    assert worlds.world(PACK).params["general_limit"] == 5


def test_examples_of_a_decision_do_not_fail_for_a_setting_that_the_office_filled(drafter, db):
    worlds.set_setting(PACK, "repaired_counts", "不计入", by="test", reason="试")
    shown = drafter.get(f"/library/pack/{PACK}/decision/grade/").context["examples"]
    assert len(shown) >= 20
    assert [each.differences for each in shown if not each.ok] == []


def test_settings_of_counting_change_what_is_counted(regulator, city):
    enterprise = Enterprise.objects.get(name="示例5号食品有限公司")
    CreditRecord.objects.filter(enterprise=enterprise).update(status=models.REPAIRED)
    worlds.set_setting(PACK, "repaired_counts", "不计入", by="test", reason="试")
    regulator.post(PAGE, {"decision": "grade", "source": "credit", "c-settings.repaired_counts": "计入"})
    matrix = Simulation.objects.get().result["outputs"][0]["matrix"]
    assert matrix["moved"] == 1
    assert matrix["steps"]["-1"] == 1  # A without its five repaired records, B with them


def test_the_changes_are_a_workbook_and_the_picture_an_svg(regulator, city):
    run(regulator)
    row = Simulation.objects.get()
    answer = regulator.get(f"{PAGE}{row.pk}/file/xlsx/")
    book = load_workbook(io.BytesIO(answer.content)).active
    lines = [[c.value for c in line] for line in book.iter_rows()]
    assert len(lines) == 1 + row.result["changed"]
    assert "改后结果" in lines[0]
    assert regulator.get(f"{PAGE}{row.pk}/file/svg/").content.startswith(b"<svg ")
    assert regulator.get(f"{PAGE}{row.pk}/file/exe/").status_code == 404


def test_a_drafter_sees_counts_without_names_and_no_workbook(drafter, city):
    said = text(run(drafter))
    row = Simulation.objects.get()
    assert row.result["changed"] == 2
    assert "食品有限公司" not in said
    assert "9113" not in said
    assert row.changed is None
    assert drafter.get(f"{PAGE}{row.pk}/file/xlsx/").status_code == 404


def test_a_drafter_of_another_unit_has_not_its_enterprises_but_a_table_of_its_own(signed_in, account, city):
    client = signed_in(account("bie", "市应急管理局", "政策维护"))
    page = text(client.get(PAGE, {"decision": "grade"}))
    assert "信用监管名录里的全部企业" not in page
    answer = run(client)
    assert answer.status_code == 422
    assert "不能用所选的数据试算" in text(answer)
    assert not Simulation.objects.exists()
    run(client, source="upload", file=table(2, 4))
    assert Simulation.objects.get().result["changed"] == 1


def test_a_long_one_goes_on_in_slices_and_others_have_their_turn(regulator, city, monkeypatch):
    monkeypatch.setattr(simulating, "AT_ONCE_ROWS", 0)
    monkeypatch.setattr(simulating, "SLICE", 0)
    monkeypatch.setattr("gongbao.office.credit.whatif.CHUNK", 3)
    run(regulator)
    seen = []
    for _ in range(9):
        done = simulating.carry_out_waiting()
        row = Simulation.objects.get()
        seen.append((done, row.status, row.done))
        if row.status == "done":
            break
    assert seen == [(1, "running", 3), (1, "running", 6), (1, "running", 7), (1, "done", 7)]
    assert row.result["changed"] == 2
    assert simulating.carry_out_waiting() == 0


def test_a_figure_that_no_rule_reads_or_no_row_comes_near_is_told(regulator, city):
    said = text(run(regulator, **{"c-params.general_limit": "6"}))
    row = Simulation.objects.get()
    assert row.result["changed"] == 1
    assert row.result["remarks"] == []
    assert "<dt>说明</dt>" not in said
    said = text(run(regulator, **{"c-params.general_limit": "60", "c-params.pilot_year": "2024"}))
    told = Simulation.objects.first().result["remarks"]
    assert told[0].startswith("判定“公共信用等级”没有一条规则读“2023年")
    assert told[0] in said
    CreditRecord.objects.all().delete()
    run(regulator)
    assert Simulation.objects.first().result["remarks"] == [
        "规则读了“5次（计入的一般失信次数）”，但没有一行数据落在改动前后结果不同的地方"
    ]


def test_who_may_not_try_is_refused_and_not_offered_it(signed_in, account, city):
    other = signed_in(account("chuang", "市行政审批局", "承办人"))
    assert other.get(PAGE).status_code == 403
    assert run(other).status_code == 403
    assert not Simulation.objects.exists()
    assert "simulate/" not in text(other.get(f"/library/pack/{PACK}/"))


def test_what_somebody_tried_is_that_persons(regulator, signed_in, account, city):
    run(regulator)
    pk = Simulation.objects.get().pk
    other = signed_in(account("bie", "市行政审批局", "监管人员"))
    for path in ("", "progress/", "file/xlsx/", "file/svg/"):
        assert other.get(f"{PAGE}{pk}/{path}").status_code == 403
    assert regulator.get(f"{PAGE}{pk}/").status_code == 200
    assert regulator.get(f"{PAGE}999/").status_code == 404
    assert regulator.get(f"/library/pack/langfang/hotline-110/simulate/{pk}/").status_code == 404


@pytest.mark.parametrize(("more", "why"), [
    ({"c-params.general_limit": ""}, "至少改一项"),
    ({"c-params.general_limit": "5"}, "与现值相同"),
    ({"c-params.general_limit": "三"}, "须为不小于 0 的整数"),
    ({"c-params.nothing": "3"}, "没有“nothing”这个参数"),
    ({"source": "none"}, "请选择用哪些数据"),
    ({"source": "upload"}, "请选择要试算的表"),
])  # fmt: skip
def test_what_cannot_be_tried_is_said_and_nothing_is_kept(regulator, city, more, why):
    answer = run(regulator, **more)
    assert answer.status_code == 422
    assert why in text(answer)
    assert not Simulation.objects.exists()


def test_an_uploaded_table_is_decided_and_not_kept(regulator):
    said = text(run(regulator, source="upload", file=table(2, 4, "三")))
    row = Simulation.objects.get()
    assert (row.status, row.upload, row.result["rows"], row.result["changed"]) == ("done", None, 3, 1)
    assert "企业2" in said
    assert "第 3 行，列 general_records" in said


def test_an_uploaded_table_without_a_column_is_refused_by_name(regulator):
    file = SimpleUploadedFile("表.xlsx", write_xlsx(("名称",), [["甲"]]))
    answer = run(regulator, source="upload", file=file)
    assert answer.status_code == 422
    assert "表里缺少列：general_records（一般失信行为记录次数）" in text(answer)


def test_the_empty_table_has_the_columns(regulator):
    answer = regulator.get(f"{PAGE}template/grade/")
    first = next(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert first[0] == "名称"
    assert "一般失信行为记录次数" in first


def test_many_rows_are_left_to_the_worker_which_tells_how_far_it_is(regulator, city, monkeypatch):
    monkeypatch.setattr(simulating, "AT_ONCE_ROWS", 6)
    said = text(run(regulator))
    row = Simulation.objects.get()
    assert row.status == "waiting"
    assert "等待后台进程开始，共 7 行" in said
    assert "HX-Refresh" not in regulator.get(f"{PAGE}{row.pk}/progress/").headers
    assert simulating.carry_out_waiting in worker.rounds()
    assert simulating.carry_out_waiting() == 1
    row.refresh_from_db()
    assert (row.status, row.done, row.result["changed"]) == ("done", 7, 2)
    assert regulator.get(f"{PAGE}{row.pk}/progress/").headers["HX-Refresh"] == "true"


def test_one_whose_process_died_says_so_and_old_ones_go(regulator, city):
    run(regulator)
    Simulation.objects.update(status="running", seen_at=clock.machine_now() - simulating.SILENT - dt.timedelta(1))
    simulating.bury()
    row = Simulation.objects.get()
    assert (row.status, row.error) == ("failed", "进程中断，没有完成，请重新试算")
    assert "进程中断" in text(regulator.get(f"{PAGE}{row.pk}/"))
    Simulation.objects.update(seen_at=clock.machine_now() - simulating.KEEP)
    assert simulating.forget_old() == 1


def test_what_goes_wrong_in_the_worker_is_told_on_the_page(regulator, city, monkeypatch):
    monkeypatch.setattr(simulating, "AT_ONCE_ROWS", 0)
    run(regulator)
    CreditRecord.objects.all().delete()
    Enterprise.objects.all().delete()
    simulating.carry_out_waiting()
    row = Simulation.objects.get()
    assert (row.status, row.error) == ("failed", "没有可以试算的数据")


WARNING = "/library/pack/langfang/heavy-pollution/simulate/"


def test_days_of_past_warnings_at_another_line(signed_in, account):
    officer = account("zhi", "廊坊市重污染天气监测预报组", "值班员")
    pack = "langfang/heavy-pollution"
    for name, value in (("light_max", 100), ("moderate_max", 200), ("valid_hours", 20), ("trend_counts", True)):
        worlds.set_setting(pack, name, value, by="test", reason="试")
    readings = [
        {"at": f"2023-01-{d:02d}", "value": v, "mark": "监测"} for d, v in enumerate((90, 160, 170, 210, 90), 1)
    ]
    service.open_case(officer, pack, "warning", {"aqi": readings, "warning_source": "本市"}, basis_confirmed_by="某某")
    client = signed_in(officer)
    said = client.post(WARNING, {"decision": "level", "source": "matters", "c-params.heavy_aqi": "150"}, follow=True)
    row = Simulation.objects.get()
    assert row.error == ""
    assert row.result["days"]["moved"] == 3
    assert row.result["episodes"] == {"蓝色": {"before": 1, "after": 0}, "黄色": {"before": 0, "after": 1}}
    assert Case.objects.get().number in said.content.decode()


def test_a_table_of_readings_with_the_facts_that_all_share(signed_in, account):
    client = signed_in(account("zhi", "廊坊市生态环境局", "值班员"))
    rows = [["甲站", f"2023-01-{d:02d}", v, "监测"] for d, v in enumerate((90, 210, 60, 220, 90), 1)]
    file = SimpleUploadedFile("读数.xlsx", write_xlsx(("名称", "时间", "数值", "标记"), rows))
    client.post(WARNING, {
        "decision": "level", "source": "upload", "c-params.heavy_aqi": "150", "c-settings.light_max": "100",
        "c-settings.valid_hours": "20", "c-settings.trend_counts": "是", "f-gap_reading": "分段计算", "file": file,
    })  # fmt: skip
    row = Simulation.objects.get()
    assert row.error == ""
    assert row.result["days"]["after"] == [3, 2, 0, 0, 0]
