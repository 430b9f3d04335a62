"""A register as a tree: its levels and sums, what each unit has to do, guards of its rows, sums that the print gets wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from gongbao.engine.outline import leaves, loads, meant, tree
from gongbao.engine.register import RegisterError, from_table
from gongbao.engine.units import Units

SPEC: dict[str, Any] = {
    "label": "框架", "key": ["id"], "parent": "above", "group_by": "level", "sums": ["words"],
    "columns": {
        "id": {"label": "编号"}, "above": {"label": "上级"}, "level": {"label": "层级"},
        "who": {"label": "单位", "type": "list"}, "words": {"label": "字数", "type": "integer"},
    },
}  # fmt: skip
ROWS = [
    {"id": "1", "above": "", "level": "类目", "who": "", "words": ""},
    {"id": "1.1", "above": "1", "level": "分目", "who": "甲局", "words": "100"},
    {"id": "1.2", "above": "1", "level": "分目", "who": "", "words": ""},
    {"id": "1.2.1", "above": "1.2", "level": "条目", "who": "甲局、乙局", "words": "200"},
    {"id": "1.2.2", "above": "1.2", "level": "条目", "who": "各县", "words": ""},
    {"id": "2", "above": "", "level": "类目", "who": "乙局", "words": "50"},
]


def register(rows: list[dict[str, str]] = ROWS, **more: Any):
    return from_table("outline", {**SPEC, **more}, rows)


def test_a_row_stands_under_its_row_and_has_the_sums_of_all_leaves_below() -> None:
    first, second = tree(register())
    assert (first.leaves, first.sums, first.depth) == (3, {"words": 300}, 1)
    assert [node.row["id"] for node in first.walk()] == ["1", "1.1", "1.2", "1.2.1", "1.2.2"]
    assert [node.depth for node in first.walk()] == [1, 2, 2, 3, 3]
    assert second.is_leaf
    assert second.sums == {"words": 50}


def test_leaves_are_the_rows_that_have_none_below_them() -> None:
    assert [row["id"] for row in leaves(register())] == ["1.1", "1.2.1", "1.2.2", "2"]


def test_without_a_parent_every_row_is_a_leaf_of_the_first_level() -> None:
    flat = register(parent=None)
    assert [node.depth for node in tree(flat)] == [1] * 6
    assert len(leaves(flat)) == 6


def test_each_unit_has_the_rows_that_name_it_in_full() -> None:
    found = {
        load.unit: load
        for load in loads(register(), "who", lambda name: ("子县", "丑县") if name == "各县" else (name,))
    }
    assert {unit: (len(load.rows), load.sums["words"]) for unit, load in found.items()} == {
        "甲局": (2, 300), "乙局": (2, 250), "子县": (1, 0), "丑县": (1, 0),
    }  # fmt: skip


def test_a_name_means_its_unit_its_group_or_itself() -> None:
    units = Units({
        "units": {"甲局": {"name": "某市甲局"}, "乙局": {"name": "某市乙局"}}, "groups": {"两局": {"label": "两局", "members": ["甲局", "乙局"]}},
    })  # fmt: skip
    assert meant(units, "甲局") == ("某市甲局",)
    assert meant(units, "两局") == ("某市甲局", "某市乙局")
    assert meant(units, "丙局") == ("丙局",)


@pytest.mark.parametrize(
    ("counts", "fits"), [({"类目": 2, "分目": 2, "条目": 2}, True), ({"条目": 3}, False), ({"节": 1}, False)]
)
def test_rows_of_each_level_are_as_many_as_counted(counts: dict[str, int], fits: bool) -> None:
    if fits:
        assert register(group_counts=counts).groups == counts
    else:
        with pytest.raises(RegisterError, match="group_counts"):
            register(group_counts=counts)


@pytest.mark.parametrize("above", ["9", "1.1", "2"])
def test_a_row_above_stands_before_the_row(above: str) -> None:
    rows = [dict(row) for row in ROWS]
    rows[1]["above"] = above
    with pytest.raises(RegisterError, match=f"第2行：上级“{above}”须在它之前列出"):
        register(rows)


def test_a_parent_is_a_column_and_the_key_is_one() -> None:
    with pytest.raises(RegisterError, match="parent"):
        register(parent="没有")
    with pytest.raises(RegisterError, match="key 只有一列"):
        register(key=["id", "level"])


MONEY: dict[str, Any] = {
    "label": "计划表", "key": ["id"], "group_by": "year",
    "columns": {
        "id": {"label": "编号"}, "year": {"label": "年度"}, "all": {"label": "总计", "type": "number"},
        "gas": {"label": "燃气", "type": "number"}, "water": {"label": "供水", "type": "number"},
    },
    "row_sums": {"all": ["gas", "water"]},
}  # fmt: skip
PLAN = [
    {"id": "a", "year": "2023", "all": "3.003", "gas": "1.001", "water": "2.002"},
    {"id": "b", "year": "2023", "all": "0.1", "gas": "0.1", "water": "0"},
    {"id": "c", "year": "2024", "all": "1", "gas": "", "water": "1"},
]


def told(rows: list[dict[str, str]] = PLAN, **more: Any) -> list[str]:
    return [str(d).partition("：")[2] for d in from_table("plan", {**MONEY, **more}, rows).discrepancies]


def test_sums_that_are_right_to_the_last_digit_are_not_spoken_of() -> None:
    sums = {"2023": {"all": Decimal("3.103"), "gas": Decimal("1.101")}, "总计": {"all": Decimal("4.103")}}
    assert told(printed_sums=sums) == []


@pytest.mark.parametrize(("printed", "said"), [
    ("3.104", ["2023 总计，文中称3.104，相加3.103"]),
    ("3.102", ["2023 总计，文中称3.102，相加3.103"]),
    ("3.10", ["2023 总计，文中称3.10，相加3.103（取整）"]),
    ("3.11", ["2023 总计，文中称3.11，相加3.103"]),
])  # fmt: skip
def test_a_column_that_adds_up_to_something_else_is_told_and_kept(printed: str, said: list[str]) -> None:
    assert told(printed_sums={"2023": {"all": Decimal(printed)}}) == said


def test_a_row_that_adds_up_to_something_else_is_told_by_its_key() -> None:
    rows = [{**PLAN[0], "all": "3.004"}, *PLAN[1:]]
    assert told(rows) == ["a 总计，文中称3.004，相加3.003"]


def test_a_total_that_is_not_printed_is_not_missed() -> None:
    assert told([{**PLAN[0], "all": ""}, *PLAN[1:]]) == []
