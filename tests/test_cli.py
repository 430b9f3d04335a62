"""The command line: shapes that others build on, and a message instead of a traceback for every bad input."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from gongbao.cli import main
from gongbao.cli.output import dumps
from gongbao.dmn import xml
from gongbao.dmn.model import Model
from gongbao.engine.functions import FUNCTIONS
from gongbao.engine.sealing import sealed_receipt
from gongbao.policy.loader import load_folder

HERE = Path(__file__).parent / "policy"
PACKS = HERE / "packs" / "valid"
GAZETTES = HERE / "gazettes"


@pytest.fixture
def gongbao(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command line in this process: (exit code, stdout or its JSON, stderr)."""

    def run(*arguments: Any, stdin: bytes = b"", packs: Path | None = PACKS) -> tuple[int, Any, str]:
        if packs is not None:
            monkeypatch.setenv("GONGBAO_PACKS", str(packs))
        monkeypatch.setattr(sys, "argv", ["gongbao", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as stopped:
            main()
        out, err = capsys.readouterr()
        code = stopped.value.code
        shown = json.loads(out) if "--json" in arguments and out else out
        return (code if isinstance(code, int) else 0), shown, err

    return run


def facts(**values: Any) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


def test_packs_are_listed_and_shown(gongbao: Any) -> None:
    code, rows, err = gongbao("pack", "list", "--json")
    assert (code, err) == (0, "")
    assert [r["id"] for r in rows] == ["shili/parking"]
    assert set(rows[0]) == {"id", "label", "version", "number", "title", "issuer", "in_force", "certified_by", "error"}
    code, shown, _ = gongbao("pack", "show", "shili/parking", "--json")
    assert code == 0
    assert set(shown) == {
        "id", "version", "certificate", "document", "facts", "events", "params", "settings", "decisions", "procedures",
        "duties", "indicators", "registers", "documents", "scoresheets", "open_questions",
    }  # fmt: skip
    assert shown["facts"]["properties"]["bikes"] == {
        "type": ["integer", "null"], "title": "停放数量", "minimum": 0, "x-unit": "辆"
    }  # fmt: skip
    assert shown["certificate"] == "未经发布机关审定，仅供参考"
    assert shown["procedures"][0]["deadlines"] == ["clear_time", "check_time"]
    assert shown["params"]["fee"]["value"] == "0.5"


def test_a_pack_that_cannot_be_read_is_listed_with_its_error(gongbao: Any, tmp_path: Path) -> None:
    (tmp_path / "shili" / "broken").mkdir(parents=True)
    (tmp_path / "shili" / "broken" / "document.yaml").write_text("number: [", encoding="utf-8")
    code, rows, _ = gongbao("pack", "list", "--json", packs=tmp_path)
    assert code == 1
    assert "处错误" in rows[0]["error"]


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("decisions.yaml", "level:", "level: ["),
        ("decisions.yaml", "max(0, bikes - params.free)", "max(0, bikes - )"),
        ("registers.yaml", "file: registers/spots.csv", "file: registers/none.csv"),
    ],
    ids=["not YAML", "a formula cut off", "no register file"],
)
def test_a_broken_pack_is_told_and_the_others_are_done_all_the_same(
    gongbao: Any, tmp_path: Path, file: str, before: str, after: str
) -> None:
    shutil.copytree(PACKS, tmp_path / "packs")
    broken = tmp_path / "packs" / "shili" / "broken"
    shutil.copytree(PACKS / "shili" / "parking", broken)
    text = (broken / file).read_text(encoding="utf-8")
    assert before in text
    (broken / file).write_text(text.replace(before, after), encoding="utf-8")
    for root in (("--packs", tmp_path / "packs"), (tmp_path / "packs",)):
        code, reports, err = gongbao("check", *root, "--json")
        assert (code, err) == (1, "")
        assert [(r["pack"], r["ok"]) for r in reports] == [("shili/broken", False), ("shili/parking", True)]
        assert any(p["file"] == file for p in reports[0]["problems"])
    code, rows, _ = gongbao("pack", "list", "--json", packs=tmp_path / "packs")
    assert (code, [bool(r["error"]) for r in rows]) == (1, [True, False])
    assert file in rows[0]["error"]
    code, results, _ = gongbao("verify", "--gazettes", GAZETTES, "--json", packs=tmp_path / "packs")
    assert (code, results[1]["verified"]) == (int(not results[0]["verified"]), True)
    code, out, _ = gongbao("verify", "--gazettes", GAZETTES, packs=tmp_path / "packs")
    assert "shili/parking：相符" in out
    assert gongbao(*DECIDE, stdin=b"{}", packs=tmp_path / "packs")[0] == 0


