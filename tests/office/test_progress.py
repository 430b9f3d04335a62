"""Long work tells how far it is; quick work does not; a terminal gets one line that moves, a log gets lines."""

from __future__ import annotations

import io

import pytest

from gongbao.office.progress import WIPE, Teller, line


class Screen(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def told():
    """told(terminal, [(second, how many)]) is what is written of a count to 20."""

    def write(terminal: bool, steps, after=()) -> str:
        screen, clock = Screen(terminal=terminal), Clock()
        teller = Teller("  ", screen, clock)
        at = teller.counting("评价", 20)
        for second, many in steps:
            clock.seconds = 100 + second
            at(many)
        for text in after:
            teller(text)
        teller.done()
        return screen.getvalue()

    return write


@pytest.mark.parametrize(
    ("done", "total", "seconds", "words"),
    [
        (5, 20, 6, "评价 5/20（25%，已 6 秒，约剩 18 秒）"),
        (0, 20, 6, "评价 0/20（0%，已 6 秒）"),
        (20, 20, 6, "评价 20/20（100%，已 6 秒）"),
        (0, None, 3.2, "评价（已 3 秒）"),
        (7, None, 3.2, "评价 7（已 3 秒）"),
    ],
)
def test_a_line_says_how_many_of_how_many_and_how_long_yet(done, total, seconds, words):
    assert line("评价", done, total, seconds) == words


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_is_said_of_what_is_done_within_two_seconds(told, terminal):
    assert told(terminal, [(0, 0), (1.0, 10), (1.99, 20)]) == ""
    assert told(terminal, [(2, 10)]) != ""


def test_a_terminal_gets_one_line_that_moves_and_is_wiped_by_the_next(told):
    shown = told(True, [(2, 5), (2.1, 6), (2.2, 7)], after=["20 家"])
    assert shown == f"{WIPE}  {line('评价', 5, 20, 2)}{WIPE}  {line('评价', 7, 20, 2.2)}{WIPE}  20 家\n"
    assert told(True, [(2, 5)]).endswith(WIPE)


def test_a_log_gets_a_line_every_few_seconds(told):
    shown = told(False, [(second / 10, second // 10) for second in range(200)], after=["20 家"])
    assert WIPE not in shown
    assert [each.split("（")[0] for each in shown.splitlines()] == [
        "  评价 2/20",
        "  评价 7/20",
        "  评价 12/20",
        "  评价 17/20",
        "  20 家",
    ]
