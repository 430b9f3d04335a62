"""The parts of a table one by one, for what is not yet known: cells, lets, names, constants."""

from datetime import date

from gongbao.dmn import compile_table, decision_table

TABLE = compile_table(
    decision_table(
        "grade",
        [
            {"when": {"hurt": ">= params.many", "serious": "true"}, "then": "较大"},
            {"when": {"hurt": "[30..99]", "on": 'date("2023-01-01")'}, "then": "= if deaths > 2 then level else null"},
            {"otherwise": "一般"},
        ],
        {"grade": []},
        lets={"hurt": "poisoned + deaths * 2", "level": '"重大"'},
    ),
    names=["poisoned", "deaths", "serious", "on", "params.many"],
)


def test_a_cell_is_evaluated_from_facts_alone():
    scope = {"poisoned": 10, "deaths": 10, "params": {"many": 30}}
    assert TABLE.cells[0][0].evaluate(scope) is True
    assert TABLE.cells[1][0].evaluate({**scope, "poisoned": 9}) is False
    assert TABLE.cells[0][0].evaluate({"poisoned": None, "deaths": 1}) is None
    assert TABLE.cells[0][2] is None
    assert TABLE.cells[2] == (None, None, None)


def test_a_cell_names_the_facts_behind_its_lets():
    assert TABLE.cells[0][0].names == ("deaths", "params.many", "poisoned")
    assert TABLE.cells[0][0].lets == ("hurt",)
    assert TABLE.cells[0][1].names == ("serious",)
    assert TABLE.lets["hurt"].names == ("deaths", "poisoned")
    assert TABLE.lets["hurt"].evaluate({"poisoned": 1, "deaths": 2}) == 5


def test_entries_that_are_computed_are_parts_too():
    assert TABLE.entries[0] == (None,)
    assert TABLE.entries[1][0].names == ("deaths",)
    assert TABLE.entries[1][0].evaluate({"deaths": 3}) == "重大"


def test_constants_per_fact():
    assert set(TABLE.constants["poisoned"]) == {2, 30, 99}
    assert set(TABLE.constants["deaths"]) == {2, 30, 99, "重大"}
    assert TABLE.constants["serious"] == (True,)
    assert TABLE.constants["on"] == (date(2023, 1, 1),)
    assert TABLE.names == ("deaths", "on", "params.many", "poisoned", "serious")


def test_an_assumption_is_an_expression_over_facts_and_lets():
    part = TABLE.expression("deaths <= hurt")
    assert part.names == ("deaths", "poisoned")
    assert part.evaluate({"poisoned": 0, "deaths": 1}) is True