def test_a_pack_is_drawn_as_dmn_and_what_cannot_be_drawn_is_told(gongbao: Any, tmp_path: Path) -> None:
    code, out, err = gongbao("pack", "dmn", "shili/parking")
    assert (code, err) == (0, "")
    model = Model(xml.read(out.encode()), functions=FUNCTIONS)
    assert model.compile() == ()
    decided = {bikes: model.evaluate("level", {"bikes": bikes, "blocked": True}).value for bikes in (19, 20, 99, 100)}
    assert {n: v["level"] for n, v in decided.items()} == {19: "一般", 20: "较重", 99: "较重", 100: "严重"}
    shutil.copytree(PACKS, tmp_path / "packs")
    decisions = tmp_path / "packs" / "shili" / "parking" / "decisions.yaml"
    each = "worst: {label: 最重, cite: 二, output: {worst: {type: choice, values: [一般, 严重], ordered: true}}, " \
           "for_each: {n: '[1, 2]'}, take: highest, rules: [{otherwise: 一般, cite: 二}]}\n"  # fmt: skip
    decisions.write_text(decisions.read_text(encoding="utf-8") + each, encoding="utf-8")
    target = tmp_path / "parking.dmn"
    code, out, err = gongbao("pack", "dmn", "shili/parking", "--output", target, packs=tmp_path / "packs")
    assert (code, out) == (0, "")
    assert "没有画出 worst：逐项判定" in err
    drawn = Model(xml.read(target.read_bytes()), functions=FUNCTIONS)
    assert (drawn.compile(), "worst" in target.read_text(encoding="utf-8")) == ((), False)
    code, out, err = gongbao("pack", "dmn", "shili/parking", "--output", tmp_path / "no" / "x.dmn")
    assert (code, out, "写不进" in err) == (1, "", True)


