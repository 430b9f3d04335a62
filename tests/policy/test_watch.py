"""A pack that was saved is looked at again, and no other."""

from __future__ import annotations

import os
from pathlib import Path

from gongbao.policy.watch import saved, stamps


def pack(root: Path, name: str) -> Path:
    folder = root / name
    folder.mkdir()
    (folder / "facts.yaml").write_text("{}", encoding="utf-8")
    return folder


def save(path: Path, at: int) -> None:
    path.write_text("x: 1", encoding="utf-8")
    os.utime(path, ns=(at, at))


def test_first_all_then_only_what_was_saved(tmp_path: Path) -> None:
    one, other = pack(tmp_path, "one"), pack(tmp_path, "other")
    todo = [lambda: save(one / "facts.yaml", 1), lambda: None, lambda: save(other / "rules.csv", 2)]
    looked = saved([one, other], lambda: todo.pop(0)())
    assert next(looked) == [one, other]
    assert next(looked) == [one]
    assert next(looked) == [other]  # in between nothing was saved, and nothing was told
    assert not todo


def test_the_units_of_the_city_belong_to_each_of_its_packs(tmp_path: Path) -> None:
    one, other = pack(tmp_path, "one"), pack(tmp_path, "other")
    looked = saved([one, other], lambda: save(tmp_path / "units.yaml", 3))
    next(looked)
    assert next(looked) == [one, other]


def test_files_of_an_editor_are_passed_over(tmp_path: Path) -> None:
    folder = pack(tmp_path, "one")
    (folder / ".facts.yaml.swp").write_text("", encoding="utf-8")
    assert [path.name for path in stamps(folder)] == ["facts.yaml"]
