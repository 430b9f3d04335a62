"""A sentence of a gazette is found wherever it stands, broken over lines or not; a name or list item is not."""

from pathlib import Path

from gongbao.policy.originality import copied, shingles

SEED = "示例市应当在每年三月底以前把上一年度的河道巡查情况报送示例市水务局备案。"
HERE = Path("x.md")


def _found(text: str, names: tuple[str, ...] = ()) -> list[str]:
    return [c.text for c in copied(HERE, text, shingles([SEED]), names)]


def test_twenty_equal_characters_are_found_and_nineteen_are_not() -> None:
    assert _found("——" + SEED[:20] + "，另起一句") == [SEED[:20]]
    assert _found("——" + SEED[:19] + "，另起一句") == []


def test_a_sentence_broken_over_lines_is_one_finding_with_the_line_it_begins_on() -> None:
    broken = "第一行\n  " + SEED[:12] + "\n  " + SEED[12:30] + "\n"
    (item,) = copied(HERE, broken, shingles([SEED]), ())
    assert item.text == SEED[:30]
    assert item.line == 2


def test_a_printed_list_item_is_allowed() -> None:
    assert _found(SEED[:25], names=(SEED[:25],)) == []


def test_equal_runs_without_chinese_are_not_sentences() -> None:
    dashes = "-" * 40
    assert list(copied(HERE, dashes, shingles([dashes]), ())) == []
