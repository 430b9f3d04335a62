"""What the user can put right, told as one message: never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass


class Failure(Exception):
    """Something the user can put right: told on stderr, exit 1. `details` goes out as JSON with --json."""

    def __init__(self, text: str, details: Any = None) -> None:
        super().__init__(text)
        self.details = details


def or_fail(work: Any) -> Any:
    """What the engine refuses about the user's input is a message, not a traceback."""
    from gongbao.engine.errors import CaseError

    try:
        return work()
    except KeyError as e:
        raise Failure(str(e.args[0]) if e.args else str(e)) from None
    except (CaseError, LookupError, ValueError) as e:
        raise Failure(str(e)) from None
