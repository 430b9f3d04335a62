"""The yearbooks of 2022 and 2023: the outline as counted, who writes how much, what changed, and a draft on its way."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import pytest
from tests.packs.logs import Log as CaseLog
from tests.packs.papers import assert_every_paper_is_filled

from gongbao.engine.case import open_case
from gongbao.engine.decision.decide import decide
from gongbao.engine.editions import changes
from gongbao.engine.errors import CaseError, NotYours
from gongbao.engine.model import Actor
from gongbao.engine.outline import leaves, loads, meant, tree
from gongbao.engine.world import World
from gongbao.policy.check import check_folder
from gongbao.policy.loader import load_folder, packs_root

EDITIONS = ("2022", "2023")
SHANGHAI = dt.timezone(dt.timedelta(hours=8))
CENTRE = Actor("centre", "廊坊市地方志编纂中心", frozenset({"承办人"}))
CULTURE = Actor("culture", "廊坊市文化广电和旅游局", frozenset({"承办人"}))
ART = Actor("art", "廊坊市文学艺术界联合会", frozenset({"承办人"}))
SECTION = {"section": "29.03", "heading": "文化产业", "suppliers": ["市文化广电和旅游局"], "words": 3000, "charts": 3}
DRAFT = {"draft_text": "全市有园区2个。", "draft_words": 3000, "draft_charts": 0, "writer": "张某"}


@cache
def world(year: str) -> World:
    return load_folder(packs_root() / "langfang" / f"yearbook-{year}")


def at(day: str, time: str = "09:00") -> dt.datetime:
    return dt.datetime.fromisoformat(f"{day}T{time}:00").replace(tzinfo=SHANGHAI)


class Log(CaseLog):
    @staticmethod
    def at(when: dt.datetime) -> dt.datetime:
        return when

    def __init__(self, year: str, procedure: str, facts: dict[str, Any]) -> None:
        super().__init__(world(year), procedure, CENTRE, at(f"{year}-02-22"), facts)


@pytest.mark.parametrize("year", EDITIONS)
def test_the_pack_passes_its_own_check(year: str) -> None:
    report = check_folder(packs_root() / "langfang" / f"yearbook-{year}")
    assert report.errors == ()
    assert report.warnings == ()


@pytest.mark.parametrize("year", EDITIONS)
def test_every_paper_is_filled(year: str) -> None:
    assert_every_paper_is_filled(packs_root() / "langfang" / f"yearbook-{year}", world(year))


# ------------------------------------------------------------------------------------------------------- the outline


@pytest.mark.parametrize(("year", "levels", "leaf_count"), [
    ("2022", {"类目": 36, "分目": 263, "条目": 164, "未编号": 4}, 397),
    ("2023", {"类目": 37, "分目": 263, "条目": 165, "未编号": 4}, 398),
])  # fmt: skip
def test_the_outline_has_the_rows_that_the_plan_prints(year: str, levels: dict[str, int], leaf_count: int) -> None:
    outline = world(year).registers["outline"]
    assert outline.groups == levels
    assert len(leaves(outline)) == leaf_count
    assert outline.discrepancies == ()


@pytest.mark.parametrize(("year", "title", "words", "charts"), [
    ("2023", "专题", 25000, 25), ("2023", "廊坊市人民代表大会", 14000, 14), ("2023", "廊坊市人民政府", 17500, 14),
    ("2023", "群众团体", 18000, 27), ("2023", "法治", 22000, 22), ("2023", "军事", 7000, 15),
    ("2023", "综合行政管理", 30000, 61), ("2023", "城乡建设", 22000, 35), ("2023", "农业、林业、水利", 19000, 41),
    ("2023", "金融业", 36600, 39), ("2023", "教育", 20000, 21), ("2023", "文化", 42000, 56), ("2023", "科学", 16000, 14),
    ("2023", "卫生、体育", 21500, 29), ("2023", "社会生活", 33000, 33), ("2023", "开发区建设", 31000, 44),
    ("2022", "法治、军事", 29000, 29), ("2022", "综合行政管理", 32000, 71), ("2022", "农业、林业、水利", 21000, 43),
    ("2022", "社会生活", 35000, 35), ("2022", "开发区建设", 29000, 42),
])  # fmt: skip
def test_the_quotas_of_a_category_add_up(year: str, title: str, words: int, charts: int) -> None:
    found = {node.row["title"]: node.sums for node in tree(world(year).registers["outline"])}
    assert found[title] == {"words": words, "charts": charts}


@pytest.mark.parametrize("year", EDITIONS)
def test_the_work_of_a_unit_is_what_the_outline_gives_it(year: str) -> None:
    there = world(year)
    found = {
        one.unit: one for one in loads(there.registers["outline"], "suppliers", lambda name: meant(there.units, name))
    }
    culture = found["廊坊市文化广电和旅游局"]
    assert (len(culture.rows), culture.sums) == (18, {"words": 42000, "charts": 52})
    transport = found["廊坊市交通运输局"]
    assert (len(transport.rows), transport.sums) == (11, {"words": 15000, "charts": 15})
    assert len(found["廊坊市工业和信息化局"].rows) == 20
    assert len(found["廊坊市人民代表大会常务委员会办公室"].rows) == 13
    assert len(found["廊坊市商务局"].rows) == 11


@pytest.mark.parametrize("year", EDITIONS)
def test_every_supplier_is_a_unit_of_the_city_and_in_the_list_of_suppliers(year: str) -> None:
    there = world(year)
    named = {
        u
        for row in leaves(there.registers["outline"])
        for name in row["suppliers"] or ()
        for u in meant(there.units, name)
    }
    listed = {there.units.find(row["unit"]).name for row in there.registers["supplier_units"].rows}
    assert listed == named
    assert len(listed) == 181


def test_what_changed_between_the_editions_is_exactly_this() -> None:
    found: dict[str, set[str]] = {}
    for change in changes(world("2022").registers["outline"], world("2023").registers["outline"]):
        found.setdefault(change.kind, set()).add(change.title)
    assert found == {
        "added": {
            "军事", "河北三河国家农业科技园区",
            "2022年我市荣获个人二等功以上奖励的现役军人、退役军人，参战退役军人事迹",
            "2022年我市获得省部级或者战区级以上表彰的退役军人，以及其他符合条件的退役军人事迹",
            world("2023").registers["outline"].find("37.11")["title"],
        },
        "removed": {"廊坊市消防救援支队", "农业开发", "扶贫开发"},
        "renamed": {
            "廊坊市人民代表大会", "12345政务服务便民热线", "法治", "政法委", "退役军人事务", "中石油廊坊销售分公司",
            "中石化廊坊石油公司", "廊坊开放大学", "河北中石油中心医院", "中国建筑科学研究院有限公司建筑机械化研究分院",
        },
        "moved": {"廊坊军分区", "退役军人事务", "人民防空"},
        "reordered": {"市归国华侨联合会", "中国国际贸易促进委员会廊坊市委员会", "政府法治建设", "公安", "检察"},
        "altered": {
            "应急救援管理", "中石油廊坊销售分公司", "中石化廊坊石油公司", "廊坊开放大学", "河北中石油中心医院", "2022年评定的烈士",
        },
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------------- the drafts


@pytest.mark.parametrize("year", EDITIONS)
def test_a_draft_is_in_time_to_the_last_minute_of_the_day_and_late_after_it(year: str) -> None:
    """A date does not roll: 30 March stays 30 March."""
    for when, status in ((at(f"{year}-03-30", "23:59"), "met"), (at(f"{year}-03-31", "00:00"), "met_late")):
        (deadline,) = Log(year, "section", SECTION).do(CULTURE, "submitted", when, **DRAFT).state(when).deadlines
        assert (deadline.status, deadline.due.date()) == (status, dt.date(int(year), 3, 30))


def test_what_is_sent_again_after_a_return_does_not_make_the_first_draft_late() -> None:
    log = Log("2023", "section", SECTION).do(CULTURE, "submitted", at("2023-03-29"), **DRAFT)
    log.do(CENTRE, "returned", at("2023-04-03"), failed=["用语和名称"], return_reason="用语")
    assert [step.id for step in log.state(at("2023-04-03")).steps] == ["draft"]
    log.do(CULTURE, "submitted", at("2023-04-10"), **DRAFT)
    assert [d.status for d in log.state(at("2023-04-10")).deadlines] == ["met"]


def test_nobody_but_the_supplier_sends_a_draft_and_nobody_but_the_centre_judges_it() -> None:
    log = Log("2023", "section", SECTION)
    with pytest.raises(NotYours):
        log.do(ART, "submitted", at("2023-03-01"), **DRAFT)
    log.do(CULTURE, "submitted", at("2023-03-01"), **DRAFT)
    with pytest.raises(NotYours):
        log.do(CULTURE, "accepted", at("2023-03-02"))


def test_any_of_the_units_that_write_together_sends_the_draft() -> None:
    log = Log("2023", "section", {**SECTION, "suppliers": ["市文化广电和旅游局", "市文联"]})
    log.do(ART, "submitted", at("2023-03-01"), **DRAFT)
    assert [step.id for step in log.state(at("2023-03-01")).steps] == ["review"]


def test_a_list_of_writers_sent_on_4_march_is_late() -> None:
    log = Log("2023", "contributors", {"unit": "市文化广电和旅游局"})
    log.do(CULTURE, "list_sent", at("2023-03-04"), leader_name="甲", leader_mobile="13800000000", writer_name="乙",
           writer_mobile="13800000001")  # fmt: skip
    assert [d.status for d in log.state(at("2023-03-04")).deadlines] == ["met_late"]


def test_personal_data_of_writers_is_marked_as_such() -> None:
    facts = world("2023").facts
    for name in ("leader_name", "leader_mobile", "writer_mail", "second_phone", "signer", "writer"):
        assert facts[name].personal == "personal"


@pytest.mark.parametrize("word", ["公斤", "公里", "外资企业", "张三"])
def test_words_that_only_look_like_forbidden_ones_are_left_alone(word: str) -> None:
    found = decide(world("2023"), "lint", {"draft_text": f"粮食1000{word}。"}).value
    assert found == {"banned": [], "convert": [], "annotate": [], "marks": []}


def test_a_draft_not_yet_there_has_no_findings() -> None:
    assert set((decide(world("2023"), "lint", {}).value or {}).values()) <= {None}


def test_the_plan_is_not_applied_before_its_day() -> None:
    when = at("2023-02-17")
    with pytest.raises(CaseError, match="2023-02-18"):
        open_case(world("2023"), "section", actor=CENTRE, facts=SECTION, occurred_at=when, recorded_at=when)
