"""Two versions over the same rows: every row is counted once, where `decide` puts it under each version."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

pytest.importorskip("ibis")

from gongbao.batch.whatif.answers import answers
from gongbao.batch.whatif.compare import changes_table, simulate
from gongbao.batch.whatif.result import Row, share
from gongbao.batch.whatif.tally import Tally
from gongbao.engine.decision.decide import decide
from gongbao.engine.world import World
from gongbao.policy.loader import load_folder
from gongbao.policy.settings import with_settings
from gongbao.policy.variant import variant, with_pack

CREDIT = Path(__file__).parents[3] / "packs/langfang/enterprise-credit"
NOW = with_settings(load_folder(CREDIT), {"repaired_counts": "不计入"})
THREE, _ = variant(CREDIT, NOW, {"params.general_limit": "3"})
FACTS = {
    "licence_revoked": st.booleans(), "general_records": st.integers(0, 8), "repaired_records": st.integers(0, 3),
    "serious_listed": st.integers(0, 2), "serious_penalties": st.integers(0, 2), "serious_consequence": st.booleans(),
}  # fmt: skip
ROWS = st.lists(st.fixed_dictionaries({n: st.none() | v for n, v in FACTS.items()}), min_size=1, max_size=12)
QUICK = settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def clean(**given: Any) -> dict[str, Any]:
    return {"licence_revoked": False, "general_records": 0, "repaired_records": 0, "serious_listed": 0,
            "serious_penalties": 0, "serious_consequence": False, **given}  # fmt: skip


def rows(*facts: dict[str, Any]) -> list[Row]:
    return [Row(f"企业{i}", {n: v for n, v in f.items() if v is not None}) for i, f in enumerate(facts, 1)]


def word(world: World, facts: dict[str, Any]) -> str:
    outcome = decide(world, "grade", facts)
    if outcome.settled and not outcome.needs_person and outcome.value is not None:
        return str(outcome.output)
    return "需人工判定" if outcome.needs_person else "未定"


@QUICK
@given(ROWS)
def test_a_pack_against_itself_changes_nothing(given_rows: list[dict[str, Any]]) -> None:
    found, changed = simulate(NOW, NOW, "grade", rows(*given_rows))
    assert (found.changed, changed, found.newly, found.examples) == (0, [], {}, ())
    assert found.outputs[0].matrix.moved == 0


@QUICK
@given(ROWS)
def test_the_counts_are_those_of_deciding_one_by_one(given_rows: list[dict[str, Any]]) -> None:
    held = rows(*given_rows)
    matrix = simulate(NOW, THREE, "grade", held)[0].outputs[0].matrix
    expected = Counter((word(NOW, r.facts), word(THREE, r.facts)) for r in held)
    got = {(b, a): n for b, line in zip(matrix.outcomes, matrix.counts, strict=True)
           for a, n in zip(matrix.outcomes, line, strict=True) if n}  # fmt: skip
    assert got == dict(expected)
    assert matrix.total == len(held) == sum(matrix.after)


@QUICK
@given(ROWS)
def test_the_other_way_round_the_matrix_is_transposed(given_rows: list[dict[str, Any]]) -> None:
    held = rows(*given_rows)
    there = simulate(NOW, THREE, "grade", held)[0]
    back = simulate(THREE, NOW, "grade", held)[0]
    one, other = there.outputs[0].matrix, back.outputs[0].matrix
    assert one.outcomes == other.outcomes
    assert one.counts == tuple(zip(*other.counts, strict=True))
    assert one.steps == {-k: n for k, n in other.steps.items()} or not one.steps
    assert there.changed == back.changed


@pytest.mark.parametrize(("records", "before", "after"), [(3, "B", "B"), (4, "B", "C"), (5, "B", "C"), (6, "C", "C")])
def test_the_limit_from_five_to_three_moves_four_and_five_records(records: int, before: str, after: str) -> None:
    found, changed = simulate(NOW, THREE, "grade", rows(clean(general_records=records)))
    told = [(c.before.outputs["grade"], c.after.outputs["grade"]) for c in changed]
    assert told == ([(before, after)] if before != after else [])
    assert found.outputs[0].matrix.down == (before != after)


def test_an_example_names_both_rules_the_condition_and_the_facts_behind_it() -> None:
    (example,) = simulate(NOW, THREE, "grade", rows(clean(general_records=4)))[0].examples
    assert (example.before["outcome"], example.after["outcome"]) == ("B", "C")
    assert example.before["rules"] == [{"row": 4, "cite": "三（五）"}]
    assert example.after["rules"] == [{"row": 3, "cite": "三（五）"}]
    (because,) = example.conditions
    assert because.words() == "计入的一般失信次数 4：[1..5] → > 3"
    assert "general_records" in because.facts
    assert "licence_revoked" not in because.facts


def test_what_made_the_difference_in_a_decision_that_is_required_is_told_as_such() -> None:
    held = [Row("", {**clean(general_records=4), "sector_risk": "未分级"})]
    (example,) = simulate(NOW, THREE, "inspection", held)[0].examples
    assert [c.via for c in example.conditions] == ["", "公共信用等级"]
    assert example.conditions[1].facts[0] == "general_records"


def test_rows_that_become_open_or_a_persons_are_told_apart() -> None:
    # with the limit at 3, four records and a serious consequence are C; at 5 the text has no rule for them
    found, _ = simulate(THREE, NOW, "grade", rows(clean(general_records=4, serious_consequence=True)))
    assert found.newly == {"needs_person": 1}
    # four records whose consequence nobody judged: settled C at 3, open at 5
    found, _ = simulate(THREE, NOW, "grade", rows(clean(general_records=4, serious_consequence=None)))
    assert sum(found.newly.values()) == 1
    assert found.examples[0].after["candidates"]


def test_other_candidates_are_a_change_though_both_are_open() -> None:
    found, _ = simulate(NOW, THREE, "grade", rows(clean(general_records=None)))
    assert found.changed == 0  # A, B and C stay possible
    found, _ = simulate(NOW, THREE, "grade", rows(clean(general_records=4, licence_revoked=None)))
    assert (found.changed, found.newly, found.reopened) == (1, {}, 1)
    assert found.outputs[0].matrix.moved == 0


def test_a_setting_may_be_changed_and_may_be_empty_on_one_side() -> None:
    open_ = load_folder(CREDIT)
    counted, _ = variant(CREDIT, open_, {"settings.repaired_counts": "计入"})
    found, _ = simulate(open_, counted, "grade", rows(clean(general_records=5, repaired_records=1), clean()))
    assert found.outputs[0].matrix.before != found.outputs[0].matrix.after
    assert found.changed == 1


def test_a_row_that_could_not_be_read_is_counted_and_named() -> None:
    found, changed = simulate(NOW, THREE, "grade", [Row("甲", {}, wrong="列 x：不行"), *rows(clean(general_records=4))])
    assert (found.rows, found.changed, found.wrong, found.invalid) == (2, 1, 1, ("第 1 行，列 x：不行",))
    assert [c.number for c in changed] == [2]
    assert found.outputs[0].matrix.total == 2


def test_examples_are_of_every_kind_of_change_and_no_more_than_asked() -> None:
    held = rows(*(clean(general_records=4) for _ in range(30)), clean(general_records=4, serious_consequence=True))
    found, changed = simulate(NOW, THREE, "grade", held, examples=4)
    assert len(found.examples) == 4 < len(changed) == 31
    assert {e.before["outcome"] for e in found.examples} == {"B", "需人工判定"}


def test_a_decision_without_columns_is_decided_one_by_one() -> None:
    ratios = {"ratio_reduced": "1", "ratio_normal": "5", "ratio_raised": "20"}
    world = with_settings(NOW, ratios)
    after, _ = variant(CREDIT, world, {"params.general_limit": "3", "settings.ratio_raised": "30"})
    held = [Row("", {**clean(general_records=n), "sector_risk": "未分级"}) for n in (0, 4, 6)]
    assert not world.decisions["ratio"].columns
    found, _ = simulate(world, after, "ratio", held)
    assert [(str(by), n) for by, n in found.outputs[0].differences] == [("0", 1), ("10", 1), ("25", 1)]
    assert found.outputs[0].matrix.outcomes == ("1", "5", "20", "30")


def test_another_version_of_the_pack_keeps_the_settings_and_differs_in_its_rules(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(CREDIT, tmp_path / "city" / "enterprise-credit")
    shutil.copy(CREDIT.parent / "units.yaml", tmp_path / "city" / "units.yaml")
    file = tmp_path / "city/enterprise-credit/params.yaml"
    file.write_text(
        file.read_text("utf-8").replace("{value: 5, unit: 次, text: 5次", "{value: 3, unit: 次, text: 3次"), "utf-8"
    )
    other = with_pack(file.parent, NOW)
    assert other.settings["repaired_counts"].value == "不计入"
    held = rows(clean(general_records=4), clean(general_records=2))
    assert simulate(NOW, other, "grade", held)[0].outputs == simulate(NOW, THREE, "grade", held)[0].outputs


def test_a_row_settled_in_one_version_only_is_told_by_the_condition_of_its_rule() -> None:
    facts = {n: v for n, v in clean(general_records=4).items() if n != "serious_consequence"}
    (example,) = simulate(NOW, THREE, "grade", [Row("", facts)])[0].examples
    assert example.before["candidates"]
    assert [c.words() for c in example.conditions] == ["计入的一般失信次数 4：> 5 → > 3"]


def test_a_rewritten_rule_is_told_by_the_condition_that_was_rewritten(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(CREDIT, tmp_path / "city" / "enterprise-credit")
    shutil.copy(CREDIT.parent / "units.yaml", tmp_path / "city" / "units.yaml")
    file = tmp_path / "city/enterprise-credit/decisions.yaml"
    text = file.read_text("utf-8")
    file.write_text(
        text.replace("[1..params.general_limit]", "[1..2]").replace("> params.general_limit", ">= 3"), "utf-8"
    )
    (example,) = simulate(NOW, with_pack(file.parent, NOW), "grade", rows(clean(general_records=3)))[0].examples
    assert [c.words() for c in example.conditions] == ["计入的一般失信次数 3：[1..5] → >= 3"]


def test_the_table_of_changes_has_a_line_for_every_changed_row() -> None:
    _, changed = simulate(NOW, THREE, "grade", rows(clean(), clean(general_records=4)))
    header, lines = changes_table(NOW, THREE, "grade", changed)
    assert len(lines) == 1
    line = dict(zip(header, lines[0], strict=True))
    assert (line["行"], line["名称"], line["一般失信行为记录次数"]) == (2, "企业2", 4)
    assert (line["原结果"], line["改后结果"], line["改后规则"], line["改后依据"]) == ("B", "C", 3, "三（五）")


@pytest.mark.parametrize(("part", "whole", "told"), [(1, 3, "33.3"), (2, 3, "66.7"), (1, 2000, "0.1"), (0, 0, "0.0"),
                                                     (1, 2001, "0.0"), (5, 5, "100.0")])  # fmt: skip
def test_a_share_has_one_place_half_up(part: int, whole: int, told: str) -> None:
    assert share(part, whole) == told


def test_a_person_among_the_possible_outcomes_is_not_left_out(tmp_path: Path) -> None:
    """An outcome that may be the one candidate or a person's turn is not shown as that candidate alone."""
    from tests.policy.conftest import VALID

    folder = tmp_path / "shili" / "parking"
    shutil.copytree(VALID.parent, folder.parent)
    for gone in ("procedures", "duties", "documents", "examples"):
        (folder / f"{gone}.yaml").unlink(missing_ok=True)
    (folder / "decisions.yaml").write_text(
        "level:\n  label: 等级\n  cite: 二\n  output: {level: {values: [一般, 严重]}}\n  columns: true\n"
        '  rules:\n    - {when: {bikes: ">= params.free"}, then: 严重, cite: 二}\n', "utf-8"
    )  # fmt: skip
    world = load_folder(folder)
    other, made = variant(folder, world, {"params.free": "7"})
    for facts in ({}, {"blocked": True}):
        (answer,) = answers(world, "level", [facts])
        assert answer.unruled
        assert Tally(world, other, "level").words(answer) == "未定（严重、需人工判定）"
    assert not answers(world, "level", [{"bikes": 300}])[0].unruled
    assert made[0].label.startswith("20")


def test_a_label_of_a_figure_stands_wherever_it_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "langfang" / "enterprise-credit"
    shutil.copytree(CREDIT, folder)
    shutil.copy(CREDIT.parent / "units.yaml", folder.parent)
    figures = folder / "params.yaml"
    figures.write_text(
        figures.read_text("utf-8").replace("{value: 5, unit: 次,", "{label: 次数上限, value: 5, unit: 次,"), "utf-8"
    )
    world = load_folder(folder)
    _, made = variant(folder, world, {"params.general_limit": "3"})
    assert made[0].words() == "次数上限（5次）改为 3次"
    assert world.labels["params.general_limit"] == "次数上限"
    with pytest.raises(ValueError, match=r"“次数上限（5次）”（params\.general_limit）：给出的是 “三”"):
        variant(folder, world, {"params.general_limit": "三"})
