"""A register that the office keeps must fit together: keepers, roles, computed columns, counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.policy.conftest import VALID

from gongbao.policy import schema
from gongbao.policy.check import check_folder
from gongbao.policy.source import read_source

KEPT = """
teams:
  label: 队伍
  cite: 第一条
  kind: team
  kept_by: [KEEPER]
  key: [name]
  columns:
    name: {label: 名称, role: name, required: true}
    class: {label: 类别, role: class, values: [专业, 社会]}
    place: {label: 所在, type: place, role: place}
    members: {label: 人数, type: integer}
  counts:
    - {label: 专业, where: {class: 专业}, exactly: 2, implied: 例, cite: 第一条}
"""


def problems(tmp_path: Path, before: str = "", after: str = "") -> list[str]:
    """What check says of the valid pack with this register, changed at one place."""
    root = shutil.copytree(VALID.parent, tmp_path / "city")
    folder = root / VALID.name
    units = (root / "units.yaml").read_text("utf-8")
    keeper = units.partition("units:")[2].split(":")[0].strip()
    text = KEPT.replace("KEEPER", keeper)
    assert before in text
    file = folder / "registers.yaml"
    old = file.read_text("utf-8") if file.is_file() else ""
    file.write_text(old + text.replace(before, after), encoding="utf-8")
    return [str(p) for p in check_folder(folder).problems]


def test_a_register_that_fits_is_not_complained_of(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(("before", "after", "message"), [
    ("kept_by: [", "kept_by: [没有的单位, ", "没有的单位"),
    ("label: 类别, role: class", "label: 类别, role: name", "有两列都是 name"),
    ("type: place, role: place", "role: place", "place 须是 place"),
    ("label: 人数, type: integer", "label: 人数, role: quantity", "quantity 须是数"),
    ("role: name, required: true", "role: name, personal: personal", "认行的列不能是个人信息"),
    ("label: 人数, type: integer", "label: 人数, decided_by: no_such", "no_such"),
    ("where: {class: 专业}", "where: {clas: 专业}", "clas"),
    ("where: {class: 专业}", "where: {class: 兼职}", "兼职"),
    ("exactly: 2", "exactly: 2, sum: class", "只有数能相加"),
    ("exactly: 2", "exactly: 2, each: place, of: 没有的组", "没有的组"),
])  # fmt: skip
def test_what_does_not_fit_is_told_with_its_place(tmp_path: Path, before: str, after: str, message: str) -> None:
    found = problems(tmp_path, before, after)
    assert any(message in one and "registers.yaml" in one for one in found), found


def test_a_kept_register_says_what_tells_its_rows_apart() -> None:
    with pytest.raises(ValidationError, match="key"):
        schema.RegisterSpec(label="队伍", cite="一", columns={}, kept_by=("市局",))


def test_counts_are_of_rows_that_somebody_keeps() -> None:
    count = schema.CountSpec(label="专业", cite="一", exactly=2)
    with pytest.raises(ValidationError, match="kept_by"):
        schema.RegisterSpec(label="队伍", cite="一", columns={}, counts=(count,))


@pytest.mark.parametrize("bounds", [{}, {"exactly": 1, "at_least": 1}])
def test_a_count_demands_one_thing(bounds: dict[str, int]) -> None:
    with pytest.raises(ValidationError, match="exactly"):
        schema.CountSpec(label="专业", cite="一", **bounds)


TREE = """
outline:
  label: 框架
  cite: 第一条
  key: [id]
  parent: above
  known_by: title
  compared: [words]
  sums: [words]
  group_by: level
  group_counts: {节: 1}
  row_sums: {words: [words]}
  printed_sums: {总计: {words: 5}}
  assign: {procedure: PROCEDURE, to: who, facts: {FACT: id}}
  columns:
    id: {label: 编号, authored: true}
    above: {label: 上级, authored: true}
    level: {label: 层级, authored: true}
    title: {label: 标题, authored: true}
    who: {label: 单位, type: list, authored: true}
    words: {label: 字数, type: integer, authored: true}
  file: outline.csv
"""
ROWS = "id,above,level,title,who,words\n1,,章,甲,,\n1.1,1,节,乙,UNIT,5\n"


def of_tree(tmp_path: Path, before: str = "", after: str = "", rows: str = ROWS) -> list[str]:
    """What check says of the valid pack with this tree, changed at one place."""
    root = shutil.copytree(VALID.parent, tmp_path / "city")
    folder = root / VALID.name
    pack = read_source(folder).pack
    name, procedure = next(iter(pack.procedures.items()))
    fact = procedure.form[0].removesuffix("?")
    unit = (root / "units.yaml").read_text("utf-8").partition("units:")[2].split(":")[0].strip()
    text = TREE.replace("PROCEDURE", name).replace("FACT", fact)
    assert before in text
    file = folder / "registers.yaml"
    old = file.read_text("utf-8") if file.is_file() else ""
    file.write_text(old + text.replace(before, after), encoding="utf-8")
    (folder / "registers").mkdir(exist_ok=True)
    (folder / "registers" / "outline.csv").write_text(rows.replace("UNIT", unit), encoding="utf-8")
    return [str(p) for p in check_folder(folder).problems]


def test_a_tree_that_fits_is_not_complained_of(tmp_path: Path) -> None:
    assert of_tree(tmp_path) == []


@pytest.mark.parametrize(("before", "after", "message"), [
    ("known_by: title", "known_by: titel", "titel"),
    ("compared: [words]", "compared: [wrods]", "wrods"),
    ("sums: [words]", "sums: [title]", "只有数能相加，title 不是"),
    ("row_sums: {words: [words]}", "row_sums: {words: [title]}", "只有数能相加，title 不是"),
    ("row_sums: {words: [words]}", "row_sums: {word: [words]}", "word"),
    ("printed_sums: {总计: {words: 5}}", "printed_sums: {总计: {word: 5}}", "word"),
    ("procedure: ", "procedure: no_such_", "no_such_"),
    ("to: who", "to: whom", "whom"),
    ("to: who", "to: who, apart: alone", "alone"),
    (": id}}", ": title}}", "认行的列（key）"),
    ("facts: {", "facts: {no_such_fact: title, ", "no_such_fact"),
    ("group_counts: {节: 1}", "group_counts: {节: 2}", "应有2行（group_counts），实有1行"),
    ("  group_by: level\n  group_counts: {节: 1}\n", "  group_counts: {节: 1}\n", "写了 group_counts 就须写 group_by"),
])  # fmt: skip
def test_a_tree_that_does_not_fit_is_told(tmp_path: Path, before: str, after: str, message: str) -> None:
    assert any(message in problem for problem in of_tree(tmp_path, before, after))


def test_a_row_for_a_unit_that_is_not_there_is_told_with_its_line(tmp_path: Path) -> None:
    (problem,) = of_tree(tmp_path, rows=ROWS.replace("UNIT", "没有的局"))
    assert "registers/outline.csv:3" in problem
    assert "没有“没有的局”这个单位或组" in problem
