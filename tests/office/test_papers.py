"""The number of a paper: the unit in it is the one that ordered it, also where the template leaves the issuer to it."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest

from gongbao.engine.time.calendar import SHANGHAI
from gongbao.office.cases import papers
from gongbao.policy.schema import TemplateSpec

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("issuer", "shown"),
    [(None, "市水务局"), ("{unit}", "市水务局"), ("{unit}办公室", "市水务局办公室"), ("市政府", "市政府")],
)
def test_its_unit_is_the_one_that_ordered_it(issuer: str | None, shown: str) -> None:
    template = TemplateSpec(label="通知", title="通知", body=("一",), number="{unit}〔{year}〕{seq}号", issuer=issuer)
    ordered = SimpleNamespace(unit="市水务局", occurred_at=dt.datetime(2023, 5, 1, tzinfo=SHANGHAI))
    other = SimpleNamespace(unit="市林业局", occurred_at=ordered.occurred_at)
    assert papers._number(template, ordered) == f"{shown}〔2023〕1号"
    assert papers._number(template, ordered) == f"{shown}〔2023〕2号"
    assert papers._number(template, other).endswith("〔2023〕3号" if issuer == "市政府" else "〔2023〕1号")
