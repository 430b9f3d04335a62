"""Functions that the engine adds: names as they stand, keywords, the scope, and what is refused when compiling."""

import pytest

from gongbao.feel import FeelSyntaxError, HostFunction, compile_expression

EVENTS = {"report_received": 3, "posted": 5}


def first(scope, event):
    return scope["log"].get(event)


def run(series, test, by=None, days="calendar"):
    return [series, test, by, days]


FUNCTIONS = {
    "first": HostFunction(first, bare=frozenset({"event"}), takes_scope=True),
    "run": HostFunction(run, bare=frozenset({"by", "days"})),
    "double": lambda x: None if x is None else x * 2,
    "working days between": lambda start, end: end - start,
}


def value_of(text, **scope):
    return compile_expression(text, functions=FUNCTIONS).evaluate({"log": EVENTS, **scope})


def test_a_bare_name_is_passed_as_it_stands():
    assert value_of("first(report_received) < first(posted)") is True
    assert value_of('first("posted")') == 5
    assert value_of("first(never)") is None
    compiled = compile_expression("first(posted) + x", functions=FUNCTIONS)
    assert compiled.names == ("x",)
    assert compiled.calls == ("first",)


def test_positional_and_named_arguments_mix():
    assert value_of('run(s, "<= 3", by: blood_type, days: working)', s=[1]) == [[1], "<= 3", "blood_type", "working"]


def test_names_with_spaces():
    assert value_of("working days between(a, b) + 1", a=1, b=4) == 4


def test_host_functions_work_inside_filters_and_loops():
    assert value_of("for x in xs return double(x)", xs=[1, 2]) == [2, 4]
    assert value_of("xs[double(item) > 2]", xs=[1, 2]) == [2]


def test_wrong_arguments_are_refused_when_compiling():
    for text in ("first()", "first(a, b)", 'run(s, "x", until: 3)'):
        with pytest.raises(FeelSyntaxError, match="参数不对"):
            compile_expression(text, functions=FUNCTIONS)


def test_a_local_name_hides_a_host_function():
    assert value_of("{double: function(x) x, r: double(4)}.r") == 4
