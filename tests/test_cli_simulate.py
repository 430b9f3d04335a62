"""`gongbao simulate` on the command line: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

pytest.importorskip("ibis")
from typer.testing import CliRunner

from gongbao.cli import app
from gongbao.cli.failure import Failure
from gongbao.exchange.tables import read_table

HEADER = ("企业名称", "licence_revoked", "general_records", "repaired_records", "serious_listed", "serious_penalties",
          "serious_consequence")  # fmt: skip
THREE = ("--set", "params.general_limit=3", "--settings")


def run(*args: object) -> str:
    """What it prints; Failure where it refuses."""
    result = CliRunner().invoke(app, ["simulate", "langfang/enterprise-credit", "grade", *map(str, args)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "企业.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(HEADER)
        writer.writerows((f"企业{i}", "否", i, 0, 0, 0, "否") for i in range(8))
    (tmp_path / "settings.json").write_text('{"repaired_counts": "不计入"}', "utf-8")
    return file


def test_who_changes_by_how_much_and_why_as_json(source: Path) -> None:
    said = json.loads(run("--input", source, *THREE, source.with_name("settings.json"), "--unit", "企业名称", "--json"))
    assert (said["rows"], said["changed"]) == (8, 2)
    assert said["changes"] == [
        {"name": "params.general_limit", "before": 5, "after": 3, "unit": "次", "cite": "三（五）"}
    ]
    matrix = said["outputs"][0]["matrix"]
    assert matrix["outcomes"] == ["D", "C", "B", "A"]
    assert (matrix["down"], matrix["up"], matrix["steps"]) == (2, 0, {"-1": 2, "0": 6})
    assert [e["name"] for e in said["examples"]] == ["企业4", "企业5"]
    assert said["examples"][0]["because"][0]["facts"][0] == "general_records"


def test_in_words_with_the_clauses(source: Path) -> None:
    said = run("--input", source, *THREE, source.with_name("settings.json"), "--unit", "企业名称")
    assert "共 8 行，结果改变 2 行（25.0%）" in said
    assert "第 5 行　企业4：B → C（第4条 三（五） → 第3条 三（五））" in said
    assert "因为计入的一般失信次数 4：[1..5] → > 3" in said


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "parquet"])
def test_the_changed_rows_and_the_picture_are_written(source: Path, suffix: str) -> None:
    target, drawn = source.with_name(f"out.{suffix}"), source.with_name("out.svg")
    run("--input", source, *THREE, source.with_name("settings.json"), "--output", target, "--picture", drawn)
    assert drawn.read_text("utf-8").startswith("<svg ")
    if suffix == "parquet":
        import pyarrow.parquet as pq

        assert pq.read_table(target)["原结果"].to_pylist() == ["B", "B"]
    else:
        assert len(read_table(target.read_bytes(), target.name).rows) == 2


def test_a_row_that_cannot_be_read_is_named_and_the_others_are_told(source: Path) -> None:
    source.write_text(source.read_text("utf-8").replace("企业3,否,3", "企业3,否,三"), "utf-8")
    with pytest.raises(
        Failure, match=r"1 行的数据有误，没有判定：\n  第 4 行，列 general_records：.*须为不小于 0 的整数"
    ):
        run("--input", source, *THREE, source.with_name("settings.json"))


@pytest.mark.parametrize(("args", "why"), [
    ((), "二者取一"),
    (("--set", "params.general_limit=3", "--with", "x"), "二者取一"),
    (("--set", "params.limit=3"), "没有“limit”这个参数"),
    (("--set", "params.general_limit=3", "--fact", "x=1"), "--fact 应写作"),
    (("--set", "params.general_limit=3", "--output", "none/out.xlsx"), "没有这个文件夹"),
    (("--set", "params.general_limit=3", "--output", "out.doc"), "--output 写 .parquet、.xlsx 或 .csv"),
    (("--set", "params.general_limit=3", "--picture", "out.png"), "--picture 写 .svg"),
    (("--set", "params.general_limit=3", "--unit", "名"), "表里没有列“名”"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_is_written(source: Path, args: tuple[str, ...], why: str) -> None:
    with pytest.raises(Failure, match=why):
        run("--input", source, *args)
    assert sorted(p.suffix for p in source.parent.iterdir()) == [".csv", ".json"]


def test_a_missing_column_is_named(source: Path) -> None:
    source.write_text(source.read_text("utf-8").replace("serious_listed", "其他"), "utf-8")
    with pytest.raises(Failure, match="表里缺少列：serious_listed（列入严重失信主体名单且未移出的条数）"):
        run("--input", source, "--set", "params.general_limit=3")


def test_another_version_of_the_pack_is_compared_by_its_folder(source: Path) -> None:
    packs = Path(__file__).parents[1] / "packs/langfang"
    folder = source.parent / "langfang" / "enterprise-credit"
    shutil.copytree(packs / "enterprise-credit", folder)
    shutil.copy(packs / "units.yaml", folder.parent)
    params = folder / "params.yaml"
    params.write_text(
        params.read_text("utf-8").replace("value: 5, unit: 次, text: 5次", "value: 3, unit: 次, text: 3次"), "utf-8"
    )
    settings = source.with_name("settings.json")
    said = json.loads(run("--input", source, "--with", folder, "--settings", settings, "--json"))
    assert (said["changed"], said["changes"]) == (2, [])
    assert said["before"] != said["after"]
    with pytest.raises(Failure, match="没有这个文件夹"):
        run("--input", source, "--with", source.parent / "none")


def test_a_figure_that_no_rule_reads_or_no_row_comes_near_is_told(source: Path) -> None:
    rest = ("--settings", source.with_name("settings.json"))
    idle = run("--input", source, "--set", "params.pilot_year=2024", *rest)
    assert "结果改变 0 行" in idle
    assert "判定“公共信用等级”没有一条规则读“2023年" in idle
    far = json.loads(run("--input", source, "--set", "params.general_limit=600", *rest, "--json"))
    assert far["changed"] == 2
    assert far["remarks"] == []
    source.write_text("".join(source.read_text("utf-8-sig").splitlines(True)[:2]), "utf-8-sig")
    near = json.loads(run("--input", source, "--set", "params.general_limit=6", *rest, "--json"))
    assert near["remarks"] == ["规则读了“5次（计入的一般失信次数）”，但没有一行数据落在改动前后结果不同的地方"]


def test_a_figure_beyond_sixty_four_bits_is_tried_one_by_one(source: Path) -> None:
    said = run(
        "--input", source, "--set", f"params.general_limit={10**20}", "--settings", source.with_name("settings.json")
    )
    assert "结果改变 2 行" in said
