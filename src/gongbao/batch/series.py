"""A series as columns: each reading becomes a letter that says which of the rule's tests it meets; runs are runs of letters.

`longest(aqi, 200) >= 3` is then a search for three such letters in a row, and the episodes of `stretches` are the parts
between letters that are not above the line. A short series (at most SHORT readings, by the fact's `max_items`) becomes
one bit per reading and test instead, and the same questions are shifts.

Only what is complete and daily is decided so: a row with a missing reading, another step or a value that is not allowed
goes one by one, where the engine's own functions see it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ibis

from gongbao.batch.pieces import Piece, Refused, whole
from gongbao.engine.series import DROPPED, GAP_READINGS, SEPARATE, Test, read_test, series_tests
from gongbao.feel.values import Value

SHORT = 8  # readings that are unrolled
STEPS = ("24 h", "24h", "24小时", "1 d", "1d", "1天", "1日")  # a step of a day as `read_step` reads it
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LEFT_OUT = "-"  # a reading whose mark is left out (`without`)
_BETWEEN = ";"
_ANY = "."  # every letter


@dataclass(frozen=True, slots=True)
class Listed:
    """A fact that is a series: its readings as scaled integers, their marks (None where the table has none)."""

    values: Any
    scale: int
    marks: Any
    limit: int


# Letters ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Letters:
    """Which letter a reading gets: `up_to` holds (highest scaled integer, letter) from the lowest, `last` the rest."""

    up_to: tuple[tuple[int, str], ...]
    last: str
    meets: Mapping[Test, str]

    @property
    def used(self) -> str:
        return "".join(dict.fromkeys([*(letter for _, letter in self.up_to), self.last]))

    def of(self, value: Any) -> Any:
        return ibis.cases(*((value <= whole(line), letter) for line, letter in self.up_to), else_=self.last)


def letters(tests: Sequence[Test], scale: int) -> Letters:
    """One letter for each set of tests that a reading can meet."""
    lines = sorted({Fraction(line) for _, line in tests})
    parts: list[tuple[int | None, Fraction]] = []  # up to this integer, and a number of that part
    for i, line in enumerate(lines):
        scaled = line * 10**scale
        below = line - 1 if i == 0 else (lines[i - 1] + line) / 2
        parts += [(math.ceil(scaled) - 1, below), (math.floor(scaled), line)]
    parts.append((None, lines[-1] + 1 if lines else Fraction(0)))
    made: dict[tuple[bool | None, ...], str] = {}
    up_to: list[tuple[int, str]] = []
    last = ""
    for highest, number in parts:
        held = tuple(series_tests([number], test)[0] for test in tests)  # type: ignore[list-item]
        letter = made.setdefault(held, _LETTERS[len(made)] if len(made) < len(_LETTERS) else "")
        if not letter:
            raise Refused("对序列的不同比较太多，不能按列计算")
        if up_to and up_to[-1][1] == letter:
            up_to.pop()
        if highest is None:
            last = letter
        elif -(2**63) <= highest < 2**63:
            up_to.append((highest, letter))
        else:
            raise Refused("序列的比较线太大")
    meets = {test: "".join(each for held, each in made.items() if held[i]) for i, test in enumerate(tests)}
    return Letters(tuple(up_to), last, meets)


def coded(series: Listed, code: Letters, left_out: Sequence[str]) -> Any:
    """The series as a text of letters; readings with a mark that is left out are cut off at the ends, `-` inside."""
    if not left_out or series.marks is None:
        return series.values.map(code.of).join("").fill_null("")
    marks = series.marks

    def letter(value: Any, at: Any) -> Any:
        return ibis.cases((marks[at].isin(list(left_out)).fill_null(False), _LEFT_OUT), else_=code.of(value))

    return series.values.map(letter).join("").fill_null("").re_replace(f"^{_LEFT_OUT}+|{_LEFT_OUT}+$", "")


def bits(series: Listed, test: Test, dialect: str) -> Any:
    """One bit per reading: whether it meets the test."""
    code = letters([test], series.scale)
    held = code.meets[test]
    made = None
    for i in range(series.limit):
        value = at(series.values, i, dialect)
        one = ibis.cases(
            *((value <= whole(line), whole((1 << i) * (each in held))) for line, each in code.up_to),
            (value.notnull(), whole((1 << i) * (code.last in held))),
            else_=whole(0),
        )
        made = one if made is None else made + one
    return made


def at(values: Any, i: int, dialect: str) -> Any:
    """The i-th item; null beyond the end (Spark makes an error of that)."""
    return values[i] if dialect != "pyspark" else ibis.cases((values.length() > i, values[i]))


# Runs -------------------------------------------------------------------------------------------------------------


def run_compared(names: Mapping[Any, Piece], op: str, run: Piece, value: Value, wanted: bool) -> Any:
    """A comparison of a longest run with a number."""
    if op in ("=", "!="):
        same = value == int(value)
        held = at_least(names, run, int(value)) & ~at_least(names, run, int(value) + 1) if same else ibis.literal(False)
        return held if (op == "=") is wanted else ~held
    least = math.floor(value) + 1 if op in (">", "<=") else math.ceil(value)
    held = at_least(names, run, least)
    return held if (op in (">", ">=")) is wanted else ~held


def at_least(names: Mapping[Any, Piece], run: Piece, n: int) -> Any:
    """Whether a run has n readings or more."""
    if n <= 0:
        return ibis.literal(True)
    assert run.run is not None
    code, held = names[run.run[0]], run.run[1]
    if code.kind == "text":
        if not held:
            return ibis.literal(False)
        if held == _ANY or n > 1000:  # more than expressions can count
            return length_of(names, run).expr >= n
        return code.expr.contains(held * n) if len(held) == 1 else code.expr.re_search(f"[{held}]{{{n}}}")
    together = code.expr
    for i in range(1, n):
        together = together & (code.expr >> whole(i))
    return together != 0 if n <= SHORT else ibis.literal(False)


def length_of(names: Mapping[Any, Piece], run: Piece) -> Piece:
    """A longest run as a number."""
    assert run.run is not None
    code, held = names[run.run[0]], run.run[1]
    if code.kind == "text":
        if not held:
            return Piece(whole(0), "number", nullable=False)
        if held == _ANY:
            return Piece(code.expr.length().cast("int64"), "number", nullable=False)
        parts = code.expr.re_replace(f"[^{held}]+", " ").split(" ")
        longest = parts.map(lambda part: part.length()).maxs()
        return Piece(longest.cast("int64").fill_null(0), "number", nullable=False)
    total = sum(
        (at_least(names, run, n).cast("int32") for n in range(2, SHORT + 1)), at_least(names, run, 1).cast("int32")
    )
    return Piece(total.cast("int64"), "number", nullable=False)


# Episodes ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Episodes:
    """The parts of a coded series in which a rule is judged: a list of texts, and where a row can be split at all."""

    parts: Any
    reach: Any


def episodes(
    code: Any, letters: Letters, above: Test, good: Test | None, lifted_days: int | None, reading: Piece
) -> Episodes:
    """`stretches` of a complete daily series with a window of a day: runs above the line, joined or apart.

    good, lifted_days: two neighbours are apart where that many readings in a row between them meet `good` (None: it
    cannot be told). reading: one of GAP_READINGS for those that are not.
    """
    low = "".join(letter for letter in letters.used if letter not in letters.meets[above])
    if not low:
        return Episodes(_parts(code), ibis.literal(True))
    inside = code.re_replace(f"^[{low}]+|[{low}]+$", "")
    separate = inside.re_replace(f"[{low}]+", _BETWEEN)
    lifting = "" if good is None else "".join(letter for letter in letters.meets[good] if letter in low)
    joined, sure = inside, ibis.literal(True)
    if lifted_days is None:
        sure = ~inside.re_search(f"[{low}]")
    elif good is None:
        sure = ~inside.re_search(f"[{low}]{{{lifted_days}}}")
    elif lifting:
        joined = inside.re_replace(f"[{low}]*[{lifting}]{{{lifted_days}}}[{low}]*", _BETWEEN)
    single = sure & ~joined.re_search(f"[{low}]")
    if reading.kind == "null":
        return Episodes(_parts(joined), single)
    if reading.kind != "text":
        raise Refused("间隔的读法应是文字")
    one = reading.expr
    text = ibis.cases((one == SEPARATE, separate), (one == DROPPED, joined.re_replace(f"[{low}]+", "")), else_=joined)
    return Episodes(_parts(text), (one == SEPARATE) | (sure & one.isin(list(GAP_READINGS))))


def _parts(text: Any) -> Any:
    return text.split(_BETWEEN).filter(lambda part: part.length() > 0)


def in_episode(letters: Letters, test: Test, above: Test) -> str:
    """The letters that meet a test inside an episode: days between joined parts count as above its own line."""
    return _ANY if test == above else letters.meets[test]


def test_of(arguments: Sequence[Piece]) -> Test | None:
    """The test that `longest(x, test, line)` names; None where it is null. Refused where it is not written."""
    values = []
    for piece in arguments:
        if not (piece.constant or piece.kind == "null"):
            raise Refused("序列的比较须是写定的（数、参数或设置）")
        values.append(piece.value)
    if len(values) not in (1, 2):
        raise Refused("序列的比较须写一个或两个参数")
    try:
        return read_test(*values)
    except ValueError as e:
        raise Refused(str(e)) from None
