"""The duty log, hand-overs, rosters from forms and files, and the list of whom to call, as people use them."""

from __future__ import annotations

import io

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook, load_workbook

from gongbao.exchange.call_list import Callee, CallList, to_pdf
from gongbao.office import clock
from gongbao.office.append_only import Rewritten
from gongbao.office.duty.models import Line, Shift

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now(monkeypatch):
    import datetime as dt

    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2023, 3, 1, 9, tzinfo=clock.SHANGHAI))


@pytest.fixture
def duty(account):
    return account("zhi", "甲市热线中心", "值班员")


@pytest.fixture
def second(account):
    return account("er", "甲市热线中心", "值班员")


def text(answer) -> str:
    return answer.content.decode()


def test_a_line_is_written_once_with_its_matter_and_stays(duty, signed_in, dispatched) -> None:
    client = signed_in(duty)
    page = text(client.post("/duty/write/", {"text": "接到报告", "case": dispatched.number}, follow=True))
    assert "接到报告" in page
    assert dispatched.number in page
    with pytest.raises(Rewritten):
        Line.objects.get().delete()


def test_whoever_is_of_another_city_reads_no_numbers_of_this_one(account, signed_in, duty) -> None:
    one = {"do": "one", "kind": "值班", "starts": "2023-03-01T08:00", "ends": "2023-03-01T20:00", "name": "张某",
           "phone": "13800000000"}  # fmt: skip
    signed_in(duty).post("/duty/roster/", one)
    stranger = signed_in(account("wai", "乙市人民政府", "值班员"))
    assert "张某" not in text(stranger.get("/duty/city/"))
    assert stranger.get("/duty/calls/?pack=toy/street").status_code == 403
    said = "".join(
        page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(stranger.get("/duty/calls/").content)
    )
    assert "13800000000" not in said


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": " "}, "请写内容"),
        ({"text": "好", "at": "2023-03-01T09:01"}, "还没有到"),
        ({"text": "好", "case": "没有的"}, "没有编号为“没有的”的事项"),
        ({"text": "字" * 4001}, "最多 4000 字，现有 4001 字"),
    ],
)
def test_a_line_that_cannot_be_is_refused_and_what_was_typed_is_kept(duty, signed_in, given, says) -> None:
    page = text(signed_in(duty).post("/duty/write/", given, follow=True))
    assert says in page
    assert not Line.objects.exists()
    assert given["text"].strip() in page


def test_a_shift_is_handed_over_and_taken_by_another_once(duty, second, signed_in, account) -> None:
    one, other = signed_in(duty), signed_in(second)
    one.post("/duty/hand-over/", {"text": "盯住东区的火"})
    handed = Line.objects.get()
    assert "还没有人接" in text(one.post("/duty/hand-over/", {"text": "再交"}, follow=True))
    assert "另一个人" in text(one.post(f"/duty/take-over/{handed.pk}/", follow=True))
    assert "已接班" in text(other.post(f"/duty/take-over/{handed.pk}/", {"text": "清楚"}, follow=True))
    third = signed_in(account("san", "甲市热线中心", "值班员"))
    assert "已由er接了" in text(third.post(f"/duty/take-over/{handed.pk}/", follow=True))
    assert Line.objects.get(kind="接班").answers == handed


def test_who_has_no_duty_role_sees_no_log(account, signed_in) -> None:
    clerk = signed_in(account("ke", "甲市热线中心", "话务员"))
    for address in ("/duty/", "/duty/roster/", "/duty/city/", "/duty/calls/"):
        assert clerk.get(address).status_code == 403, address
    assert clerk.post("/duty/write/", {"text": "好"}).status_code == 403


