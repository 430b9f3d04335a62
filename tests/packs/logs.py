"""The log of one case as the tests of packs write it: only through the engine's own acts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Self

from gongbao.engine.case import act, open_case, replay
from gongbao.engine.model import Actor, CaseState, Event
from gongbao.engine.world import World


class Log:
    """One case, opened at `when`. `now` is the moment of the last entry.

    A test's own subclass says how it writes a moment (`at`) and how its cases begin.
    """

    at = staticmethod(dt.datetime.fromisoformat)

    def __init__(
        self, world: World, procedure: str, by: Actor, when: Any, facts: Mapping[str, Any], place: str | None = None
    ) -> None:
        self.world, self.procedure, self.now = world, procedure, self.at(when)
        data = {} if place is None else {"place": place}
        self.events: list[Event] = list(
            open_case(world, procedure, actor=by, facts=facts, data=data, occurred_at=self.now, recorded_at=self.now)
        )

    def do(
        self, by: Actor, action: str, when: Any = None, *, value: Any = None, note: str = "",
        on_behalf_of: str | None = None, each_key: str | None = None, **facts: Any,
    ) -> Self:  # fmt: skip
        """The act at `when`; without it a minute after the last."""
        self.now = self.now + dt.timedelta(minutes=1) if when is None else self.at(when)
        self.events += act(
            self.world, self.procedure, self.events, action=action, actor=by, facts=facts, value=value, note=note,
            on_behalf_of=on_behalf_of, each_key=each_key, occurred_at=self.now, recorded_at=self.now,
        )  # fmt: skip
        return self

    def state(self, when: Any = None) -> CaseState:
        """The case at `when`, else at the last entry; its log must stand without a problem."""
        state = replay(self.world, self.procedure, self.events, self.now if when is None else self.at(when))
        assert state.problems == ()
        return state

    def open_tasks(self) -> set[str]:
        return {t.duty for t in self.state().tasks if t.status not in ("done", "cancelled")}
