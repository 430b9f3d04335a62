"""A danger burns on the board until the reply of 110, or the call-back, says that it has ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongbao.office import worlds
from gongbao.office.cases import service
from gongbao.office.cases.models import DANGER

pytestmark = pytest.mark.django_db
PACKS = Path(__file__).parents[3] / "packs"


@pytest.mark.parametrize(("answer", "alarm"), [({"danger": False}, 0), ({}, DANGER), ({"danger": True}, DANGER)])
def test_a_danger_ends_with_the_reply_that_says_so(account, settings, office_clock, answer, alarm):
    settings.GONGBAO_PACKS = PACKS
    worlds.forget()
    taker = account("hua1", "市政府办公室", "话务员")
    case = service.open_case(taker, "langfang/hotline-110", "request", {
        "platform": "12345", "channel": "电话", "content": "楼顶有人", "request_type": "紧急求助", "place": "三河市",
    })  # fmt: skip
    case = service.act(case, taker, "transferred", facts={"belongs": "110", "danger": True})
    assert case.alarm == DANGER
    case = service.act(case, taker, "police_replied", facts={"police_result": "已到场", **answer})
    assert (case.steps[0]["id"], case.alarm) == ("visiting", alarm)
    if alarm:
        visit = {"responded": "响应", "solved": "已解决", "satisfied": "满意", "danger": False}
        assert service.act(case, taker, "visited", facts=visit).alarm == 0
