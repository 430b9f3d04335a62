"""The kind of a document is that of what it issues."""

from __future__ import annotations

from collections import Counter

import pytest

from gongbao.gazette.kinds import kind_of

from .shared import library, needs_seeds


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于印发《示例市路灯管理办法》的通知", "办法"),
        ("关于印发示例市路灯养护规划（2021-2025年）的通知", "规划"),
        ("关于印发示例市路灯管理办法（试行）的通知", "办法"),
        ("关于做好路灯养护的通知", "通知"),
        ("路灯停电应急预案", "预案"),
        ("关于加快路灯更新的实施意见", "意见"),
        ("关于表彰路灯养护先进单位的决定", "决定"),
        ("关于转发《路灯规程》的通知", "规程"),
        ("路灯", "其他"),
        ("", "其他"),
    ],
)
def test_the_kind_of_a_title(title: str, kind: str) -> None:
    assert kind_of(title) == kind


@needs_seeds
@pytest.mark.seeds
def test_nearly_every_document_of_the_seeds_has_a_kind() -> None:
    counted = Counter(kind_of(document.title) for document in library().documents)
    assert counted["其他"] <= 3, counted
    assert len(counted) > 8
