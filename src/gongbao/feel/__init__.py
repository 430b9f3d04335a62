"""FEEL, the expression language of DMN: one syntax tree, one evaluator, exact numbers, three-valued logic."""

from gongbao.feel.compile import (
    CompiledExpression,
    CompiledTests,
    Functions,
    HostFunction,
    compile_expression,
    compile_unary_tests,
)
from gongbao.feel.errors import FeelError, FeelLimitError, FeelSyntaxError, FeelValueError
from gongbao.feel.parse import parse_expression, parse_unary_tests
from gongbao.feel.values import CITY_ZONE, FeelFunction, Range, Value, YearsMonths

__all__ = [
    "CITY_ZONE",
    "CompiledExpression",
    "CompiledTests",
    "FeelError",
    "FeelFunction",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelValueError",
    "Functions",
    "HostFunction",
    "Range",
    "Value",
    "YearsMonths",
    "compile_expression",
    "compile_unary_tests",
    "parse_expression",
    "parse_unary_tests",
]
