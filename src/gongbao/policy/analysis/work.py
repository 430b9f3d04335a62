"""One decision table worked out: where each row holds among all points, the cells changed, and what differs then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from gongbao.engine.decision.logic import Decision
from gongbao.engine.decision.outcome import says_person
from gongbao.engine.decision.unknown import frozen
from gongbao.engine.world import World
from gongbao.feel.syntax import Literal, Node
from gongbao.policy import schema
from gongbao.policy.analysis import cells as cell_tests
from gongbao.policy.analysis.calls import AS_OF, not_found
from gongbao.policy.analysis.cells import Cell, Change
from gongbao.policy.analysis.evaluate import Evaluator, leaf_of
from gongbao.policy.analysis.sequences import item_group
from gongbao.policy.analysis.space import Asked, Group, Itself, Space, explored, groups_of, new_budget
from gongbao.policy.analysis.symbols import Contradictory, Leaf, Unsupported
from gongbao.policy.expressions import scope_names
from gongbao.policy.tables import step_of


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed table: rule `rule` (from 0) with another cell, or removed, or with the outputs of rule `other`."""

    rule: int
    kind: str
    told: str
    column: int | None = None
    text: str | None = None
    cell: Cell | None = None
    other: int | None = None


Stand = tuple[frozenset[tuple[Any, ...]] | None, ...]
"""Where an example stands: of each group the classes it may have there; None: any."""


