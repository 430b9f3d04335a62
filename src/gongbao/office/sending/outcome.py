"""What became of one row that was handed over, by the word of the server or gateway."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gongbao.office.sending.models import Recipient


class Down(Exception):
    """The server or gateway as a whole does not take anything now; the row in hand was not taken."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state`: sent | queued (try again later) | failed | unclear. `lost`: the connection is gone with it."""

    state: str
    error: str = ""
    lost: bool = False


Hand = Callable[[Recipient], Outcome]
