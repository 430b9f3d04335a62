"""Printed lists: rows with a key, counted against what the document says of itself."""

import datetime as dt
from decimal import Decimal

import pytest

from gongbao.engine.register import Discrepancy, RegisterError, from_table

SPEC = {
    "label": "监管事项目录",
    "cite": "附件2",
    "key": ["no"],
    "columns": {
        "no": {"label": "序号", "type": "integer"},
        "unit": {"label": "监管部门"},
        "kind": {"label": "类别", "values": ["日常", "专项"]},
        "share": {"label": "比例", "type": "number"},
        "open": {"label": "公开", "type": "boolean"},
        "since": {"label": "起始", "type": "date"},
        "objects": {"label": "对象", "type": "list"},
    },
    "printed_total": 4,
    "group_by": "unit",
    "group_totals": {"市教育局": 2, "市公安局": 1, "市民政局": 1},
}


def row(no="1", unit="市教育局", **more):
    cells = {"kind": "日常", "share": "0.50", "open": "是", "since": "2023-01-01", "objects": "学校、幼儿园"}
    return {"no": no, "unit": unit, **cells, **more}


ROWS = [row("1"), row("2"), row("3", "市公安局", open="否", objects="")]
REGISTER = from_table("items", SPEC, ROWS)


def test_cells_are_typed_by_their_column():
    first, third = REGISTER.rows[0], REGISTER.rows[2]
    assert first["no"] == 1
    assert first["share"] == Decimal("0.50")
    assert first["open"] is True
    assert first["since"] == dt.date(2023, 1, 1)
    assert first["objects"] == ["学校", "幼儿园"]
    assert third["open"] is False
    assert third["objects"] is None


def test_rows_may_be_keyed_by_the_printed_labels():
    labels = {name: column["label"] for name, column in SPEC["columns"].items()}
    printed = [{labels[name]: cell for name, cell in row_.items()} for row_ in ROWS]
    assert from_table("items", SPEC, printed) == REGISTER


def test_a_row_is_found_by_its_key():
    assert REGISTER.find(3)["unit"] == "市公安局"
    assert REGISTER.find(4) is None
    with pytest.raises(RegisterError, match="键是 no，给出了 2 个值"):
        REGISTER.find(1, 2)


def test_rows_are_selected_by_cells_and_a_list_cell_by_what_it_holds():
    assert [r["no"] for r in REGISTER.where(unit="市教育局")] == [1, 2]
    assert [r["no"] for r in REGISTER.where(objects="学校", unit="市教育局")] == [1, 2]
    assert REGISTER.where(objects="医院") == ()
    with pytest.raises(RegisterError, match="没有列 office；有：no、unit"):
        REGISTER.where(office="市教育局")


def test_a_difference_to_the_printed_totals_is_shown_and_not_repaired():
    assert REGISTER.total == len(REGISTER) == 3
    assert REGISTER.groups == {"市教育局": 2, "市公安局": 1}
    assert REGISTER.discrepancies == (
        Discrepancy("监管事项目录", "总数", 4, 3),
        Discrepancy("监管事项目录", "市民政局", 1, 0),
    )
    assert str(REGISTER.discrepancies[0]) == "监管事项目录：总数，文中称4，实列3"


def test_no_difference_is_none():
    whole = from_table("items", {**SPEC, "printed_total": 3, "group_totals": {"市教育局": 2, "市公安局": 1}}, ROWS)
    assert whole.discrepancies == ()


def test_an_expression_gets_its_own_copy_of_the_rows():
    table = REGISTER.as_table()
    table[0]["unit"] = "改了"
    assert REGISTER.rows[0]["unit"] == "市教育局"
    assert len(table) == 3


def test_the_authors_own_count_guards_the_file():
    assert len(from_table("items", {**SPEC, "count": 3}, ROWS)) == 3
    with pytest.raises(RegisterError, match="应有4行（count），实有3行"):
        from_table("items", {**SPEC, "count": 4}, ROWS)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row(), row()], "第2行：键 1 与第1行重复"),
        ([row(no="")], "第1行：键 no 不能为空"),
        ([row(kind="抽查")], "第1行 类别：“抽查”不在可取值 日常、专项 中"),
        ([{"no": "1"}], "第1行：缺少列 kind"),
        ([row(extra="x")], "第1行：多出列 extra"),
        ([row(no="一")], "第1行 序号：“一”不是整数"),
        ([row(share="半")], "第1行 比例：“半”不是数"),
        ([row(share="NaN")], "第1行 比例：“NaN”不是数"),
        ([row(open="也许")], "第1行 公开：“也许”须为 是 或 否"),
        ([row(since="去年")], "第1行 起始：“去年”不是日期"),
    ],
)
def test_rows_that_do_not_fit_are_refused_by_line_and_column(rows, message):
    with pytest.raises(RegisterError, match="清单“监管事项目录”有误") as raised:
        from_table("items", SPEC, rows)
    assert message in str(raised.value)


def test_every_wrong_row_is_told_at_once():
    with pytest.raises(RegisterError) as raised:
        from_table("items", SPEC, [row(kind="a"), row("2", kind="b")])
    assert str(raised.value).count("不在可取值") == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": ["number"]}, "键或分组列“number”不在列中"),
        ({"group_by": "area"}, "键或分组列“area”不在列中"),
        ({"group_by": None}, "写了 group_totals 就须写 group_by"),
    ],
)
def test_a_register_whose_columns_do_not_exist_is_refused(change, message):
    with pytest.raises(RegisterError, match=message):
        from_table("items", {**SPEC, **change}, ROWS)
