"""The runner of the DMN compatibility kit, on a small kit made here, and on the kit itself where it is."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from tests.dmn.models import decision, file, input_data, literal, needs

from gongbao.dmn import xml
from gongbao.dmn.conformance import main, run

KIT = Path(os.environ.get("GONGBAO_SHARED") or Path(__file__).parents[3] / "shared") / "tck"
with_kit = pytest.mark.skipif(
    not KIT.is_dir(), reason="没有 DMN 兼容性试题：请用环境变量 GONGBAO_SHARED 指向含 tck/ 的文件夹"
)


@pytest.fixture(autouse=True)
def somewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """The results file is written where the command runs."""
    monkeypatch.chdir(tmp_path_factory.mktemp("run"))


HEAD = '<testCases xmlns="http://www.omg.org/spec/DMN/20160719/testcase" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'


def kit(folder: Path, expected: str, model_name: str = "m.dmn") -> Path:
    home = folder / "level" / "0001-double"
    home.mkdir(parents=True)
    (home / "m.dmn").write_bytes(file(input_data("x") + decision(literal("x * 2"), requires=needs("input:_x"))))
    (home / "m-test-01.xml").write_text(
        f'{HEAD}<modelName>{model_name}</modelName><testCase id="001"><inputNode name="x">'
        f'<value xsi:type="xsd:decimal">4</value></inputNode><resultNode name="d"><expected>{expected}</expected>'
        "</resultNode></testCase></testCases>",
        encoding="utf-8",
    )
    return folder / "level"


def test_a_case_passes_and_is_written_to_the_results_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = kit(tmp_path, '<value xsi:type="xsd:decimal">8</value>')
    assert main([str(folder), "--results", str(tmp_path / "mine.csv")]) == 0
    assert capsys.readouterr().out == "1 passed, 0 failed\n"
    assert main([str(folder)]) == 0
    for results in (tmp_path / "mine.csv", Path("tck_results.csv")):
        with results.open(encoding="utf-8", newline="") as opened:
            assert list(csv.reader(opened)) == [["0001-double", "m-test-01", "001", "SUCCESS", ""]]


def test_a_case_that_fails_says_what_it_got_and_ends_with_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = kit(tmp_path, '<value xsi:type="xsd:decimal">9</value>')
    assert main([str(folder), "--failures"]) == 1
    said = capsys.readouterr().out
    assert "d：应为 9，得 8" in said
    assert said.endswith("0 passed, 1 failed\n")


def test_a_missing_model_fails_its_cases(tmp_path: Path):
    [case] = run(kit(tmp_path, "", model_name="gone.dmn"))
    assert case.failure == "没有模型文件 gone.dmn"


def test_a_test_file_cut_off_fails_and_is_not_passed_over(tmp_path: Path):
    folder = kit(tmp_path, '<value xsi:type="xsd:decimal">8</value>')
    (folder / "cut-off.xml").write_text("<testCases><testCase", encoding="utf-8")
    failures = {case.test: case.failure for case in run(folder)}
    assert "不是完整的 XML" in failures["cut-off"]
    assert sum(not failure for failure in failures.values()) == 1


def test_nothing_to_run_is_no_success(tmp_path: Path):
    assert main([str(tmp_path)]) == 1


@with_kit
@pytest.mark.parametrize(("level", "least"), [("compliance-level-2", 1.0), ("compliance-level-3", 0.99)])
def test_the_kit(level: str, least: float):
    cases = list(run(KIT / level))
    failed = [f"{case.folder} {case.case}" for case in cases if case.failure]
    assert len(cases) > 100
    assert 1 - len(failed) / len(cases) >= least, failed


@with_kit
def test_every_model_of_the_kit_goes_out_as_it_came_in():
    files = list(KIT.rglob("*.dmn"))
    assert len(files) > 100
    for path in files:
        data = path.read_bytes()
        assert xml.canonical(xml.write(xml.read(data))) == xml.canonical(data), path.name
