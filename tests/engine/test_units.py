"""Organs: found by any of their names, followed through reforms, grouped per document and date."""

import datetime as dt

import pytest

from gongbao.engine.units import UnitNotFound, Units

REFORM = dt.date(2019, 1, 1)
BEFORE, AFTER = dt.date(2018, 12, 31), REFORM

FILE = {
    "city": "廊坊市",
    "areas": ["三河市", "霸州市", "广阳区"],
    "units": {
        "市政府": {
            "name": "廊坊市人民政府",
            "short": "市政府",
            "kind": "政府",
            "functions": ["人民政府"],
            "posts": {"分管副市长": {"holder": "某甲", "portfolio": ["生态环境", "市环保局"]}, "值班室": {}},
        },
        "市环保局": {
            "name": "廊坊市环境保护局",
            "short": "市环保局",
            "aliases": ["环保部门"],
            "parent": "市政府",
            "functions": ["生态环境"],
            "posts": {"值班室": {}},
            "successors": [{"unit": "市生态环境局", "on": REFORM, "source": "机构改革"}],
        },
        "市生态环境局": {
            "name": "廊坊市生态环境局",
            "short": "市生态环境局",
            "aliases": ["环保部门"],
            "functions": ["生态环境"],
            "from": REFORM,
        },
        "市质监局": {
            "name": "廊坊市质量技术监督局",
            "until": BEFORE,
            "successors": [{"unit": "市工商局", "on": BEFORE}],
        },
        "市工商局": {"name": "廊坊市工商行政管理局", "successors": [{"unit": "市市场监管局", "on": REFORM}]},
        "市市场监管局": {"name": "廊坊市市场监督管理局", "functions": ["市场监管"]},
        "市建设局": {
            "name": "廊坊市建设局",
            "successors": [{"unit": "市住建局", "on": REFORM}, {"unit": "市城管局", "on": REFORM}],
        },
        "市住建局": {"name": "廊坊市住房和城乡建设局"},
        "市城管局": {"name": "廊坊市城市管理综合行政执法局"},
        "三河市公安局": {"name": "三河市公安局", "level": "县", "area": "三河市", "functions": ["公安机关"]},
        "霸州市公安局": {"name": "霸州市公安局", "level": "县", "area": "霸州市", "functions": ["公安机关"]},
        "市公安局": {"name": "廊坊市公安局", "functions": ["公安机关"]},
        "三河市政府": {"name": "三河市人民政府", "level": "县", "area": "三河市", "functions": ["人民政府"]},
        "霸州市政府": {"name": "霸州市人民政府", "level": "县", "area": "霸州市", "functions": ["人民政府"]},
        "胜芳镇政府": {"name": "胜芳镇人民政府", "level": "乡", "area": "霸州市胜芳镇", "functions": ["人民政府"]},
    },
    "groups": {
        "counties": {"label": "各县（市、区）", "members": ["三河市政府", "霸州市政府"]},
        "counties-118": {
            "label": "各县（市、区）",
            "members": ["三河市政府"],
            "document": "langfang/heavy-pollution",
            "until": BEFORE,
        },
        "members": {"label": "成员单位", "members": ["各县（市、区）", "市环保局", "市建设局"]},
    },
}
UNITS = Units(FILE)


@pytest.mark.parametrize("name", ["廊坊市环境保护局", "市环保局", " 市环保局 "])
def test_a_unit_is_found_by_any_of_its_names(name):
    assert UNITS.find(name, BEFORE).key == "市环保局"
    assert UNITS.find(name).key == "市环保局"


def test_a_succession_counts_from_its_day():
    assert UNITS.find("市环保局", BEFORE).name == "廊坊市环境保护局"
    assert UNITS.find("市环保局", AFTER).name == "廊坊市生态环境局"


def test_successions_are_followed_to_the_end():
    assert UNITS.find("市质监局", BEFORE).key == "市工商局"
    assert UNITS.find("市质监局", AFTER).key == "市市场监管局"


def test_a_name_borne_before_and_after_means_the_one_of_that_day():
    assert UNITS.find("环保部门", AFTER).key == "市生态环境局"
    assert UNITS.find("环保部门", BEFORE).key == "市环保局"