@pytest.mark.parametrize(
    "command",
    [(), ("pack",), ("pack", "list"), ("pack", "show"), ("pack", "schema"), ("pack", "dmn"), ("decide",),
     ("case", "replay"), ("due",), ("gazette", "read"), ("gazette", "status"),
     ("gazette", "tables"), ("check",), ("verify",), ("coverage",), ("batch",),
     ("draft",), ("receipt", "verify"), ("worker",)],
    ids=" ".join,
)  # fmt: skip
def test_help_names_the_command_and_says_what_every_argument_is(
    gongbao: Any, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    code, out, _ = gongbao(*command, "--help")
    assert code == 0
    assert " ".join(("Usage: gongbao", *command, "[OPTIONS]")) in out
    lines = [line.strip("│ ") for line in out.splitlines() if line.startswith("│")]
    assert lines
    for line in lines:
        assert re.search(r"[\u4e00-\u9fff]{2}|Show this message and exit", line), line
    assert command != ("worker",) or "gongbao[office]" in out


def test_the_pack_format_is_published(gongbao: Any) -> None:
    code, out, _ = gongbao("pack", "schema")
    files = json.loads(out)["files"]
    assert code == 0
    assert set(files) >= {"document.yaml", "facts.yaml", "decisions.yaml", "procedures.yaml", "units.yaml"}
    assert files["facts.yaml"]["$schema"].startswith("https://json-schema.org/")


def test_a_decision_is_settled_with_its_grounds_and_receipt(gongbao: Any, tmp_path: Path) -> None:
    given = facts(停放数量=100, blocked=False)
    code, made, _ = gongbao("decide", "shili/parking", "level", "--facts", "-", "--json", stdin=given)
    assert code == 0
    assert (made["status"], made["value"]) == ("settled", {"level": "严重"})
    assert made["rows"] == [{"row": 1, "cite": "二（1）"}]
    assert made["version"] == made["receipt"]["version"]
    path = tmp_path / "made.json"
    path.write_text(dumps(made), encoding="utf-8")
    assert gongbao("receipt", "verify", path, "--json")[:2] == (
        0, {"ok": True, "pack": "shili/parking", "version": made["version"], "decision": "level", "differences": [],
            "notes": []},
    )  # fmt: skip
    made["receipt"]["facts"]["bikes"] = 99
    path.write_text(dumps(made), encoding="utf-8")
    code, result, _ = gongbao("receipt", "verify", path, "--json")
    assert code == 1
    assert "sha256" in {d["field"] for d in result["differences"]}


def test_a_receipt_without_its_personal_values_is_verified_as_far_as_it_goes(gongbao: Any, tmp_path: Path) -> None:
    world = load_folder(PACKS / "shili" / "parking")
    given = facts(停放数量=100, blocked=False)
    _, made, _ = gongbao("decide", "shili/parking", "level", "--facts", "-", "--json", stdin=given)
    path = tmp_path / "sealed.json"
    path.write_text(dumps(sealed_receipt(made["receipt"], world, {"bikes": "0" * 64})), encoding="utf-8")
    code, result, _ = gongbao("receipt", "verify", path, "--json")
    assert (code, result["ok"]) == (0, True)
    assert [(d["field"], d["erased"]) for d in result["differences"]] == [("facts.bikes", True)]
    code, said, _ = gongbao("receipt", "verify", path)
    assert code == 0
    assert said.startswith("其余相符：shili/parking level")
    assert "个人信息已删除（或未提供），不能复核" in said


def test_a_changed_units_file_is_a_note_while_the_decision_comes_out_the_same(gongbao: Any, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    shutil.copytree(PACKS, packs)
    _, made, _ = gongbao(
        "decide", "shili/parking", "level", "--facts", "-", "--json", stdin=facts(bikes=100), packs=packs
    )
    path = tmp_path / "made.json"
    path.write_text(dumps(made), encoding="utf-8")
    units = packs / "shili" / "units.yaml"
    text = units.read_text(encoding="utf-8")
    for now, noted in (
        (text.replace("\n", "\r\n"), []),
        (text.replace("short: 市交管局", "short: 交管局"), ["units"]),
    ):
        units.write_bytes(now.encode())
        code, result, _ = gongbao("receipt", "verify", path, "--json", packs=packs)
        assert (code, result["ok"], result["differences"]) == (0, True, [])
        assert [n["field"] for n in result["notes"]] == noted
    code, said, _ = gongbao("receipt", "verify", path, packs=packs)
    assert code == 0
    assert said.startswith("相符：shili/parking level")
    assert "附注：单位登记（units.yaml）" in said
    decisions = packs / "shili" / "parking" / "decisions.yaml"
    text = decisions.read_text(encoding="utf-8")
    decisions.write_text(f"{text}\n# 改动", encoding="utf-8")
    code, result, _ = gongbao("receipt", "verify", path, "--json", packs=packs)
    assert (code, result["ok"]) == (1, False)
    assert [d["field"] for d in result["differences"]] == ["version"]  # another pack is a difference, the units a note
    assert [n["field"] for n in result["notes"]] == ["units"]


def test_unknown_facts_give_candidates_and_questions(gongbao: Any) -> None:
    code, made, _ = gongbao("decide", "shili/parking", "level", "--facts", "-", "--json", stdin=facts(bikes=50))
    assert code == 0
    assert made["candidates"] == [{"level": "一般"}, {"level": "较重"}]
    assert [a["fact"] for a in made["ask"]] == ["blocked"]
    assert made["at_least"] == {"level": "一般"}


def test_a_counter_example_of_the_check_is_pasted_as_it_was_printed(gongbao: Any) -> None:
    code, made, _ = gongbao("decide", "shili/parking", "level", "--facts", '{"bikes": 20, "blocked": true}', "--json")
    assert (code, made["value"]) == (0, {"level": "较重"})
    code, _, err = gongbao("decide", "shili/parking", "level", "--facts", '{"bikes": 20,')
    assert (code, "命令行里的 JSON：不是正确的 JSON" in err) == (1, True)


def test_exact_numbers_are_strings_of_their_digits(gongbao: Any) -> None:
    given = b'{"bikes": 21, "blocked": true}'
    _, made, _ = gongbao("decide", "shili/parking", "charge", "--facts", "-", "--json", stdin=given)
    assert made["value"] == {"amount": "0.5"}


def test_a_decision_is_told_in_words(gongbao: Any) -> None:
    code, out, _ = gongbao("decide", "shili/parking", "level", "--facts", "-", stdin=facts(bikes=100, blocked=True))
    assert code == 0
    assert "严重" in out
    assert "二（1）" in out
    assert "未经发布机关审定" in out


EVENTS = [
    {"at": "2023-05-08T09:00", "type": "opened", "by": "市交管局",
     "facts": {"bikes": 120, "place": "东区", "found_at": "2023-05-08T09:00", "blocked": False}},
    {"at": "2023-05-08T10:00", "action": "confirmed", "step": "check", "by": "市交管局"},
]  # fmt: skip


def test_a_case_is_replayed_from_its_events(gongbao: Any, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps(EVENTS, ensure_ascii=False), encoding="utf-8")
    arguments = ("case", "replay", "shili/parking", "clearing", "--events", path, "--now", "2023-05-08T10:30")
    code, state, err = gongbao(*arguments, "--json")
    assert (code, err) == (0, "")
    assert [s["id"] for s in state["steps"]] == ["clear"]
    assert state["decided"]["level"]["value"] == {"level": "严重"}
    assert {d["id"]: d["status"] for d in state["deadlines"]} == {"check_time": "met", "clear_time": "running"}
    assert {t["duty"] for t in state["tasks"]} == {"warn", "patrol"}
    assert {p["action"] for p in state["possible"] if p["allowed"]} == {"cleared", "urged"}
    code, out, _ = gongbao(*arguments)
    assert code == 0
    assert "清理" in out


def test_what_is_wrong_with_an_event_is_told_as_data_and_the_rest_is_replayed(gongbao: Any) -> None:
    wrong = {"at": "2023-05-08T09:30", "action": "fly"}
    stdin = json.dumps([EVENTS[0], wrong, EVENTS[1]], ensure_ascii=False).encode()
    code, state, err = gongbao(*REPLAY, "2023-05-08T10:30", "--json", stdin=stdin)
    assert (code, err) == (0, "")
    assert [s["id"] for s in state["steps"]] == ["clear"]
    (problem,) = state["problems"]
    assert set(problem) == {"event", "seq", "code", "field", "value", "allowed", "message"}
    assert (problem["event"], problem["field"], problem["value"]) == (2, "action", "fly")
    assert problem["allowed"] == ["confirmed", "rejected", "cleared", "urged"]
    _, out, _ = gongbao(*REPLAY, "2023-05-08T10:30", stdin=stdin)
    assert "没有动作“fly”" in out


def test_a_limit_is_counted(gongbao: Any) -> None:
    code, made, _ = gongbao("due", "--from", "2023-01-20T22:30", "--limit", "3 working days", "--json")
    assert code == 0
    assert made["due"] == "2023-01-30T23:59:59+08:00"
    assert gongbao("due", "--from", "2023-01-20T22:30", "--limit", "3 hours", "--json")[1]["due"].startswith(
        "2023-01-21T01:30"
    )


def test_a_gazette_is_read(gongbao: Any) -> None:
    code, made, _ = gongbao("gazette", "read", GAZETTES / "2023-1.txt", "--json")
    assert code == 0
    assert [(d["number"], d["dated"]) for d in made["documents"]] == [("示政办字〔2023〕5号", "2023-03-01")]


def test_check_verify_and_coverage_report_and_set_the_exit_code(gongbao: Any, tmp_path: Path) -> None:
    code, reports, _ = gongbao("check", "shili/parking", "--json")
    assert (code, reports[0]["ok"], reports[0]["problems"]) == (0, True, [])
    code, results, _ = gongbao("verify", "--gazettes", GAZETTES, "--json")
    assert (code, results[0]["verified"]) == (0, True)
    code, covered, _ = gongbao("coverage", "shili/parking", "--gazettes", GAZETTES, "--json")
    assert (code, covered["clauses_covered_percent"]) == (0, 92)
    empty = tmp_path / "shili" / "empty"
    empty.mkdir(parents=True)
    code, reports, _ = gongbao("check", empty, "--json")
    assert (code, reports[0]["ok"]) == (1, False)


def test_a_table_is_decided(gongbao: Any, tmp_path: Path) -> None:
    pytest.importorskip("ibis")
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"bikes": [19, 100], "blocked": [True, False]}), tmp_path / "in.parquet")
    arguments = (
        "batch",
        "shili/parking",
        "level",
        "--input",
        tmp_path / "in.parquet",
        "--output",
        tmp_path / "out.parquet",
    )
    code, made, _ = gongbao(*arguments, "--json")
    assert (code, made["rows"], made["outcomes"]) == (0, 2, {"一般": 1, "严重": 1})
    assert pq.read_table(tmp_path / "out.parquet")["level"].to_pylist() == ["一般", "严重"]
    code, _, err = gongbao(*arguments, "--engine", "abacus")
    assert (code, "duckdb、postgres、spark" in err) == (1, True)
    code, again, _ = gongbao(*arguments, "--any-order", "--json")
    assert (code, again["outcomes"]) == (0, made["outcomes"])


