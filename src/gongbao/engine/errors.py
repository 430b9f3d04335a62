"""Why something may not be entered into a case, as one family of errors with a text for the person who tried.

Each error says which field it is about, the value given and what is allowed; several faults of one form come together
in `faults`. Nothing is half-applied: an error means that no event was made.
"""

from __future__ import annotations

from dataclasses import dataclass

from gongbao.feel.values import Value


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: `field` is the id (path) of the fact or argument, `text` the sentence for the user."""

    field: str | None
    text: str
    value: Value = None
    allowed: tuple[str, ...] = ()


class CaseError(ValueError):
    """An act that is refused. `text` is Chinese; `field`, `value` and `allowed` describe the first fault."""

    def __init__(
        self,
        text: str,
        *,
        field: str | None = None,
        value: Value = None,
        allowed: tuple[str, ...] = (),
        faults: tuple[Fault, ...] = (),
    ) -> None:
        self.faults = faults or (Fault(field, text, value, allowed),)
        self.text = text
        self.field = self.faults[0].field
        self.value = self.faults[0].value
        self.allowed = self.faults[0].allowed
        super().__init__(text)


class Conflict(CaseError):
    """Somebody else acted between the reading and the writing; the text says who did what."""


class NotPossible(CaseError):
    """The action is not possible now: unknown, its step is not open, a wait is running, a condition does not hold."""


class NotYours(CaseError):
    """The action is for another unit, post or role."""


class BadTime(CaseError):
    """When it happened cannot be: before the case, after it was written down, or without a time zone."""


class BadFacts(CaseError):
    """The facts of the form are missing, of another type, or out of bounds; all of them in `faults`."""