def test_duties_split_between_several_successors_must_be_told_apart():
    assert UNITS.find("市建设局", BEFORE).key == "市建设局"
    with pytest.raises(UnitNotFound, match="已分属 廊坊市住房和城乡建设局、廊坊市城市管理综合行政执法局") as raised:
        UNITS.find("市建设局", AFTER)
    assert len(raised.value.near) == 2
    assert [u.key for u in UNITS.successors("市建设局", AFTER)] == ["市住建局", "市城管局"]


def test_an_unknown_unit_is_an_error_with_near_names():
    with pytest.raises(UnitNotFound, match="没有“市生态局”这个单位；相近的有") as raised:
        UNITS.find("市生态局")
    assert "廊坊市生态环境局" in raised.value.near
    with pytest.raises(UnitNotFound, match=r"没有“🜁”这个单位$"):
        UNITS.find("🜁")


# ---------------------------------------------------------------------------------------------------------- groups


def test_a_group_is_that_of_the_document_on_that_day():
    def keys(**at):
        return [u.key for u in UNITS.members("各县（市、区）", **at)]

    assert keys(on=BEFORE, document="langfang/heavy-pollution") == ["三河市政府"]
    assert keys(on=AFTER, document="langfang/heavy-pollution") == ["三河市政府", "霸州市政府"]
    assert keys(on=BEFORE, document="langfang/hotline-110") == ["三河市政府", "霸州市政府"]
    assert keys() == ["三河市政府", "霸州市政府"]


def test_members_expand_groups_and_follow_successions_each_once():
    assert [u.key for u in UNITS.members("成员单位", AFTER)] == [
        "三河市政府",
        "霸州市政府",
        "市生态环境局",
        "市住建局",
        "市城管局",
    ]
    assert [u.key for u in UNITS.members("members", BEFORE)][-2:] == ["市环保局", "市建设局"]


def test_an_unknown_group_names_those_there_are():
    with pytest.raises(UnitNotFound, match="没有“各乡镇”这个组；已有：各县（市、区）、成员单位"):
        UNITS.members("各乡镇")


# --------------------------------------------------------------------------------------------- by function and place


def test_the_county_organ_of_a_place_is_found_by_function():
    assert [u.key for u in UNITS.relative("公安机关", "县", "三河市")] == ["三河市公安局"]
    assert [u.key for u in UNITS.relative("公安机关", "县", "霸州市胜芳镇某路")] == ["霸州市公安局"]
    assert [u.key for u in UNITS.relative("公安机关", "市", "霸州市")] == ["市公安局"]


def test_without_a_level_the_lowest_that_covers_the_place():
    assert [u.key for u in UNITS.relative("人民政府", place="霸州市胜芳镇某路")] == ["胜芳镇政府"]
    assert [u.key for u in UNITS.relative("人民政府", place="霸州市煎茶铺镇")] == ["霸州市政府"]
    assert [u.key for u in UNITS.relative("人民政府", place="广阳区")] == ["市政府"]


def test_only_organs_of_that_day_have_the_function():
    assert [u.key for u in UNITS.relative("生态环境", "市", on=BEFORE)] == ["市环保局"]
    assert [u.key for u in UNITS.relative("生态环境", "市", on=AFTER)] == ["市生态环境局"]


def test_no_organ_of_the_place_is_an_error():
    with pytest.raises(UnitNotFound, match="没有广阳区的县级“公安机关”单位"):
        UNITS.relative("公安机关", "县", "广阳区")
    with pytest.raises(UnitNotFound, match="地点未知"):
        UNITS.relative("公安机关", "县", None)
    with pytest.raises(UnitNotFound, match="已登记的职能：人民政府、"):
        UNITS.relative("海事机关", "县", "三河市")


def test_the_area_of_a_place():
    assert UNITS.area_of("霸州市胜芳镇某路") == "霸州市"
    assert UNITS.area_of("河北省廊坊市广阳区") == "广阳区"
    assert UNITS.area_of("北京市通州区") is None
    assert UNITS.area_of(None) is None


# ------------------------------------------------------------------------------------------------------------ posts


