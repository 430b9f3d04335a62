"""The picture says in words and signs what it says in colour, and holds nothing that a strict page would refuse."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from xml.etree import ElementTree

from gongbao.batch.whatif.picture import classes, describe, picture
from gongbao.batch.whatif.result import Comparison, Matrix, OutputChange

GRADES = Matrix(
    ("D", "C", "B", "A", "未定"),
    ((3, 0, 0, 0, 0), (0, 9, 1, 0, 0), (0, 12, 5, 0, 2), (0, 0, 0, 7, 0), (0, 0, 0, 0, 4)),
    4,
)


def comparison(**more: object) -> Comparison:
    held = {"decision": "grade", "label": "<等级>", "rows": 43, "changed": 15,
            "outputs": (OutputChange("grade", "等级", "", GRADES),), "newly": {}}  # fmt: skip
    return Comparison(**(held | more))  # type: ignore[arg-type]


def test_it_is_whole_xml_without_style_or_script_and_with_its_words() -> None:
    drawn = picture(comparison(), ["上限 5次 改为 3次"], unit="户")
    root = ElementTree.fromstring(drawn)
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"▼12", "▲1", "◆2"} <= set(texts)
    assert {"<等级>", "上限 5次 改为 3次"} <= set(texts)
    assert not re.search(r"style=|<style|<script|href|\son\w+=", drawn)


def test_the_warning_colours_are_left_to_warnings() -> None:
    assert not re.search(r"#(d32f2f|e53935|fbc02d|f57c00|1976d2)", picture(comparison()), re.IGNORECASE)


def test_the_description_lists_every_move_the_largest_first() -> None:
    assert describe(comparison(), unit="户").endswith("等级：B改为C 12 户、B改为未定 2 户、C改为B 1 户。")


def test_numbers_are_drawn_as_the_distribution_of_their_difference() -> None:
    output = OutputChange("ratio", "比例", "%", None, ((Decimal("-2.5"), 4), (Decimal(0), 30), (Decimal(10), 9)))
    texts = [t.text for t in ElementTree.fromstring(picture(comparison(outputs=(output,)))).iter()]
    assert {"▼ −2.5%", "▲ +10%", "0%"} <= set(texts)


def test_many_differences_fall_into_classes_that_lose_no_row_and_keep_zero_apart() -> None:
    counted = Counter({Decimal(n) / 10: n % 4 + 1 for n in range(-120, 300)})
    found = classes(sorted(counted.items()))
    assert len(found) <= 20
    assert sum(n for _, _, n in found) == sum(counted.values())
    assert [c for c in found if c[0] <= 0 <= c[1]] == [(Decimal(0), Decimal(0), counted[Decimal(0)])]


def test_days_are_a_matrix_of_their_own() -> None:
    drawn = picture(comparison(days=Matrix(("无", "蓝色"), ((5, 2), (0, 1)), 2), rows=1, changed=0))
    assert "1 条序列共 8 天，2 天的级别改变（25.0%）" in drawn
