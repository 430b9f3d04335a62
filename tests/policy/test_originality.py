"""A sentence of a gazette is found wherever it stands, broken over lines or not; a name or list item is not."""

from pathlib import Path

import pytest

from gongbao.policy.originality import RUN, copied, files, main, shingles, titles

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


def test_what_a_gazette_prints_as_a_title_is_a_name() -> None:
    printed = "按照《示例市河道巡查情况报送和备案管理暂行办法》执行，" + SEED
    assert titles(printed) == ["《示例市河道巡查情况报送和备案管理暂行办法》"]
    seeds = shingles([printed])
    named = [c.text for c in copied(HERE, "见《示例市河道巡查情况报送和备案管理暂行办法》。", seeds, titles(printed))]
    assert named == []
    assert list(copied(HERE, SEED, seeds, titles(printed)))


def test_every_part_of_the_repository_is_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text(SEED, encoding="utf-8")
    places = [
        "README.md", "packs/a/b/duties.yaml", "src/a.py", "src/a/templates/a.html", "src/a/static/a.js", "tests/a.csv",
        "docs/a.md", "bench/a.py", "bin/test", ".ci/run",
    ]  # fmt: skip
    for place in places:
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("清白", encoding="utf-8")
    assert {str(p) for p in files([])} == set(places)
    assert main(["seeds"]) == 0
    for place in places:
        (tmp_path / place).write_text("——" + SEED[:RUN], encoding="utf-8")
        assert main(["seeds"]) == 1, place
        (tmp_path / place).write_text("清白", encoding="utf-8")
    register = tmp_path / "packs/a/b/registers/list.csv"
    register.parent.mkdir()
    register.write_text(SEED, encoding="utf-8")
    assert main(["seeds"]) == 0


def test_a_folder_without_gazettes_is_said_and_not_taken_for_a_clean_repository(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 2
