"""Functions of series while readings are missing, or while what they are compared with is not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from gongbao.engine.decision.comparing import key_of
from gongbao.engine.decision.diagram import Diagram
from gongbao.engine.decision.unknown import Linear, Open, is_known
from gongbao.engine.series import CARRIED, SERIES_FUNCTIONS, Series
from gongbao.feel import syntax, values
from gongbao.feel.syntax import Name, Node

if TYPE_CHECKING:
    from gongbao.engine.decision.symbolic import Symbolic


def series_call(seen: Symbolic, name: str, node: syntax.Call) -> Diagram:
    """A function of a series takes null for what is not known, and gives null only where that matters."""
    call = SERIES_FUNCTIONS[name].call

    def of(*found: Any) -> Any:
        plain = [each if is_known(each) and not seen.is_fresh(each) else None for each in found]
        result = call(*plain)
        hidden = [i for i, each in enumerate(found) if not is_known(each) or seen.is_fresh(each)]
        if result is not None and not (name == "stretches" and _carries(result, hidden)):
            return result
        for i in hidden if not any(isinstance(each, Open) for each in found) else ():
            if isinstance(found[i], Linear):
                spread = seen.points(found[i], _readings(plain))
                if spread is not None:
                    return seen.diagrams.apply(lambda v, i=i: of(*found[:i], v, *found[i + 1 :]), spread)
        if result is None and not hidden:
            if any(each is None for each in found):
                return None
            gaps = frozenset(_with_gaps(seen, node))
            return Open(gaps, (name, *(key_of(each) for each in found))) if gaps else None
        if result is not None:
            return result
        return Open(seen.hang(*found), (name, *(key_of(each) for each in found)))

    return seen.diagrams.apply(of, *[seen.value(argument) for argument in node.arguments])


def _carries(stretches: Any, hidden: Sequence[int]) -> bool:
    """Whether stretches with a missing reading carry on an argument that is not known."""
    gaps = any(isinstance(each, Mapping) and None in each.get("values", ()) for each in stretches)
    return gaps and any(CARRIED.start <= i < CARRIED.stop for i in hidden)


def _with_gaps(seen: Symbolic, node: Node) -> list[str]:
    """The series with a missing reading that a call looks at, also through lets and items."""
    found: dict[str, None] = {}
    for each in syntax.walk(node):
        if isinstance(each, Name):
            value = seen.scope.get(each.name)
            if isinstance(value, Series) and not value.complete:
                found[each.name] = None
            elif each.name in seen.bound:
                gaps = (n for n, v in seen.scope.items() if isinstance(v, Series) and not v.complete)
                found.update(dict.fromkeys(gaps))
            elif each.name in seen.lets:
                found.update(dict.fromkeys(_with_gaps(seen, seen.lets[each.name])))
    return list(found)


def _readings(found: Iterable[Any]) -> list[Fraction]:
    """The numbers in series and stretches: where a number that they are compared with makes a difference."""
    numbers: set[Fraction] = set()
    for each in found:
        listed: Iterable[Any] = (
            each.values if isinstance(each, Series) else each.get("values", ()) if isinstance(each, Mapping) else ()
        )
        numbers.update(Fraction(number) for number in listed if values.is_number(number))
    return sorted(numbers)
