"""Whatever is sent to the office is taken as it is meant or refused in words; nothing is half done, nothing falls over."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from gongbao.exchange.tables import write_xlsx
from gongbao.office.cases.models import Case

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("dust", '"abc"', "整数"), ("dust", "-1", "整数"), ("dust", "1001", "整数"), ("dust", '"300公斤"', "整数"),
        ("dust", '"NaN"', "整数"), ("dust", '"1e400"', "整数"), ("dust", "[1]", "整数"), ("dust", "true", "整数"),
        ("dust", "1e400", "整数"), ("dust", "NaN", "整数"), ("dust", "9" * 4000, "整数"),
        ("dist", "1", "dust"), ("satisfied", '"很好"', "满意、基本满意、不满意"),
    ],
)  # fmt: skip
def test_a_wrong_fact_is_refused_by_name_in_the_api(toy, account, signed_in, name, typed, said):
    client = signed_in(account("zhi", "甲市环保局", "值班员"))
    facts = f'"{name}": {typed}'
    asked = {f"/api/packs/{toy}/decide/level": f'{{"facts": {{{facts}}}}}'}
    if name == "dust":
        opening = f'{{"pack": "{toy}", "procedure": "warning", "facts": {{"place": "东区", {facts}}}}}'
        asked["/api/cases"] = opening
    for address, body in asked.items():
        answer = client.post(address, body, JSON)
        assert answer.status_code == 422, (address, answer.content[:300])
        assert said in answer.json()["detail"]
        assert name in answer.json()["fields"]
        assert len(answer.content) < 2_000
    assert not Case.objects.exists()


def test_ten_megabytes_of_text_are_refused_and_not_repeated(toy, operator, signed_in):
    client = signed_in(operator)
    for length in (20_001, 3_000_000, 11_000_000):
        opening = {"pack": toy, "procedure": "complaint", "facts": {"content": "x" * length, "place": "东区"}}
        answer = client.post("/api/cases", opening, JSON)
        assert answer.status_code == (422 if length < 11_000_000 else 400), length
        assert len(answer.content) < 2_000
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../../evil.txt", "/etc/cron.d/evil.txt", "..\\..\\evil.txt", "a\x00b.txt", "%2e%2e%2fevil.txt", "x" * 300 + ".txt"]
)  # fmt: skip
def test_the_name_of_a_file_leads_nowhere(dispatched, east, signed_in, settings, name):
    client = signed_in(east)
    before = {p for p in Path(settings.GONGBAO_HOME).rglob("*") if p.is_file()}
    client.post(f"/case/{dispatched.number}/act/", {
        "action": "answered", "step": "handle", "seq": "2", "f-result": "好",
        "evidence": SimpleUploadedFile(name, b"words"),
    })  # fmt: skip
    new = {p for p in Path(settings.GONGBAO_HOME).rglob("*") if p.is_file()} - before
    assert all(Path(settings.MEDIA_ROOT) in p.parents for p in new)
    assert not any("evil" in str(p) for p in new)


@pytest.mark.parametrize("digest", ["../../office.sqlite3", "..", "0" * 63, "0" * 64, "A" * 64, "%00"])
def test_a_file_is_asked_for_by_its_digest_and_nothing_else(dispatched, east, signed_in, digest):
    assert signed_in(east).get(f"/case/{dispatched.number}/file/{quote(digest, safe='')}/").status_code == 404


def bomb() -> bytes:
    made = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(write_xlsx(["日期", "休或班"], [["2027-01-01", "休"]])))
    with source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name) + b" " * (64_000_000 if name.endswith("sheet1.xml") else 0))
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [(bomb, "压缩炸弹"), (lambda: b"PK\x03\x04 no workbook", "不是可读的 XLSX")],
    ids=["bomb", "broken"],
)
def test_a_workbook_that_is_none_is_refused_where_a_table_is_taken(toy, account, signed_in, data, said):
    admin = signed_in(account("guan", "甲市人民政府", "管理员"))
    answer = admin.post(reverse("management:calendar_edit", args=[2027]), {
        "act": "preview", "source": "通知", "reason": "放假", "file": SimpleUploadedFile("假日.xlsx", data()),
    })  # fmt: skip
    assert answer.status_code == 400
    assert said in "；".join(each["text"] for each in answer.context["summary"])


def test_a_session_that_was_not_given_out_is_nobody(east, signed_in, settings):
    client = signed_in(east)
    given = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/").status_code == 200
    for forged in (given[:-1] + ("a" if given[-1] != "a" else "b"), given.upper(), "f" * 32, "../" + given, "x" * 5000):
        client.cookies[settings.SESSION_COOKIE_NAME] = forged
        assert client.get("/").status_code == 302, forged
        assert client.get("/api/cases").status_code == 401, forged
    client.cookies[settings.SESSION_COOKIE_NAME] = given
    assert client.get("/").status_code == 200