def test_a_post_is_found_by_name_and_unit():
    assert UNITS.post("分管副市长").holder == "某甲"
    assert UNITS.post("值班室", "市政府").unit == "市政府"
    assert UNITS.post("市环保局 值班室").unit == "市环保局"
    with pytest.raises(UnitNotFound, match="都有，须写明单位"):
        UNITS.post("值班室")
    with pytest.raises(UnitNotFound, match="没有“分管市长”这个职务；相近的有：分管副市长"):
        UNITS.post("分管市长")


def test_a_portfolio_answers_by_field_and_by_any_name_of_a_unit():
    assert [p.name for p in UNITS.in_charge("生态环境")] == ["分管副市长"]
    assert [p.name for p in UNITS.in_charge("廊坊市环境保护局")] == ["分管副市长"]
    assert UNITS.in_charge("教育") == ()


# ------------------------------------------------------------------------------------------------------- a bad file


def broken(**units):
    return {"city": "廊坊市", "areas": ["三河市"], "units": units}


def tiled(**at):
    return {"city": "廊坊市", "areas": ["三河市", "霸州市"], "tiles": {"source": "示意", "at": at}, "units": {}}


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (broken(a={"name": "甲"}, b={"name": "乙", "aliases": ["甲"]}), "名称“甲”与 units.a 同时使用"),
        (broken(a={"name": "甲", "parent": "丙"}), "units.a.parent: 没有“丙”"),
        (broken(a={"name": "甲", "successors": [{"unit": "丙"}]}), "units.a.successors: 没有“丙”"),
        (broken(a={"name": "甲", "successors": [{"unit": "甲"}]}), "不能是它自己"),
        (
            broken(a={"name": "甲", "successors": [{"unit": "乙"}]}, b={"name": "乙", "successors": [{"unit": "甲"}]}),
            "承接关系成环",
        ),
        (broken(a={"name": "甲", "level": "县", "area": "通州区"}), "“通州区”不在 areas（三河市）中"),
        ({"units": {}, "groups": {"g": {"label": "组", "members": ["丙"]}}}, "groups.g.members: 没有“丙”"),
        (tiled(三河市=(1, 1)), "tiles.at: 缺少 霸州市"),
        (tiled(三河市=(1, 1), 霸州市=(2, 1), 通州区=(3, 1)), "tiles.at.通州区: “通州区”不在 areas（三河市、霸州市）中"),
        (tiled(三河市=(1, 1), 霸州市=(1, 1)), "tiles.at.霸州市: 第1行第1列已由“三河市”占用"),
    ],
)
def test_a_broken_file_is_refused_by_entry(file, message):
    with pytest.raises(ValueError, match="单位文件有误") as raised:
        Units(file)
    assert message in str(raised.value)


def test_every_area_has_its_tile_or_none_has():
    assert Units(tiled(三河市=(1, 2), 霸州市=(2, 1))).tiles == {"三河市": (1, 2), "霸州市": (2, 1)}
    assert Units(tiled()).tiles == {}


def test_one_name_may_pass_from_one_unit_to_the_next():
    file = broken(a={"name": "甲", "until": BEFORE}, b={"name": "新甲", "aliases": ["甲"], "from": AFTER})
    assert Units(file).find("甲", BEFORE).key == "a"
    assert Units(file).find("甲", AFTER).key == "b"


def test_a_city_without_a_file_knows_nobody():
    with pytest.raises(UnitNotFound):
        Units().find("市政府")


def test_a_unit_is_known_by_the_names_of_its_predecessors_and_successors() -> None:
    units = Units({
        "city": "甲市",
        "units": {
            "a": {"name": "甲市卫生局", "short": "市卫生局", "successors": [{"unit": "c"}]},
            "b": {"name": "甲市计生委", "successors": [{"unit": "c"}]},
            "c": {"name": "甲市卫计委", "successors": [{"unit": "d"}]},
            "d": {"name": "甲市卫健委"},
        },
    })  # fmt: skip
    names = units.other_names()
    assert {"市卫生局", "甲市卫计委", "甲市卫健委"} <= set(names["甲市卫生局"])
    assert "甲市计生委" not in names["甲市卫生局"]
    assert {"甲市卫生局", "甲市计生委", "甲市卫计委"} <= set(names["甲市卫健委"])
    assert "甲市卫健委" not in names["甲市卫健委"]
