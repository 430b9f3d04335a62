"""Every row of the page on bad input names a test that is there, and the faults it names are those that are kept."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "bad-input.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
ROWS = [line for line in PAGE.splitlines() if line.startswith("|") and not line.startswith(("|---", "| what |"))]


def test_each_test_named_is_there() -> None:
    found = NAMED.findall(PAGE)
    assert len(found) > 40
    missing = [
        f"{file}::{name}"
        for file, name in found
        if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]  # fmt: skip
    assert missing == []


def test_each_row_is_held_by_a_test() -> None:
    for row in ROWS:
        cells = row.strip("|").split("|")
        assert len(cells) == 4, row
        assert NAMED.search(cells[3]) or cells[3].strip().startswith("the same"), row


def test_each_fault_named_in_brackets_is_among_the_malformed_packs() -> None:
    kept = {p.name for p in (ROOT / "tests" / "policy" / "packs" / "invalid").iterdir()}
    named = {name for row in ROWS for cell in re.findall(r"\(([a-z, -]+)\) \|$", row) for name in cell.split(", ")}
    assert len(named) > 10
    assert named <= kept


def test_the_page_is_in_the_navigation() -> None:
    assert "reference/bad-input.md" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
