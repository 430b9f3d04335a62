"""Tables are taken whole or not at all, and every wrong cell is named."""

from __future__ import annotations

import datetime as dt

import pytest

from gongbao.exchange.tables import TableError, write_xlsx
from gongbao.office.credit import invent, loading, models
from gongbao.office.credit.models import CreditRecord, Enterprise

pytestmark = pytest.mark.django_db
CODE, OTHER = invent.credit_code("131082", 7), invent.credit_code("131082", 8)


def companies(*rows):
    return write_xlsx(loading.ENTERPRISE_COLUMNS, rows, "企业")


def records(*rows):
    return write_xlsx(loading.RECORD_COLUMNS, rows, "记录")


def company(code=CODE, name="甲公司", **more):
    row = dict(
        zip(
            loading.ENTERPRISE_COLUMNS,
            (code, name, "三河市", "制造业", "其他", "低", "否", "否", "2019-05-06"),
            strict=True,
        )
    )
    return tuple({**row, **more}.values())


def entry(number="R1", kind="欠缴税款", penalty="", status="有效", **more):
    row = dict(zip(loading.RECORD_COLUMNS, (number, CODE, kind, penalty, "2022-10-01", "2022-10-03", "市税务局", status, "否", ""),
                   strict=True))  # fmt: skip
    return tuple({**row, **more}.values())


def test_enterprises_are_added_and_brought_up_to_date():
    loaded = loading.load("enterprises", companies(company(), company(OTHER, "乙公司")), "a.xlsx")
    assert (loaded.added, loaded.changed, loaded.faults) == (2, 0, [])
    loaded = loading.load("enterprises", companies(company(name="甲集团"), company(OTHER, "乙公司")), "a.xlsx")
    assert (loaded.added, loaded.changed) == (0, 1)
    assert Enterprise.objects.get(credit_code=CODE).name == "甲集团"


def test_one_wrong_cell_and_nothing_is_taken():
    wrong = CODE[:-1] + ("0" if CODE[-1] != "0" else "1")
    loaded = loading.load(
        "enterprises", companies(company(), company(wrong, "乙公司", 注册地="北京市", 登记日期="2023-02-30")), "a.xlsx"
    )
    assert [(f.cell, f.column) for f in loaded.faults] == [
        ("A3", "统一社会信用代码"),
        ("C3", "注册地"),
        ("I3", "登记日期"),
    ]
    assert "末位校验" in loaded.faults[0].message
    assert not Enterprise.objects.exists()


def test_a_code_twice_in_one_file_is_told():
    loaded = loading.load("enterprises", companies(company(), company(name="乙")), "a.xlsx")
    assert [str(f) for f in loaded.faults] == [f"A3 统一社会信用代码“{CODE}”：与 A2 重复"]


HEAVY = invent.HEAVY


@pytest.mark.parametrize(
    ("row", "klass", "listed"),
    [
        (entry(), "一般失信", False),
        (entry(kind="严重失信主体名单信息"), "严重失信", True),
        (entry(kind="行政处罚（严重失信行为除外）信息", penalty="罚款"), "一般失信", False),
        (entry(kind=HEAVY, penalty="责令关闭"), "严重失信", False),
        (entry(kind=HEAVY, penalty="吊销营业执照"), "吊销营业执照", False),
        (entry(kind="企业变更信息"), "基础信息", False),
    ],
)
def test_the_pack_says_what_class_a_record_is(row, klass, listed):
    loading.load("enterprises", companies(company()), "a.xlsx")
    assert loading.load("records", records(row), "b.xlsx").faults == []
    held = CreditRecord.objects.get()
    assert (held.klass, held.listed, held.dated) == (klass, listed, dt.date(2022, 10, 1))


@pytest.mark.parametrize(
    ("row", "cell", "words"),
    [
        (entry(kind="不良信息"), "C2", "下列之一"),
        (entry(kind=HEAVY, penalty="罚款"), "D2", "归一般失信"),
        (entry(kind="行政处罚（严重失信行为除外）信息"), "D2", "须写明种类"),
        (entry(penalty="罚款"), "D2", "没有处罚种类"),
        (entry(status="已移出"), "H2", "只有严重失信主体名单信息"),
        (entry(认定日期="2023-04-01", 归集日期="2023-04-02"), "E2", "晚于今天"),
        (entry(归集日期="2022-09-30"), "F2", "早于认定日期"),
        (entry(统一社会信用代码=OTHER), "B2", "名录中没有"),
    ],
)
def test_a_record_that_cannot_be_is_refused_by_cell(row, cell, words):
    loading.load("enterprises", companies(company()), "a.xlsx")
    loaded = loading.load("records", records(entry("R0"), row), "b.xlsx")
    assert [f.cell for f in loaded.faults] == [cell.replace("2", "3")]
    assert words in loaded.faults[0].message
    assert not CreditRecord.objects.exists()


def test_a_file_does_not_undo_what_a_case_decided():
    loading.load("enterprises", companies(company()), "a.xlsx")
    loading.load("records", records(entry()), "b.xlsx")
    CreditRecord.objects.update(status=models.WITHDRAWN)
    loading.load("records", records(entry(内容="新")), "b.xlsx")
    held = CreditRecord.objects.get()
    assert (held.status, held.details) == (models.WITHDRAWN, "新")


@pytest.mark.parametrize("data", [b"\0\1\2", b"", "甲,乙\n1,2".encode(), b"x" * 100])
def test_what_is_no_table_of_ours_is_an_error(data):
    with pytest.raises(TableError):
        loading.load("enterprises", data, "a.csv")


def test_the_templates_can_be_loaded_as_they_are():
    for kind in ("enterprises", "records"):
        _, data = loading.template(kind)
        assert loading.load(kind, data, "t.xlsx").faults == []
