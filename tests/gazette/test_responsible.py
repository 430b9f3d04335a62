"""Who is named as responsible, in which role; a list is cut into units and no unit is cut."""

from __future__ import annotations

import pytest

from gongbao.gazette.responsible import bracketed, general_line, is_unit, responsible, units


def roles(text: str) -> list[str]:
    return [f"{r.role}:{r.unit}" for r in responsible(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("（甲做某事。）（市教育局牵头，市财政局、市人社局按职责分工负责）", ["lead:市教育局", "share:市财政局", "share:市人社局"]),
        ("（牵头单位：市水务局，责任单位：各县（市、区）政府、开发区管委会。）",
         ["lead:市水务局", "owner:各县（市、区）政府", "owner:开发区管委会"]),
        ("（责任部门：市水务局牵头，市民政局等部门按职责分工负责）", ["lead:市水务局", "share:市民政局"]),
        ("（市公安局负责；市财政局配合）", ["owner:市公安局", "with:市财政局"]),
        ("责任单位：市民政局、廊坊海关", ["owner:市民政局", "owner:廊坊海关"]),
        ("县财政、交通、林业等部门按照各自职责做好服务", ["share:县财政部门", "share:县交通部门", "share:县林业部门"]),
        ("由市发改委牵头，市工信局、市公安局等参加。", ["lead:市发改委", "with:市工信局", "with:市公安局"]),
        ("市民政局会同市卫健委等有关部门加强监督", ["lead:市民政局", "with:市卫健委"]),
        ("县农业农村部门负责宅基地管理", ["owner:县农业农村部门"]),
    ],
)  # fmt: skip
def test_units_are_read_with_their_role(text: str, expected: list[str]) -> None:
    assert roles(text) == expected


@pytest.mark.parametrize("text", ["单位主要负责人应当到场", "实行组长负责制", "报负责审批的机关", "（以下简称调查组）"])
def test_a_word_that_only_looks_like_a_role_names_nobody(text: str) -> None:
    assert roles(text) == []


def test_a_general_line_gives_its_units_to_what_follows() -> None:
    line = "（市住建局按职责分工负责，以下均需高新区、各县（市、区）、航空城（示例）相关部门落实，不再列出）"
    assert [r.unit for r in general_line(line)] == [
        "高新区相关部门",
        "各县（市、区）相关部门",
        "航空城（示例）相关部门",
    ]
    assert [f"{r.role}:{r.unit}" for r in bracketed(line)] == ["share:市住建局"]


def test_names_with_and_stay_whole() -> None:
    assert units("市自然资源和规划局、市住建局和市财政局") == ["市自然资源和规划局", "市住建局", "市财政局"]
    assert units("市、县两级应急管理部门") == ["市、县两级应急管理部门"]


def test_a_sentence_is_no_unit() -> None:
    assert is_unit("市卫生健康委")
    assert is_unit("各县（市、区）")
    assert not is_unit("支持龙头企业")
    assert not is_unit("统一组织")
