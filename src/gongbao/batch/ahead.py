"""What is computed before the rules that read it: series as letters or bits, working days by looking them up.

Both stand under the node of the call, where `Lowering.value` finds them. A row in which something was looked up and
not found (a day outside the table) or that cannot be split is not decided in columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ibis

from gongbao.batch import days, series
from gongbao.batch.calls import STAGED, reduced
from gongbao.batch.lower import Lowering
from gongbao.batch.pieces import Piece, Refused, whole
from gongbao.batch.stages import Stages
from gongbao.engine.decision.logic import Decision
from gongbao.engine.series import SERIES_FUNCTIONS, Test
from gongbao.engine.time.dates import MAX_WORKING_DAYS, WORKING_DAY_FUNCTIONS
from gongbao.feel import syntax
from gongbao.feel.syntax import Node

Names = dict[Any, Piece]
ITEM = "item/code"  # the letters of the episode in hand
EPISODES = "item/all"  # of all episodes

# Working days -----------------------------------------------------------------------------------------------------


def look_up_days(stages: Stages, nodes: Iterable[Node]) -> None:
    """Every call of a working-day function in these trees, the innermost first."""
    for node in nodes:
        for call in _calls(node, WORKING_DAY_FUNCTIONS):
            if call not in stages.own[0]:
                _look_up(stages, call)


def compute_calls(stages: Stages, nodes: Iterable[Node]) -> None:
    """Every call of a function of numbers or dates, in a stage of its own: what reads it stays short, however often.

    Spark's parser takes minutes over brackets that are deep in one another.
    """
    levels: dict[int, dict[syntax.Call, None]] = {}
    known = stages.names(0)
    for node in nodes:
        for call in _calls(node, STAGED):
            heads = (each.name for each in syntax.walk(call) if isinstance(each, syntax.Name))
            outer = {each.function.name for each in syntax.walk(call) if isinstance(each, syntax.Call)}  # type: ignore[attr-defined]
            if call not in known and all(h in outer or h in known or h in ("params", "settings") for h in heads):
                levels.setdefault(syntax.height(call), {})[call] = None
    for _, calls in sorted(levels.items()):
        stages.each(lambda names, calls=calls: {  # type: ignore[misc]
            call: Lowering(names, str(getattr(call.function, "name", "")), stages.dialect).value(call) for call in calls
        })  # fmt: skip


def _calls(node: Node, functions: Iterable[str]) -> Iterator[syntax.Call]:
    for child in syntax.children(node):
        yield from _calls(child, functions)
    if isinstance(node, syntax.Call) and isinstance(node.function, syntax.Name) and node.function.name in functions:
        yield node


def _look_up(stages: Stages, call: syntax.Call) -> None:
    function = str(getattr(call.function, "name", ""))
    arguments = call.arguments
    if call.named or len(arguments) != (1 if function in ("is_working_day", "next_working_day") else 2):
        raise Refused(f"函数 {function}() 的这种写法不能按列计算")
    keys = [("day", call, j) for j in range(len(arguments))]

    def kept(names: Names) -> dict[Any, Piece]:
        low = Lowering(names, function, stages.dialect)
        return {key: low.plain(low.value(node)) for key, node in zip(keys, arguments, strict=True)}

    stages.each(kept)
    of_day = {"is_working_day": "works", "next_working_day": "next"}.get(function)
    firsts = _as_columns(stages, keys[:1], "date")
    if of_day is not None:
        stages.look_up(days.DAYS, firsts)
        _keep(stages, call, firsts, lambda names, first: names[days.DAYS, first, of_day])
    elif function == "working_days_between":
        seconds = _as_columns(stages, keys[1:], "date")
        stages.look_up(days.DAYS, firsts)
        stages.look_up(days.DAYS, seconds)
        _keep(stages, call, [*firsts], _between, seconds)
    else:
        _after(stages, call, firsts, keys[1])


def _as_columns(stages: Stages, keys: Sequence[Any], kind: str) -> list[Any]:
    """The same key for each reading, a constant made a column (a join needs one). Refused for another kind."""
    (key,) = keys
    for own in stages.own:
        column, piece = own[key]
        if piece.kind != kind:
            raise Refused("工作日的函数只能用于日期" if kind == "date" else "工作日的天数须是整数")
        if not column:
            made = f"__k{len(stages.table.columns)}"
            stages.table = stages.table.mutate(**{made: piece.expr})
            own[key] = (made, Piece(None, piece.kind, nullable=False))
    return [key] * len(stages.own)


def _keep(stages: Stages, call: syntax.Call, firsts: Sequence[Any], find: Any, seconds: Sequence[Any] = ()) -> None:
    """What was found, under the call; and that it was found wherever it was asked for."""

    def made(names: Names) -> dict[Any, Piece]:
        keys = [firsts[0], *seconds[:1]]
        found: Piece = find(names, *keys)
        asked = [names[key] for key in keys]
        nullable = any(piece.nullable for piece in asked)
        reached = found.expr.notnull()
        for piece in asked:
            if piece.nullable:
                reached = reached | piece.expr.isnull()
        return {
            call: Piece(found.expr.cast("int64") if found.kind == "number" else found.expr, found.kind,
                        nullable=nullable),
            ("reached", call): Piece(reached, "boolean", nullable=False),
        }  # fmt: skip

    stages.each(made)
    stages.held.append(("reached", call))


def _between(names: Names, a: Any, b: Any) -> Piece:
    """Working days in (a, b]; for b before a, minus those in [b, a)."""

    def number(key: Any) -> Any:
        return names[days.DAYS, key, "number"].expr

    def before(key: Any) -> Any:
        return number(key) - names[days.DAYS, key, "works"].expr.cast("int32")

    ahead = names[b].expr >= names[a].expr
    return Piece(ibis.cases((ahead, number(b) - number(a)), else_=before(b) - before(a)), "number")


def _after(stages: Stages, call: syntax.Call, firsts: list[Any], key: Any) -> None:
    pieces = [own[key][1] for own in stages.own]
    if any(p.kind not in ("number", "null") or p.scale for p in pieces):
        raise Refused("工作日的天数须是整数")
    written = {p.value for p in pieces if p.constant}
    if len(written) == 1 and all(p.constant and p.kind == "number" for p in pieces):
        n = int(written.pop())
        if days.far(n):
            raise Refused(f"工作日数 {n} 太多")
        stages.look_up(days.after(n), firsts)
        _keep(stages, call, firsts, lambda names, first: names[days.after(n), first, "due"])
        return
    stages.look_up(days.DAYS, firsts)
    wanted, counts = ("number", call), _as_columns(stages, [key], "number")

    def numbered(names: Names) -> dict[Any, Piece]:
        n, day = names[key].expr, firsts[0]
        number, works = names[days.DAYS, day, "number"].expr, names[days.DAYS, day, "works"].expr
        found = number.cast("int64") + n + ibis.cases(((n < 0) & ~works, whole(1)), else_=whole(0))
        in_reach = n.abs() <= MAX_WORKING_DAYS
        return {wanted: Piece(ibis.cases((in_reach, found.cast("int32"))), "number")}

    stages.each(numbered)
    stages.look_up(days.NUMBERS, [wanted] * len(stages.own))

    def found(names: Names, day: Any, n: Any) -> Piece:
        due = names[days.NUMBERS, wanted, "day"].expr
        return Piece(ibis.cases((names[n].expr == 0, names[day].expr), else_=due), "date")

    _keep(stages, call, firsts, found, counts)


# Series -----------------------------------------------------------------------------------------------------------


def compute_series(stages: Stages, decision: Decision) -> None:
    """Every call of a series function in a decision, and the episodes of its `for_each`."""
    stages.forget([name for own in stages.own for name in list(own) if isinstance(name, Node)])
    if not decision.reads_series:
        return
    trees = decision.trees
    nodes = [*trees.lets.values(), *trees.inputs]
    nodes += [test for cells in trees.cells for cell in cells if cell is not None for test in cell.tests]
    nodes += [node for row in trees.entries for node in row]
    calls = [call for node in nodes for call in _calls(node, SERIES_FUNCTIONS)]
    item = "" if decision.for_each is None else decision.for_each[0]
    split = None if decision.for_each is None else _stretches(decision.for_each[1].node, trees.lets)
    inside = [call for call in calls if item and _first(call) == item]
    if strange := [_name(call) for call in inside if _name(call) != "longest"]:
        raise Refused(f"一次过程的 {strange[0]}() 不能按列计算，只有 longest 可以")
    outside = [call for call in dict.fromkeys(calls) if call not in inside]
    outside = [call for call in outside if _name(call) != "without"]
    stages.each(lambda names: _coded(stages, names, decision, outside, inside, split))
    stages.each(lambda names: _answered(stages, names, decision, outside, inside, split))
    if split is not None:
        stages.held.append("item/reach")


def _name(call: syntax.Call) -> str:
    return str(getattr(call.function, "name", ""))


def _first(call: syntax.Call) -> str:
    node = call.arguments[0] if call.arguments else None
    return node.name if isinstance(node, syntax.Name) else ""


def _stretches(node: Node, lets: Any) -> syntax.Call | None:
    if isinstance(node, syntax.Name) and node.name in lets:
        return _stretches(lets[node.name], lets)
    return node if isinstance(node, syntax.Call) and _name(node) == "stretches" else None


Which = tuple[str, frozenset[str]]  # a series: the fact, and the marks that are left out


def _which(stages: Stages, low: Lowering, decision: Decision, node: Node) -> Which:
    """Which series an expression is. Refused where it is not a fact, or one without the readings of a mark."""
    match node:
        case syntax.Name(name=name) if name in stages.series:
            return name, frozenset()
        case syntax.Name(name=name) if name in decision.trees.lets:
            return _which(stages, low, decision, decision.trees.lets[name])
        case syntax.If(condition=condition, then=then, otherwise=otherwise):
            chosen = low.folded(condition)
            if chosen is not None:
                return _which(stages, low, decision, then if chosen.value is True else otherwise)
            raise Refused("取哪一个序列要看每行的事实，不能按列计算")
        case syntax.Call(arguments=(inner, mark)) if _name(node) == "without":
            fact, marks = _which(stages, low, decision, inner)
            left_out = low.value(mark)
            if not left_out.constant or left_out.kind != "text":
                raise Refused("without 的标记须是写定的文字")
            return fact, marks | {left_out.value}
    raise Refused("这个序列不是一项事实，不能按列计算")


def _test(low: Lowering, call: syntax.Call) -> Test | None:
    return series.test_of([low.value(node) for node in call.arguments[1:]])


def _coded(
    stages: Stages, names: Names, decision: Decision, outside: Sequence[syntax.Call], inside: Sequence[syntax.Call],
    split: syntax.Call | None,
) -> dict[Any, Piece]:  # fmt: skip
    """The letters or bits of every series that is asked about."""
    low = Lowering(names, decision.label, stages.dialect)
    made: dict[Any, Piece] = {}
    for which, tests in _asked(stages, low, decision, outside, inside, split).items():
        fact, left_out = which
        listed = stages.series[fact]
        if _short(stages, which):
            for test in tests:
                made[_key(which, test)] = Piece(series.bits(listed, test, stages.dialect), "number", nullable=False)
        else:
            code = series.letters(tests, listed.scale)
            made[_key(which, None)] = Piece(series.coded(listed, code, sorted(left_out)), "text", nullable=False)
    return made


def _short(stages: Stages, which: Which) -> bool:
    return stages.series[which[0]].limit <= series.SHORT and not which[1]


def _key(which: Which, test: Test | None) -> Any:
    return ("series", which, test)


def _asked(
    stages: Stages, low: Lowering, decision: Decision, outside: Sequence[syntax.Call], inside: Sequence[syntax.Call],
    split: syntax.Call | None,
) -> dict[Which, list[Test]]:  # fmt: skip
    """The tests that each series is asked about."""
    asked: dict[Which, dict[Test, None]] = {}
    for call in outside:
        if _name(call) in ("run", "longest"):
            test = _test(low, call)
            which = _which(stages, low, decision, call.arguments[0])
            asked.setdefault(which, {}).update({} if test is None else {test: None})
    if split is not None:
        which, above, good, *_ = _splitting(stages, low, decision, split)
        tests = [above, good, *(_test(low, call) for call in inside)]
        asked.setdefault(which, {}).update({test: None for test in tests if test is not None})
        if _short(stages, which):
            stages.series[which[0]] = _longer(stages.series[which[0]])  # episodes are texts
    return {which: list(tests) for which, tests in asked.items() if tests}


def _longer(listed: series.Listed) -> series.Listed:
    return series.Listed(listed.values, listed.scale, listed.marks, series.SHORT + 1)


def _splitting(
    stages: Stages, low: Lowering, decision: Decision, split: syntax.Call
) -> tuple[Which, Test, Test | None, int | None, Piece]:
    """What `stretches` was given: the series, the line, when two are apart, how one that is joined counts."""
    if split.named or not 3 <= len(split.arguments) <= 9:
        raise Refused("stretches 的这种写法不能按列计算")
    which = _which(stages, low, decision, split.arguments[0])
    given = [low.value(node) for node in split.arguments[1:]]
    empty = Piece(None, "null", constant=True)
    above, window, at_most, hours, reading, enough = [*given, *[empty] * 5][:6]
    for piece in (above, window, at_most, hours, enough):
        if not (piece.constant or piece.kind == "null"):
            raise Refused("stretches 的线、窗口和时长须是写定的（参数或设置）")
    if above.kind != "number" or window.kind != "number":
        raise Refused("stretches 的线和窗口须是数")
    if window.value != 24:
        raise Refused(f"均值的窗口是 {window.value} 小时：按列只算逐日的序列（窗口24小时）")
    if enough.kind == "number" and not 0 <= enough.value <= 24:
        raise Refused("一日的有效小时数须在 0 到 24 之间")
    if hours.kind == "number" and hours.value <= 0:
        raise Refused("分开两次过程的小时数须大于 0")
    line = series.test_of([above])
    assert line is not None
    good = None if at_most.kind != "number" else series.test_of([_text("<="), at_most])
    lifted = None if hours.kind != "number" else -(-int(hours.value * 3600) // 86_400)
    return which, line, good, lifted, reading


def _text(text: str) -> Piece:
    return Piece(None, "text", constant=True, value=text)


def _answered(
    stages: Stages, names: Names, decision: Decision, outside: Sequence[syntax.Call], inside: Sequence[syntax.Call],
    split: syntax.Call | None,
) -> dict[Any, Piece]:  # fmt: skip
    """What each call gives, and the episodes."""
    low = Lowering(names, decision.label, stages.dialect)
    made: dict[Any, Piece] = {}
    asked = _asked(stages, low, decision, outside, inside, split)
    for call in outside:
        made[call] = _answer(stages, low, decision, call, asked)
    if split is not None:
        which, above, good, lifted, reading = _splitting(stages, low, decision, split)
        code = series.letters(asked[which], stages.series[which[0]].scale)
        letters = names[_key(which, None)].expr
        found = series.episodes(letters, code, above, good, lifted, reading)
        reach = found.reach & ~letters.contains("-") if which[1] else found.reach
        made[EPISODES] = Piece(found.parts, "list", nullable=False, item=Piece(None, "text", nullable=False))
        made["item/reach"] = Piece(reach, "boolean", nullable=False)
        for call in inside:
            test = _test(low, call)
            held = "" if test is None else series.in_episode(code, test, above)
            made[call] = _null() if test is None else Piece(None, "number", nullable=False, run=(ITEM, held))
    return made


def _null() -> Piece:
    return Piece(ibis.null("string"), "null", constant=True)


def _answer(
    stages: Stages, low: Lowering, decision: Decision, call: syntax.Call, asked: dict[Which, list[Test]]
) -> Piece:
    """What a function says of a whole series."""
    function = _name(call)
    if function not in ("run", "longest", "mean_of", "peak", "share", "marked_hours") or call.named:
        raise Refused(f"函数 {function}() 不能按列计算")
    which = _which(stages, low, decision, call.arguments[0])
    listed = stages.series[which[0]]
    if function in ("run", "longest"):
        test = _test(low, call)
        if test is None:
            return _null()
        if which[1]:
            raise Refused(f"函数 {function}() 不能按列用于去掉标记之后的序列")
        if _short(stages, which):
            return Piece(None, "number", nullable=False, run=(_key(which, test), ""))
        held = series.letters(asked[which], listed.scale).meets[test]
        return Piece(None, "number", nullable=False, run=(_key(which, None), held))
    if which[1]:
        raise Refused(f"函数 {function}() 不能按列用于去掉标记之后的序列")
    size = listed.values.length().cast("int64")
    if function == "mean_of":
        return Piece(reduced(listed.values, "sums").cast("int64"), "number", listed.scale, nullable=False, over=size)
    if function == "peak":
        return Piece(reduced(listed.values, "maxs").cast("int64"), "number", listed.scale, nullable=False)
    mark = low.value(call.arguments[1])
    if not mark.constant or mark.kind != "text":
        raise Refused(f"{function} 的标记须是写定的文字")
    if listed.marks is None:
        marked: Any = whole(0) if mark.value else size
    else:
        wanted = ibis.literal(mark.value)
        of_mark = listed.marks.filter(lambda each: each.fill_null("") == wanted).length().cast("int64")
        marked = ibis.cases((listed.marks.notnull(), of_mark), else_=whole(0) if mark.value else size)
    if function == "marked_hours":
        return Piece(marked * whole(24), "number", nullable=False)
    return Piece(marked, "number", nullable=False, over=size)
