"""Text to syntax tree: a Pratt parser, written by hand because FEEL names may contain spaces.

The scanner cuts words; whether ``date and time`` is one name or a conjunction depends on the names in scope, so
the parser joins words into the longest known name: built-ins (before an opening bracket), the names it is given,
and those that the text itself introduces (loop variables, parameters, keys of contexts).

Names may be Chinese. Full-width punctuation is refused with the key to press instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias, TypeVar

from gongbao.feel.builtins import BUILTINS
from gongbao.feel.errors import FeelSyntaxError
from gongbao.feel.syntax import (
    And,
    Arithmetic,
    Between,
    Call,
    Comparison,
    ContextLiteral,
    Filter,
    For,
    FunctionLiteral,
    If,
    In,
    InstanceOf,
    IterationSource,
    ListLiteral,
    Literal,
    Name,
    Negate,
    Node,
    Or,
    Path,
    Quantified,
    RangeLiteral,
    TypeName,
    UnaryComparison,
    UnaryTests,
    height,
)
from gongbao.feel.temporal import read_temporal

_N = TypeVar("_N", bound=Node)

#: Limits that keep hostile text from costing time or memory; far above what a rule needs.
MAX_TEXT = 50_000
MAX_DEPTH = 60
MAX_HEIGHT = 200
MAX_DIGITS = 400
MAX_EXPONENT = 6144

_SCANNER = re.compile(
    r"""
    (?P<space>(?:\s+|//[^\n]*|/\*.*?\*/)+)
  | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<word>(?:[^\W\d]|[\U00010000-\U000EFFFF])(?:\w|[\U00010000-\U000EFFFF])*)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<op>\*\*|\.\.|<=|>=|!=|->|/(?!\*)|[-+*<>=.,:?()\[\]{}@'])
    """,
    re.VERBOSE | re.DOTALL,
)

_RESERVED = frozenset(
    ["and", "or", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "instance"]
)
_COMPARISONS = frozenset(["=", "!=", "<", "<=", ">", ">="])

# Binding powers, loosest first. A unary minus binds tighter than ``**`` (DMN 1.5, 10.3.1.2).
_OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _NEGATE, _INSTANCE, _POSTFIX = range(1, 10)
_INFIX = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(_COMPARISONS, _COMPARE),
    "between": _COMPARE,
    "in": _COMPARE,
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "**": _POWER,
    "instance": _INSTANCE,
    ".": _POSTFIX,
    "[": _POSTFIX,
    "(": _POSTFIX,
}

_FULL_WIDTH = {
    "（": "(", "）": ")", "，": ",", "、": ",", "：": ":", "“": '"', "”": '"', "‘": '"', "’": '"', "［": "[", "］": "]",
    "｛": "{", "｝": "}", "＋": "+", "－": "-", "×": "*", "÷": "/", "＝": "=", "＜": "<", "＞": ">", "≤": "<=",
    "≥": ">=", "≠": "!=", "。": ".", "．": ".",
}  # fmt: skip

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)


#: A name in scope: dotted where it is an entry, or its parts one by one where they hold dots themselves.
KnownName: TypeAlias = str | tuple[str, ...]


def parse_expression(text: str, names: Iterable[KnownName] = (), types: Iterable[str] = ()) -> Node:
    """The tree of a FEEL expression.

    ``names`` are the names in scope that contain spaces or operators (others need not be listed), dotted where
    they are entries: ``("credit score", "applicant.monthly income")``; ``types`` the types beside FEEL's own.
    ``FeelSyntaxError`` when it is none.
    """
    parser = _Parser(text, names, types)
    node = parser.expression()
    return parser.finish(node)


def parse_unary_tests(text: str, names: Iterable[KnownName] = ()) -> UnaryTests:
    """The tree of a decision table cell.

    ``-``, ``> 5``, ``"a", "b"``, ``[1..5)``, ``not("a")``, ``? > 5 and ? < 9``; names and errors as above.
    """
    parser = _Parser(text, names)
    return parser.finish(parser.unary_tests())


@lru_cache(maxsize=4096)
def _scan_name(name: str) -> tuple[str, ...]:
    return tuple(found[0] for found in _SCANNER.finditer(name) if found.lastgroup != "space") if name else ()


#: Names of several words: under their first word and their length (longest first), so that many names cost no more to
#: look through than few.
_Names: TypeAlias = dict[str, dict[int, set[tuple[str, ...]]]]


def _by_first_word(names: Iterable[tuple[str, ...]]) -> _Names:
    table: _Names = {}
    for words in names:
        _enter(table, words)
    return table


def _enter(table: _Names, words: tuple[str, ...]) -> None:
    lengths = table.setdefault(words[0], {})
    if len(words) in lengths:
        lengths[len(words)].add(words)
    else:
        table[words[0]] = dict(sorted({**lengths, len(words): {words}}.items(), reverse=True))


_BUILTIN_WORDS = _by_first_word(tuple(name.split(" ")) for name in BUILTINS if " " in name)


class _Parser:
    """One pass over one text. ``at`` is the index of the current token."""

    def __init__(self, text: str, names: Iterable[KnownName], types: Iterable[str] = ()) -> None:
        if len(text) > MAX_TEXT:
            raise FeelSyntaxError(f"公式太长（{len(text)} 个字符，最多 {MAX_TEXT} 个）", text, MAX_TEXT)
        self.text = text
        self.kinds: list[str] = []
        self.words: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._scan()
        self.at = 0
        self.depth = 0
        # Names of more than one word: as variables and as entries.
        self.known: _Names = {}
        self.spelling: dict[tuple[str, ...], str] = {}
        self.types = {_scan_name(each): each for each in types if each}
        self.type_words = _by_first_word(self.types) if self.types else {}
        for name in names:
            for part in name.split(".") if isinstance(name, str) else name:
                self._know(part)

    # Tokens ------------------------------------------------------------------------------------------------

    def _scan(self) -> None:
        text, at = self.text, 0
        match = _SCANNER.match
        while at < len(text):
            found = match(text, at)
            if found is None:
                raise FeelSyntaxError(_unexpected_character(text, at), text, at)
            kind = found.lastgroup
            if kind != "space":
                self.kinds.append(kind or "")
                self.words.append(found[0])
                self.starts.append(at)
                self.ends.append(found.end())
            at = found.end()
        # The end of the text is a token like any other, so that no look-ahead needs a bounds check.
        for _ in range(2):
            self.kinds.append("end")
            self.words.append("")
            self.starts.append(len(text))
            self.ends.append(len(text))

    def fail(self, reason: str, at: int | None = None) -> FeelSyntaxError:
        return FeelSyntaxError(reason, self.text, self.starts[self.at if at is None else at])

    def unexpected(self, wanted: str) -> FeelSyntaxError:
        if self.kinds[self.at] == "end":
            return self.fail(f"公式没有写完，这里应当是{wanted}")
        return self.fail(f"这里应当是{wanted}，不是“{_shown(self.words[self.at])}”")

    def sees(self, word: str) -> bool:
        return self.words[self.at] == word and self.kinds[self.at] != "string"

    def take(self, word: str) -> bool:
        if self.sees(word):
            self.at += 1
            return True
        return False

    def expect(self, word: str, wanted: str = "") -> None:
        if not self.take(word):
            raise self.unexpected(wanted or f"“{word}”")

    def span_from(self, start: int) -> tuple[int, int]:
        return (start, self.ends[self.at - 1])

    def finish(self, node: _N) -> _N:
        if self.kinds[self.at] != "end":
            raise self.unexpected("公式的结尾")
        # A tree cannot be taller than it has tokens.
        if len(self.words) > MAX_HEIGHT and height(node) > MAX_HEIGHT:
            raise FeelSyntaxError(f"公式嵌套过深（最多 {MAX_HEIGHT} 层）", self.text, 0)
        return node

    # Names -------------------------------------------------------------------------------------------------

    def _know(self, name: str) -> None:
        words = _scan_name(name)
        if len(words) > 1 and words not in self.spelling:
            self.spelling[words] = name
            _enter(self.known, words)

    def _longest(self, table: _Names) -> tuple[str, ...] | None:
        at = self.at
        for length, names in table.get(self.words[at], _NO_NAMES).items():
            words = tuple(self.words[at : at + length])
            if words in names:
                return words
        return None

    def name(self) -> Name:
        """The name at the current token, which is a word."""
        start = self.starts[self.at]
        words = self._longest(self.known) if self.known else None
        if words is not None:
            self.at += len(words)
            return Name(self.spelling[words], span=self.span_from(start))
        words = self._longest(_BUILTIN_WORDS)
        if words is not None and self.words[self.at + len(words)] == "(":
            self.at += len(words)
            return Name(" ".join(words), span=self.span_from(start))
        self.at += 1
        return Name(self.words[self.at - 1], span=self.span_from(start))

    def new_name(self, wanted: str, stops: Sequence[str]) -> str:
        """A name being introduced: everything up to one of ``stops``."""
        first = self.at
        if self.kinds[first] != "word":
            raise self.unexpected(wanted)
        while self.kinds[self.at] in ("word", "number") or self.words[self.at] in ("+", "-", "*", "/", ".", "'"):
            if self.words[self.at] in stops:
                break
            self.at += 1
        if self.at == first:
            raise self.unexpected(wanted)
        name = " ".join(self.text[self.starts[first] : self.ends[self.at - 1]].split())
        self._know(name)
        return name

    # Expressions -------------------------------------------------------------------------------------------

    def expression(self, binding: int = 0) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"公式嵌套过深（最多 {MAX_DEPTH} 层）")
        left = self.prefix()
        while True:
            word = self.words[self.at]
            power = _INFIX.get(word, 0)
            if power <= binding or self.kinds[self.at] == "string":
                break
            if word == "[" and not self._starts_expression(self.at + 1):
                break  # the end of an open range: ]1..5[
            left = self.infix(left, word, power)
        self.depth -= 1
        return left

    def _starts_expression(self, at: int) -> bool:
        if self.kinds[at] == "op":
            return self.words[at] in ("(", "[", "]", "{", "-", "?", "@")
        return self.kinds[at] != "end" and not (
            self.words[at] in _RESERVED and self.words[at] not in ("if", "for", "some", "every")
        )

    def infix(self, left: Node, word: str, power: int) -> Node:
        start = left.span[0]
        self.at += 1
        if word in ("and", "or"):
            terms = [left, self.expression(power)]
            while self.take(word):
                terms.append(self.expression(power))
            return (And if word == "and" else Or)(tuple(terms), span=self.span_from(start))
        if word in _COMPARISONS:
            right = self.expression(power)
            return Comparison(word, left, right, span=self.span_from(start))
        if power in (_ADD, _MULTIPLY, _POWER):
            right = self.expression(power)
            return Arithmetic(word, left, right, span=self.span_from(start))
        if word == ".":
            return Path(left, self.entry_name(), span=self.span_from(start))
        if word == "[":
            condition = self.expression()
            self.expect("]")
            return Filter(left, condition, span=self.span_from(start))
        if word == "(":
            return self.call(left, start)
        if word == "in":
            tests = self.in_tests()
            return In(left, tests, span=self.span_from(start))
        if word == "between":
            low = self.expression(_COMPARE)
            self.expect("and")
            high = self.expression(_COMPARE)
            return Between(left, low, high, span=self.span_from(start))
        self.expect("of")
        wanted = self.type_name()
        return InstanceOf(left, wanted, span=self.span_from(start))

    def entry_name(self) -> str:
        if self.kinds[self.at] != "word":
            raise self.unexpected("“.”后面的名称")
        for table in (self.known, _ENTRY_WORDS):
            words = self._longest(table)
            if words is not None:
                self.at += len(words)
                return self.spelling.get(words) or " ".join(words)
        self.at += 1
        return self.words[self.at - 1]

    def call(self, function: Node, start: int) -> Call:
        arguments: list[Node] = []
        named: list[tuple[str, Node]] = []
        while not self.take(")"):
            if arguments or named:
                self.expect(",", "“,”或“)”")
            parameter = self.parameter_name()
            if parameter is not None:
                if any(parameter == other for other, _ in named):
                    raise self.fail(f"参数“{parameter}”写了两次")
                named.append((parameter, self.expression()))
            elif named:
                raise self.fail("按名称给出的参数之后不能再按位置给参数")
            else:
                arguments.append(self.expression())
        return Call(function, tuple(arguments), tuple(named), span=self.span_from(start))

    def parameter_name(self) -> str | None:
        """``start position:`` before a named argument, or None when the argument is positional."""
        at = self.at
        while self.kinds[at] == "word":
            at += 1
        if at == self.at or self.words[at] != ":":
            return None
        name = " ".join(self.words[self.at : at])
        self.at = at + 1
        return name

    def prefix(self) -> Node:
        kind, word, start = self.kinds[self.at], self.words[self.at], self.starts[self.at]
        if kind == "number":
            value = self.number()
            return Literal(value, span=self.span_from(start))
        if kind == "string":
            self.at += 1
            return Literal(_unescaped(word), span=self.span_from(start))
        if kind == "word":
            return self.word(word, start)
        if word == "-":
            self.at += 1
            operand = self.expression(_NEGATE)
            if isinstance(operand, Literal) and type(operand.value) in (int, Decimal):
                return Literal(-operand.value, span=self.span_from(start))
            return Negate(operand, span=self.span_from(start))
        if word == "(":
            return self.bracketed(start)
        if word == "[" or word == "]":
            return self.list_or_range(word, start)
        if word == "{":
            return self.context(start)
        if word == "?":
            self.at += 1
            return Name("?", span=self.span_from(start))
        if word == "@":
            return self.temporal(start)
        if word == "'":
            raise self.fail('文字请用双引号 "')
        raise self.unexpected("一个值、名称或公式")

    def number(self) -> int | Decimal:
        text = self.words[self.at]
        if len(text) > MAX_DIGITS:
            raise self.fail(f"数字太长（最多 {MAX_DIGITS} 位）")
        if self.kinds[self.at + 1] == "word" and self.starts[self.at + 1] == self.ends[self.at]:
            raise self.fail(f"数字“{text}”后面紧跟着“{self.words[self.at + 1]}”：单位不写在公式里", self.at + 1)
        if text.isdecimal():
            value: int | Decimal = int(text)
        else:
            value = Decimal(text) if len(text) < 20 or _exponent_of(text) <= MAX_EXPONENT else Decimal("Infinity")
            if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT:
                raise self.fail(f"数字“{_shown(text)}”超出范围")
        self.at += 1
        return value

    def word(self, word: str, start: int) -> Node:
        if word in _CONSTANTS and not (self.known and self._longest(self.known)):
            self.at += 1
            return Literal(_CONSTANTS[word], span=self.span_from(start))
        if word not in _RESERVED or (self.known and self._longest(self.known)):
            if word == "function" and self.words[self.at + 1] == "(":
                return self.function(start)
            return self.name()
        if word == "if":
            self.at += 1
            condition = self.expression()
            self.expect("then")
            then = self.expression()
            self.expect("else")
            otherwise = self.expression()
            return If(condition, then, otherwise, span=self.span_from(start))
        if word == "for":
            self.at += 1
            sources = self.sources()
            self.expect("return")
            self._know("partial")
            body = self.expression()
            return For(sources, body, span=self.span_from(start))
        if word in ("some", "every"):
            self.at += 1
            sources = self.sources()
            self.expect("satisfies")
            condition = self.expression()
            return Quantified(word == "every", sources, condition, span=self.span_from(start))
        raise self.unexpected("一个值、名称或公式")

    def sources(self) -> tuple[IterationSource, ...]:
        found: list[IterationSource] = []
        while not found or self.take(","):
            start = self.starts[self.at]
            name = self.new_name("循环变量的名称", ("in",))
            self.expect("in")
            source = self.expression()
            end = self.expression() if self.take("..") else None
            found.append(IterationSource(name, source, end, span=self.span_from(start)))
        return tuple(found)

    def bracketed(self, start: int) -> Node:
        self.at += 1
        if self.words[self.at] in _COMPARISONS and self.kinds[self.at] != "string":
            return self.open_range(start)
        inner = self.expression()
        if self.sees(".."):
            return self.range(inner, False, start)
        self.expect(")")
        return inner

    def open_range(self, start: int) -> Node:
        """``(< 10)``: the range of what passes the test."""
        word = self.words[self.at]
        self.at += 1
        end = self.expression(_COMPARE)
        self.expect(")")
        return UnaryComparison(word, end, span=self.span_from(start))

    def list_or_range(self, word: str, start: int) -> Node:
        self.at += 1
        if word == "]":
            low = self.expression()
            if not self.sees(".."):
                raise self.unexpected("“..”")
            return self.range(low, False, start)
        items: list[Node] = []
        while not self.take("]"):
            if items:
                self.expect(",", "“,”或“]”")
            items.append(self.list_item())
            if len(items) == 1 and self.sees(".."):
                return self.range(items[0], True, start)
        return ListLiteral(tuple(items), span=self.span_from(start))

    def list_item(self) -> Node:
        return self.expression()

    def range(self, low: Node, low_closed: bool, start: int) -> RangeLiteral:
        self.expect("..")
        high = self.expression()
        for word, closed in (("]", True), (")", False), ("[", False)):
            if self.take(word):
                return RangeLiteral(low, high, low_closed, closed, span=self.span_from(start))
        raise self.unexpected("区间的右端“]”或“)”")

    def context(self, start: int) -> ContextLiteral:
        self.at += 1
        entries: dict[str, Node] = {}
        while not self.take("}"):
            if entries:
                self.expect(",", "“,”或“}”")
            if self.kinds[self.at] == "string":
                key = _unescaped(self.words[self.at])
                self.at += 1
                if "".join(_scan_name(key)) == "".join(key.split()):
                    self._know(key)
            else:
                key = self.new_name("一项的名称", (":",))
            if key in entries:
                raise self.fail(f"“{_shown(key)}”写了两次", self.at - 1)
            self.expect(":")
            entries[key] = self.expression()
        return ContextLiteral(tuple(entries.items()), span=self.span_from(start))

    def temporal(self, start: int) -> Literal:
        self.at += 1
        if self.kinds[self.at] != "string":
            raise self.unexpected("带引号的日期、时间或期间")
        value = read_temporal(_unescaped(self.words[self.at]))
        if value is None:
            raise self.fail(f'{_shown(self.words[self.at])} 不是日期、时间或期间（例如 @"2023-01-01"、@"P5D"）')
        self.at += 1
        return Literal(value, span=self.span_from(start))

    def function(self, start: int) -> FunctionLiteral:
        self.at += 2
        parameters: list[str] = []
        types: list[TypeName | None] = []
        while not self.take(")"):
            if parameters:
                self.expect(",", "“,”或“)”")
            parameters.append(self.new_name("参数的名称", (",", ":", ")")))
            types.append(self.type_name() if self.take(":") else None)
        if self.sees("external"):
            raise self.fail("不支持外部函数（external）")
        body = self.expression()
        return FunctionLiteral(tuple(parameters), tuple(types), body, span=self.span_from(start))

    # Types -------------------------------------------------------------------------------------------------

    def type_name(self) -> TypeName:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail(f"公式嵌套过深（最多 {MAX_DEPTH} 层）")
        start = self.starts[self.at]
        if self.kinds[self.at] != "word":
            raise self.unexpected("一个类型")
        own = self._longest(self.type_words)
        if own is not None:
            self.at += len(own)
            self.depth -= 1
            return TypeName(self.types[own], (), (), span=self.span_from(start))
        words = self._longest(_TYPE_WORDS) or (self.words[self.at],)
        self.at += len(words)
        name = " ".join(words)
        arguments: list[TypeName] = []
        entries: list[tuple[str, TypeName]] = []
        if name not in _TYPES:
            raise self.fail(
                f"没有“{name}”这个类型，可用：{'、'.join((*sorted(_TYPES), *self.types.values()))}",
                self.at - len(words),
            )
        if self.take("<"):
            while not self.take(">"):
                if arguments or entries:
                    self.expect(",", "“,”或“>”")
                if name == "context":
                    key = self.new_name("一项的名称", (":",))
                    self.expect(":")
                    entries.append((key, self.type_name()))
                else:
                    arguments.append(self.type_name())
        if name == "function" and self.take("->"):
            entries.append(("return", self.type_name()))
        self.depth -= 1
        return TypeName(name, tuple(arguments), tuple(entries), span=self.span_from(start))

    # Unary tests -------------------------------------------------------------------------------------------

    def unary_tests(self) -> UnaryTests:
        if self.words[0] == "-" and self.kinds[1] == "end":
            self.at = 1
            return UnaryTests((), span=(0, len(self.text)))
        if self.sees("not") and self.words[1] == "(" and self._closing(1) == len(self.words) - 3:
            self.at = 2
            tests = self.tests()
            self.expect(")")
            return UnaryTests(tests, True, span=(0, len(self.text)))
        return UnaryTests(self.tests(), span=(0, len(self.text)))

    def _closing(self, at: int) -> int:
        """Index of the round bracket that closes the one at ``at``; -1 when none does."""
        depth = 0
        for i in range(at, len(self.words)):
            if self.kinds[i] == "op":
                depth += {"(": 1, ")": -1}.get(self.words[i], 0)
                if depth == 0:
                    return i
        return -1

    def tests(self) -> tuple[Node, ...]:
        found = [self.test()]
        while self.take(","):
            found.append(self.test())
        return tuple(found)

    def test(self) -> Node:
        word, start = self.words[self.at], self.starts[self.at]
        if word not in _COMPARISONS or self.kinds[self.at] == "string":
            return self.expression()
        self.at += 1
        operand = self.expression(_COMPARE)
        if self.sees("and") or self.sees("or"):
            raise self.fail("“> 5”这样的写法后面不能接 and/or：请写成区间 [5..10)，或用 ? 写成 ? > 5 and ? < 10")
        return UnaryComparison(word, operand, span=self.span_from(start))

    def in_tests(self) -> tuple[Node, ...]:
        """What stands after ``in``: one test, or several in round brackets, or a range that opens with one."""
        start = self.starts[self.at]
        if not self.sees("("):
            word = self.words[self.at]
            if word in _COMPARISONS and self.kinds[self.at] != "string":
                self.at += 1
                operand = self.expression(_COMPARE)
                return (UnaryComparison(word, operand, span=self.span_from(start)),)
            return (self.expression(_COMPARE),)
        self.at += 1
        first = self.test()
        if self.sees("..") and not isinstance(first, UnaryComparison):
            return (self.range(first, False, start),)
        found = [first]
        while self.take(","):
            found.append(self.test())
        self.expect(")")
        return tuple(found)


_NO_NAMES: dict[int, set[tuple[str, ...]]] = {}
_CONSTANTS = {"true": True, "false": False, "null": None}
_TYPES = frozenset(
    [
        "number", "string", "boolean", "date", "time", "date and time", "days and time duration",
        "years and months duration", "Any", "Null", "list", "context", "range", "function",
    ]
)  # fmt: skip
_TYPE_WORDS = _by_first_word(tuple(name.split(" ")) for name in _TYPES if " " in name)
_ENTRY_WORDS = _by_first_word((("time", "offset"), ("start", "included"), ("end", "included")))


def _unescaped(quoted: str) -> str:
    inner = quoted[1:-1]
    if "\\" not in inner:
        return inner
    text = _ESCAPE.sub(_unescape, inner)
    # Two escapes may spell one character as a surrogate pair.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescape(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if code is None:
        return _ESCAPES.get(found[3], found[0])
    return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else found[0]


def _exponent_of(text: str) -> int:
    tail = text.lower().partition("e")[2]
    return abs(int(tail)) if tail else 0


def _shown(word: str) -> str:
    return word if len(word) <= 20 else word[:20] + "…"


def _unexpected_character(text: str, at: int) -> str:
    character = text[at]
    if character == '"':
        return "引号没有配对"
    if text.startswith("/*", at):
        return "注释没有结束（缺少 */）"
    if character in _FULL_WIDTH:
        return f"这里是中文符号“{character}”，公式里请用英文符号 {_FULL_WIDTH[character]}"
    return f"不认识的字符“{character}”"
