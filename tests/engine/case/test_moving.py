"""Whether an open case can go on under another version: what would not mean the same there is told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engine.small import action, log, procedure, step, world

from gongbao.engine.case.moving import obstacle
from gongbao.engine.fact import Fact
from gongbao.engine.world import World

FACTS = {"n": Fact("n", "次数", "integer")}


def rules(**more: Any) -> Any:
    first = more.pop("first", "check")
    return procedure(
        step(first, action("passed", "clear"), label="核实"), step("clear", action("cleared", "closed")), **more
    )


def of(*procedures: Any, **more: Any) -> World:
    return world(*procedures, facts=more.pop("facts", FACTS), **more)


HERE = of(rules())
OPENED = log(("opened", "03-01 09:00", {"n": 3}))
PASSED = log(("opened", "03-01 09:00", {"n": 3}), ("passed", "03-01 10:00"))


@pytest.mark.parametrize(
    ("to", "events", "said"),
    [
        (of(rules()), PASSED, ""),
        (of(rules(first="verify")), OPENED, "没有环节 核实"),
        (of(procedure(step("check", action("passed", "closed")), step("clear"))), PASSED, "现在环节 clear"),
        (
            of(procedure(step("check", action("passed", "check")), step("clear"))),
            PASSED,
            "在环节 check，现在环节 clear",
        ),
        (of(rules(id="other")), OPENED, "没有办理程序“matter”"),
        (of(rules(), facts={}), OPENED, "没有事实 次数"),
        (of(procedure(step("check", action("passed", "tidy")), step("tidy"))), PASSED, "没有环节 clear"),
        (of(procedure(step("check", action("checked", "clear")), step("clear"))), PASSED, "按新版本：第2号事件"),
    ],
)
def test_a_case_can_go_on_or_not_and_why(to: World, events: Any, said: str) -> None:
    found = obstacle(HERE, to, "matter", events)
    assert said in found
    assert bool(found) is bool(said)


def test_what_was_out_of_place_already_is_no_obstacle() -> None:
    odd = log(("opened", "03-01 09:00", {"n": 3}), ("unheard_of", "03-01 10:00"))
    assert obstacle(HERE, of(rules()), "matter", odd) == ""
