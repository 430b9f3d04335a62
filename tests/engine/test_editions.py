"""Two editions of a register: what is the same row, what was added, removed, renamed, moved, reordered, altered."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.engine.editions import Change, changes
from gongbao.engine.register import Register, from_table

SPEC: dict[str, Any] = {
    "label": "框架", "key": ["id"], "parent": "above", "known_by": "title", "compared": ["who"],
    "columns": {"id": {"label": "编号"}, "above": {"label": "上级"}, "title": {"label": "标题"}, "who": {"label": "单位"}},
}  # fmt: skip


def edition(text: str) -> Register:
    """Lines of titles, two spaces deeper under another; after a colon the unit."""
    rows: list[dict[str, str]] = []
    path: list[str] = []
    for number, line in enumerate(line for line in text.splitlines() if line.strip()):
        depth = (len(line) - len(line.lstrip())) // 2
        title, _, who = line.strip().partition(":")
        del path[depth:]
        rows.append({"id": str(number), "above": path[-1] if path else "", "title": title, "who": who})
        path.append(str(number))
    return from_table("outline", SPEC, rows)


def found(old: str, new: str) -> list[tuple[str, str, str, str]]:
    return [(c.kind, c.title, c.before, c.after) for c in changes(edition(old), edition(new))]


OLD = """
文化:
  综述:甲
  文物:甲
  报纸:乙
卫生:
  综述:丙
  体育:丁
"""


def test_an_edition_is_the_same_as_itself() -> None:
    assert found(OLD, OLD) == []


def test_rows_are_known_by_their_titles_not_by_their_numbers() -> None:
    assert found(OLD, "军事:\n  军分区:戊\n" + OLD) == [("added", "军事", "", ""), ("added", "军分区", "", "")]


def test_a_year_does_not_tell_titles_apart() -> None:
    assert found("附录:\n  2021年名录:甲", "附录:\n  2022年名录:甲") == []


def test_a_row_removed_is_told_with_where_it_stood() -> None:
    (change,) = changes(edition(OLD), edition(OLD.replace("  文物:甲\n", "")))
    assert change == Change("removed", "文物", ("文化",))


def test_a_row_under_another_row_is_moved_not_removed_and_added() -> None:
    new = OLD.replace("  体育:丁\n", "").replace("  报纸:乙\n", "  报纸:乙\n  体育:丁\n")
    assert found(OLD, new) == [("moved", "体育", "卫生", "文化")]


def test_rows_of_the_same_title_are_told_apart_by_what_they_stand_under() -> None:
    assert found(OLD, OLD.replace("综述:丙", "综述:戊")) == [("altered", "综述", "丙", "戊")]


def test_a_row_with_a_title_near_enough_at_the_same_place_is_renamed() -> None:
    assert found(OLD + "  政府服务热线:己", OLD + "  政务服务便民热线:己") == [
        ("renamed", "政务服务便民热线", "政府服务热线", "政务服务便民热线")
    ]


def test_a_branch_that_is_renamed_keeps_its_rows() -> None:
    assert found(OLD, OLD.replace("卫生:", "卫生健康:")) == [("renamed", "卫生健康", "卫生", "卫生健康")]


def test_a_title_that_has_nothing_in_common_is_removed_and_added() -> None:
    kinds = {kind for kind, *_ in found(OLD, OLD.replace("体育", "养老"))}
    assert kinds == {"added", "removed"}


def test_the_fewest_rows_that_left_the_order_are_told() -> None:
    new = OLD.replace("  综述:甲\n  文物:甲\n  报纸:乙", "  报纸:乙\n  综述:甲\n  文物:甲")
    assert found(OLD, new) == [("reordered", "报纸", "", "")]


def test_a_key_of_several_columns_is_refused() -> None:
    one = edition(OLD)
    other = from_table("outline", {**SPEC, "key": ["id", "title"], "parent": None}, one.rows)
    with pytest.raises(ValueError, match="不是一列"):
        changes(one, other)


TITLES = st.lists(st.sampled_from("甲乙丙丁戊己庚辛"), unique=True, max_size=8)


@settings(max_examples=60, deadline=None)
@given(TITLES, TITLES)
def test_what_is_added_and_removed_accounts_for_every_row(old: list[str], new: list[str]) -> None:
    """Single characters are near to nothing: rows are the same by title alone."""
    seen = changes(edition("\n".join(f"{t}:" for t in old)), edition("\n".join(f"{t}:" for t in new)))
    assert {c.title for c in seen if c.kind == "added"} == set(new) - set(old)
    assert {c.title for c in seen if c.kind == "removed"} == set(old) - set(new)
    kept = [t for t in new if t in old]
    stayed = [t for t in kept if t not in {c.title for c in seen if c.kind == "reordered"}]
    assert stayed == sorted(stayed, key=old.index)
