"""What each construct of the language means, one line per rule."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest

from gongbao.feel import CITY_ZONE, Range, YearsMonths, compile_expression, far

SCOPE = {
    "poisoned": 40,
    "deaths": 0,
    "nothing": None,
    "flag": True,
    "rate": Decimal("0.30"),
    "name": "廊坊",
    "numbers": [3, 1, 2],
    "params": {"base": 20, "inner": {"deep": 7}},
    "calls": [{"unit": "公安", "days": 2}, {"unit": "城管", "days": 5}, {"unit": "公安", "days": 9}],
    "limit": 4,
    "中毒人数": 40,
}


def value_of(text, **more):
    return compile_expression(text).evaluate({**SCOPE, **more})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ** 3 ** 2", 64),  # operators of one rank run from the left
        ("-5 ** 2", 25),  # a minus binds tighter than a power
        ("10 / 4", Decimal("2.5")),
        ("10 / 5", 2),
        ("7 - 2 - 1", 4),
        ("0.1 + 0.2 = 0.3", True),
        ("1 / 3 * 3 = 1", False),  # 34 digits, as the standard's decimal128 has it
        ("1 / 0", None),
        ("rate * 100", Decimal("30.00")),
        ("poisoned + nothing", None),
        ('poisoned + "人"', None),
        ('name + "市"', "廊坊市"),
        ("-poisoned", -40),
        ("中毒人数 + 1", 41),
        ("1.5e3", 1500),
        ("9999999999999999999999 + 1", 10**22),
    ],
)
def test_arithmetic_is_exact_and_null_where_undefined(text, expected):
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null = null", True),
        ("null != null", False),
        ("nothing = 1", False),
        ("nothing < 1", None),
        ("nothing >= 1", None),
        ('1 = "1"', None),
        ("true = 1", None),
        ('poisoned = "40"', None),
        ('name = "廊坊"', True),
        ('name != "廊坊"', False),
        ("1.0 = 1", True),
        ('"a" < "b"', True),
        ('1 < "b"', None),
        ("[1, 2] = [1, 2]", True),
        ("[1, 2] = [2, 1]", False),
        ("[1] = [1, 1]", False),
        ("{a: 1, b: 2} = {b: 2, a: 1}", True),
        ('@"2023-01-01" < @"2023-01-02"', True),
        ('@"2023-01-01" = @"2023-01-01T00:00:00"', None),
        ('@"2023-01-01T08:00:00" = @"2023-01-01T00:00:00Z"', True),  # no zone is Asia/Shanghai
        ('duration("PT24H") = duration("P1D")', True),
        ('duration("P12M") = duration("P1Y")', True),
        ('duration("P1Y") = duration("P365D")', None),
        ("true < false", None),
    ],
)
def test_equality_and_order(text, expected):
    assert value_of(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if flag then "是" else "否"', "是"),
        ('if nothing then "是" else "否"', "否"),
        ('if 1 then "是" else "否"', "否"),
        ('if deaths > 0 then "亡" else if poisoned >= 30 then "较大" else "一般"', "较大"),
        ("if flag then for i in 1..2 return i else null", [1, 2]),
        ("if deaths > 0 then 1 else if some n in numbers satisfies n > 2 then 2 else 3", 2),
    ],
)
def test_if_takes_else_unless_the_condition_is_true(text, expected):
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for i in 1..3 return i * i", [1, 4, 9]),
        ("for i in 3..1 return i", [3, 2, 1]),
        ("for i in [1..4) return i", [1, 2, 3]),
        ("for i in 1..2, j in [i, 10] return i * j", [1, 10, 4, 20]),
        ("for i in 1..5 return if i = 1 then 1 else partial[-1] * i", [1, 2, 6, 24, 120]),
        ("for i in nothing return i", None),
        ("for i in 5 return i", [5]),
        ('for d in @"2023-01-31"..@"2023-02-01" return d.day', [31, 1]),
        ("some n in numbers satisfies n > 2", True),
        ("some n in numbers satisfies n > nothing", None),
        ("some n in [] satisfies n > 2", False),
        ("every n in numbers satisfies n > 0", True),
        ("every n in numbers satisfies n > 1", False),
        ("every n in [2, null] satisfies n > 1", None),
        ("every n in [] satisfies n > 1", True),
        ("some i in numbers, j in numbers satisfies i + j = 5", True),
    ],
)
def test_iteration(text, expected):
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("numbers[1]", 3),
        ("numbers[-1]", 2),
        ("numbers[0]", None),
        ("numbers[4]", None),
        ("numbers[limit - 2]", 1),
        ("numbers[deaths + 1]", 3),
        ("[][limit]", None),
        ("numbers[item > 1]", [3, 2]),
        ("numbers[item > 5]", []),
        ("nothing[1]", None),
        ("poisoned[1]", 40),  # a value stands for the list of itself
        ('calls[unit = "公安"].days', [2, 9]),
        ("calls[days > limit].unit", ["城管", "公安"]),
        ("calls[days > limit and item.days < 9][1].unit", "城管"),
        ("count(calls[count(numbers[item > 2]) = 1])", 3),
        ("[true, false][item]", [True]),
    ],
)
def test_filters_and_indexes(text, expected):
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params.base", 20),
        ("params.inner.deep", 7),
        ("params.missing", None),
        ("missing.entry", None),
        ("calls.days", [2, 5, 9]),
        ("{a: 1, b: a + 1}.b", 2),
        ('{"名 称": 1}', {"名 称": 1}),
        ('@"2023-05-01".year', 2023),
        ('@"2023-05-01".weekday', 1),
        ('@"2023-05-01T08:30:00".minute', 30),
        ('duration("P1DT26H").days', 2),
        ('duration("P1DT26H").hours', 2),
        ('duration("P14M").years', 1),
        ("[1..5).end", 5),
        ("[1..5).end included", False),
    ],
)
def test_paths_lead_into_contexts_lists_and_properties(text, expected):
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("1 in (1..5]", False),
        ("1 in ]1..5[", False),
        ("5 in ]1..5[", False),
        ("4 in ]1..5[", True),
        ("5 in (1, 5)", True),
        ("5 in (> 7, < 6)", True),
        ("5 in > 5", False),
        ("5 in numbers", False),
        ("3 in numbers", True),
        ("nothing in [1..5]", None),
        ('name in ("廊坊", "承德")', True),
        ('name in ["承德"]', False),
        ("poisoned between 40 and 50", True),
        ("poisoned between 41 and 50", False),
        ("nothing between 1 and 2", None),
        ("poisoned between 1 and nothing", None),
        ("poisoned between nothing and 1", False),
    ],
)
def test_in_and_between(text, expected):
    assert value_of(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('date("2023-01-31") + duration("P1M")', date(2023, 2, 28)),
        ('date("2024-01-31") + duration("P1M")', date(2024, 2, 29)),
        ('date("2023-03-31") - duration("P1M")', date(2023, 2, 28)),
        ('date("2023-01-01") + duration("P10D")', date(2023, 1, 11)),
        ('date("2023-03-01") - date("2023-02-01")', timedelta(days=28)),
        ('duration("P1D") * 3', timedelta(days=3)),
        ('duration("P1Y") / 2', YearsMonths(6)),
        ('duration("P3D") / duration("P1D")', 3),
        ('time("23:00:00") + duration("PT2H")', time(1)),
        ('date and time("2023-01-01T24:00:00")', datetime(2023, 1, 2, tzinfo=CITY_ZONE)),
        ('@"2023-01-01T10:00:00" + @"PT4H"', datetime(2023, 1, 1, 14, tzinfo=CITY_ZONE)),
        ('date("2023-02-29")', None),
        ('date("2023-01-01") + 1', None),
        ('date("9999-12-31") + duration("P1D")', far.make_date(10000, 1, 1)),
    ],
)
def test_dates_and_durations(text, expected):
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 instance of number", True),
        ('"1" instance of number', False),
        ("null instance of number", False),
        ("null instance of Null", True),
        ("[1, 2] instance of list<number>", True),
        ('[1, "2"] instance of list<number>', False),
        ("{a: 1} instance of context<a: number>", True),
        ('@"2023-01-01" instance of date', True),
        ('@"2023-01-01T00:00:00" instance of date', False),
        ("true instance of number", False),
        ("[1..2] instance of range<number>", True),
    ],
)
def test_instance_of(text, expected):
    assert value_of(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(function(a, b) a - b)(5, 3)", 2),
        ("(function(a, b) a - b)(b: 5, a: 3)", -2),
        ("{add: function(x) x + limit, result: add(1)}.result", 5),
        ("for i in 1..3 return (function(x) x + i)(10)", [11, 12, 13]),
        ("{fs: for i in 1..2 return function(x) x + i, r: for f in fs return f(10)}.r", [11, 12]),
        ("sort(numbers, function(x, y) x > y)", [3, 2, 1]),
        ("(function(a) a)(1, 2)", None),
        ("limit(1)", None),
    ],
)
def test_functions(text, expected):
    assert compile_expression(text, names=["limit", "numbers"]).evaluate(SCOPE) == expected


def test_a_range_is_a_value():
    assert value_of("[1..5)") == Range(1, 5, True, False)
    assert value_of("[5..1]") is None


def test_comments_and_strings():
    assert value_of('"a" // 说明\n + /* 中间 */ "b"') == "ab"
    assert value_of(r'"\u4e2d\"\n\U01F600\d"') == '中"\n\U0001f600\\d'


def test_names_with_spaces_are_read_where_they_are_declared():
    compiled = compile_expression("credit score + 1", names=["credit score"])
    assert compiled.evaluate({"credit score": 700}) == 701
    compiled = compile_expression("applicant.monthly income > 5", names=["applicant.monthly income"])
    assert compiled.names == ("applicant.monthly income",)
    assert compiled.evaluate({"applicant": {"monthly income": 6}}) is True


def test_an_expression_tells_what_it_reads_holds_and_calls():
    compiled = compile_expression(
        'count(params.list[days > params.limit]) >= 3 and poisoned != 30 and d > date("2023-01-01")'
    )
    assert compiled.names == ("d", "days", "params.limit", "params.list", "poisoned")
    assert compiled.constants == (3, 30, date(2023, 1, 1))
    assert compiled.calls == ("count",)


def test_declared_names_tell_entries_of_items_from_facts():
    compiled = compile_expression("calls[days > limit]", names=["calls", "limit"])
    assert compiled.names == ("calls", "limit")
    assert compiled.evaluate({**SCOPE, "days": 100}) == SCOPE["calls"][1:]


def test_a_fact_may_have_the_name_of_a_function():
    assert compile_expression("count + count(xs)").evaluate({"count": 3, "xs": [1]}) == 4
    assert compile_expression("date = null").evaluate({"date": None}) is True
    assert compile_expression("date = null", names=["date"]).evaluate({}) is True
    assert compile_expression("(function(f, x) f(x))(abs, -1)").evaluate({}) == 1


def test_a_name_that_the_scope_lacks_is_null():
    assert compile_expression("a = null and b = null").evaluate({"b": None}) is True


def test_a_host_may_pass_any_mapping_and_tuples():
    calls = tuple(MappingProxyType(call) for call in SCOPE["calls"])
    scope = MappingProxyType({"calls": calls, "limit": 4})
    assert compile_expression("calls[days > limit].unit").evaluate(scope) == ["城管", "公安"]
    assert compile_expression("calls[1].days").evaluate(scope) == 2
    assert compile_expression('count(calls) = 3 and calls[2].unit in (missing, "城管")').evaluate(scope) is True
