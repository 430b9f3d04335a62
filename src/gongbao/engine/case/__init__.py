"""A case: read it, see what may be done, enter what happened. The one module that the office and the CLI import for it.

    state = replay(world, "incident", events, now)
    options = possible(world, state, events, actor, now)
    new = act(world, "incident", events, action="accepted", actor=actor, occurred_at=..., recorded_at=...)

Nothing is stored here: `act` and its like give back the events to append, or raise a CaseError.
"""

from gongbao.engine.case.acts import act, decide_on, open_case, record_facts, remark, void
from gongbao.engine.case.data import fault_to_dict, state_to_dict, title_of
from gongbao.engine.case.duty import standing_tasks
from gongbao.engine.case.fold import Fold
from gongbao.engine.case.options import possible
from gongbao.engine.case.state import fold_of, replay, state_of
from gongbao.engine.case.task_entries import task_event
from gongbao.engine.errors import BadFacts, BadTime, CaseError, Conflict, Fault, NotPossible, NotYours

__all__ = [
    "BadFacts",
    "BadTime",
    "CaseError",
    "Conflict",
    "Fault",
    "Fold",
    "NotPossible",
    "NotYours",
    "act",
    "decide_on",
    "fault_to_dict",
    "fold_of",
    "open_case",
    "possible",
    "record_facts",
    "remark",
    "replay",
    "standing_tasks",
    "state_of",
    "state_to_dict",
    "task_event",
    "title_of",
    "void",
]