def test_a_roster_in_turn_and_out_and_in_again_as_a_sheet(duty, second, signed_in) -> None:
    client = signed_in(duty)
    turn = {"do": "turn", "kind": "值班", "changes": "8:00 20：00", "first": "2023-03-02", "last": "2023-03-03",
            "people": "张某 1\n李某 2\n"}  # fmt: skip
    assert client.post("/duty/roster/", turn).status_code == 302
    assert Shift.objects.count() == 4
    sheet = load_workbook(io.BytesIO(client.get("/duty/roster/xlsx/?month=2023-03").content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == ["类别", "开始", "结束", "姓名", "电话"]
    assert [row[3] for row in rows[1:]] == ["张某", "李某", "张某", "李某"]
    Shift.objects.all().delete()
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    upload = SimpleUploadedFile("表.xlsx", out.getvalue())
    assert client.post("/duty/roster/", {"do": "file", "file": upload}).status_code == 302
    assert Shift.objects.count() == 4


def test_a_sheet_that_cannot_be_read_names_the_cell_and_puts_nothing_in(duty, signed_in) -> None:
    upload = SimpleUploadedFile("表.csv", "类别,开始,结束,姓名\n值班,2023-03-02 08:00,明天,张某\n".encode())
    answer = signed_in(duty).post("/duty/roster/", {"do": "file", "file": upload})
    assert answer.status_code == 422
    assert "C2 结束“明天”不是时间" in text(answer)
    assert not Shift.objects.exists()


def test_the_city_shows_where_nobody_is_and_masks_phones_by_role(duty, account, signed_in) -> None:
    client = signed_in(duty)
    one = {"do": "one", "kind": "值班", "starts": "2023-03-01T08:00", "ends": "2023-03-01T20:00", "name": "张某",
           "phone": "13800000000"}  # fmt: skip
    client.post("/duty/roster/", one)
    assert "13800000000" in text(client.get("/duty/city/"))
    page = text(signed_in(account("du", "甲市人民政府", "督查员")).get("/duty/city/"))
    assert "张某" in page
    assert "13800000000" not in page


def test_the_list_of_whom_to_call_is_a_pdf_that_names_those_on_duty(duty, signed_in) -> None:
    client = signed_in(duty)
    client.post("/duty/roster/", {"do": "one", "kind": "值班", "starts": "2023-03-01T08:00", "ends": "2023-03-01T20:00",
                                  "name": "张某", "phone": "13800000000"})  # fmt: skip
    for address, there in (
        ("/duty/calls/", True),
        ("/duty/calls/?pack=toy/street", False),
    ):  # the plan names no hotline
        found = pypdfium2.PdfDocument(client.get(address).content)
        said = "".join(page.get_textpage().get_text_range() for page in found)
        assert ("13800000000" in said) is there
        assert ("甲市热线中心" in said.replace("由甲市热线中心", "")) is there
        assert "甲市环保局" in said


def test_a_long_list_repeats_its_head_and_takes_any_sign() -> None:
    lines = tuple(Callee(f"单位{n}<&>", "值班", "张某", "1") for n in range(120))
    found = pypdfium2.PdfDocument(to_pdf(CallList("表", "甲 生成", (("一", lines),))))
    pages = [page.get_textpage().get_text_range() for page in found]
    assert len(pages) > 2
    assert all("岗位" in page for page in pages)
    assert "单位119<&>" in pages[-1].replace("\r\n", "")


def test_what_was_refused_is_shown_once_more_and_then_gone(duty, second, signed_in) -> None:
    client = signed_in(duty)
    page = text(
        client.post("/duty/write/", {"text": "有人来电", "case": "没有的", "at": "2023-03-01T08:00"}, follow=True)
    )
    assert "有人来电</textarea>" in page
    assert 'value="2023-03-01T08:00"' in page
    assert 'value="没有的"' in page
    assert "有人来电" not in text(client.get("/duty/"))
    client.post("/duty/hand-over/", {"text": "第一次交班"})
    page = text(signed_in(second).post("/duty/hand-over/", {"text": "<b>另一份交班"}, follow=True))
    assert "交的班还没有人接" in page
    assert "&lt;b&gt;另一份交班</textarea>" in page


def test_every_sheet_of_a_drill_s_call_list_says_so() -> None:
    lines = tuple(Callee(f"单位{n}", "值班", "某", "1") for n in range(120))
    pages = pypdfium2.PdfDocument(to_pdf(CallList("联络表", "某制", (("现在值班", lines),), "演练")))
    assert len(pages) > 1
    assert all("【演练】" in page.get_textpage().get_text_range() for page in pages)


def test_the_call_list_is_offered_to_those_who_may_take_it(account, signed_in) -> None:
    inspector = signed_in(account("du", "甲市人民政府", "督查员"))
    assert "/duty/calls/" not in text(inspector.get("/duty/city/"))
    assert inspector.get("/duty/calls/").status_code == 403
    clerk = signed_in(account("cheng", "甲市热线中心", "承办人"))
    assert "/duty/calls/" not in text(clerk.get("/duty/city/"))
    assert clerk.get("/duty/calls/").status_code == 403
    officer = signed_in(account("zhi", "甲市热线中心", "值班员"))
    assert "/duty/calls/" in text(officer.get("/duty/city/"))
    assert officer.get("/duty/calls/").status_code == 200


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"first": "2023-03-02", "last": "2199-12-31"}, "一次最多排 800 天"),
        ({"first": "9999-12-31", "last": "9999-12-31"}, "须在 2000 年到 2200 年之间"),
        ({"changes": "08:00+08:00 20:00"}, "交接班时间“08:00+08:00”不对"),
        ({"changes": "25:00"}, "交接班时间“25:00”不对"),
    ],
)
def test_a_rotation_that_cannot_be_is_told(duty, signed_in, given, says) -> None:
    asked = {
        "do": "turn",
        "kind": "值班",
        "people": "甲 1\n乙 2",
        "first": "2023-03-02",
        "last": "2023-03-03",
        "changes": "8:00",
    }
    answer = signed_in(duty).post("/duty/roster/", {**asked, **given})
    assert answer.status_code == 422
    assert says in text(answer)
    assert not Shift.objects.exists()
    assert signed_in(duty).post("/duty/roster/", asked).status_code == 302