DECIDE = ("decide", "shili/parking", "level", "--facts", "-")
REPLAY = ("case", "replay", "shili/parking", "clearing", "--events", "-", "--now")


@pytest.mark.parametrize(
    ("arguments", "stdin", "message"),
    [
        (("pack", "show", "shili/none"), b"", "没有这个政策包；现有：shili/parking"),
        (("decide", "shili/parking", "none", "--facts", "-"), b"{}", "没有“none”这个判定；有：level"),
        (("decide", "shili/parking", "level", "--facts", "nowhere.json"), b"", "没有这个文件"),
        (DECIDE, b"{", "不是正确的 JSON（第 1 行第 2 列）"),
        (DECIDE, b"\xff\xfe", "不是 UTF-8"),
        (DECIDE, b"[]", "应是一个映射"),
        (DECIDE, b'{"bikes": 1, "bikes": 2}', "写了两次"),
        (DECIDE, b'{"bikes": NaN}', "不允许 NaN"),
        (DECIDE, b'{"bikes": -1}', "停放数量"),
        (DECIDE, b'{"bikes": 1e999999999}', "太长"),
        (DECIDE, b'{"bikes": 1e400}', "须为不小于 0 的整数"),
        (DECIDE, b'{"bikes": "1e400"}', "须为不小于 0 的整数"),
        (DECIDE, b'{"bikes": "NaN"}', "须为不小于 0 的整数"),
        (DECIDE, b'{"bikes": true}', "须为不小于 0 的整数"),
        (DECIDE, '{"bikes": "3公斤"}'.encode(), "须为不小于 0 的整数"),
        (DECIDE, b'{"owner_type": "x"}', "下列之一：私人、共享、单位"),
        (DECIDE, b'{"found_at": "2023-02-30"}', "须为日期和时刻"),
        (DECIDE, b'{"found_at": "2023-02-30T09:00"}', "须为日期和时刻"),
        (DECIDE, b'{"reason": "' + b"x" * 10_000_000 + b'"}', "有 10000000 字，须为不超过 20000 字的文本"),
        (DECIDE, b'{"bikes": 1e-999999999}', "停放数量"),
        (DECIDE, b'{"bikes": ' + b"9" * 5_000 + b"}", "有一个数太长"),
        (DECIDE, b'{"bikes": 1e' + b"9" * 30 + b"}", "有一个数太长"),
        (DECIDE, b'{"bicycles": 1}', "bicycles"),
        (DECIDE, b"[" * 100_000, "嵌套过深"),
        ((*DECIDE, "--on", "2023-02-30"), b"{}", "日期应写作"),
        ((*REPLAY, "2023-05-08"), b"{}", "应是一个列表"),
        (("case", "replay", "shili/parking", "none", "--events", "-", "--now", "2023-05-08"), b"[]", "没有“none”"),
        ((*REPLAY, "soon"), b"[]", "不是时间"),
        (("due", "--from", "0001-01-01", "--limit", "1 day", "--kind", "lead"), b"", "日期超出范围"),
        (("due", "--from", "9999-12-31T23:00", "--limit", "20 hours"), b"", "日期超出范围"),
        (("due", "--from", "2023-01-20", "--limit", "3 moons"), b"", "时限写法有误"),
        (("due", "--from", "2023-01-20", "--limit", "3 days", "--kind", "x"), b"", "--kind 只能是"),
        (("gazette", "read", "nowhere.txt"), b"", "找不到公报文件"),
        (("receipt", "verify", "-"), b"{}", "凭据里没有 pack"),
        (("receipt", "verify", "-"), b'{"pack": "shili/parking"}', "这不是一份判定凭证"),
    ],
)  # fmt: skip
def test_bad_input_is_one_message_and_exit_code_one(
    gongbao: Any, arguments: tuple[str, ...], stdin: bytes, message: str
) -> None:
    code, out, err = gongbao(*arguments, stdin=stdin)
    assert code == 1
    assert out == ""
    assert message in err
    assert "Traceback" not in err


