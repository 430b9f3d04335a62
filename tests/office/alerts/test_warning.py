"""A warning in the room: from a pasted series to its lifting, by the people whose acts they are."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.office.alerts.conftest import ORANGE, RED, REPORT, act, at, days, open_, published, reported

from gongbao.office import worlds
from gongbao.office.cases import papers, service
from gongbao.office.cases.models import Case, CaseTask

pytestmark = pytest.mark.django_db


def test_a_pasted_series_is_judged_before_anything_is_opened(people, filled) -> None:
    answer = people["d"].post(reverse("alerts:new"), {"way": "paste", "series": ORANGE})
    body = answer.content.decode()
    assert answer.status_code == 200
    assert "橙色" in body
    assert "＞200 连续" in body
    assert "<svg" in body
    assert "style=" not in body
    assert Case.objects.count() == 0


def test_errors_name_their_cells_and_nothing_is_taken(people, filled) -> None:
    answer = people["d"].post(
        reverse("alerts:new"), {"way": "paste", "do": "open", "series": "2017-11-03 abc 监测\n2017-11-04 5 预测"}
    )
    body = answer.content.decode()
    assert answer.status_code == 422
    assert "第1行第2列" in body
    assert "第2行第3列" in body
    assert Case.objects.count() == 0


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_file_to_fill_in_comes_back_as_a_series(people, filled, form) -> None:
    empty = people["d"].get(reverse("alerts:sample", args=[form]), {"step": "24"})
    assert empty.status_code == 200
    if form == "csv":
        lines = empty.content.decode("utf-8-sig").splitlines()
        content = "\n".join([lines[0], *(line.replace(",,", ",250,") for line in lines[1:])]).encode()
    else:
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(empty.content))
        for row in book.active.iter_rows(min_row=2):
            row[1].value = 250
        stream = io.BytesIO()
        book.save(stream)
        content = stream.getvalue()
    answer = people["d"].post(reverse("alerts:new"), {"way": "file", "file": SimpleUploadedFile(f"a.{form}", content)})
    assert answer.status_code == 200, answer.content.decode()
    assert "黄色" in answer.content.decode()


def test_a_bad_cell_of_a_workbook_is_named_by_its_address(people, filled) -> None:
    file = SimpleUploadedFile("a.csv", "时间,AQI,标记\n2017-11-03,250,监测\n2017-11-04,x,监测\n".encode())
    answer = people["d"].post(reverse("alerts:new"), {"way": "file", "file": file})
    assert answer.status_code == 422
    assert "B3" in answer.content.decode()


def test_typed_rows_are_a_series(people, filled) -> None:
    answer = people["d"].post(
        reverse("alerts:new"),
        {"way": "rows", "start": "2017-11-03T00:00", "table_step": "24", "count": "4", "v": ["250", "310", "250", ""],
         "m": ["监测", "监测", "预报", "预报"]},
    )  # fmt: skip
    assert answer.status_code == 200
    assert "橙色" in answer.content.decode()


def test_an_open_gap_needs_a_person_and_names_who(people, pack) -> None:
    worlds.set_setting(pack, "light_max", 150, by="t", reason="t")
    case, answer = open_(people["d"], days(250, 250, 250, 250, 100, 350, 350))
    body = answer.content.decode()
    assert "需人工判定" in body
    assert "市应急响应办公室" in body
    assert "黄色或红色" in body
    worlds.set_setting(pack, "trend_counts", True, by="t", reason="t")
    refused = people["d"].post(
        reverse("alerts:settle", args=[case.number]), {"fact": "gap_reading", "value": "分段计算", "note": ""}
    )
    assert refused.status_code == 422
    people["d"].post(
        reverse("alerts:settle", args=[case.number]), {"fact": "gap_reading", "value": "分段计算", "note": "专家组电话"}
    )
    body = people["d"].get(reverse("alerts:warning", args=[case.number])).content.decode()
    assert "规则判定" in body
    assert "需人工判定" not in body


def test_another_level_than_the_rules_give_needs_a_reason(people, filled) -> None:
    case, _ = open_(people["d"])
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    facts = {**REPORT, "change": "发布", "warning_level": "红色"}
    refused = act(people["f"], case, "reported", "report", facts=facts)
    assert refused.status_code == 422
    assert "规则判定为橙色" in refused.content.decode()
    assert act(people["f"], case, "reported", "report", facts=facts, note="专家组意见").status_code == 302


def test_orange_is_raised_to_red_and_lifted(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    seen = service.look(Case.objects.get(pk=case.pk))
    assert seen.state.decided["level"].value == {"level": "橙色"}
    assert [d.status for d in seen.state.deadlines if d.id == "publish"] == ["met"]
    assert {p.label: p.made for p in papers.of_case(seen)} == {"预报信息报告": True, "预警发布文本": True}
    office_clock.moment = at("04 20:00")
    act(people["f"], case, "consulted_again", facts={"consult_note": "持续加重"}, series=RED)
    body = people["d"].get(reverse("alerts:warning", args=[case.number])).content.decode()
    assert "最新序列判定为红色，高于现行的橙色" in body
    done = act(
        people["d"],
        case,
        "adjust_proposed",
        "respond",
        facts={"consulted": "是", "current_level": "橙色", "warning_level": "红色", "change": "升级"},
    )
    assert done.status_code == 302, done.content.decode()
    reported(people, case, "红色", "升级")
    act(people["h"], case, "signed", "sign")
    act(people["e"], case, "published", "publish", facts={"response_level": "I级"})
    board = people["d"].get(reverse("pages:board")).content.decode()
    assert "红色" in board
    office_clock.moment = at("09 08:00")
    lifted = act(people["d"], case, "released_on_time", "respond", facts={"change": "按期解除"})
    assert lifted.status_code == 302, lifted.content.decode()
    seen = service.look(Case.objects.get(pk=case.pk))
    assert seen.state.decided["response"].value == {"response": "无"}
    assert next(p.label for p in papers.of_case(seen)) == "预警解除文本"
    reports = people["d"].get(reverse("alerts:papers", args=[case.number])).content.decode()
    assert "2日内" in reports or "应对工作信息" in reports


def test_the_forms_propose_what_the_series_and_the_rules_say(people, filled, office_clock) -> None:
    case, _ = open_(people["d"])
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    body = people["f"].get(reverse("alerts:warning", args=[case.number])).content.decode()
    assert 'value="橙色" checked' in body
    assert 'value="2017-11-04T00:00"' in body
    assert 'value="发布" checked' in body


def test_two_signers_at_once_the_second_sees_what_happened(people, filled, office_clock) -> None:
    case, _ = open_(people["d"])
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    reported(people, case)
    seq = Case.objects.get(pk=case.pk).seq
    assert act(people["h"], case, "signed", "sign", seq=seq).status_code == 302
    second = act(
        people["e"], case, "sign_returned", "sign", seq=seq, on_behalf_of="某", facts={"return_reason": "再研究"}
    )
    body = second.content.decode()
    assert second.status_code == 409
    assert "您打开页面以后发生的事" in body
    assert "签发" in body
    assert service.look(Case.objects.get(pk=case.pk)).state.decided["level"].value == {"level": "橙色"}


def test_the_publishing_clock_runs_two_hours_from_the_real_signature(people, filled, office_clock) -> None:
    case, _ = open_(people["d"])
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    reported(people, case)
    office_clock.moment = at("04 11:00")
    act(people["e"], case, "signed", "sign", on_behalf_of="李某", occurred_at="2017-11-04T09:30", source="电话")
    seen = service.look(Case.objects.get(pk=case.pk))
    assert [d.due for d in seen.state.deadlines if d.id == "publish"] == [at("04 11:30")]
    assert "剩30分" in people["e"].get(reverse("alerts:warning", args=[case.number])).content.decode()


def test_a_unit_signs_for_all_its_measures_in_one_act(people, filled, office_clock, account, signed_in) -> None:
    case = published(people, filled, office_clock)
    county = signed_in(account("sanhe", "三河市人民政府", "承办人"))
    own = CaseTask.objects.filter(case=case, unit="三河市人民政府")
    assert own.filter(status="issued").count() > 10
    page = county.get(reverse("alerts:measures", args=[case.number])).content.decode()
    assert "全部签收" in page
    county.post(reverse("alerts:sign", args=[case.number]))
    assert not own.filter(status="issued").exists()
    assert CaseTask.objects.filter(case=case, status="issued").exists()


def test_a_broadcast_is_logged_and_its_next_time_moves_on(people, filled, office_clock, account, signed_in) -> None:
    case = published(people, filled, office_clock)
    station = signed_in(account("tv", "廊坊广播电视台", "承办人"))
    page = reverse("alerts:broadcasts", args=[case.number])
    assert "登记已播发" in station.get(page).content.decode()
    office_clock.moment = at("04 10:40")
    task = CaseTask.objects.get(case=case, duty="cast_radio", unit="廊坊广播电视台")
    station.post(
        reverse("alerts:task", args=[case.number]),
        {"task": task.key, "type": "task_feedback", "note": "已播发", "next": page},
    )
    body = station.get(page).content.decode()
    assert "2017-11-04 11:40" in body


def test_a_stranger_does_not_see_the_warning(people, filled, office_clock, account, signed_in) -> None:
    case = published(people, filled, office_clock)
    stranger = signed_in(account("gongan", "三河市公安局", "承办人"))
    assert stranger.get(reverse("alerts:warning", args=[case.number])).status_code == 403


def test_papers_say_what_the_case_says_and_that_they_are_not_certified(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    seen = service.look(Case.objects.get(pk=case.pk))
    report, text = (
        papers.fill(case, seen.events[:seq], name) for seq, name in ((3, "forecast_report"), (9, "warning_text"))
    )
    assert dict(report.table)["签发权限"] == "市大气领导小组组长"
    assert dict(text.table)["预警级别"] == "橙色"
    assert dict(text.table)["发布时间"] == "2017年11月4日10时00分"
    assert report.remark == text.remark == "未经发布机关审定，仅供参考"
    assert people["d"].get(reverse("alerts:draft", args=[case.number, "release_text"])).status_code == 200


def test_papers_are_numbered_in_one_run_of_the_year(people, filled, office_clock) -> None:
    first = published(people, filled, office_clock)
    second = published(people, filled, office_clock)
    names = [p.name for c in (first, second) for p in papers.of_case(service.look(c)) if p.template == "warning_text"]
    assert ["〔2017〕1号" in names[0], "〔2017〕2号" in names[1]] == [True, True]


def test_a_provincial_warning_has_four_hours_and_its_own_lifting(people, filled, office_clock) -> None:
    case, _ = open_(people["d"], ORANGE, **{"f-warning_source": "省或国家"})
    facts = {"warning_source": "省或国家", "notice_level": "橙色", "local_level": "橙色"}
    act(people["d"], case, "province_received", facts=facts, occurred_at="2017-11-04T09:00")
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    reported(people, case, action="province_reported", facts={"notice_level": "橙色", "local_level": "橙色"})
    act(people["h"], case, "signed", "sign")
    office_clock.moment = at("04 13:00")
    act(people["e"], case, "published", "publish", facts={"response_level": "II级"})
    seen = service.look(Case.objects.get(pk=case.pk))
    assert [(d.due, d.status) for d in seen.state.deadlines if d.id == "publish_province"] == [(at("04 13:00"), "met")]
    body = people["d"].get(reverse("alerts:warning", args=[case.number])).content.decode()
    assert 'id="act-respond.province_released"' in body
    assert 'id="act-respond.released_on_time"' not in body
    assert act(people["d"], case, "released_on_time", "respond", facts={"change": "按期解除"}).status_code == 422
    assert act(people["d"], case, "province_released", "respond", facts={"change": "按期解除"}).status_code == 302


@pytest.mark.parametrize(("aqi", "hours", "status"), [(150, 36, 302), (150, 35, 422), (151, 36, 422)])
def test_early_lifting_stands_on_36_hours_of_light_pollution(people, filled, office_clock, aqi, hours, status) -> None:
    case = published(people, filled, office_clock)
    facts = {"consulted": "是", "change": "提前解除", "improved_aqi": str(aqi), "good_hours": str(hours)}
    answer = act(people["d"], case, "early_release_proposed", "respond", facts=facts)
    assert answer.status_code == status
    if status == 422:
        assert "36小时" in answer.content.decode()
        return
    reported(people, case, "橙色", "提前解除")
    act(people["h"], case, "signed", "sign")
    assert act(people["e"], case, "released_early", "publish").status_code == 302
    assert Case.objects.get(pk=case.pk).alarm == 0


def test_an_extension_moves_the_end_and_the_old_clock(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    facts = {"change": "延长", "ends_at": "2017-11-10T12:00"}
    assert act(people["d"], case, "extension_proposed", "respond", facts=facts).status_code == 302
    reported(people, case, "橙色", "延长")
    act(people["h"], case, "signed", "sign")
    act(people["e"], case, "published", "publish", facts={"response_level": "II级"})
    seen = service.look(Case.objects.get(pk=case.pk))
    assert [d.due for d in seen.state.deadlines if d.id == "release_time" and d.status == "running"] == [at("10 12:00")]


def test_an_urgent_issue_has_no_clock_of_a_day_ahead(people, filled, office_clock) -> None:
    case, _ = open_(people["d"])
    act(
        people["f"],
        case,
        "conditions_met",
        "consult",
        facts={"consulted": "是", "pollution_present": "是", "urgent_issue": "是"},
    )
    reported(people, case, facts={"starts_at": "2017-11-04T00:00"})
    seen = service.look(Case.objects.get(pk=case.pk))
    assert [
        d for d in seen.state.deadlines if d.id in ("publish_ahead", "submit_ahead") and d.status != "cancelled"
    ] == []


def test_a_signature_entered_by_staff_names_the_leader_and_keeps_the_scan(people, filled, office_clock) -> None:
    case, _ = open_(people["d"])
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    reported(people, case)
    office_clock.moment = at("04 11:00")
    scan = SimpleUploadedFile("签批单.pdf", b"%PDF-1.4 scan")
    assert act(people["e"], case, "signed", "sign").status_code == 422
    act(people["e"], case, "signed", "sign", on_behalf_of="李某（组长）", occurred_at="2017-11-04T10:20", evidence=scan)
    event = service.look(Case.objects.get(pk=case.pk)).events[-1]
    assert (event.on_behalf_of, event.occurred_at, event.recorded_at) == (
        "李某（组长）",
        at("04 10:20"),
        at("04 11:00"),
    )
    body = people["d"].get(reverse("alerts:warning", args=[case.number])).content.decode()
    assert "签批单.pdf" in body
    assert "代录 李某（组长）" in body


def test_a_bad_series_in_an_action_saves_nothing(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    before = Case.objects.get(pk=case.pk).seq
    answer = act(people["f"], case, "consulted_again", facts={"consult_note": "x"}, series="2017-11-04 z 监测")
    assert answer.status_code == 422
    assert "第1行第2列" in answer.content.decode()
    assert Case.objects.get(pk=case.pk).seq == before


def test_a_statement_is_never_ticked_beforehand(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock, text=RED, level="红色", response="I级")
    act(people["f"], case, "consulted_again", facts={"consult_note": "减弱"}, series=days(180, 250, 250))
    body = people["d"].get(reverse("alerts:warning", args=[case.number])).content.decode()
    form = body.partition('id="act-respond.adjust_proposed"')[2].partition("</form>")[0]
    assert 'name="f-consulted" value="是" checked' not in form
    assert 'name="f-change" value="降级" checked' in form
    assert 'name="f-current_level" value="红色" checked' in form


def test_the_page_says_when_the_case_has_moved_on(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    seq = Case.objects.get(pk=case.pk).seq
    news = reverse("alerts:news", args=[case.number])
    assert "刚有新的登记" not in people["d"].get(news, {"seq": seq}).content.decode()
    assert "刚有新的登记" in people["d"].get(news, {"seq": seq - 1}).content.decode()


def test_a_unit_that_only_carries_out_measures_cannot_register_a_signature(
    people, filled, office_clock, account, signed_in
) -> None:
    case = published(people, filled, office_clock)
    facts = {"consulted": "是", "current_level": "橙色", "warning_level": "红色", "change": "升级"}
    act(people["d"], case, "adjust_proposed", "respond", facts=facts, note="专家组意见")
    reported(people, case, "红色", "升级", note="专家组意见")
    county = signed_in(account("sanhe", "三河市人民政府", "承办人"))
    assert county.get(reverse("alerts:warning", args=[case.number])).status_code == 200
    assert act(county, case, "signed", "sign", on_behalf_of="李某").status_code == 422
    assert act(people["e"], case, "signed", "sign", on_behalf_of="李某").status_code == 302


def test_who_must_act_but_cannot_yet_is_told_why(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock, text=RED, level="红色", response="I级")
    act(people["d"], case, "released_on_time", "respond", facts={"change": "按期解除"})
    act(people["d"], case, "archived", "wrap_up", facts={"archive_note": "齐全"})
    body = people["d"].get(reverse("alerts:warning", args=[case.number])).content.decode()
    assert "I级响应须先完成督导考核组调查评估" in body
    assert "请解除或提请延长" not in body


def test_only_those_who_open_warnings_are_offered_it(people, filled, account, signed_in) -> None:
    county = signed_in(account("sanhe", "三河市人民政府", "承办人"))
    assert "开立预警" in people["d"].get(reverse("alerts:home")).content.decode()
    assert "开立预警" not in county.get(reverse("alerts:home")).content.decode()
    before = Case.objects.count()
    refused = county.post(
        reverse("alerts:new"), {"way": "paste", "do": "open", "series": ORANGE, "f-warning_source": "本市"}
    )
    assert refused.status_code == 422
    assert Case.objects.count() == before


def test_who_has_not_signed_stands_under_each_measure(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    page = reverse("alerts:measures", args=[case.number])
    body = people["d"].get(page, {"by": "measure", "status": "unsigned", "kind": "mandatory"}).content.decode()
    assert "强制性减排" in body
    assert "三河市 待签收" in body
    assert "健康防护 <span" not in body


def test_an_act_on_the_general_case_page_makes_its_paper_too(people, filled, office_clock) -> None:
    case, _ = open_(people["d"])
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    seq = Case.objects.get(pk=case.pk).seq
    form = {f"f-{name}": value for name, value in {**REPORT, "change": "发布", "warning_level": "橙色"}.items()}
    answer = people["f"].post(
        reverse("cases:act", args=[case.number]), {"step": "report", "action": "reported", "seq": seq, **form}
    )
    assert answer.status_code == 302, answer.content.decode()
    (paper,) = papers.of_case(service.look(Case.objects.get(pk=case.pk)))
    assert (paper.template, paper.seq, paper.made) == ("forecast_report", seq + 1, True)
    assert people["f"].get(paper.address).status_code == 200


def test_the_board_tells_since_when_the_level_stands(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    assert "2017-11-04 09:30 起为橙色" in people["d"].get(reverse("pages:board")).content.decode()
    office_clock.moment = at("04 20:00")
    facts = {"consulted": "是", "current_level": "橙色", "warning_level": "红色", "change": "升级"}
    act(people["d"], case, "adjust_proposed", "respond", facts=facts, note="专家组意见")
    reported(people, case, "红色", "升级", note="专家组意见")
    assert "2017-11-04 09:30 起为橙色" in people["d"].get(reverse("pages:board")).content.decode()
    office_clock.moment = at("04 21:00")
    act(people["h"], case, "signed", "sign")
    office_clock.moment = at("04 22:00")
    act(people["e"], case, "published", "publish", facts={"response_level": "I级"})
    for page in ("pages:board", "alerts:home"):
        body = people["d"].get(reverse(page)).content.decode()
        assert "2017-11-04 21:00 起为红色" in body, page
        assert "起为橙色" not in body, page


def test_an_extension_keeps_the_day_since_which_the_level_stands(people, filled, office_clock) -> None:
    case = published(people, filled, office_clock)
    facts = {"change": "延长", "ends_at": "2017-11-10T12:00"}
    act(people["d"], case, "extension_proposed", "respond", facts=facts)
    reported(people, case, "橙色", "延长")
    office_clock.moment = at("05 10:00")
    act(people["h"], case, "signed", "sign")
    act(people["e"], case, "extended", "publish", facts={"response_level": "II级"})
    assert "2017-11-04 09:30 起为橙色" in people["d"].get(reverse("pages:board")).content.decode()
