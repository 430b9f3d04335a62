"""The values that an expression holds, and how they are written as Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from gongbao.feel import syntax, temporal
from gongbao.feel.builtins import BUILTINS, Builtin, Signature
from gongbao.feel.far import FarDate, FarMoment, FarTime
from gongbao.feel.syntax import Literal, Name, Node
from gongbao.feel.values import Value, YearsMonths


def arranged(node: syntax.Call, builtin: Builtin) -> list[Node] | None:
    """The arguments of a call by position, as one of the signatures has them; None when none fits."""
    arguments = list(node.arguments)
    if not node.named:
        return arguments if any(signature.accepts(len(arguments)) for signature in builtin.signatures) else None
    given = dict(node.named)
    for signature in () if arguments else builtin.signatures:
        if set(given) <= set(signature.parameters) and _has_required(signature, given):
            used = max(signature.parameters.index(name) for name in given) + 1
            return [given.get(name, Literal(None)) for name in signature.parameters[:used]]
    return None


def literals(node: Node) -> Iterator[Value]:
    """The values that an expression holds: its literals, and dates and the like made from literals."""
    if isinstance(node, Literal):
        yield node.value
        return
    if isinstance(node, syntax.Call) and isinstance(node.function, Name):
        builtin = BUILTINS.get(node.function.name)
        arguments = None if builtin is None or not builtin.constant else arranged(node, builtin)
        stated = [each.value for each in arguments or () if isinstance(each, Literal)]
        if builtin is not None and stated and arguments is not None and len(stated) == len(arguments):
            yield builtin.call(*stated)
            return
    for child in syntax.children(node):
        yield from literals(child)


def _has_required(signature: Signature, given: Mapping[str, Node]) -> bool:
    return all(name in given for name in signature.parameters[: signature.required])


def rendered(value: Value) -> str:
    """Source of a constant; only types that FEEL literals can have."""
    if type(value) is int:
        return repr(value) if value.bit_length() < 4000 else f"int({hex(value)!r}, 16)"
    if type(value) is Decimal:
        return f"Decimal({str(value)!r})"
    if type(value) is FarDate:
        return f"read_date({temporal.write(value)!r})"
    if type(value) in (datetime, FarMoment):
        return f"read_moment({temporal.write(value)!r})"
    if type(value) is date:
        return f"date({value.year}, {value.month}, {value.day})"
    if type(value) in (time, FarTime):
        return f"read_time({temporal.write(value)!r})"
    if type(value) is timedelta:
        return f"timedelta({value.days}, {value.seconds}, {value.microseconds})"
    if type(value) is YearsMonths:
        return f"YearsMonths({value.months})"
    raise TypeError(f"no FEEL literal: {value!r}")
