"""A warning in the room: from a pasted series to its lifting, by the people whose acts they are."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.office.alerts.conftest import REPORT, at, days

from gongbao.office import worlds
from gongbao.office.cases import papers, service
from gongbao.office.cases.models import Case, CaseTask

pytestmark = pytest.mark.django_db
ORANGE = days(180, 250, 310, 250)
RED = days(180, 250, 310, 320, 280, 260)


def open_(client, text=ORANGE, **more):
    answer = client.post(
        reverse("alerts:new"), {"pack": "langfang/heavy-pollution", "way": "paste", "do": "open", "series": text,
                                "f-warning_source": "本市", **more}, follow=True,
    )  # fmt: skip
    return Case.objects.order_by("-id").first(), answer


def act(client, case, action, step="", **more):
    seq = more.pop("seq", Case.objects.get(pk=case.pk).seq)
    facts = {f"f-{name}": value for name, value in more.pop("facts", {}).items()}
    return client.post(
        reverse("alerts:act", args=[case.number]), {"action": action, "step": step, "seq": seq, **facts, **more}
    )


@pytest.fixture
def people(signed_in, duty, forecaster, emergency, head):
    return {name: signed_in(one) for name, one in zip("dfeh", (duty, forecaster, emergency, head), strict=True)}


def reported(people, case, level="橙色", change="发布", **more):
    answer = act(
        people["f"],
        case,
        "reported",
        "report",
        facts={**REPORT, "change": change, "warning_level": level, **more.pop("facts", {})},
        **more,
    )
    assert answer.status_code == 302, answer.content.decode()
    act(people["d"], case, "office_signed", "office_sign", on_behalf_of="周某（副主任）")
    act(people["d"], case, "submitted", "submit")
    act(people["e"], case, "forwarded", "forward")


def published(people, filled, office_clock, text=ORANGE, level="橙色", response="II级"):
    case, _ = open_(people["d"], text)
    act(people["f"], case, "conditions_met", "consult", facts={"consulted": "是"})
    reported(people, case, level)
    office_clock.moment = at("04 10:00")
    act(people["e"], case, "signed", "sign", on_behalf_of="李某（组长）", occurred_at="2017-11-04T09:30", source="书面")
    answer = act(people["e"], case, "published", "publish", facts={"response_level": response})
    assert answer.status_code == 302, answer.content.decode()
    return case


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
