"""Values of which some are not known, reckoned with: sums, products, whole parts, the largest and the smallest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from gongbao.engine.decision.comparing import Comparing, grid_of, key_of
from gongbao.engine.decision.diagram import Diagram, leaves_of
from gongbao.engine.decision.unknown import Floor, Linear, Moved, Open, added, is_known, linear, scaled, whole_part
from gongbao.feel import YearsMonths, values

ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": values.add, "-": values.sub, "*": values.mul, "/": values.div, "**": values.power,
}  # fmt: skip
GATHERED = ("max", "min", "sum")


class Reckoning(Comparing):
    """Arithmetic over what the domains of a space leave open."""

    def computed(self, op: str, left: Any, right: Any) -> Any:
        """left op right; a value, or a diagram of values."""
        if is_known(left) and is_known(right):
            if self.is_fresh(left) or self.is_fresh(right):
                return Open(self.hang(left, right), (op, left, right))
            return ARITHMETIC[op](left, right)
        opened = Open(self.hang(left, right), (op, key_of(left), key_of(right)))
        if isinstance(left, Open | Moved) or isinstance(right, Open | Moved):
            return opened
        if (moved := self._months(op, left, right)) is not None:
            return moved
        if isinstance(left, Floor) or isinstance(right, Floor):
            return self._floors(op, left, right) if op in "+-" else opened
        a, b = linear(left), linear(right)
        if a is None or b is None:
            return None if left is None or right is None or (a or b or Linear(())).kind == "number" else opened
        if op in "+-":
            return self._sum(added(op, a, b))
        found = scaled(op, a, b) if op in "*/" else None
        if found is not None:
            return found.plain
        if (a.kind, b.kind) != ("number", "number"):
            return opened
        one, other = self.points(left), self.points(right)
        if one is None or other is None:
            return opened
        return self.diagrams.apply(ARITHMETIC[op], one, other)

    def _sum(self, line: Linear | None) -> Any:
        if line is None:
            return None
        return whole_part(line, self.units(line)) if line.kind == "date" and line.terms else line.plain

    def _floors(self, op: str, left: Any, right: Any) -> Any:
        """A whole part with a whole quantity that is known added or taken away."""
        whole, by = (left, linear(right)) if isinstance(left, Floor) else (right, linear(left))
        one = replace(whole.line, kind=whole.kind) if whole.kind == "date" else whole.line
        if by is not None and not by.terms and by.constant.denominator == 1 and not (op == "-" and whole is right):
            moved = added(op, one, by)
            return None if moved is None else Floor(replace(moved, kind=whole.line.kind))
        return Open(self.hang(left, right), (op, key_of(left), key_of(right)))

    def _months(self, op: str, left: Any, right: Any) -> Any:
        """An unknown date, some months later; None for anything else."""
        if op == "+" and isinstance(left, YearsMonths):
            left, right = right, left
        if not isinstance(right, YearsMonths) or op not in "+-":
            return None
        if isinstance(left, Linear) and left.kind == "date" and not left.constant and len(left.terms) == 1:
            return Moved(left.terms[0][0], right if op == "+" else values.neg(right))
        return Open(self.hang(left), (op, key_of(left), key_of(right))) if isinstance(left, Linear | Floor) else None

    def gathered(self, name: str, terms: Sequence[Diagram]) -> Diagram | None:
        """The largest, smallest or sum of several numbers, two by two; None where some are no numbers."""

        def two(a: Any, b: Any) -> Any:
            if name == "sum":
                return self.computed("+", a, b)
            found = self.compare(">=" if name == "max" else "<=", self.diagrams.leaf(a), self.diagrams.leaf(b))
            return self.diagrams.either(found, self.diagrams.leaf(a), self.diagrams.leaf(b))

        if any((line := linear(leaf.value)) is None or line.kind != "number" for t in terms for leaf in leaves_of(t)):
            return None
        result = terms[0]
        for term in terms[1:]:
            result = self.diagrams.apply(two, result, term)
        return result

    def absolute(self, value: Any) -> Any:
        if is_known(value):
            return abs(value) if values.is_number(value) else None
        if not isinstance(value, Linear) or value.kind != "number":
            return Open(self.hang(value), ("abs", key_of(value)))
        leaf = self.diagrams.leaf
        return self.diagrams.either(self.cut(value, False), leaf(value.times(Fraction(-1))), leaf(value))

    def whole(self, name: str, value: Any) -> Any:
        """`floor` and `ceiling` of numbers, `date` of moments; Open for what is neither."""
        kind = getattr(value, "kind", "")
        if isinstance(value, Floor) or (name == "date" and kind == "date"):
            return value if kind == ("date" if name == "date" else "number") else Open(self.hang(value), (name, value))
        if isinstance(value, Linear) and kind == ("moment" if name == "date" else "number"):
            if name != "ceiling":
                return whole_part(value, self.units(value))
            grid = grid_of([(f, self.space.domains[n].unit) for n, f in value.terms])
            if grid is not None and 1 % grid == 0 and value.constant % grid == 0:
                return whole_part(value.plus(Linear((), 1 - grid)), self.units(value))
        return Open(self.hang(value), (name, key_of(value)))
