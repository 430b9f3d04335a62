"""On the page of a matter the acts stand by sort, the next step first; no procedure is named in the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from gongbao.office import worlds
from gongbao.office.cases import presenting, service

pytestmark = pytest.mark.django_db
PACKS = Path(__file__).parents[3] / "packs"
PACK = "langfang/hotline-110"


def test_the_leader_of_a_shift_sees_acts_by_sort(account, settings, office_clock):
    settings.GONGBAO_PACKS = PACKS
    worlds.forget()
    leader = account("ban", "市政府办公室", "班长")
    case = service.open_case(leader, PACK, "request", {
        "platform": "12345", "channel": "电话", "content": "路灯不亮", "request_type": "非紧急求助", "place": "三河市",
    })  # fmt: skip
    seen = service.look(case)
    forms = presenting.action_forms(seen, leader, service.possible(seen, leader))
    found = {name: [f.possible.action for f in listed] for name, listed in presenting.grouped_forms(seen, forms)}
    assert next(iter(found)) == presenting.NEXT
    assert "accepted" in found[presenting.NEXT]
    assert found[presenting.SUPERVISION] == ["urged", "supervised"]
    assert found[presenting.CORRECTION] == ["reassigned", "supplemented"]
    assert found[presenting.RELATED] == ["merged", "endangered", "harassed"]
    assert sum(map(len, found.values())) == len(forms)
