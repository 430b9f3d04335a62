"""One decision of one world as one generated function: facts checked, values derived, rows tested, in a straight line.

The function knows the world's parameters and settings, reads the facts by their ids, and gives the outcome with what
it computed on the way, from which the grounds are written when somebody asks (engine.decision.trace). It gives None
for everything that is not plain: a fact that is not known, of another form, out of its bounds. The general way
(engine.decision.decide) then finds candidates, or the errors in Chinese; both ways give the same outcome.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from gongbao.dmn.compile import overlap
from gongbao.engine.decision.judging import Result, combined
from gongbao.engine.decision.logic import Decision
from gongbao.engine.decision.outcome import Outcome, judged_by_row, no_rule, says_person, settle
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
        self.whole = {path[0] for path in read if len(path) != 2 and path[0] in inner}
        self.outputs = {
            path: f"s{list(inner).index(path[0])}_{at}"
            for at, path in enumerate(read)
            if path[0] in inner and path[0] not in self.whole
        }
        # What all outcomes of the plan have in common is held by a class of their own, so that making one is cheap.
        self.outcomes = type("Outcome", (Outcome,), {
            "world": world, "decision": decision, "known": tuple(self.facts), "grounds": {},
        })  # fmt: skip
        self.main = self.emitter()

    def emitter(self) -> Emitter:
        made = self.decision.table.emitter()
        kinds = {"boolean": "boolean", "integer": "int"}
        made.frames[0] |= {fact.id: Code(self.facts[fact.id], kinds.get(fact.type, ""), True) for fact in self.specs}
        made.fixed = {**self.fixed, **{path: Code(text, "", True) for path, text in self.outputs.items()}}
        made.frames[0] |= {name: Code(f"s{at}", "", True) for at, name in enumerate(self.inner) if name in self.whole}
        made.hosts |= {"T": self.decision.table, "overlap": overlap, "new": object.__new__}
        made.hosts |= {"Series": Series, "as_list": as_list}
        made.hosts |= {"no_rule": no_rule, "judged_by_row": judged_by_row, "says_person": says_person}
        return made

    def run(self) -> Run | None:
        emitter = self.main
        self.read()
        for at, plan in enumerate(self.inner.values()):
            emitter.hosts[f"run{at}"] = plan.run
            emitter.emit(f"q{at} = run{at}(f, reading)")
            emitter.emit(f"if q{at} is None or q{at}.needs_person: return None")
            emitter.emit(f"s{at} = q{at}.value")
        for (name, output), variable in self.outputs.items():
            emitter.emit(f"{variable} = s{list(self.inner).index(name)}.get({output!r})")
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

    # Rows ---------------------------------------------------------------------------------------------------------

    def outcome(self, made: str, captured: Sequence[str], **common: Any) -> None:
        """An outcome `o` with what was computed: the facts, the lets, the inputs, the outputs; `common` to all such."""
        emitter = self.main
        emitter.hosts[made] = type("Outcome", (self.outcomes,), common)
        emitter.emit(f"o = new({made})")
        emitter.emit(f"o.captured = {_tuple([*self.facts.values(), *captured])}")
        if self.required:
            emitter.emit(f"o.required = {{{', '.join(f'{name!r}: {each}' for name, each in self.required.items())}}}")

    def end(self, rule: int | None, outputs: list[str], lets: list[str], inputs: list[str]) -> None:
        emitter = self.main
        if rule is None:
            self.outcome("None_", [*lets, *inputs])
            emitter.emit("return no_rule(o)")
            return
        row, names = self.decision.rows[rule], self.decision.output_names
        common: dict[str, Any] = {"rows": (rule,), "cites": (row.cite,)}
        if len(names) == 1 and not self.left_open(rule):
            common["output"] = self.decision.table.table.rules[rule].outputs[0]
        self.outcome(f"Row{rule}", [*lets, *inputs, *outputs], **common)
        emitter.emit(f"o.value = {{{', '.join(f'{n!r}: {text}' for n, text in zip(names, outputs, strict=True))}}}")
        if self.left_open(rule):
            emitter.emit("u = (*o.value.values(), )")
            emitter.emit("if says_person(u): judged_by_row(o, u)")
        emitter.emit("return o")

    def left_open(self, rule: int) -> bool:
        """Whether a row may leave it to a person: its outputs are not all literals that say otherwise."""
        outputs = self.decision.table.table.rules[rule].outputs
        literal = all(value is None or isinstance(value, bool | int | str | Decimal) for value in outputs)
        return not literal or says_person(outputs)

    def each(self) -> bool:
        """One function for an item, called for every item of the list; False where there is no such function."""
        assert self.decision.for_each is not None
        name, expression = self.decision.for_each
        emitter, one = self.main, self.emitter()
        known = [*self.facts.values(), *(f"s{at}" for at in range(len(self.inner))), *self.outputs.values()]
        one.frames[0][name] = Code("x", "", True)

        def end(rule: int | None, outputs: list[str], lets: list[str], inputs: list[str]) -> None:
            values = _tuple(["None"] * len(self.decision.outputs) if rule is None else outputs)
            one.emit(f"v = {values}")
            one.emit(
                f"return {() if rule is None else (rule,)}, v, ({''.join(f'{each}, ' for each in (*lets, *inputs))}*v, )"
            )

        self.decision.table.write(one, end)
        judge = self.loaded(one, "one", ", ".join(["x", *known]))
        if judge is None:
            return False
        emitter.hosts |= {"one": judge, "gather": _gather}
        emitter.emit(f"items = {emitter.value(expression.node).text}")
        emitter.emit("if not items: return None")
        emitter.emit("items = as_list(items)")
        emitter.emit(f"found = [one({', '.join(['x', *known])}) for x in items]")
        self.outcome("Each", ["*[each[2] for each in found]"])
        emitter.emit("return gather(o, items, found)")
        return True


def _gather(outcome: Outcome, items: list[Value], found: list[tuple[Any, ...]]) -> Outcome:
    """The outcome of all items from the rows, outputs and captured values of each."""
    outcome.items = tuple((item, each[0]) for item, each in zip(items, found, strict=True))
    if len(found) == 1:
        return settle(outcome, found[0][0], found[0][1])
    whole = combined(outcome.decision, [Result(each[0], each[1]) for each in found])
    return settle(outcome, whole.rows, whole.outputs)


def _highest(decision: Decision, found: list[tuple[Any, ...]]) -> tuple[tuple[int, ...], Any] | None:
    """As `combined` for one output whose values all are in its order; None where there is more to it."""
    if len(decision.outputs) != 1:
        return None
    values = decision.outputs[0].values
    best = -1
    for _, outputs, _ in found:
        if type(outputs[0]) is not str or outputs[0] not in values:
            return None
        best = max(best, values.index(outputs[0]))
    rows = {row for each in found if each[1][0] == values[best] for row in each[0]}
    return tuple(sorted(rows)), (values[best],)


def _tuple(texts: Sequence[str]) -> str:
    return "(" + "".join(f"{text}, " for text in texts) + ")"