@dataclass
class Work:
    """A table among all of its points. Rows count from 0."""

    pack: schema.Pack
    world: World
    decision: Decision
    evaluator: Evaluator
    space: Space
    questions: list[tuple[Any, ...]]
    cells: list[list[Cell | None]]
    mutants: list[Mutant]
    entries: dict[Node, int]  # columns that stand for output entries
    fine: list[Group]  # the groups with all states; in `space` those that the table itself does not tell apart are one
    merged: list[
        dict[tuple[Any, ...], tuple[Any, ...]]
    ]  # of each group: the classes of a state -> those it is one with
    _refined: dict[int, Work] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)
    _masks: dict[Any, int] = field(default_factory=dict)

    # Where rows hold ----------------------------------------------------------------------------------------------

    def cell_mask(self, column: int, cell: Cell | None) -> int:
        if cell is None:
            return self.space.everything
        key = (column, cell)
        if key not in self._masks:
            questions = self.questions[column]
            self._masks[key] = self.space.where(column, lambda found: cell_tests.holds(cell, questions, found))
        return self._masks[key]

    def row(self, rule: int, column: int | None = None, cell: Cell | None = None) -> int:
        """Where a rule's cells hold, one of them perhaps changed."""
        key = ("row", rule, column, cell)
        if key not in self._masks:
            if column is None:
                self._masks[key] = self._cells(rule, None)
            else:
                self._masks[key] = self._cells(rule, column) & self.cell_mask(column, cell)
        return self._masks[key]

    def _cells(self, rule: int, but: int | None) -> int:
        """Where the cells of a rule hold, but for one column."""
        key = ("cells", rule, but)
        if key not in self._masks:
            mask = self.space.everything
            for j, cell in enumerate(self.cells[rule]):
                if cell is not None and j != but:
                    mask &= self.cell_mask(j, cell)
                    if not mask:
                        break
            self._masks[key] = mask
        return self._masks[key]

    def refined(self, column: int | None) -> Work:
        """The same work with all that changed cells of a column can tell apart."""
        if column is None or len(self.fine) == 1:
            return self
        at = self.space.place[column][0]
        if len(self.fine[at].states) == len(self.space.groups[at].states):  # the table itself tells all of it apart
            return self
        if at not in self._refined:
            groups = [self.fine[i] if i == at else group for i, group in enumerate(self.space.groups)]
            self._refined[at] = replace(self, space=Space(self.space.asked, groups), _masks={}, _refined={})
        return self._refined[at]

    def standing(self, stand: Stand) -> int:
        """The points at which an example may stand."""
        mask = self.space.everything
        for at, states in enumerate(self._states(stand)):
            if states is not None:
                mask &= self.space.spread(at, states)
        return mask

    def point(self, stand: Stand) -> int:
        """The one point at which an example stands that gives all facts."""
        pairs = zip(self._states(stand), self.space.weights, strict=True)
        return sum(states[0] * weight for states, weight in pairs if states)

    def _states(self, stand: Stand) -> Iterator[list[int] | None]:
        """Of each group the numbers of the states that an example may be in; None: any."""
        for at, (group, classes) in enumerate(zip(self.space.groups, stand, strict=True)):
            if classes is None:
                yield None
                continue
            own = classes if group is self.fine[at] else {self.merged[at][each] for each in classes}
            yield sorted(self.space.state(at, each) for each in own)

    def classes(self, column: int) -> set[Any]:
        """All classes of a column."""
        at, position = self.space.place[column]
        return {state[0][position] for state in self.fine[at].states}

    @property
    def ruled(self) -> list[int]:
        """The rules that are not `otherwise`."""
        return [i for i in range(len(self.cells)) if i != self.decision.trees.fallback]

    def hits(self, within: int, changed: Mapping[int, int] | None = None) -> tuple[dict[int | None, int], int]:
        """Within a set: where each rule is the hit (None: no rule is), and where two rules of a `unique` table hold.

        changed: rules with other places than their own.
        """
        changed = changed or {}
        found: dict[int | None, int] = {}
        free, twice = within, 0
        for i in self.ruled:
            own = changed.get(i)
            mask = (self.row(i) if own is None else own) & within
            if self.decision.hit == "first":
                found[i] = mask & free
            else:
                found[i] = mask
                twice |= mask & ~free
            free &= ~mask
        found[self.decision.trees.fallback] = free
        if twice and self.decision.hit == "unique":
            found = {i: mask & ~twice for i, mask in found.items()}
        return found, twice if self.decision.hit == "unique" else 0

    @cached_property
    def reachable(self) -> int:
        """The points that facts alone reach, without a person deciding first."""
        mask = self.space.everything
        for at, group in enumerate(self.space.groups):
            mask &= self.space.spread(at, [i for i, state in enumerate(group.states) if not state[2]])
        return mask

    @cached_property
    def own(self) -> dict[int | None, int]:
        """Where each rule is the hit, of all that facts alone reach."""
        return self._hits[0]

    @cached_property
    def _hits(self) -> tuple[dict[int | None, int], int]:
        return self.hits(self.reachable)

    def next_hits(self, rule: int, lost: int) -> Iterator[tuple[int | None, int]]:
        """The rules that are the hit instead where a rule is it no longer, and no two rules hold."""
        fallback = self.decision.trees.fallback
        for i in self.ruled if self.decision.hit == "first" else ():
            if i > rule and lost:
                mask = self.row(i) & lost
                if mask:
                    lost ^= mask
                    yield i, mask
        if lost:
            yield fallback, lost

    # What comes out -----------------------------------------------------------------------------------------------

    def same(self, a: int | None, b: int | None, outputs: Sequence[int]) -> int:
        """Where two rules give the same outputs (None: no rule, which leaves it to a person like a row of nulls)."""
        if a == b:
            return self.space.everything
        key = ("same", a, b, tuple(outputs))
        if key not in self._masks:
            if a is None or b is None:
                rule = b if a is None else a
                nodes = self.decision.trees.entries[rule] if rule is not None else ()
                stated = [node.value for node in nodes if isinstance(node, Literal)]
                open_ = len(stated) == len(nodes) and all(value is None for value in stated) and says_person(stated)
                self._masks[key] = self.space.everything if open_ else 0
            else:
                mask = self.space.everything
                for at in outputs:
                    left, right = self.decision.trees.entries[a][at], self.decision.trees.entries[b][at]
                    mask &= self._equal(left, right)
                self._masks[key] = mask
        return self._masks[key]

    def _equal(self, left: Node, right: Node) -> int:
        if _alike(left, right):
            return self.space.everything
        if left in self.entries and right in self.entries:
            one, other = self.entries[left], self.entries[right]
            mask = 0
            for found in self.space.classes(one):
                mask |= self._is(one, found[-1]) & self._is(other, found[-1])
            return mask
        if left in self.entries or right in self.entries:
            node, fixed = (left, right) if left in self.entries else (right, left)
            if cell_tests.is_fixed(self.evaluator, fixed):
                return self._is(self.entries[node], frozen(cell_tests.constant(self.evaluator, fixed)))
            return 0
        if cell_tests.is_fixed(self.evaluator, left) and cell_tests.is_fixed(self.evaluator, right):
            values = [frozen(cell_tests.constant(self.evaluator, node)) for node in (left, right)]
            return self.space.everything if values[0] == values[1] else 0
        return 0

    def _is(self, column: int, value: Any) -> int:
        return self.space.where(column, lambda found: found[-1] == value)

    def refused(self, mutant: Mutant, twice: int) -> bool:
        """Whether the check itself finds a changed table wrong: two rows at once, or a gap that was not there."""
        if twice:
            return True
        rule = mutant.rule
        if self.decision.collects or mutant.other is not None or rule not in self.ruled:
            return False  # an `otherwise` row wants an example, too
        lost = self.own[rule] & ~self._changed(mutant)
        return bool(lost) and any(i is None for i, _ in self.next_hits(rule, lost))

    def _changed(self, mutant: Mutant) -> int:
        """Where a changed rule holds."""
        return 0 if mutant.kind == "removed" else self.row(mutant.rule, mutant.column, mutant.cell)

    def differs(self, mutant: Mutant, outputs: Sequence[int]) -> tuple[int, int]:
        """The points at which a changed table gives something else in these outputs, and those with two rows now."""
        rule = mutant.rule
        if mutant.other is not None:
            return self.own[rule] & ~self.same(rule, mutant.other, outputs), 0
        if rule not in self.ruled:  # the `otherwise` row removed
            return self.own[rule] & ~self.same(rule, None, outputs), 0
        old, new = self.row(rule), self._changed(mutant)
        if self.decision.collects:
            return (old ^ new) & self.reachable, 0
        if self._hits[1]:  # two rows hold before the change
            return self._differs_among_overlaps(mutant, old, new, outputs)
        found = twice = 0
        lost = self.own[rule] & ~new
        for i, mask in self.next_hits(rule, lost) if lost else ():
            found |= mask & ~self.same(rule, i, outputs)
        gained = new & ~old & self.reachable
        if gained and self.decision.hit == "first":
            for i, own in self.own.items():
                if (i is None or i > rule or i not in self.ruled) and (mask := own & gained):
                    found |= mask & ~self.same(i, rule, outputs)
        elif gained:
            free = self.own[self.decision.trees.fallback]
            found |= gained & free & ~self.same(self.decision.trees.fallback, rule, outputs)
            twice = gained & ~free
        return found, twice

    def _differs_among_overlaps(self, mutant: Mutant, old: int, new: int, outputs: Sequence[int]) -> tuple[int, int]:
        moved = (old ^ new) & self.reachable
        before, twice_before = self.hits(moved)
        after, twice_after = self.hits(moved, {mutant.rule: new})
        same = twice_before & twice_after
        for a, mask in before.items():
            if mask:
                for b, other in after.items():
                    if mask & other:
                        same |= mask & other & self.same(a, b, outputs)
        twice = twice_after & ~twice_before
        return moved & ~same & ~twice, twice


