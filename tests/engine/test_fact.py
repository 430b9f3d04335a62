"""Facts come in as text from anywhere, by id or by label; everything wrong is said at once, nothing half taken."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.canonical import to_jsonable
from gongbao.engine.fact import FactErrors, compile_facts, read_facts
from gongbao.engine.series import DAY, HOUR, Series
from gongbao.engine.time.calendar import SHANGHAI
from gongbao.feel import YearsMonths

HOUSE = {"area": {"label": "面积", "type": "integer"}, "owner": {"label": "户主", "type": "person"}}
PERSON = {"age": {"label": "年龄", "type": "integer", "min": 0}}
MARKS = ["监测", "预报", "趋势"]
FACTS = compile_facts(
    {
        "poisoned": {"label": "中毒人数", "type": "integer", "min": 0, "max": 1000, "unit": "人"},
        "share": {"label": "比例", "type": "number", "scale": 1, "unit": "%"},
        "cost": {"label": "费用", "type": "money"},
        "school": {"label": "涉及学校", "type": "boolean"},
        "grade": {"label": "等级", "type": "choice", "values": ["一般", "较大", "12345"]},
        "day": {"label": "日期", "type": "date"},
        "at": {"label": "发生时间", "type": "datetime"},
        "limit": {"label": "时限", "type": "duration"},
        "note": {"label": "说明", "type": "text"},
        "phone": {"label": "电话", "type": "text", "format": "phone"},
        "id_number": {"label": "身份证号", "type": "text", "format": "resident_id"},
        "mail": {"label": "邮箱", "type": "text", "format": "email"},
        "places": {"label": "地点", "type": "list", "of": "place", "max_items": 3},
        "house": {"label": "宅基地", "type": "record", "fields": HOUSE},
        "people": {"label": "人员", "type": "list", "of": "record", "fields": PERSON},
        "aqi": {"label": "AQI序列", "type": "series", "of": "integer", "min": 0, "marks": MARKS, "max_items": 10},
        "twin_a": {"label": "同名", "type": "text"},
        "twin_b": {"label": "同名", "type": "text"},
    }
)  # fmt: skip


def read(name: str, value: Any) -> Any:
    return read_facts(FACTS, {name: value})[name]


def refused(raw: Any) -> tuple[Any, ...]:
    with pytest.raises(FactErrors) as caught:
        read_facts(FACTS, raw)
    return caught.value.items


@pytest.mark.parametrize("raw", [12, "12", " １２ ", "12人", "12 人", Decimal("12"), 12.0, "12.0", "+12"])
def test_a_number_comes_as_it_comes(raw: Any) -> None:
    assert read("poisoned", raw) == 12
    assert type(read("poisoned", raw)) is int


@pytest.mark.parametrize(
    "raw",
    ["x", "1.5", 1.5, True, "1e3", float("nan"), float("inf"), Decimal("NaN"), "1,2", [1], "一", "9" * 400, 10**40],
)
def test_what_is_no_whole_number_is_refused(raw: Any) -> None:
    (error,) = refused({"poisoned": raw})
    assert (error.path, error.label, error.allowed) == ("poisoned", "中毒人数", "0 到 1000 的整数")
    assert "中毒人数" in error.message


@pytest.mark.parametrize(("raw", "good"), [(-1, False), (0, True), (1000, True), (1001, False)])
def test_bounds_are_inclusive(raw: int, good: bool) -> None:
    if good:
        assert read("poisoned", raw) == raw
    else:
        assert refused({"poisoned": raw})[0].allowed == "0 到 1000 的整数"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("2.5万元", 25000),
        ("1,234.50", Decimal("1234.50")),
        ("¥3", 3),
        ("0.01亿元", 1000000),
        (0.1, Decimal("0.1")),
        ("100元", 100),
    ],
)
def test_money_is_exact_and_in_yuan(raw: Any, value: Any) -> None:
    assert read("cost", raw) == value
    assert type(read("cost", raw)) is not float


def test_decimals_beyond_the_scale_are_refused() -> None:
    assert read("share", "３.5%") == Decimal("3.5")
    assert "最多 1 位小数" in refused({"share": "3.55"})[0].message
    assert "最多 2 位小数" in refused({"cost": "0.001"})[0].message


@pytest.mark.parametrize(
    ("raw", "value"),
    [("是", True), ("否", False), ("true", True), ("False", False), (True, True), ("off", False), ("√", True)],
)
def test_yes_and_no(raw: Any, value: bool) -> None:
    assert read("school", raw) is value


@pytest.mark.parametrize("raw", [1, 0, "1", "有", [], 1.0])
def test_neither_yes_nor_no(raw: Any) -> None:
    assert refused({"school": raw})[0].allowed == "是或否（true 或 false）"


def test_choices() -> None:
    assert read("grade", " 较大 ") == "较大"
    assert read("grade", 12345) == "12345"
    error = refused({"grade": "较大的"})[0]
    assert "一般、较大、12345" in error.allowed
    assert "是否指“较大”" in error.message
    assert refused({"grade": True})


@pytest.mark.parametrize(
    "raw",
    [
        "2023-01-19",
        "2023/1/19",
        "2023年1月19日",
        "20230119",
        dt.date(2023, 1, 19),
        dt.datetime(2023, 1, 19),
        "2023-01-19 00:00:00",
        "２０２３-01-19",
    ],
)
def test_days(raw: Any) -> None:
    assert read("day", raw) == dt.date(2023, 1, 19)
    assert type(read("day", raw)) is dt.date


@pytest.mark.parametrize(
    "raw", ["2023-02-30", "2023", 20230119, "2023-13-01", dt.datetime(2023, 1, 19, 8), "明天", "0000-01-01"]
)
def test_days_that_are_none(raw: Any) -> None:
    assert refused({"day": raw})[0].path == "day"


@pytest.mark.parametrize(
    "raw",
    [
        "2023-01-19 08:30",
        "2023-01-19T08:30:00+08:00",
        "2023-01-19T00:30:00Z",
        "2023年1月19日8时30分",
        dt.datetime(2023, 1, 19, 8, 30),
        "2023/1/19 8:30:00",
    ],
)
def test_moments_are_in_the_time_of_the_city(raw: Any) -> None:
    assert read("at", raw) == dt.datetime(2023, 1, 19, 8, 30, tzinfo=SHANGHAI)
    assert read("at", raw).utcoffset() == dt.timedelta(hours=8)


def test_twenty_four_o_clock_is_the_beginning_of_the_next_day() -> None:
    assert read("at", "2022-12-31 24:00") == dt.datetime(2023, 1, 1, tzinfo=SHANGHAI)


@pytest.mark.parametrize("raw", ["2023-01-19", "2023-01-19 25:00", "2023-01-19 08:61", "08:30", dt.date(2023, 1, 19)])
def test_a_day_without_a_clock_is_no_moment(raw: Any) -> None:
    assert "须为日期和时刻" in refused({"at": raw})[0].message


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("2小时", dt.timedelta(hours=2)),
        ("PT2H", dt.timedelta(hours=2)),
        ("1个月", YearsMonths(1)),
        ("2年", YearsMonths(24)),
        ("3 days", dt.timedelta(days=3)),
        ("90分钟", dt.timedelta(minutes=90)),
        ("2个小时", dt.timedelta(hours=2)),
    ],
)
def test_lengths_of_time(raw: str, value: Any) -> None:
    assert read("limit", raw) == value


def test_texts_and_their_forms() -> None:
    assert read("note", 12345) == "12345"
    assert read("phone", "０３１６-12345") == "0316-12345"
    assert read("mail", "a@b.cn") == "a@b.cn"
    assert read("id_number", "11010519491231002x") == "11010519491231002X"
    wrong = refused({"phone": "abc", "mail": "a b@c", "id_number": "110105194912310021", "note": "x" * 20_001})
    assert [each.path for each in wrong] == ["phone", "mail", "id_number", "note"]
    assert refused({"note": "a\x00b"})[0].allowed == "不含控制字符的文本"


@pytest.mark.parametrize("empty", [None, "", "   ", "\t"])
def test_what_is_empty_is_unknown(empty: Any) -> None:
    assert read_facts(FACTS, {"poisoned": empty, "school": empty, "note": empty, "aqi": empty, "house": empty}) == {}
    assert read_facts(FACTS, {}) == {}


def test_labels_and_ids_alike_but_not_both() -> None:
    assert read_facts(FACTS, {"中毒人数": 1, "等级 ": "一般"}) == {"poisoned": 1, "grade": "一般"}
    (error,) = refused({"中毒人数": 1, "poisoned": 1})
    assert error.path == "poisoned"
    assert "两次" in error.message


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    errors = refused({"中毒人": 1, "poisonned": 1, "全不相干": 1, 3: 1, "同名": "x"})
    assert "是否指“中毒人数”" in errors[0].message
    assert "是否指“poisoned”" in errors[1].message
    assert "可用" in errors[2].message
    assert "twin_a、twin_b" in errors[4].message
    assert len(errors) == 5


def test_everything_wrong_is_said_at_once() -> None:
    errors = refused(
        {"poisoned": -1, "school": 3, "house": {"面积": "x", "岁": 1}, "people": [{"age": 1}, {"age": -1}]}
    )
    assert [each.path for each in errors] == ["poisoned", "school", "house.area", "house.岁", "people[2].age"]


def test_where_leads_the_paths() -> None:
    with pytest.raises(FactErrors) as caught:
        read_facts(FACTS, {"poisoned": "x"}, where="event[3].facts")
    assert caught.value.items[0].path == "event[3].facts.poisoned"


@pytest.mark.parametrize("raw", [None, [], "x", 3])
def test_facts_that_are_no_mapping(raw: Any) -> None:
    assert len(refused(raw)) == 1


def test_lists() -> None:
    assert read("places", "三河市、香河县") == ["三河市", "香河县"]
    assert read("places", ["三河市"]) == ["三河市"]
    assert "最多 3 项" in refused({"places": list("abcd")})[0].message
    assert refused({"places": 3})[0].allowed == "一列值"
    assert read("people", [{"年龄": "3"}]) == [{"age": 3}]


def test_deep_nesting_is_refused_rather_than_followed() -> None:
    spec: dict[str, Any] = {"label": "层", "type": "integer"}
    raw: Any = 1
    for _ in range(20):
        spec, raw = {"label": "层", "type": "record", "fields": {"x": spec}}, {"x": raw}
    with pytest.raises(FactErrors, match="最多嵌套"):
        read_facts(compile_facts({"x": spec}), {"x": raw})


def test_a_series_is_a_list_a_form_or_dated_readings() -> None:
    start = dt.datetime(2017, 11, 20, tzinfo=SHANGHAI)
    assert read("aqi", [250, "300", None]) == Series(None, DAY, (250, 300, None), ("", "", ""))
    assert read("aqi", "250, 300 缺测") == Series(None, DAY, (250, 300, None), ("", "", ""))
    form = {"start": "2017-11-20T00:00", "step": "1 h", "values": [1, 2], "marks": ["observed", "趋势"]}
    assert read("aqi", form) == Series(start, HOUR, (1, 2), ("监测", "趋势"))
    assert read(
        "aqi", [{"at": "2017-11-20", "value": 1, "mark": "预报"}, {"at": "2017-11-22 00:00", "value": "3"}]
    ) == Series(start, DAY, (1, None, 3), ("预报", "", ""))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([1, "y"], "第2个读数"),
        ([1, -1], "第2个读数"),
        ({"values": [1], "marks": ["猜测"]}, "监测、预报、趋势之一"),
        ({"values": [1], "marks": ["预报", "预报"]}, "标记"),
        ({"values": [1], "step": "7 h"}, "整除"),
        ({"values": [1], "起点": 1}, "不认识 起点"),
        ({"values": 3}, "AQI序列"),
        ([1] * 11, "最多 10 个读数"),
        ([{"at": "2017-11-20", "value": 1}, {"at": "2017-11-20", "value": 2}], "两个读数"),
        ([{"at": "2017-11-20", "value": 1}, {"at": "2017-12-20", "value": 2}], "最多 10 个读数"),
        ([{"value": 1}], "第1个读数"),
        ([{"at": "昨天", "value": 1}], "时间"),
        ({"values": [1], "start": "昨天"}, "起点"),
    ],
)  # fmt: skip
def test_a_series_that_is_none(raw: Any, said: str) -> None:
    assert any(said in error.message for error in refused({"aqi": raw}))


@pytest.mark.parametrize("step", ["每天", "0 h", "25 h"])
def test_a_step_that_is_none_is_told_once_by_its_own_name(step: str) -> None:
    (error,) = refused({"aqi": {"values": [1], "step": step}})
    assert error.path == "aqi.step"
    assert error.message == f"“AQI序列的间隔”（aqi.step）：给出的是 “{step}”，须为“1 h”或“24 h”这样的间隔，最长一天"


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "poisoned": st.integers(0, 1000),
        "cost": st.decimals(-(10**9), 10**9, places=2),
        "school": st.booleans(),
        "grade": st.sampled_from(["一般", "较大", "12345"]),
        "day": st.dates(dt.date(1900, 1, 1)),
        "at": st.datetimes(dt.datetime(1992, 1, 1), dt.datetime(2100, 1, 1)).map(lambda m: m.replace(microsecond=0)),
        "places": st.lists(st.sampled_from(["三河市", "香河县"]), max_size=3),
        "house": st.fixed_dictionaries({"area": st.integers()}).filter(lambda h: abs(h["area"]) < 10**20),
        "aqi": st.lists(st.one_of(st.none(), st.integers(0, 500)), min_size=1, max_size=10),
    },
)


@given(VALUES)
def test_what_is_written_is_read_again(raw: dict[str, Any]) -> None:
    read = read_facts(FACTS, raw)
    assert read_facts(FACTS, to_jsonable(read)) == read


ANYTHING = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.decimals(), st.binary(), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(list(FACTS)), ANYTHING, max_size=4))
def test_whatever_comes_in_either_is_read_or_is_told(raw: dict[str, Any]) -> None:
    try:
        found = read_facts(FACTS, raw)
    except FactErrors as errors:
        found = {}
        told = [each.path for each in errors.items]
        if not all(any(path.startswith(name) for name in raw) for path in told):
            raise
    assert set(found) <= set(raw)


@pytest.mark.parametrize("raw", [[], {"step": "24 h", "values": []}])
def test_a_series_without_readings_settles_nothing(raw: Any) -> None:
    assert any("至少一个读数" in error.message for error in refused({"aqi": raw}))
