"""One decision of one world as one generated function: facts checked, values derived, rows tested, in a straight line.

The function knows the world's parameters and settings, reads the facts by their ids, and gives the outcome with what
it computed on the way, from which the grounds are written when somebody asks (engine.decision.trace). It gives None
for everything that is not plain: a fact that is not known, of another form, out of its bounds. The general way
(engine.decision.decide) then finds candidates, or the errors in Chinese; both ways give the same outcome.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from gongbao.dmn.compile import overlap
from gongbao.engine.decision.judging import Outputs, Rows, highest
from gongbao.engine.decision.logic import PERSON, Decision
from gongbao.engine.decision.outcome import Outcome, judged_by_row, no_rule, settle
from gongbao.engine.fact import Fact, read_plain
from gongbao.engine.scalars import MAX_TEXT, TOO_LARGE
from gongbao.engine.series import Series
from gongbao.engine.world import World
from gongbao.feel.compile import load
from gongbao.feel.emit import Emitter
from gongbao.feel.program import Code
from gongbao.feel.values import Value, YearsMonths, as_list

Run = Callable[[Mapping[str, Any], bool], Outcome | None]
"""`run(facts, reading)`: the outcome, or None where the general way must decide. With `reading` the facts are raw, to
be read as `read_facts` does; without, they are values already."""

_USES = 3  # a world that is asked once or twice is not worth a function of its own
_FIXED = (bool, int, str, Decimal, dt.date, dt.timedelta, YearsMonths)
_TEXTS = ("text", "place", "unit", "person")
_INLINE = ("boolean", "integer", "choice")
_STATED = {bool, int, str, type(None)}


@dataclass(frozen=True, slots=True)
class Plan:
    """How a decision of a world is decided: `run` is None where only the general way can; `facts` are all it reads."""

    run: Run | None
    facts: frozenset[str] = frozenset()
    size: int = -1


def plan_of(world: World, decision: Decision) -> Run | None:
    """The function of a decision in this world, from its third use on."""
    found = world.plans.get(decision.id, 0)
    if type(found) is int:
        if found + 1 < _USES:
            world.plans[decision.id] = found + 1
            return None
        found = planned(world, decision)
    run: Run | None = found.run
    return run


def planned(world: World, decision: Decision) -> Plan:
    """The plan of a decision in this world, made at once."""
    found = world.plans.get(decision.id)
    if type(found) is not Plan:
        found = world.plans[decision.id] = _made(world, decision) or Plan(None)
    return found


def _made(world: World, decision: Decision) -> Plan | None:
    inner = {name: planned(world, world.decisions[name]) for name in decision.requires if name in world.decisions}
    own = [world.facts[name] for name in decision.facts if name in world.facts]
    settings = {("settings", name): world.settings[name].value for name in decision.settings}
    if decision.collects or decision.counts_days or (decision.for_each is not None and decision.take != "highest"):
        return None
    if len(inner) < len(decision.requires) or any(plan.run is None for plan in inner.values()):
        return None
    if len(own) < len(decision.facts) or not all(type(value) in _FIXED for value in settings.values()):
        return None
    fixed = settings | {("params", name): value for name, value in world.params.items() if type(value) in _FIXED}
    writer = _Writer(world, decision, own, inner, fixed)
    run = writer.run()
    names = frozenset(writer.facts).union(*(plan.facts for plan in inner.values()))
    return None if run is None else Plan(run, names, len(names))


class _Writer:
    """The writing of one plan: the variables of facts (`n`) and of required decisions (`q`, their values `s`)."""

    def __init__(
        self,
        world: World,
        decision: Decision,
        facts: Sequence[Fact],
        inner: Mapping[str, Plan],
        fixed: Mapping[Any, Value],
    ) -> None:
        self.world, self.decision, self.specs, self.inner, self.fixed = world, decision, facts, inner, fixed
        self.facts = {fact.id: f"n{at}" for at, fact in enumerate(facts)}
        self.required = {name: f"q{at}" for at, name in enumerate(inner)}
        read = [tuple(name.split(".")) for name in decision.names]
        whole = {path[0] for path in read if len(path) != 2}
        self.whole = {name: f"s{at}" for at, name in enumerate(inner) if name in whole}
        self.outputs = {
            path: f"s{list(inner).index(path[0])}_{at}"
            for at, path in enumerate(read)
            if path[0] in inner and path[0] not in self.whole
        }
        # What all outcomes of the plan have in common is held by a class of their own, so that making one is cheap.
        self.outcomes = type("Outcome", (Outcome,), {
            "world": world, "decision": decision, "known": tuple(self.facts), "grounds": {}, "__init__": object.__init__,
        })  # fmt: skip
        self.main = self.emitter()

    def emitter(self) -> Emitter:
        made = self.decision.table.emitter()
        kinds = {"boolean": "boolean", "integer": "int"}
        made.frames[0] |= {fact.id: Code(self.facts[fact.id], kinds.get(fact.type, ""), True) for fact in self.specs}
        assumed = [name for name in self.decision.assumed if any(name in plan.facts for plan in self.inner.values())]
        made.frames[0] |= {name: Code(f"f.get({name!r})", "", False) for name in assumed}  # read and found sound there
        made.fixed = {**self.fixed, **{path: Code(text, "", True) for path, text in self.outputs.items()}}
        made.frames[0] |= {name: Code(variable, "", True) for name, variable in self.whole.items()}
        made.hosts |= {"T": self.decision.table, "overlap": overlap, "judged_by_row": judged_by_row}
        made.hosts |= {"Series": Series, "as_list": as_list}
        return made

    def run(self) -> Run | None:
        emitter = self.main
        self.read()
        for at, plan in enumerate(self.inner.values()):
            emitter.hosts[f"run{at}"] = plan.run
            emitter.emit(f"q{at} = run{at}(f, reading)")
            emitter.emit(f"if q{at} is None or q{at}.needs_person: return None")
        for name, variable in self.whole.items():
            emitter.emit(f"{variable} = {self.required[name]}.value")
        for (name, output), variable in self.outputs.items():
            emitter.emit(f"{variable} = {self.required[name]}{self.place(name, output)}")
        for each in self.decision.assume:
            emitter.emit(f"if {emitter.value(each.node).text} is False: return None")
        if self.decision.for_each is not None:
            if not self.each():
                return None
        else:
            self.decision.table.write(emitter, self.end)
        run: Run | None = self.loaded(emitter, "run", "f, reading")
        return run

    def loaded(self, emitter: Emitter, name: str, parameters: str) -> Any:
        """The function; None where it reads more than facts: the case, what was decided, a register."""
        functions = self.decision.language.functions or {}
        scoped = any(getattr(functions.get(name), "takes_scope", False) for name in emitter.calls)
        if emitter.names() or scoped:
            return None
        return load(emitter.source(name, parameters), name, emitter, self.decision.label)

    # Facts --------------------------------------------------------------------------------------------------------

    def read(self) -> None:
        """The facts in their variables; whatever is missing or not plain ends the function."""
        emitter = self.main
        if self.specs:
            emitter.emit("try:")
            for fact in self.specs:
                emitter.emit(f" {self.facts[fact.id]} = f[{fact.id!r}]")
            emitter.emit("except KeyError: return None")
        inline = [self.test(fact) for fact in self.specs if fact.type in _INLINE]
        if inline:
            emitter.emit(f"if not ({' and '.join(inline)}): return None")
        for fact in self.specs:
            if fact.type not in _INLINE:
                variable = self.facts[fact.id]
                emitter.hosts[f"read_{variable}"] = partial(read_plain, fact)
                emitter.emit(f"if not ({self.test(fact)}):")
                emitter.emit(f" {variable} = read_{variable}({variable}) if reading else None")
                emitter.emit(f" if {variable} is None: return None")
                if fact.type == "series":
                    emitter.emit(f"if None in {variable}.values: return None")

    def test(self, fact: Fact) -> str:
        """A test whether the variable of a fact holds a value that can be taken as it is."""
        x, emitter = self.facts[fact.id], self.main
        if fact.numeric:
            low = -TOO_LARGE if fact.min is None else fact.min
            high = TOO_LARGE if fact.max is None else fact.max
            whole = f"type({x}) is int and {emitter.constant(low).text} <= {x} <= {emitter.constant(high).text}"
            return whole if fact.type == "integer" else f"{whole} or not reading and type({x}) is Decimal"
        if fact.type == "choice":
            emitter.hosts[f"values_{x}"] = frozenset(fact.values)
            return f"type({x}) is str and {x} in values_{x}"
        if fact.type in _TEXTS and fact.format is None:
            clean = f"0 < len({x}) <= {MAX_TEXT} and {x}.isprintable() and {x} == {x}.strip()"
            return f"type({x}) is str and {clean}"
        value = {"boolean": "bool", "date": "date", "series": "Series"}.get(fact.type)
        if value is not None:
            return f"type({x}) is {value}"
        value = {"datetime": "datetime", "list": "list"}.get(fact.type)
        return "False" if value is None else f"not reading and type({x}) is {value}"

    def place(self, name: str, output: str) -> str:
        """Where the outcome of a required decision holds an output: among what was captured, if it is a table."""
        inner = self.world.decisions[name]
        if inner.for_each is not None or output not in inner.output_names:
            return f".value.get({output!r})"
        own = [fact for fact in inner.facts if fact in self.world.facts]
        before = len(own) + len(inner.table.let_names) + len(inner.table.inputs)
        return f".captured[{before + inner.output_names.index(output)}]"

    # Rows ---------------------------------------------------------------------------------------------------------

    def kind(self, name: str, **common: Any) -> str:
        """The name of a class of outcomes, `common` to all of which are these attributes."""
        self.main.hosts[name] = type("Outcome", (self.outcomes,), common)
        return name

    def outcome(self, kind: str, captured: Sequence[str] | None) -> None:
        """An outcome `o` with what was computed: the facts, the lets, the inputs, the outputs."""
        emitter = self.main
        emitter.emit(f"o = {kind}()")
        if captured is None:
            emitter.emit(f"o.facts = {{{', '.join(f'{name!r}: {each}' for name, each in self.facts.items())}}}")
        else:
            emitter.emit(f"o.captured = {_tuple([*self.facts.values(), *captured])}")
        if self.required:
            emitter.emit(f"o.required = {{{', '.join(f'{name!r}: {each}' for name, each in self.required.items())}}}")

    def end(self, rule: int | None, outputs: list[str], lets: list[str], inputs: list[str]) -> None:
        emitter = self.main
        stated = _stated(outputs)
        if rule is None:
            self.outcome(self.kind("None_", **self.common((), None)), [*lets, *inputs])
        elif stated is not None:
            self.outcome(self.kind(f"Row{rule}", **self.common((rule,), stated)), [*lets, *inputs, *outputs])
        else:
            outputs = [emitter.define(Code(text)).text for text in outputs]
            kind = self.kind(f"Row{rule}", rows=(rule,), cites=(self.decision.rows[rule].cite,))
            self.outcome(kind, [*lets, *inputs, *outputs])
            pairs = zip(self.decision.output_names, outputs, strict=True)
            emitter.emit(f"o.value = {{{', '.join(f'{name!r}: {each}' for name, each in pairs)}}}")
            nothing = " and ".join(f"{each} is None" for each in outputs)
            emitter.emit(f"if {nothing} or {PERSON!r} in {_tuple(outputs)}: judged_by_row(o, {_tuple(outputs)})")
        emitter.emit("return o")

    def common(self, rows: tuple[int, ...], outputs: Sequence[Value] | None) -> dict[str, Any]:
        """What all outcomes of a row have in common whose outputs are written in it, or of no row."""
        one = self.outcomes()
        one.rows = rows
        if outputs is None:
            no_rule(one)
        else:
            settle(one, rows, outputs)
        found: dict[str, Any] = vars(one) | {"cites": one.cites}
        if one.value is not None:
            found["value"] = _Copied(one.value)
            if len(one.value) == 1:
                found["output"] = one.output
        return found

    def each(self) -> bool:
        """One function for an item, called for every item of the list; False where there is no such function."""
        assert self.decision.for_each is not None
        name, expression = self.decision.for_each
        emitter, one = self.main, self.emitter()
        known = [*self.facts.values(), *self.whole.values(), *self.outputs.values()]
        one.frames[0][name] = Code("x", "", True)
        kinds: dict[tuple[int, ...], Any] = {}  # of the rows that state what comes out

        def end(rule: int | None, outputs: list[str], lets: list[str], inputs: list[str]) -> None:
            values = _tuple(["None"] * len(self.decision.outputs) if rule is None else outputs)
            stated = _stated(outputs)
            if rule is not None and stated is not None:
                kinds[(rule,)] = emitter.hosts[self.kind(f"Row{rule}", **self.common((rule,), stated))]
            one.emit(f"v = {values}")
            one.emit(
                f"return {() if rule is None else (rule,)}, v, ({''.join(f'{each}, ' for each in (*lets, *inputs))}*v, )"
            )

        self.decision.table.write(one, end)
        judge = self.loaded(one, "one", ", ".join(["x", *known]))
        if judge is None:
            return False
        emitter.hosts |= {"one": judge, "best": _best(self.decision), "settle": settle, "kinds": kinds}
        emitter.emit(f"items = {emitter.value(expression.node).text}")
        emitter.emit("if items is None: return None")
        emitter.emit("items = as_list(items)")
        emitter.emit("if not items:")
        with emitter.block() as lines:
            self.without_items()
        emitter.lines.append(lines)
        emitter.emit(f"found = [one({', '.join(['x', *known])}) for x in items]")
        emitter.emit("rows, outputs, pairs = best(items, found)")
        self.outcome(f"kinds.get(rows, {self.kind('Each')})", ["*[each[2] for each in found]"])
        emitter.emit("o.items = pairs")
        emitter.emit("return o if rows in kinds else settle(o, rows, outputs)")
        return True

    def without_items(self) -> None:
        """The outcome of a list without items: the `otherwise` row, where it states what comes out."""
        row, table = self.decision.trees.fallback, self.decision.table
        outputs = None if row is None else table.table.rules[row].outputs
        if row is not None and (any(table.entries[row]) or not {type(each) for each in outputs or ()} <= _STATED):
            self.main.emit("return None")
            return
        self.outcome(self.kind("Without", **self.common(() if row is None else (row,), outputs)), None)
        self.main.emit("return o")


Found = tuple[Rows, Outputs, tuple[Any, ...]]
Best = tuple[Rows, Outputs, tuple[tuple[Value, Rows], ...]]


def _best(decision: Decision) -> Callable[[list[Value], list[Found]], Best]:
    """From items and what was found for each: the rows and outputs of the whole, and the items with their rows."""
    at = decision.ranked
    assert at is not None
    output = decision.outputs[at]
    texts = output.ordered and len(decision.outputs) == 1 and {*map(type, output.values)} == {str}
    ranks = {value: rank for rank, value in enumerate(output.values)} if texts else {}

    def best(items: list[Value], found: list[Found]) -> Best:
        top, highest_one, plain = -1, found[0], True
        if len(found) > 1:
            for each in found:
                value = each[1][at]
                rank = ranks.get(value, -1) if type(value) is str else -1
                if rank > top:
                    top, highest_one = rank, each
                elif rank < 0 or (rank == top and each[0] != highest_one[0]):
                    plain = False  # without a rank, or on several rows
        pairs = tuple([(item, each[0]) for item, each in zip(items, found, strict=True)])
        if plain:
            return highest_one[0], highest_one[1], pairs
        return *highest([each[0] for each in found], [each[1] for each in found], at, output), pairs

    return best


class _Copied:
    """The value of every outcome of a row that states its outputs: a copy of its own, made when it is asked for."""

    def __init__(self, value: Mapping[str, Value]) -> None:
        self.value = value

    def __get__(self, outcome: Outcome, _: type[Outcome]) -> dict[str, Value]:
        found = outcome.__dict__["value"] = dict(self.value)
        return found


def _stated(texts: Sequence[str]) -> list[Value] | None:
    """The values of Python that is nothing but plain literals."""
    try:
        found = [ast.literal_eval(text) for text in texts]
    except ValueError:
        return None
    return found if {type(each) for each in found} <= _STATED else None


def _tuple(texts: Sequence[str]) -> str:
    return "(" + "".join(f"{text}, " for text in texts) + ")"
