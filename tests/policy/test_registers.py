"""A register that the office keeps must fit together: keepers, roles, computed columns, counts."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.policy.conftest import VALID

from gongbao.policy import schema
from gongbao.policy.check import check_folder

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
