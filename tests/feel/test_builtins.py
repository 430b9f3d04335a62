"""Each built-in function by example, and what all of them do with null and with values they are not made for."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest

from gongbao.feel import CITY_ZONE, FeelSyntaxError, Range, YearsMonths, compile_expression
from gongbao.feel.builtins import BUILTINS, REFUSED
from gongbao.feel.values import FeelFunction

EXAMPLES = {
    "abs": [("abs(-3)", 3), ('abs(duration("-P1D"))', timedelta(days=1)), ('abs("x")', None)],
    "after": [("after(2, 1)", True), ("after([3..4], [1..3])", False), ("after((3..4], [1..3])", True)],
    "all": [("all([true, false])", False), ("all(true, true)", True), ("all([])", True), ("all([true, null])", None)],
    "any": [("any([true, null])", True), ("any([])", False), ("any(false, null)", None)],
    "append": [("append([1], 2, 3)", [1, 2, 3]), ("append(null, 1)", None)],
    "before": [("before(1, 2)", True), ("before(1, [1..2])", False), ("before(1, (1..2])", True)],
    "ceiling": [("ceiling(1.2)", 2), ("ceiling(-1.2)", -1), ("ceiling(1.234, 2)", Decimal("1.24"))],
    "coincides": [("coincides([1..2], [1..2])", True), ("coincides([1..2), [1..2])", False)],
    "concatenate": [("concatenate([1], 2, [3])", [1, 2, 3]), ("concatenate([1], null)", None)],
    "contains": [('contains("县人民医院", "医院")', True), ('contains("a", 1)', None)],
    "context": [('context([{key: "a", value: 1}])', {"a": 1}), ('context([{key: "a"}])', None)],
    "context merge": [("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3})],
    "context put": [
        ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
        ('context put({a: {b: 1}}, ["a", "b"], 2)', {"a": {"b": 2}}),
    ],
    "count": [("count([1, null])", 2), ("count([])", 0), ("count(5)", 1), ("count(null)", None)],
    "date": [
        ('date("2023-02-28")', date(2023, 2, 28)),
        ("date(2023, 2, 29)", None),
        ("date(year: 2024, month: 2, day: 29)", date(2024, 2, 29)),
    ],
    "date and time": [
        ('date and time("2023-01-01T08:00:00")', datetime(2023, 1, 1, 8, tzinfo=CITY_ZONE)),
        ('date and time(date("2023-01-01"), time("08:00:00"))', datetime(2023, 1, 1, 8, tzinfo=CITY_ZONE)),
        ('date and time("x")', None),
    ],
    "day of week": [('day of week(date("2023-01-02"))', "Monday")],
    "day of year": [('day of year(date("2024-12-31"))', 366)],
    "decimal": [
        ("decimal(1/3, 2)", Decimal("0.33")),
        ("decimal(2.5, 0)", 2),
        ("decimal(3.5, 0)", 4),
        ("decimal(1, null)", None),
    ],
    "distinct values": [('distinct values([1, 1.0, "1", true, null, null])', [1, "1", True, None])],
    "duration": [
        ('duration("P1DT2H")', timedelta(days=1, hours=2)),
        ('duration("P1Y6M")', YearsMonths(18)),
        ('duration("5天")', None),
    ],
    "during": [("during(2, [1..3])", True), ("during([1..3], (1..3])", False), ("during((1..3), [1..3])", True)],
    "ends with": [('ends with("廊坊市", "市")', True)],
    "even": [("even(2)", True), ("even(2.5)", None)],
    "exp": [("exp(0)", 1), ("exp(null)", None)],
    "finished by": [("finished by([1..3], 3)", True), ("finished by([1..3], [2..3])", True)],
    "finishes": [("finishes(3, [1..3])", True), ("finishes(3, [1..3))", False)],
    "flatten": [("flatten([[1, [2]], 3])", [1, 2, 3]), ("flatten([[], [[]]])", [])],
    "floor": [("floor(1.8)", 1), ("floor(-1.2)", -2), ("floor(1.789, 2)", Decimal("1.78"))],
    "get entries": [("get entries({a: 1})", [{"key": "a", "value": 1}]), ("get entries(1)", None)],
    "get value": [('get value({a: 1}, "a")', 1), ('get value({a: 1}, "b")', None)],
    "includes": [("includes([1..3], 3)", True), ("includes([1..3), 3)", False), ("includes([1..3], [2..3])", True)],
    "index of": [("index of([1, 2, 1], 1)", [1, 3]), ("index of([null], null)", [1])],
    "insert before": [("insert before([1, 3], 2, 2)", [1, 2, 3]), ("insert before([1], 3, 2)", None)],
    "is": [
        ('is(time("10:00:00Z"), time("11:00:00+01:00"))', False),
        ("is(1, 1.0)", True),
        ('is(date("2023-01-01"), date("2023-01-01"))', True),
    ],
    "is defined": [("is defined(null)", False), ("is defined(missing.entry)", False), ("is defined(false)", True)],
    "list contains": [
        ("list contains([1, null], null)", True),
        ('list contains([1], "1")', False),
        ("list contains(null, 1)", None),
    ],
    "list replace": [
        ("list replace([1, 2, 3], 2, 9)", [1, 9, 3]),
        ("list replace([1, 2, 3], function(item, newItem) item < 3, 9)", [9, 9, 3]),
    ],
    "log": [("log(1)", 0), ("log(0)", None)],
    "lower case": [('lower case("PM2.5")', "pm2.5")],
    "matches": [
        ('matches("131000", "^1310\\d{2}$")', True),
        ('matches("x", "[")', None),
        ('matches("ABC", "b", "i")', True),
    ],
    "max": [
        ("max(1, 3, 2)", 3),
        ("max([])", None),
        ('max([1, "2"])', None),
        ('max(date("2023-01-01"), date("2023-01-02"))', date(2023, 1, 2)),
    ],
    "mean": [("mean([1, 2])", Decimal("1.5")), ("mean(1, 2, 3)", 2), ("mean([])", None)],
    "median": [("median([3, 1, 2])", 2), ("median([1, 2, 3, 4])", Decimal("2.5")), ("median([])", None)],
    "meets": [("meets([1..2], [2..3])", True), ("meets([1..2), [2..3])", False)],
    "met by": [("met by([2..3], [1..2])", True)],
    "min": [("min([3, 1, 2])", 1), ("min(1, null)", None)],
    "mode": [("mode([6, 3, 9, 6, 6])", [6]), ("mode([6, 1, 9, 6, 1])", [1, 6]), ("mode([])", [])],
    "modulo": [
        ("modulo(12, 5)", 2),
        ("modulo(-12, 5)", 3),
        ("modulo(10.1, 4.5)", Decimal("1.1")),
        ("modulo(1, 0)", None),
    ],
    "month of year": [('month of year(date("2023-05-01"))', "May")],
    "not": [("not(true)", False), ("not(null)", None), ("not(1)", None)],
    "number": [
        ('number("1 000,5", " ", ",")', Decimal("1000.5")),
        ('number("1,000", ",", ".")', 1000),
        ('number("一")', None),
    ],
    "odd": [("odd(3)", True), ("odd(-2)", False)],
    "overlaps": [("overlaps([1..3], [3..5])", True), ("overlaps([1..3), [3..5])", False)],
    "overlaps after": [("overlaps after([2..5], [1..3])", True)],
    "overlaps before": [("overlaps before([1..3], [2..5])", True), ("overlaps before([2..5], [1..3])", False)],
    "product": [("product([2, 3, 4])", 24), ("product([])", None)],
    "range": [('range("[1..5)")', Range(1, 5, True, False)), ('range("5")', None)],
    "remove": [("remove([1, 2, 3], 2)", [1, 3]), ("remove([1], 2)", None)],
    "replace": [
        ('replace("廊政办字63号", "([0-9]+)号", "第$1号")', "廊政办字第63号"),
        ('replace("a", "(", "b")', None),
    ],
    "reverse": [("reverse([1, 2])", [2, 1])],
    "round down": [("round down(5.5)", 5), ("round down(-5.5, 0)", -5), ("round down(1.129, 2)", Decimal("1.12"))],
    "round half down": [("round half down(5.5)", 5), ("round half down(-5.5)", -5)],
    "round half up": [
        ("round half up(5.5)", 6),
        ("round half up(-5.5)", -6),
        ("round half up(1.125, 2)", Decimal("1.13")),
    ],
    "round up": [("round up(5.1)", 6), ("round up(-5.1)", -6), ("round up(1.121, 2)", Decimal("1.13"))],
    "sort": [
        ("sort([3, 1, 2])", [1, 2, 3]),
        ("sort([3, 1, 2], function(x, y) x > y)", [3, 2, 1]),
        ('sort([1, "a"])', None),
    ],
    "split": [('split("安次、广阳、三河", "、")', ["安次", "广阳", "三河"]), ('split("a", "[")', None)],
    "sqrt": [("sqrt(16)", 4), ("sqrt(2.25)", Decimal("1.5")), ("sqrt(-1)", None)],
    "started by": [("started by([1..3], 1)", True), ("started by((1..3], 1)", False)],
    "starts": [("starts(1, [1..3])", True), ("starts([1..2], [1..3])", True)],
    "starts with": [('starts with("廊政办字", "廊政")', True)],
    "stddev": [
        ("stddev([2, 4, 7, 5])", Decimal("2.081665999466132735282297706979931")),
        ("stddev([1])", None),
        ("stddev([1e6000, -1e6000])", None),
    ],
    "string": [
        ("string(1.10)", "1.10"),
        ("string(null)", None),
        ('string([1, "a", {b: true}])', '[1, "a", {b: true}]'),
        ('string(@"PT26H")', "P1DT2H"),
    ],
    "string join": [
        ('string join(["安次", null, "广阳"], "、")', "安次、广阳"),
        ('string join(["a"], ",", "[", "]")', "[a]"),
        ("string join([1])", None),
    ],
    "string length": [('string length("廊坊")', 2), ("string length(null)", None)],
    "sublist": [("sublist([1, 2, 3], 2)", [2, 3]), ("sublist([1, 2, 3], -2, 1)", [2]), ("sublist([1], 2)", None)],
    "substring": [('substring("131002", 3, 2)', "10"), ('substring("131002", -2)', "02"), ('substring("a", 0)', None)],
    "substring after": [('substring after("廊政办字〔2023〕1号", "〕")', "1号"), ('substring after("a", "b")', "")],
    "substring before": [
        ('substring before("廊政办字〔2023〕1号", "〔")', "廊政办字"),
        ('substring before("a", "b")', ""),
    ],
    "sum": [("sum([1, 2.5])", Decimal("3.5")), ("sum(1, 2)", 3), ("sum([])", None), ("sum([1, null])", None)],
    "time": [('time("08:30:00")', time(8, 30)), ("time(8, 30, 0)", time(8, 30)), ("time(24, 0, 0)", None)],
    "union": [("union([1, 2], [2, 3])", [1, 2, 3])],
    "upper case": [('upper case("pm")', "PM")],
    "week of year": [('week of year(date("2023-01-01"))', 52)],
    "years and months duration": [
        ('years and months duration(date("2022-12-31"), date("2023-02-28"))', YearsMonths(1)),
        ('years and months duration(date("2023-02-28"), date("2022-12-31"))', YearsMonths(-1)),
    ],
}


def test_every_builtin_has_an_example():
    assert set(EXAMPLES) == set(BUILTINS)


@pytest.mark.parametrize(("text", "expected"), [example for each in EXAMPLES.values() for example in each])
def test_example(text, expected):
    found = compile_expression(text).evaluate({})
    assert found == expected
    assert type(found) is type(expected) or isinstance(expected, int | Decimal)


ODD_VALUES = [
    None,
    True,
    0,
    -1,
    Decimal("1e6000"),
    Decimal("0.5"),
    "",
    "x",
    [],
    [None],
    {},
    Range(1, 2),
    YearsMonths(1),
]
ODD_VALUES += [date(2023, 1, 1), datetime(2023, 1, 1, tzinfo=CITY_ZONE), time(1), timedelta(1), timedelta.max, date.max]
ODD_VALUES += [FeelFunction(("x",), lambda x: x), 10**33]


@pytest.mark.parametrize("name", sorted(BUILTINS))
def test_no_builtin_raises_whatever_it_is_given(name):
    builtin = BUILTINS[name]
    for signature in builtin.signatures:
        for count in range(max(1, signature.required), len(signature.parameters) + 1):
            for at in range(count):
                for odd in ODD_VALUES:
                    for rest in (None, 1, "x", [1], date(2023, 1, 1)):
                        builtin.call(*[odd if i == at else rest for i in range(count)])


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_rule_has_no_clock(name):
    with pytest.raises(FeelSyntaxError, match="as_of"):
        compile_expression(f"{name}()")


def test_named_arguments_take_the_standard_names():
    assert compile_expression('substring(string: "abcdef", start position: 3, length: 2)').evaluate({}) == "cd"
    assert compile_expression("sum(list: [1, 2])").evaluate({}) == 3
    assert compile_expression('replace(input: "a", pattern: "a", replacement: "b")').evaluate({}) == "b"
    with pytest.raises(FeelSyntaxError, match="写法是 floor"):
        compile_expression("floor(number: 1)")


def test_lenient_mode_gives_null_for_what_strict_mode_refuses():
    for text in ("unknown(1)", "floor()", "floor(1, 2, 3)", "floor(number: 1)"):
        assert compile_expression(text, strict=False).evaluate({}) is None
        with pytest.raises(FeelSyntaxError):
            compile_expression(text)