@pytest.mark.parametrize(
    "address",
    ["/duty/?page=0", "/duty/?page=²", "/duty/?page=99999999999999999999", "/duty/?page=999999", "/duty/roster/?month=9999-12",
     "/duty/roster/?month=0001-01", "/duty/roster/xlsx/?month=9999-12", "/duty/roster/?month=2200-12"],
)  # fmt: skip
def test_an_address_that_was_typed_wrongly_opens_what_there_is(duty, signed_in, address) -> None:
    assert signed_in(duty).get(address).status_code == 200


def test_times_of_no_office_are_refused(duty, signed_in) -> None:
    client = signed_in(duty)
    page = text(client.post("/duty/write/", {"text": "有人来电", "at": "0001-01-01T00:00"}, follow=True))
    assert "太早" in page
    assert "太早" in text(client.post("/duty/write/", {"text": "有人来电", "at": "2022-02-28T08:59"}, follow=True))
    assert client.post("/duty/write/", {"text": "有人来电", "at": "2022-02-28T09:00"}, follow=True).status_code == 200
    assert Line.objects.count() == 1
    shift = {"do": "one", "kind": "值班", "name": "某", "starts": "9999-12-31T20:00", "ends": "9999-12-31T23:00"}
    answer = client.post("/duty/roster/", shift)
    assert answer.status_code == 422
    assert "须在 2000 年到 2200 年之间" in text(answer)


def test_what_is_pressed_twice_is_one_line(duty, second, signed_in) -> None:
    client, other = signed_in(duty), signed_in(second)
    page = text(client.get("/duty/"))
    form = page.partition('name="form" value="')[2].partition('"')[0]
    for _ in range(2):
        assert client.post("/duty/write/", {"text": "接到报告", "form": form}).status_code == 302
    assert Line.objects.count() == 1
    client.post("/duty/write/", {"text": "接到报告，已转", "form": form})  # other words: the page before, come back to
    other.post("/duty/write/", {"text": "接到报告", "form": form})  # another person
    again = text(client.get("/duty/")).partition('name="form" value="')[2].partition('"')[0]
    assert again != form
    client.post("/duty/write/", {"text": "接到报告", "form": again})  # said once more on purpose
    assert Line.objects.count() == 4


def test_handing_over_and_taking_over_twice_is_once_and_no_fault(duty, second, signed_in) -> None:
    client, other = signed_in(duty), signed_in(second)
    for _ in range(2):
        page = text(client.post("/duty/hand-over/", {"text": "盯两个时限", "form": "a1"}, follow=True))
        assert "已交班，等接班人确认" in page
        assert "还没有人接" not in page
    handed = Line.objects.get()
    for _ in range(2):
        assert "已接班" in text(other.post(f"/duty/take-over/{handed.pk}/", follow=True))
    assert Line.objects.count() == 2
    third = text(client.post("/duty/hand-over/", {"text": "又交一次", "form": "a2"}, follow=True))
    assert "已交班" in third
