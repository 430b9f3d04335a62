"""The written form of a test and its words say the same."""

from __future__ import annotations

import pytest

from gongbao.office.library import readable
from gongbao.policy import schema


@pytest.fixture
def pack():
    document = {
        "number": "甲政〔2023〕1号", "title": "办法", "issuer": "甲市人民政府", "dated": "2023-01-01",
        "in_force": {"from": "2023-01-01"}, "jurisdiction": "toy", "owner": "热线中心",
        "work": {"case": "工单", "room": "受理"}, "review": {"drafted_by": "gongbao"},
    }  # fmt: skip
    return schema.Pack(
        id="toy/street", document=document,
        params={"most": {"value": 5, "unit": "次", "text": "5次", "cite": "一"}},
        settings={"wait": {"owner": "热线中心", "label": "等待时限", "type": "duration"}},
        facts={"late": {"label": "迟到次数", "type": "integer"}, "sick": {"label": "患病", "type": "boolean"}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("-", "不限"), ("true", "是"), ("false", "否"), ('"甲","乙"', "甲 或 乙"), ('not("甲")', "除 甲 外"),
        (">= 300", "≥ 300"), ("> params.most", "＞ 5次"), ("[1..params.most]", "1 至 5次（含两端）"),
        ("(1..5]", "1 至 5（不含下限、含上限）"), ("[1..5)", "1 至 5（含下限、不含上限）"), ('"a,b"', "a,b"),
    ],
)  # fmt: skip
def test_a_cell_in_words(pack, written, words):
    assert readable.test_words(written, pack) == words


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("sick = true", "患病 为是"), ("sick != true", "患病 为否"), ("sick = false", "患病 为否"),
        ("late >= params.most and sick = true", "迟到次数 ≥ 5次 且 患病 为是"),
        ('place = "late"', "place = late"), ("settings.wait", "〔设置：等待时限〕"),
    ],
)  # fmt: skip
def test_an_expression_in_words(pack, written, words):
    assert readable.expression_words(written, pack) == words


def test_a_limit_in_words(pack):
    assert readable.limit_words("3 working days", pack) == "3个工作日"
    assert readable.limit_words(schema.SettingRef(setting="wait"), pack) == "由热线中心设定（等待时限）"


def test_what_a_template_fills_in_is_named(pack):
    assert readable.filled_words("{case.number}号，迟到{late}次。", pack) == "【编号】号，迟到【迟到次数】次。"