def test_settings_are_checked_by_their_type(gongbao: Any, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    for text, message in (('{"patrols": "x"}', "每日巡查次数"), ('{"none": 1}', "没有这项设置：none；可设置：patrols")):
        path.write_text(text, encoding="utf-8")
        code, _, err = gongbao(*DECIDE, "--settings", path, stdin=b"{}")
        assert (code, message in err) == (1, True), err


def test_a_wrong_command_line_is_exit_code_two(gongbao: Any) -> None:
    assert gongbao("nonsense")[0] == 2
    assert gongbao("decide")[0] == 2


def test_a_day_on_which_the_document_does_not_hold_is_told_in_the_same_way_everywhere(
    gongbao: Any, tmp_path: Path
) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    write_table(pa.table({"bikes": [19], "blocked": [True]}), tmp_path / "in.parquet")
    table = ("--input", tmp_path / "in.parquet", "--output", tmp_path / "out.parquet")
    begins = dt.date.fromisoformat("2023-04-01")
    for day, holds in ((begins - dt.timedelta(days=1), False), (begins, True)):
        told = set()
        for arguments, stdin in (
            ((*DECIDE, "--on", day), b"{}"),
            ((*REPLAY, day), b"[]"),
            (("due", "--from", day, "--limit", "3 days", "--pack", "shili/parking"), b""),
            (("batch", "shili/parking", "level", *table, "--on", day), b""),
        ):
            _, shown, _ = gongbao(*arguments, "--json", stdin=stdin)
            told.add(shown["out_of_force"])
            _, text, _ = gongbao(*arguments, stdin=stdin)
            assert ("尚未施行" in text) is not holds, arguments
        assert told == {None} if holds else len(told) == 1 and "2023-04-01" in told.pop()


def test_without_a_day_nothing_is_said_of_it(gongbao: Any) -> None:
    assert gongbao(*DECIDE, "--json", stdin=b"{}")[1]["out_of_force"] is None
    assert gongbao("due", "--from", "2023-01-20", "--limit", "3 days", "--json")[1]["out_of_force"] is None


def test_a_table_with_a_value_that_is_not_allowed_is_written_and_told(gongbao: Any, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow.parquet import read_table, write_table

    write_table(pa.table({"停放数量": [19, -1], "blocked": [True, False]}), tmp_path / "in.parquet")
    table = ("--input", tmp_path / "in.parquet", "--output", tmp_path / "out.parquet")
    code, shown, err = gongbao("batch", "shili/parking", "level", *table, "--json")
    assert (code, shown["status"]) == (1, {"settled": 1, "invalid": 1})
    assert "第 2 行，列 停放数量：" in err
    assert "-1" in err
    assert "不小于 0" in err
    assert read_table(tmp_path / "out.parquet")["status"].to_pylist() == ["settled", "invalid"]


def test_a_gazette_is_read_with_its_clauses(gongbao: Any) -> None:
    file = Path(__file__).parent / "policy" / "gazettes" / "2023-1.txt"
    code, out, _ = gongbao("gazette", "read", file, "--full")
    [first, *_] = json.loads(out)["documents"]
    assert code == 0
    assert {"clauses", "citations", "discrepancies"} <= set(first)


# Indicators ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """The root of a pack with indicators."""
    from tests.policy.plans import written

    written(tmp_path / "packs")
    return tmp_path / "packs"


def test_indicator_says_of_each_what_it_is_and_why(gongbao: Any, plan: Path) -> None:
    rows = [
        {"indicator": "floor", "period": "2024", "value": 89, "reported_at": "2025-01-10", "id": "a"},
        {"indicator": "floor", "period": "2024", "value": 91, "reported_at": "2025-03-01", "revises": "a"},
        {"指标": "托位数", "时期": "2024", "数值": 20_000},
        {"指标": "常住人口", "时期": "2024", "数值": 5_460_000},
    ]
    code, shown, _ = gongbao(
        "indicator", "shili/plan", "--observations", json.dumps(rows), "--on", "2025-06-30", "--json", packs=plan
    )
    assert (code, shown["on"], shown["observations"]) == (0, "2025-06-30", 4)
    found = {one["id"]: one for one in shown["indicators"]}
    (result,) = found["floor"]["results"]
    assert (found["floor"]["status"], result["value"], result["goal"], result["cites"]) == ("达标", 91, 90, ["一"])
    assert [each["value"] for each in result["from"][0]["earlier"]] == [89]
    assert result["from"][0]["days_after"] == 60
    (ratio,) = found["ratio"]["results"]
    assert (ratio["status"], ratio["needed"]) == ("推进中", 24_570)
    assert sum(shown["counts"].values()) == len(found)
    code, text, _ = gongbao("indicator", "shili/plan", "--observations", json.dumps(rows), packs=plan)
    assert code == 0
    assert "管理率" in text


def test_indicator_reads_a_table_and_gives_receipts_that_verify(gongbao: Any, plan: Path, tmp_path: Path) -> None:
    table = tmp_path / "values.csv"
    table.write_text("指标,时期,数值,单位,备注\n死亡率,2025,3.61,‰,\n", encoding="utf-8-sig")
    _, shown, _ = gongbao("indicator", "shili/plan", "--observations", table, "--receipts", "--json", packs=plan)
    one = next(each for each in shown["indicators"] if each["id"] == "ceiling")
    assert one["status"] == "未达标"
    (receipt,) = one["receipts"]
    code, verified, _ = gongbao("receipt", "verify", "-", "--json", stdin=json.dumps(receipt).encode(), packs=plan)
    assert (code, verified["ok"]) == (0, True)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ('[{"indicator": "floor", "period": "2024", "value": 900}]', "应为0 到 100 的数"),
        ("{}", "应是一个列表"),
        ("no.csv", "没有这个文件"),
        ("no.json", "没有这个文件"),
    ],
)
def test_indicator_refuses_rows_that_are_wrong(gongbao: Any, plan: Path, rows: str, told: str) -> None:
    code, out, err = gongbao("indicator", "shili/plan", "--observations", rows, packs=plan)
    assert (code, out) == (1, "")
    assert told in err


def test_a_pack_without_indicators_says_so(gongbao: Any) -> None:
    code, _, err = gongbao("indicator", "shili/parking", "--observations", "[]")
    assert code == 1
    assert "没有指标" in err


def test_pack_show_lists_the_indicators(gongbao: Any, plan: Path) -> None:
    _, shown, _ = gongbao("pack", "show", "shili/plan", "--json", packs=plan)
    floor = shown["indicators"][0]
    assert (floor["key"], floor["targets"][0]["says"]) == ("shili/plan:floor", "≥90%")
    _, text, _ = gongbao("pack", "show", "shili/plan", packs=plan)
    assert "管理率" in text
