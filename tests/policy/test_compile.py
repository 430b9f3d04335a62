"""A pack becomes a world: expressions compiled once, and what cannot be compiled is told with its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.policy.conftest import PACKS, VALID, expected, invalid

from gongbao.engine.model import Limit
from gongbao.policy.compile import compile_pack
from gongbao.policy.errors import PackError
from gongbao.policy.loader import load, load_folder, pack_hash, read_source


def test_a_valid_pack_compiles_to_the_words_of_the_engine() -> None:
    world = load(PACKS / "valid", "shili/parking")
    assert (world.pack, world.version) == ("shili/parking", pack_hash(VALID))
    assert world.params["fee"] == Decimal("0.5")
    assert world.document["in_force"]["from"] == dt.date(2023, 4, 1)
    procedure = world.procedures["clearing"]
    assert procedure.start == ("check",)
    assert procedure.form == (("bikes", True), ("place", True), ("found_at", True), ("blocked", False))
    assert procedure.case_word == "清理单"
    check = procedure.steps["check"]
    assert check.deadlines[0].limit == Limit(2, "hours")
    assert check.actions["confirmed"].event == "confirmed"
    assert [d.id for d in procedure.duties] == ["warn", "patrol"]
    assert world.registers["spots"].total == 3
    assert world.units.find("市交管局").name == "示例市交通管理局"
    assert world.settings["patrols"].value is None
    assert world.labels["bikes"] == "停放数量"


def test_the_same_files_are_compiled_once() -> None:
    assert load_folder(VALID) is load_folder(VALID)


def test_changed_files_are_another_world(lay_over: Any) -> None:
    folder = lay_over()
    before = load_folder(folder)
    params = folder / "params.yaml"
    params.write_text(params.read_text(encoding="utf-8").replace("0.5, ", "0.6, "), encoding="utf-8")
    after = load_folder(folder)
    assert (before.params["fee"], after.params["fee"]) == (Decimal("0.5"), Decimal("0.6"))
    assert before.version != after.version


@pytest.mark.parametrize("folder", invalid("compile"))
def test_what_cannot_be_compiled_is_told_with_its_place(folder: Path, lay_over: Any) -> None:
    want = expected(folder)
    with pytest.raises(PackError) as caught:
        compile_pack(read_source(lay_over(folder)))
    problems = [p for p in caught.value.problems if p.file == want["file"] and want.get("message", "") in p.message]
    assert problems, str(caught.value)
    assert want.get("key") in (None, problems[0].key)
    assert want.get("line") in (None, problems[0].line)


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        ("{reason: 查实}", ""),
        ("{bikes: 很多}", "停放数量"),
        ("{lorries: 3}", "lorries"),
        ("{blocked: true}, form: [blocked]", "不能又在 form 里填写"),
        ("{bikes: '= bikes +'}", "表达式有误"),
        ("{lorries: '= bikes'}", "lorries"),
    ],
)
def test_what_an_act_itself_says_is_a_fact_of_the_pack_that_its_form_does_not_ask(
    sets: str, told: str, lay_over: Any
) -> None:
    folder = lay_over()
    path = folder / "procedures.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("confirmed: {label: 属实, ") == 1
    path.write_text(
        text.replace("confirmed: {label: 属实, ", f"confirmed: {{label: 属实, sets: {sets}, "), encoding="utf-8"
    )
    if not told:
        world = compile_pack(read_source(folder))
        assert world.procedures["clearing"].steps["check"].actions["confirmed"].sets == {"reason": "查实"}
        return
    with pytest.raises(PackError, match=told) as caught:
        compile_pack(read_source(folder))
    assert any("sets" in p.key for p in caught.value.problems)


def test_reserved_keys_are_refused_not_passed_over(lay_over: Any) -> None:
    folder = lay_over()
    path = folder / "procedures.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  start: [check]\n", "  opened_by: [{watch: level}]\n"), encoding="utf-8")
    with pytest.raises(PackError, match="watch 在本版还不能运行"):
        compile_pack(read_source(folder))
