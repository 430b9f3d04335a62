"""A rebuilt table as JSON and as CSV says the same, on the command line too."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gongbao.cli import app
from gongbao.gazette.clauses import document_tables
from gongbao.gazette.library import document_json, read_gazette
from gongbao.gazette.table_export import to_csv, to_json

ROWS = ("序号|类别|名称|数量", "1|公园|长椅|2.5", "2||花箱|1.5", "合计|5")
TEXT = (
    "示例市人民政府\n关于公布设施清单的通知\n示政字〔2023〕1号\n各区：\n现将清单公布。\n附件：设施清单\n\n示例市人民政府\n2023年1月1日\n\n"
    "附件\n设施清单\n单位：件\n" + "\n\n".join("\n".join("\t" + cell for cell in row.split("|")) for row in ROWS) + "\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "公报.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_json_has_rows_totals_groups_spans_and_unit() -> None:
    table = document_tables(read_gazette(TEXT.encode()).documents[0])[0]
    said = to_json(table)
    assert said["columns"] == ["序号", "类别", "名称", "数量"]
    assert [(row["kind"], row["cells"]) for row in said["rows"]] == [
        ("row", ["1", "公园", "长椅", "2.5"]),
        ("row", ["2", "公园", "花箱", "1.5"]),
        ("total", ["合计", "", "", "5"]),
    ]
    assert said["rows"][1]["printed"] == ["2", "", "花箱", "1.5"]
    assert (said["unit"], said["spans"], said["groups"][0]["rows"]) == ("件", [[2, 1, 2]], 2)
    assert (said["totals"], said["form"], said["uncertain"]) == (["附件 合计"], False, [])


def test_csv_has_one_line_a_row_under_the_columns() -> None:
    table = document_tables(read_gazette(TEXT.encode()).documents[0])[0]
    lines = list(csv.reader(io.StringIO(to_csv(table))))
    assert lines[0] == ["位置", "分组", "性质", "序号", "类别", "名称", "数量", "存疑的列"]
    assert lines[2] == ["附件 2", "公园", "", "2", "公园", "花箱", "1.5", ""]
    assert lines[3][:3] == ["附件 合计", "", "合计"]


def test_the_json_of_a_document_has_its_tables_and_exact_sums() -> None:
    document = read_gazette(TEXT.encode()).documents[0]
    said = json.loads(json.dumps(document_json(document, full=True)))
    annex = next(clause for clause in said["clauses"] if clause["locator"] == "附件")
    assert annex["tables"][0]["rows"] == 2
    assert annex["tables"][0]["totals"] == ["附件 合计"]
    assert [(d["kind"], d["printed"], d["counted"]) for d in said["discrepancies"]] == [("sum", "5", "4.0")]
    assert annex["children"][-1]["row_kind"] == "total"


def test_the_command_shows_writes_and_prints_tables(file: Path, tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["gazette", "tables", str(file), "--csv", str(tmp_path / "csv")])
    assert shown.exit_code == 0
    assert "附件　设施清单　2行4列，合计1行" in shown.output
    assert "印5，各行相加得4.0，不相符" in shown.output
    written = list((tmp_path / "csv").iterdir())
    assert [path.name for path in written] == ["示政字〔2023〕1号 关于公布设施清单的通知 附件.csv"]
    assert written[0].read_bytes().startswith(b"\xef\xbb\xbf")
    printed = CliRunner().invoke(app, ["gazette", "tables", str(file), "--document", "示政字〔2023〕1号", "--json"])
    assert len(json.loads(printed.output)[0]["tables"][0]["rows"]) == 3


def test_a_document_without_tables_is_said_to_have_none(file: Path) -> None:
    refused = CliRunner().invoke(app, ["gazette", "tables", str(file), "--document", "示政字〔2023〕9号"])
    assert refused.exit_code != 0
    assert "示政字〔2023〕9号" in str(refused.exception)
