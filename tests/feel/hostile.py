"""Texts that are, or nearly are, FEEL, and what an attacker would write: made from a source of chance, so that Hypothesis
(which shrinks what fails) and ``bench/fuzz.py`` (which runs for minutes) make the same ones."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from decimal import Decimal
from random import Random

from gongbao.feel import CompiledExpression, CompiledTests
from gongbao.feel.builtins import BUILTINS
from gongbao.feel.runtime import RUNTIME

#: Names that would reach into Python, close a quote, fill in a template, or collide with what is generated.
NAMES = (
    "__class__", "__import__", "__builtins__", "__globals__", "eval", "exec", "open", "os", "self", "s", "x", "budget",
    "evaluate", "T", "Outcome", "n0", "t1", "k0", "h0", "p1", "i_t1", "f_sum", "RUNTIME", "None", "True", "lambda",
    "class", "import", "yield", "名", "停放数量", "a b", "a  b", "a+b", "a-b", "a.b", "date", "count", "item", "partial",
    "?", "and", "or", "not", "in", "of", "time offset", "x" * 300, "\U00020000字", "é", "ﬁ", "ª", "𝐞𝐯𝐚𝐥", "a'b",
)  # fmt: skip
STRINGS = (
    "", "x", "'", "'''", '\\"', "\\\\", "\\u0022", "\\uD800", "\\uDC00\\uD800", "\\U10FFFF", "\\u0000", "\0", "\n", "\r",
    "{0}", "{x.__class__}", "%s%n", "${jndi}", "\u2028", "\u202e", "\ud800", "); import os #", "\\", "\\N{DEGREE SIGN}",
    "2023-02-30", "P1Y", "PT1S", "10:00:00@Asia/Shanghai", "9999-12-31T23:59:59.999999999Z", "-999999999-01-01", "[1..2]",
    "(a+)+$", "(?:a|aa){30}b", "[[:alpha:]]", "\\\\p{L}*!", "(" * 60, "a{1,9999}", "\\\\1", "1e6144", "9" * 399, "中" * 200,
)  # fmt: skip
NUMBERS = (
    "0", "1", "-1", "2", "3", "0.1", "1e6144", "1e-6143", "9" * 34, "9" * 399, "1e99999", "1e999999999", "1000000", "1e10",
    "00", "1.", ".5", "1e", "0x10", "1_000", "٣", "²", "10000001", "2147483648", "1e33",
)  # fmt: skip
TEMPORAL = (
    "2023-01-01", "2023-01-31T08:00:00", "9999-12-31T23:59:59-18:00", "0001-01-01T00:00:00+18:00", "-999999999-01-01",
    "999999999-12-31T23:59:59Z", "08:30:00", "24:00:00", "23:59:59.999999999@America/New_York", "P1D", "-P999999999D",
    "PT999999999999H", "P999999999Y", "P1Y1D", "2024-02-29", "0000-01-01", "08:30:00@localtime", "x",
)  # fmt: skip
TYPES = (
    "number", "string", "boolean", "date", "time", "date and time", "days and time duration", "Any", "Null", "list",
    "list<number>", "list<list<string>>", "context<a: number, b: list<Any>>", "range<date>", "function<number> -> Any",
    "years and months duration", "function<> -> number", "nothing", "list<", "context<a>",
)  # fmt: skip
PIECES = (
    "(", ")", "[", "]", "{", "}", "..", ",", ":", ".", "+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "@", "?",
    '"', "'", "\\", "//", "/*", "*/", " ", "\n", "\0", "\ud800", "\ufeff", "（", "，", "“", "if", "then", "else", "for", "in",
    "return", "some", "every", "satisfies", "between", "and", "or", "instance", "of", "function", "external", "not", "true",
    "null", "item", "partial", ";", "lambda", "`", "#", "$", "%", "\u3000", "\x1b", "\u200b", "->",
)  # fmt: skip


def expression(chance: Random, depth: int = 4) -> str:
    """A text that follows the grammar, all but for the names and literals it holds."""
    if depth <= 0 or chance.random() < 0.15:
        return _leaf(chance)
    return chance.choice(_FORMS)(chance, depth - 1)


def broken(chance: Random, depth: int = 4) -> str:
    """A text that no longer follows the grammar, or only just."""
    text = expression(chance, depth)
    for _ in range(chance.randint(1, 4)):
        at = chance.randint(0, len(text))
        kind = chance.randint(0, 4)
        if kind == 0:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + chance.randint(1, 5) :]
        elif kind == 2:
            text = text[:at] + text[at : at + 20] * chance.randint(2, 60) + text[at:]
        elif kind == 3:
            text = text[:at] + chance.choice(PIECES) * chance.randint(1, 200) + text[at:]
        else:
            text = text[:at] + chr(chance.choice((chance.randint(0, 0x7F), chance.randint(0, 0x10FFFF)))) + text[at:]
    return text[:20_000]


def noise(chance: Random) -> str:
    """Pieces of the language in no order."""
    return "".join(chance.choice((*PIECES, *NAMES[:12], *NUMBERS[:6], " ")) for _ in range(chance.randint(1, 40)))


def text(chance: Random) -> str:
    """Any of these."""
    return chance.choice((expression, expression, broken, noise))(chance)


#: Values that are large, or that are small but look large to whoever walks over them.
_BIG = (
    "for i in 1..{n} return i", "for i in 1..{n} return [i]", "for i in 1..{n} return {{a: i, b: [i]}}",
    "for i in 1..{n} return string(i)", "for i in 1..{n} return @\"2023-01-01\" + duration(\"P\" + string(i) + \"D\")",
    'string join(for i in 1..{n} return "ab")', "for i in 1..{n} return null", "for i in 1..{n} return 0.1 * i",
    "(for i in 1..60 return if i = 1 then [] else [partial[-1], partial[-1]])[-1]",
    "(for i in 1..60 return if i = 1 then {{a: 1}} else {{a: partial[-1], b: partial[-1]}})[-1]",
    "(for i in 1..900 return if i = 1 then [1] else [partial[-1]])[-1]", "function(a) for i in 1..{n} return a",
    "context(for i in 1..{n} return {{key: string(i), value: i}})", "[1..{n}]",
)  # fmt: skip
_GREEDY = (
    "xs = ys", "xs in ys", "xs + xs", "xs.a", "xs[item > 1]", "xs[-1]", "[xs, xs, ys]", "{a: xs, b: ys}", "xs instance of list<Any>",
    "string(xs)", "for j in xs return j", "some j in xs satisfies j = ys", "every j in xs satisfies j != ys", "xs(ys)",
    "(function(a: list<number>) a)(xs)", "matches(xs, ys)", 'matches(xs, "a*b*c")', 'replace(xs, "a", ys)', 'split(xs, "")',
    'split(xs, "b")', "sort(xs, function(a, b) a < b)", "partial", "xs < ys", "-xs", "xs * 2", "xs ** 2",
)  # fmt: skip


def greedy(chance: Random) -> str:
    """A formula that does something costly to something large, again and again."""
    name, signature = chance.choice(
        [(name, signature) for name, each in BUILTINS.items() for signature in each.signatures]
    )
    called = f"{name}({', '.join(chance.choice(('xs', 'xs', 'ys', 'i', '1')) for _ in signature.parameters)})"
    big = [chance.choice(_BIG).format(n=chance.choice((100, 3_000, 90_000, 600_000))) for _ in range(2)]
    body = chance.choice((called, called, *_GREEDY))
    turns = chance.choice((1, 50, 5_000, 900_000))
    loop = f"for i in 1..{turns} return {body}"
    if chance.random() < 0.3:
        loop = f"count(for i in 1..{turns} return [{body}])"
    return f"{{xs: {big[0]}, ys: {big[1]}, r: {loop}}}.r"


def cell(chance: Random) -> str:
    """A cell of a decision table, or nearly."""
    one = lambda: chance.choice(("< ", "<= ", "> ", "!= ", "= ", "", "")) + expression(chance, 2)  # noqa: E731
    tests = ", ".join(one() for _ in range(chance.randint(1, 3)))
    return chance.choice((tests, f"not({tests})", "-", broken(chance, 2), f"? > {tests}"))


def scope(chance: Random) -> dict[str, object]:
    """Values for the names, of every kind."""
    return {name: chance.choice(VALUES) for name in NAMES}


VALUES: tuple[object, ...] = (
    None, True, False, 0, 1, -1, 10**30, Decimal("0.1"), Decimal("1e6000"), "", "x", "a" * 50, "中\0\ud800", [], [1, 2, 3],
    [None, "x", [1]], {}, {"a": 1, "b": {"a": [1]}, "__class__": 2}, [{"a": 1}, {"a": None}, {}], list(range(200)),
)  # fmt: skip


def _leaf(chance: Random) -> str:
    kind = chance.randint(0, 5)
    if kind <= 1:
        return chance.choice(NUMBERS)
    if kind == 2:
        return '"' + chance.choice(STRINGS) + '"'
    if kind == 3:
        return chance.choice(("true", "false", "null"))
    return f'@"{chance.choice(TEMPORAL)}"' if kind == 4 else chance.choice(NAMES)


def _call(chance: Random, depth: int) -> str:
    name = chance.choice((*BUILTINS, *NAMES))
    signature = chance.choice(BUILTINS[name].signatures).parameters if name in BUILTINS else ("x",)
    given = [expression(chance, depth) for _ in signature[: chance.randint(0, 4) or 1]]
    if chance.random() < 0.2:
        given = [f"{parameter}: {value}" for parameter, value in zip(signature, given, strict=False)]
    return f"{name}({', '.join(given)})"


def _loop(chance: Random, depth: int) -> str:
    name = chance.choice(NAMES)
    end = f"..{expression(chance, 0)}" if chance.random() < 0.5 else ""
    return f"for {name} in {expression(chance, depth - 1)}{end} return {expression(chance, depth)}"


def _context(chance: Random, depth: int) -> str:
    keys = (chance.choice((chance.choice(NAMES), f'"{chance.choice(STRINGS)}"')) for _ in range(chance.randint(0, 3)))
    return "{" + ", ".join(f"{key}: {expression(chance, depth)}" for key in keys) + "}"


_FORMS: tuple[Callable[[Random, int], str], ...] = (
    lambda c, d: f"{expression(c, d)} {c.choice(('+', '-', '*', '/', '**'))} {expression(c, d)}",
    lambda c, d: f"{expression(c, d)} {c.choice(('=', '!=', '<', '<=', '>', '>='))} {expression(c, d)}",
    lambda c, d: f"{expression(c, d)} {c.choice(('and', 'or'))} {expression(c, d)}",
    lambda c, d: f"({expression(c, d)})",
    lambda c, d: f"-{expression(c, d)}",
    lambda c, d: f"not({expression(c, d)})",
    lambda c, d: f"if {expression(c, d)} then {expression(c, d)} else {expression(c, d)}",
    lambda c, d: f"{c.choice(('some', 'every'))} {c.choice(NAMES)} in {expression(c, d)} satisfies {expression(c, d)}",
    lambda c, d: f"{expression(c, d)} between {expression(c, d)} and {expression(c, d)}",
    lambda c, d: f"{expression(c, d)} in ({expression(c, d)}, < {expression(c, d)})",
    lambda c, d: f"{expression(c, d)} instance of {c.choice(TYPES)}",
    lambda c, d: f"{c.choice('[(]')}{expression(c, d)}..{expression(c, d)}{c.choice('])[')}",
    lambda c, d: "[" + ", ".join(expression(c, d) for _ in range(c.randint(0, 4))) + "]",
    lambda c, d: f"({expression(c, d)})[{expression(c, d)}]",
    lambda c, d: f"({expression(c, d)}).{c.choice(NAMES)}",
    lambda c, d: f"function({c.choice(NAMES)}: {c.choice(TYPES)}, {c.choice(NAMES)}) {expression(c, d)}",
    lambda c, d: f"(function(x) {expression(c, d)})({expression(c, d)})",
    lambda c, d: f"{expression(c, d)} /* {c.choice(STRINGS)} */",
    _call, _call, _call, _loop, _loop, _context,
)  # fmt: skip

_MADE = re.compile(r"(?:i_)?t?[a-z]\d+|s|x|budget|evaluate")
_NODES = (
    ast.Module, ast.FunctionDef, ast.arguments, ast.arg, ast.Return, ast.Assign, ast.If, ast.For, ast.Try, ast.ExceptHandler,
    ast.Break, ast.Expr, ast.Call, ast.keyword, ast.Name, ast.Load, ast.Store, ast.Constant, ast.IfExp, ast.BoolOp, ast.And,
    ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Compare, ast.Is, ast.IsNot, ast.Eq,
    ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Subscript, ast.List, ast.Tuple, ast.Dict, ast.Attribute,
)  # fmt: skip


def foreign(compiled: CompiledExpression | CompiledTests) -> list[str]:
    """What the generated Python holds beside the names made there, the runtime's, and literals; empty when all is well.

    A text of a pack stands there only inside a string constant: no name, no attribute, no statement of it.
    """
    found = []
    for node in ast.walk(ast.parse(compiled.source)):
        if not isinstance(node, _NODES):
            found.append(type(node).__name__)
        elif isinstance(node, ast.Name | ast.arg):
            name = node.id if isinstance(node, ast.Name) else node.arg
            if name not in RUNTIME and not _MADE.fullmatch(name):
                found.append(name)
        elif isinstance(node, ast.Attribute) and node.attr not in ("append", "get"):
            found.append("." + node.attr)
    return found
