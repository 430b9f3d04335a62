"""A pack is read whole or refused whole, and a refusal tells file, line, key and what is wrong, all at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.policy.conftest import PACKS, VALID, expected, invalid

from gongbao.policy.errors import PackError
from gongbao.policy.loader import find_packs, in_force, pack_hash, packs_root, read_pack

ROOT = PACKS / "valid"


def test_a_valid_pack_is_read_with_exact_figures_and_typed_rows() -> None:
    pack = read_pack(VALID)
    assert pack.id == "shili/parking"
    assert pack.params["fee"].value == Decimal("0.5")
    assert isinstance(pack.params["fee"].value, Decimal)
    assert pack.document.in_force.from_ == dt.date(2023, 4, 1)
    assert pack.rows["spots"][2] == {"no": 3, "name": "西门", "area": "西区", "size": 80}


@pytest.mark.parametrize("folder", invalid("read"))
def test_each_malformed_pack_is_refused_with_its_place_and_reason(folder: Path, lay_over: Any) -> None:
    want = expected(folder)
    with pytest.raises(PackError) as caught:
        read_pack(lay_over(folder))
    problems = [p for p in caught.value.problems if p.file == want["file"] and want["message"] in p.message]
    assert problems, str(caught.value)
    assert want.get("line") in (None, problems[0].line)
    assert want.get("key") in (None, problems[0].key)


def test_every_mistake_is_reported_at_once(lay_over: Any) -> None:
    folder = lay_over()
    (folder / "facts.yaml").write_text("bikes: {type: integer}\nother: {label: x, type: y}\n", encoding="utf-8")
    (folder / "settings.yaml").write_text("a: [\n", encoding="utf-8")
    with pytest.raises(PackError) as caught:
        read_pack(folder)
    assert {(p.file, p.key) for p in caught.value.problems} >= {
        ("facts.yaml", "bikes.label"),
        ("facts.yaml", "other.type"),
        ("settings.yaml", ""),
    }


@pytest.mark.parametrize(
    ("size", "refused"),
    [(10_000_000, True), (1_900_000, False)],
    ids=["ten megabytes", "just below two megabytes of comment"],
)
def test_a_huge_file_is_refused_before_it_is_parsed(lay_over: Any, size: int, refused: bool) -> None:
    folder = lay_over()
    settings = folder / "settings.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "#" * size, encoding="utf-8")
    if refused:
        with pytest.raises(PackError, match="文件过大"):
            read_pack(folder)
    else:
        assert "patrols" in read_pack(folder).settings


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 1_900_000, "嵌套过深"),
        ("[" * 5_000_000, "文件过大"),
        ("a: " * 5_000, "此处不能再写"),
        ("- " * 900_000, "嵌套过深"),
        ("x: &a [1]\ny: *b\n", "没有定义"),
        ("x: &a [*a]\n", "包含自身"),
        ("x: !!python/object/apply:os.system [echo]\n", "不允许使用标签"),
        ("x: 1e400\n", "数太大或太小"),
        ("x: .nan\n", "不允许 .nan"),
    ],
    ids=["deep brackets", "5 MB of brackets", "keys on one line", "deep dashes", "unknown alias", "alias of itself",
         "python tag", "1e400", "NaN"],
)  # fmt: skip
def test_text_that_is_meant_to_do_harm_is_one_message(lay_over: Any, text: str, said: str) -> None:
    folder = lay_over()
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as caught:
        read_pack(folder)
    assert [p.file for p in caught.value.problems] == ["settings.yaml"]
    assert said in caught.value.problems[0].message


def test_a_missing_folder_document_or_city_is_said(tmp_path: Path, lay_over: Any) -> None:
    with pytest.raises(PackError, match="没有这个文件夹"):
        read_pack(tmp_path / "nothing")
    folder = lay_over()
    (folder / "document.yaml").unlink()
    (folder.parent / "units.yaml").unlink()
    with pytest.raises(PackError, match=r"缺少 document.yaml[\s\S]*缺少 shili/units.yaml"):
        read_pack(folder)


def test_the_hash_is_of_content_not_of_line_ends(lay_over: Any) -> None:
    folder = lay_over()
    before = pack_hash(folder)
    for path in folder.rglob("*.*"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert pack_hash(folder) == before
    (folder / "README.md").write_text("not read by the engine", encoding="utf-8")
    assert pack_hash(folder) == before
    facts = folder / "facts.yaml"
    facts.write_bytes(facts.read_bytes().replace("停放数量".encode(), "停放量".encode()))
    assert pack_hash(folder) != before


def test_packs_are_found_under_a_root() -> None:
    assert [f.id for f in find_packs(ROOT)] == ["shili/parking"]
    with pytest.raises(PackError, match="没有这个政策包；现有：shili/parking"):
        in_force(ROOT, "shili/unknown")


@pytest.mark.parametrize(
    ("on", "label"),
    [("2023-03-31", "2023"), ("2023-04-01", "2023"), ("2025-01-01", "2023"), ("2025-01-02", "2025"), (None, "2025")],
)
def test_of_several_versions_the_date_picks_the_one_in_force(lay_over: Any, on: str | None, label: str) -> None:
    folder = lay_over()
    city = folder.parent
    folder.rename(city / "parking@2023")
    newer = city / "parking@2025"
    newer.mkdir()
    document = (city / "parking@2023" / "document.yaml").read_text(encoding="utf-8")
    (newer / "document.yaml").write_text(document.replace("from: 2023-04-01", "from: 2025-01-02"), encoding="utf-8")
    date = None if on is None else dt.date.fromisoformat(on)
    assert in_force(city.parent, "shili/parking", date).label == label


def test_the_root_of_packs_is_given_or_from_the_environment_or_the_checkout() -> None:
    assert packs_root(Path("x"), {"GONGBAO_PACKS": "y"}) == Path("x")
    assert packs_root(None, {"GONGBAO_PACKS": "y"}) == Path("y")
    assert packs_root(None, {}).name == "packs"
