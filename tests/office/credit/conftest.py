"""A regulator, a window and an inspector of 2023, with the credit pack as it is."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gongbao.engine.codes import credit_code_check
from gongbao.office import worlds
from gongbao.office.credit import models
from gongbao.office.credit.models import CreditRecord, Enterprise

PACKS = Path(__file__).parents[3] / "packs"
TODAY = dt.date(2023, 3, 1)


@pytest.fixture(autouse=True)
def _credit(_instance, settings, office_clock):
    settings.GONGBAO_PACKS = PACKS
    settings.GONGBAO_SITE = "office"
    worlds.forget()


@pytest.fixture
def world():
    return worlds.world(models.PACK)


@pytest.fixture
def regulator(account):
    return account("jian", "市行政审批局", "监管人员", name="监某")


@pytest.fixture
def clerk(account):
    return account("chuang", "市行政审批局", "承办人", name="窗某")


@pytest.fixture
def tax(account):
    return account("shui", "市税务局", "承办人", name="税某")


@pytest.fixture
def enterprise(db):
    """enterprise(**more) makes one with a valid code."""
    made = 0

    def make(**more) -> Enterprise:
        nonlocal made
        made += 1
        body = f"91131082MA{made:07d}"
        held = {"name": f"示例{made}号食品有限公司", "county": "三河市", "sector": "制造业", "licence_revoked": False,
                "credit_code": body + credit_code_check(body)}  # fmt: skip
        return Enterprise.objects.create(added_at=dt.datetime(2023, 1, 1, tzinfo=dt.UTC), **{**held, **more})

    return make


@pytest.fixture
def record(db):
    """record(enterprise, **more): a general record in the cycle that did no serious harm."""
    made = 0

    def make(enterprise: Enterprise, **more) -> CreditRecord:
        nonlocal made
        made += 1
        held = {"number": f"XY{made:04d}", "kind": "欠缴税款", "klass": models.GENERAL, "dated": dt.date(2022, 10, 1),
                "source": "市税务局", "serious_consequence": False}  # fmt: skip
        held |= more
        held.setdefault("collected_on", held["dated"])
        return CreditRecord.objects.create(enterprise=enterprise, **held)

    return make
