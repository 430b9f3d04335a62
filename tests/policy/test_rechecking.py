"""A second look that does again only what a save concerns finds what a first look would."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policy.test_check import change

from gongbao.policy.check import check_folder
from gongbao.policy.rechecking import LastLook

CHANGES = [
    ("examples.yaml", "id: charge-free", "id: charge-none"),
    ("examples.yaml", "given: {bikes: 99, blocked: true}", "given: {bikes: 98, blocked: true}"),
    ("decisions.yaml", "then: 企业", "then: 公司"),  # no longer compiles
    ("decisions.yaml", "requires: [level]", "requires: []"),
    ("facts.yaml", "bikes:", "bikes: "),
    ("procedures.yaml", "document: notice", "document: letter"),
]


@pytest.mark.parametrize(("file", "before", "after"), CHANGES)
def test_the_second_look_finds_what_a_first_would(lay_over: Any, file: str, before: str, after: str) -> None:
    folder = lay_over()
    last = LastLook()
    assert check_folder(folder, last) == check_folder(folder)
    change(folder, file, before, after)
    assert check_folder(folder, last) == check_folder(folder)
    change(folder, file, after, before)
    assert check_folder(folder, last) == check_folder(folder)


def test_what_nothing_concerns_is_not_done_again(lay_over: Any) -> None:
    folder = lay_over()
    last = LastLook()
    check_folder(folder, last)
    world, results = last.world, dict(last.results)
    change(folder, "examples.yaml", "id: charge-free", "id: charge-none")
    check_folder(folder, last)
    assert last.world is world
    assert all(last.results[name].outcome is results[name].outcome for name in results if name in last.results)
    assert {name for name in last.results if name not in results} == {"charge-none"}