def work_of(pack: schema.Pack, world: World, name: str) -> Work:
    """A table worked out. Unsupported or TooMany where that cannot be done exactly."""
    spec, decision = pack.decisions[name], world.decisions[name]
    constants = _constants(world, name)
    leaves: dict[str, Leaf] = {}
    evaluator = Evaluator(world, decision, leaves, constants)
    known = (*scope_names(pack), *spec.let, *spec.for_each)

    def seen(text: str) -> list[str]:  # a name that is not in the text cannot be read in it
        return [each for each in known if each in text]

    table, trees = decision.table, decision.trees
    columns = [column.expression for column in table.table.inputs]
    steps = [step_of(pack, spec, part.names) for part in table.inputs]
    choices = [_choices(world, decision, columns[j]) for j in range(len(columns))]
    cells: list[list[Cell | None]] = []
    mutants: list[Mutant] = []
    for i, rule in enumerate(spec.rules):
        row: list[Cell | None] = []
        for j, column in enumerate(columns):
            text = (rule.when or {}).get(column)
            row.append(None if text is None else cell_tests.read_cell(evaluator, text, seen(text)))
            if text is not None:
                for change in cell_tests.changes(evaluator, text, seen(text), steps[j], choices[j]):
                    mutants.append(_changed(evaluator, i, j, change, seen(text)))
        cells.append(row)
    mutants += _whole_rows(decision)
    used = [
        [row[j] for row in cells if row[j] is not None] + [m.cell for m in mutants if m.column == j and m.cell]
        for j in range(len(columns))
    ]
    questions: list[tuple[Any, ...]] = [cell_tests.questions_of(c for c in each if c is not None) for each in used]
    asked = [  # a cell, too, may read a fact: `> b`
        Asked(trees.inputs[j], questions[j], reads(world, decision, {
            *table.inputs[j].names, *(each for row in table.cells if (cell := row[j]) is not None for each in cell.names),
        }))
        for j in range(len(columns))
    ]  # fmt: skip
    entries: dict[Node, int] = {}
    for i, row_entries in enumerate(trees.entries):
        for at, node in enumerate(row_entries):
            if node in entries or isinstance(node, Literal) or cell_tests.is_fixed(evaluator, node):
                continue
            if decision.outputs[at].type in ("choice", "boolean"):
                part = table.entries[i][at]
                assert part is not None
                entries[node] = len(asked)
                asked.append(Asked(node, (Itself(),), reads(world, decision, part.names)))
    fine, sampled, unfound = _groups(world, decision, evaluator, asked)
    merged = [_merged(group, cells, questions) for group in fine]
    if len(fine) == 1:
        merged = [{state[0]: state[0] for state in fine[0].states}]
    coarse = [
        replace(group, states=[state for state in group.states if one[state[0]] == state[0]])
        for group, one in zip(fine, merged, strict=True)
    ]
    space = Space(tuple(asked), fine if len(fine) == 1 else coarse)
    work = Work(pack, world, decision, evaluator, space, questions, cells, mutants, entries, fine, merged)
    for leaf in sorted(sampled):
        work.undecided.append(f"“{_label(world, leaf)}”要经函数计算，只试了若干取值")
    work.undecided += [not_found(names) for names in sorted(unfound)]
    return work


