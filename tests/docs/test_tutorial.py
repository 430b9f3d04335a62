"""The tutorial's pack is written from the page itself, is clean, and breaks the way the page says."""

import re
from pathlib import Path

from gongbao.policy.check import check_folder

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-pack.md"
BLOCK = re.compile(r'^```yaml title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def _written(root: Path) -> Path:
    for name, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root / "shili" / "fallen-trees"


def _codes(folder: Path) -> set[str]:
    return {problem.code for problem in check_folder(folder).problems}


def test_the_pack_of_the_page_is_clean(tmp_path: Path) -> None:
    report = check_folder(_written(tmp_path))
    assert not report.problems


def test_without_the_example_at_the_limit_the_threshold_is_unguarded(tmp_path: Path) -> None:
    folder = _written(tmp_path)
    examples = folder / "examples.yaml"
    lines = examples.read_text(encoding="utf-8").splitlines(keepends=True)
    examples.write_text("".join(line for line in lines if "at-the-limit" not in line), encoding="utf-8")
    assert "unguarded" in _codes(folder)


def test_a_hole_between_two_rows_is_found(tmp_path: Path) -> None:
    folder = _written(tmp_path)
    decisions = folder / "decisions.yaml"
    decisions.write_text(decisions.read_text(encoding="utf-8").replace('"<= ', '"< '), encoding="utf-8")
    assert "gap" in _codes(folder)
