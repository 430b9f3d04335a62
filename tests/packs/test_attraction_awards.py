"""Five lists of ten: who may enter, ten votes of an IP a day, 35 and 65 of a hundred, publicity before the final list."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from typing import Any

import pytest
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.case import possible
from gongbao.engine.errors import CaseError
from gongbao.engine.fact import read_facts
from gongbao.engine.model import Actor
from gongbao.engine.scoresheet import Score, score
from gongbao.engine.scoresheet_ranking import Vote, ranked, taken, tally
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

FOLDER = packs_root() / "langfang" / "attraction-awards"
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
COUNTY = Actor("sanhe", "三河市人民政府", frozenset({"承办人"}))
COMMERCE = Actor("commerce", "廊坊市商务局", frozenset({"承办人"}))
CULTURE = Actor("culture", "廊坊市文化广电和旅游局", frozenset({"承办人"}))
PAPERS: dict[str, Any] = {
    "business_licence": True, "hygiene_licence": True, "tax_registration": True, "recommended": True, "plan_whole": True,
    "clean_record": True, "dishonest": False, "tax_case": False, "surveyed": True,
}  # fmt: skip
MATERIAL: dict[str, Any] = {"image_size": 3, "landscape": True, "text_length": 500, "readable": True}


@cache
def world() -> World:
    return load_folder(FOLDER)


def at(text: str) -> dt.datetime:
    return dt.datetime.strptime(f"2022-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def points(online: Any, onsite: Any, kind: str = "十大餐饮名店", **more: Any) -> tuple[Score, dict[str, Any]]:
    facts = {"online_points": online, "onsite_points": onsite, "list_kind": kind, "dishonest": False, "tax_case": False,
             "faked": False, **more}  # fmt: skip
    read = read_facts(world().facts, facts)
    return score(world(), world().scoresheets["awards"], read), read


def test_the_pack_passes_its_own_check() -> None:
    report = check_folder(FOLDER)
    assert report.errors == ()
    assert report.warnings == ()


def test_each_list_has_ten_places_of_its_own_and_a_tie_at_the_tenth_is_left_to_a_person() -> None:
    shops = [(f"店{i}", *points(90 - i, 90 - i)) for i in range(9)]
    tied = [("甲店", *points(50, 50)), ("乙店", *points(50, 50))]
    inn = ("民宿", *points(10, 10, "十大精品民宿"))
    sheet = world().scoresheets["awards"]
    places = ranked([*shops, *tied, inn], take=taken(sheet, {}), within=sheet.within)
    found = {p.subject: (p.best, p.chosen) for p in places}
    assert found["店8"] == (9, True)
    assert found["甲店"] == found["乙店"] == (10, None)
    assert found["民宿"] == (1, True)


def test_who_is_on_a_blacklist_is_not_ranked() -> None:
    places = ranked([("甲店", *points(99, 99, dishonest=True)), ("乙店", *points(1, 1))])
    assert [(p.subject, p.best, p.left_out) for p in places] == [
        ("乙店", 1, ""),
        ("甲店", None, "列入严重违法失信企业名单"),
    ]


def test_the_eleventh_vote_of_an_ip_on_a_day_is_refused_and_one_of_the_next_day_counts() -> None:
    rule = world().scoresheets["awards"].votes
    assert rule is not None
    votes = [Vote("10.0.0.1", "甲店", at("10-20 09:00")) for _ in range(11)] + [
        Vote("10.0.0.1", "甲店", at("10-21 00:00"))
    ]
    found = tally(votes, rule)
    assert found.counted == {"甲店": 11}
    assert [place for place, _, _ in found.refused] == [11]
    assert "已投满 10 票" in found.refused[0][2]


class Log(CaseLog):
    at = staticmethod(at)

    def __init__(self, kind: str = "十大餐饮名店") -> None:
        facts = {"applicant": "甲店", "county": "三河市人民政府", "list_kind": kind}
        super().__init__(world(), "entry", COUNTY, "10-11 09:00", facts)


def entered(**papers: Any) -> Log:
    return Log().do(COUNTY, "forwarded", "10-12 09:00", **{**PAPERS, **papers})


def published() -> Log:
    log = entered().do(COMMERCE, "admitted", "10-17 09:00").do(COMMERCE, "uploaded", "10-18 09:00", **MATERIAL)
    log.do(COMMERCE, "voted", "11-03 09:00", votes=12000, online_points=80)
    log.do(COMMERCE, "judged", "11-12 09:00", onsite_points=90, onsite_opinion="整洁")
    return log.do(COMMERCE, "published", "11-18 09:00", chosen=True)


def test_from_entry_to_award() -> None:
    log = published()
    assert str(log.state().decided["awards_total"].value["points"]) == "86.50"
    log.do(COMMERCE, "listed", "11-25 09:00").do(COMMERCE, "awarded", "11-28 09:00")
    assert log.state().closed_at is not None


def test_while_an_objection_is_open_nothing_is_listed() -> None:
    log = published().do(COMMERCE, "objection_received", "11-19 09:00", objection="与材料不符")
    with pytest.raises(CaseError, match="没有未处理完的异议"):
        log.do(COMMERCE, "listed", "11-20 09:00")
    log.do(COMMERCE, "objection_settled", "11-22 09:00", finding="查无此事", chosen=True)
    log.do(COMMERCE, "listed", "11-23 09:00")


@pytest.mark.parametrize("papers", [{"dishonest": True}, {"tax_case": True}, {"clean_record": False}])
def test_who_is_not_eligible_is_not_admitted(papers: dict[str, Any]) -> None:
    with pytest.raises(CaseError, match="不能参评"):
        entered(**papers).do(COMMERCE, "admitted", "10-17 09:00")


@pytest.mark.parametrize("material", [{"image_size": "3.1"}, {"landscape": False}, {"text_length": 501}])
def test_material_that_does_not_fit_is_not_uploaded(material: dict[str, Any]) -> None:
    log = entered().do(COMMERCE, "admitted", "10-17 09:00")
    with pytest.raises(CaseError, match="图片不超过3M"):
        log.do(COMMERCE, "uploaded", "10-18 09:00", **{**MATERIAL, **material})


def test_the_other_bureau_has_nothing_to_do_with_this_list() -> None:
    log = entered()
    assert not [p for p in possible(world(), log.state(), log.events, CULTURE, log.now) if p.allowed]


def test_false_papers_end_the_entry_at_any_time() -> None:
    log = published().do(COMMERCE, "disqualified", "11-20 09:00", faked=True, reason="证照系伪造")
    assert log.state().closed_at is not None


def test_no_name_and_no_number_of_the_annex_stands_in_the_pack() -> None:
    text = "".join(p.read_text(encoding="utf-8") for p in FOLDER.glob("*.yaml"))
    assert re.findall(r"1[3-9]\d{9}", text) == []
    assert "组长" not in text


def test_every_paper_is_filled() -> None:
    assert_every_paper_is_filled(FOLDER, world())