def _groups(
    world: World, decision: Decision, evaluator: Evaluator, asked: list[Asked]
) -> tuple[list[Group], set[str], set[tuple[str, ...]]]:  # fmt: skip
    if decision.for_each is not None:
        group = item_group(world, decision, evaluator, asked, [each.node for each in decision.assume])
        return [group], set(), set()
    assumed = [Asked(each.node, (), reads(world, decision, each.names)) for each in decision.assume]
    budget = new_budget()
    made: list[Group] = []
    sampled: set[str] = set()
    unfound: set[tuple[str, ...]] = set()
    for together in groups_of([*asked, *assumed]):
        columns = [each for each in together if each < len(asked)]
        nodes = [assumed[each - len(asked)].node for each in together if each >= len(asked)]
        if columns:
            group = explored(evaluator, asked, columns, nodes, budget)
            if not group.states and group.unfound:
                raise Unsupported(not_found(min(group.unfound)))
            if not group.states:
                raise Contradictory("前提（assume）互相矛盾，没有一种情形成立")
            made.append(group)
            sampled |= group.sampled
            unfound |= group.unfound
    return made, sampled, unfound


def _merged(
    group: Group, cells: Sequence[Sequence[Cell | None]], questions: Sequence[tuple[Any, ...]]
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Each state by its classes, with those of the first state that the cells of the table do not tell from it."""
    first: dict[Any, tuple[Any, ...]] = {}
    found: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for classes, _, judged in group.states:
        told: list[Any] = [bool(judged)]
        for column, own in zip(group.columns, classes, strict=True):
            if column >= len(questions):  # an output: its value
                told.append(own)
                continue
            used = dict.fromkeys(row[column] for row in cells if row[column] is not None)
            told.append(tuple(cell_tests.holds(cell, questions[column], own) for cell in used if cell is not None))
        found[classes] = first.setdefault(tuple(told), classes)
    return found


def _whole_rows(decision: Decision) -> Iterator[Mutant]:
    """Each rule removed; each rule with the outputs of the next rule that has others."""
    entries = decision.trees.entries
    for i in range(len(entries)):
        yield Mutant(i, "removed", f"删去第 {i + 1} 条规则")
        for other in (*range(i + 1, len(entries)), *range(i)):
            if not all(map(_alike, entries[other], entries[i])):
                yield Mutant(i, "output", f"第 {i + 1} 条规则的结果换成第 {other + 1} 条的", other=other)
                break


def _alike(left: Node, right: Node) -> bool:
    """Whether two entries are the same: 1 is not true."""
    if isinstance(left, Literal) and isinstance(right, Literal):
        return bool(frozen(left.value) == frozen(right.value))
    return left == right


def _changed(evaluator: Evaluator, rule: int, column: int, change: Change, names: Sequence[Any]) -> Mutant:
    cell = cell_tests.read_cell(evaluator, change.text, names)
    return Mutant(rule, change.kind, change.told, column, change.text, cell)


def _constants(world: World, name: str) -> dict[str, set[Any]]:
    """For each name the values that rules compare it with, those of required decisions included."""
    found: dict[str, set[Any]] = {}
    for one in needed(world, name):
        table = world.decisions[one].table
        params = {value for each in table.names if each.startswith("params.")
                  for value in [world.params.get(each[7:])] if isinstance(value, (int, str, dt.date)) or value}  # fmt: skip
        for path, values in table.constants.items():
            hashable = {each for each in values if not isinstance(each, (list, dict, bool))}
            found.setdefault(path, set()).update(hashable, params)
    return found


def needed(world: World, name: str) -> list[str]:
    """A decision and all that it requires, directly or through others."""
    found: dict[str, None] = {}
    ahead = [name]
    while ahead:
        one = ahead.pop()
        if one in world.decisions and one not in found:
            found[one] = None
            ahead.extend(world.decisions[one].requires)
    return list(found)


def reads(world: World, decision: Decision, names: Iterable[str]) -> frozenset[str]:
    """The leaves behind names: of a required decision all that it reads itself."""
    found: set[str] = set()
    for name in names:
        head = name.partition(".")[0]
        if head in decision.table.lets:
            found |= reads(world, decision, decision.table.lets[head].names)
        elif head in decision.requires and head in world.decisions:
            inner = world.decisions[head]
            found |= reads(world, inner, inner.names)
            found.add(f"@{head}")
        elif head == AS_OF or (head in world.facts and world.facts[head].type == "date"):
            found.add(head)  # of a day its year, too
        elif head != "params":
            found.add(name)
    return frozenset(found)


def _choices(world: World, decision: Decision, column: str) -> tuple[Any, ...]:
    """What may be added to a cell of a column: the values of a choice, true and false of what is boolean."""
    head, _, rest = column.partition(".")
    if head in decision.requires and rest:
        output = next((each for each in world.decisions[head].outputs if each.name == rest), None)
        return () if output is None else output.values or ((True, False) if output.type == "boolean" else ())
    if column in world.facts and world.facts[column].type in ("choice", "boolean"):
        return leaf_of(world, column, set()).values
    if column.startswith("settings.") and rest in world.settings:
        setting = world.settings[rest]
        return (True, False) if setting.type == "boolean" else tuple(setting.candidates or setting.values)
    stated = {value for row in decision.trees.cells for cell, each in zip(row, decision.table.table.inputs, strict=True)
              if cell is not None and each.expression == column
              for test in cell.tests for value in ([test.value] if isinstance(test, Literal) else [])}  # fmt: skip
    if stated and all(isinstance(value, bool) for value in stated):
        return (True, False)
    return tuple(sorted(stated, key=str)) if stated and all(isinstance(value, str) for value in stated) else ()


def _label(world: World, name: str) -> str:
    fact = world.facts.get(name)
    return fact.label if fact is not None else name
