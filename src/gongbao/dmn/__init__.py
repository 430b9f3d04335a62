"""DMN: decision tables as data, compiled to one function each, with the cells at hand for what is not yet known."""

from gongbao.dmn.compile import CompiledTable, Outcome, Part, compile_table
from gongbao.dmn.errors import DmnError, OverlapError, TableError
from gongbao.dmn.table import (
    AGGREGATORS,
    HIT_POLICIES,
    Aggregator,
    DecisionTable,
    Expression,
    HitPolicy,
    Input,
    Output,
    Rule,
    check_shape,
    decision_table,
)

__all__ = [
    "AGGREGATORS",
    "HIT_POLICIES",
    "Aggregator",
    "CompiledTable",
    "DecisionTable",
    "DmnError",
    "Expression",
    "HitPolicy",
    "Input",
    "Outcome",
    "Output",
    "OverlapError",
    "Part",
    "Rule",
    "TableError",
    "check_shape",
    "compile_table",
    "decision_table",
]
