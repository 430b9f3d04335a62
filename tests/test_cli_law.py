"""Law in force on the command line: the day of the matter picks the version, in one decision, a case and a table."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.policy.conftest import VALID
from tests.test_cli import facts, gongbao

__all__ = ["gongbao"]

HELD = "{from: 2023-04-01, until: 2028-03-31, applies_by: event_date}"
A, B = "示政办字〔2023〕5号", "示政办字〔2025〕2号"


@pytest.fixture
def lay(tmp_path: Path) -> Any:
    """Lays a version of the parking pack: folder, number, in_force; `severe`: from how many bikes on it is 严重."""

    def build(folder: str, number: str, held: str, *, severe: int = 100, more: str = "", days: int = 3) -> Path:
        shutil.copytree(VALID.parent, tmp_path / "packs" / "shili", dirs_exist_ok=True,
                        ignore=lambda d, names: ["parking"] if (tmp_path / "packs" / "shili").exists() else [])  # fmt: skip
        made = tmp_path / "packs" / "shili" / folder
        shutil.copytree(VALID, made, dirs_exist_ok=True)
        if folder != "parking":
            shutil.rmtree(tmp_path / "packs" / "shili" / "parking", ignore_errors=True)
        for name, old, new in (
            ("document.yaml", HELD, held), ("document.yaml", A, number),
            ("decisions.yaml", ">= 100", f">= {severe}"), ("procedures.yaml", "3 working days", f"{days} working days"),
        ):  # fmt: skip
            file = made / name
            text = file.read_text("utf-8")
            assert old in text
            file.write_text(text.replace(old, new) + (more if (name, old) == ("document.yaml", A) else ""), "utf-8")
        return tmp_path / "packs"

    return build


@pytest.fixture
def two(lay: Any) -> Path:
    """2023 with 严重 from 100, 2025 with 严重 from 60."""
    lay("parking@2023", A, "{from: 2023-04-01, until: 2024-12-31, date_fact: found_at}")
    root: Path = lay("parking@2025", B, "{from: 2025-01-01, date_fact: found_at}", severe=60)
    return root


def level(gongbao: Any, root: Path, *options: str, **given: Any) -> Any:
    code, made, err = gongbao("decide", "shili/parking", "level", "--facts", "-", "--json", *options,
                              stdin=facts(bikes=70, blocked=False, **given), packs=root)  # fmt: skip
    assert code == 0, err
    return made


@pytest.mark.parametrize(
    ("on", "label", "value", "said"),
    [
        ("2023-03-31", "2023", "一般", "尚未施行"),
        ("2023-04-01", "2023", "一般", None),
        ("2024-02-29", "2023", "一般", None),
        ("2024-12-31", "2023", "一般", None),
        ("2025-01-01", "2025", "严重", None),
    ],
)
def test_the_day_picks_the_version(gongbao: Any, two: Path, on: str, label: str, value: str, said: str | None) -> None:
    made = level(gongbao, two, "--on", on)
    assert made["value"] == {"level": value}
    assert (made["law"]["label"], made["law"]["on"], made["law"]["by"]) == (label, on, "event_date")
    assert made["receipt"]["law"]["label"] == label
    assert (made["out_of_force"] or "").find(said or "") >= 0
    assert (made["out_of_force"] is None) is (said is None)


def test_the_fact_of_the_event_goes_before_the_day_of_deciding(gongbao: Any, two: Path) -> None:
    made = level(gongbao, two, "--on", "2025-06-01", found_at="2024-12-31 23:59")
    assert (made["law"]["label"], made["law"]["on"], made["value"]) == ("2023", "2024-12-31", {"level": "一般"})
    made = level(gongbao, two, 发现时间="2025-01-01 00:00")
    assert (made["law"]["label"], made["value"]) == ("2025", {"level": "严重"})


def test_without_any_day_it_is_the_newest_and_a_named_version_is_taken_as_it_is(gongbao: Any, two: Path) -> None:
    assert level(gongbao, two)["law"] | {"on": None} == level(gongbao, two)["law"]
    assert level(gongbao, two)["law"]["label"] == "2025"
    code, out, _ = gongbao("decide", "shili/parking@2023", "level", "--facts", "-", "--json", "--on", "2025-06-01",
                           stdin=facts(bikes=70, blocked=False), packs=two)  # fmt: skip
    assert (code, out["law"]["label"], out["law"]["by"]) == (0, "2023", None)
    assert "代替" in out["out_of_force"]


def test_a_wrong_day_of_the_event_is_refused(gongbao: Any, two: Path) -> None:
    code, _, err = gongbao("decide", "shili/parking", "level", "--facts", "-", stdin=facts(found_at="昨天"), packs=two)
    assert code == 1
    assert "发现时间" in err


def test_in_words(gongbao: Any, two: Path) -> None:
    _, out, _ = gongbao("decide", "shili/parking", "level", "--facts", "-", "--on", "2024-05-01",
                        stdin=facts(bikes=70, blocked=False), packs=two)  # fmt: skip
    assert "版本 2023，自2023-04-01起至2024-12-31施行，按事件之日 2024-05-01" in out


def test_a_receipt_is_verified_against_its_own_version(gongbao: Any, lay: Any, tmp_path: Path) -> None:
    root = lay("parking@2023", A, "{from: 2023-04-01}")
    held = json.dumps(level(gongbao, root, "--on", "2024-05-01"), ensure_ascii=False).encode()
    lay("parking@2025", B, "{from: 2025-01-01}", severe=60)
    code, made, _ = gongbao("receipt", "verify", "-", "--json", stdin=held, packs=root)
    assert (code, made["ok"], made["differences"]) == (0, True, [])
    (root / "shili" / "parking@2023").rename(root / "shili" / "parking@old")
    code, made, _ = gongbao("receipt", "verify", "-", "--json", stdin=held, packs=root)
    assert (code, made["differences"]) == (0, [])
    shutil.rmtree(root / "shili" / "parking@old")
    lay(
        "parking@z2010", "示政办字〔2010〕2号", "{from: 2010-01-01, until: 2024-12-31}"
    )  # last by name, but not the newest
    code, made, _ = gongbao("receipt", "verify", "-", "--json", stdin=held, packs=root)
    assert code == 1
    assert {d["field"] for d in made["differences"]} >= {"version", "law", "document", "outcome.value"}
    assert next(d for d in made["differences"] if d["field"] == "law")["found"]["from"] == "2025-01-01"


EVENTS: list[dict[str, Any]] = [
    {"at": "2024-12-30T09:00", "action": "opened", "by": "市交管局",
     "facts": {"bikes": 70, "place": "东区", "found_at": "2024-12-30T09:00", "blocked": True}},
    {"at": "2024-12-31T10:00", "action": "confirmed", "step": "check", "by": "市交管局"},
]  # fmt: skip


def replay(gongbao: Any, root: Path, now: str, events: Any = EVENTS) -> Any:
    data = json.dumps(events, ensure_ascii=False).encode()
    code, made, err = gongbao("case", "replay", "shili/parking", "clearing", "--events", "-", "--now", now, "--json",
                              stdin=data, packs=root)  # fmt: skip
    assert code == 0, err
    return made


def clear_by(made: Any) -> str:
    return next(d["due"][:10] for d in made["deadlines"] if d["id"] == "clear_time")


@pytest.mark.parametrize(
    ("force", "now", "label", "moved", "due"),
    [
        ("{from: 2025-01-01}", "2025-02-01T09:00", "2023", [], "2025-01-06"),
        ("{from: 2025-01-01, open_cases: keep}", "2025-02-01T09:00", "2023", [], "2025-01-06"),
        ("{from: 2025-01-01, open_cases: move}", "2024-12-31T23:59", "2023", [], "2025-01-06"),
        ("{from: 2025-01-01, open_cases: move}", "2025-01-01T00:00", "2025", ["2023"], "2025-01-08"),
    ],
)
def test_a_case_spanning_a_change_keeps_its_version_or_moves(
    gongbao: Any, lay: Any, force: str, now: str, label: str, moved: list[str], due: str
) -> None:
    lay("parking@2023", A, "{from: 2023-04-01, until: 2024-12-31}")
    root = lay("parking@2025", B, force, days=5)
    made = replay(gongbao, root, now)
    assert (made["law"]["label"], made["law"]["moved_from"]) == (label, moved)
    assert clear_by(made) == due


def test_a_case_closed_before_the_change_stays(gongbao: Any, lay: Any) -> None:
    lay("parking@2023", A, "{from: 2023-04-01, until: 2024-12-31}")
    root = lay("parking@2025", B, "{from: 2025-01-01, open_cases: move}", days=5)
    closing = {"at": "2024-12-31T11:00", "action": "cleared", "step": "clear", "by": "东区人民政府"}
    made = replay(gongbao, root, "2025-02-01T09:00", [*EVENTS, closing])
    assert made["closed_at"] is not None
    assert made["law"]["moved_from"] == []


def test_an_open_case_moves_to_a_correction_whatever_is_said(gongbao: Any, lay: Any) -> None:
    lay("parking@1", A, "{from: 2023-04-01}")
    root = lay("parking@2", A, "{from: 2023-04-01, open_cases: keep}", days=5,
               more="revision: {no: 2, kind: transcription_fix}\n")  # fmt: skip
    made = replay(gongbao, root, "2025-02-01T09:00")
    assert (made["law"]["label"], made["law"]["revision"]) == ("2", 2)
    assert clear_by(made) == "2025-01-08"


def test_a_case_that_cannot_be_read_under_the_new_version_stays_and_says_why(gongbao: Any, lay: Any) -> None:
    lay("parking@2023", A, "{from: 2023-04-01, until: 2024-12-31}")
    root = lay("parking@2025", B, "{from: 2025-01-01, open_cases: move}")
    file = root / "shili" / "parking@2025" / "procedures.yaml"
    file.write_text(
        file.read_text("utf-8")
        .replace("    clear:\n", "    clearing_up:\n")
        .replace("to: [clear]", "to: [clearing_up]"),
        "utf-8",
    )
    made = replay(gongbao, root, "2025-02-01T09:00")
    assert (made["law"]["label"], made["law"]["moved_from"]) == ("2023", [])
    assert "没有移到版本 2025" in made["law"]["not_moved"]


def test_a_table_by_the_day_of_each_row(gongbao: Any, two: Path, tmp_path: Path) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    import datetime as dt

    days = [dt.date(2025, 1, 1), dt.date(2024, 12, 31), dt.date(2023, 3, 31)]
    pq.write_table(pa.table({"bikes": [70, 70, 70], "blocked": [False] * 3, "day": pa.array(days, pa.date32())}),
                   tmp_path / "in.parquet")  # fmt: skip
    code, made, err = gongbao("batch", "shili/parking", "level", "--input", tmp_path / "in.parquet", "--output",
                              tmp_path / "out.parquet", "--date-column", "day", "--json", packs=two)  # fmt: skip
    assert code == 1
    assert "第 3 行，2023-03-31 没有有效的版本" in err
    assert made["versions"] == {"2023": 1, "2025": 1}
    assert pq.read_table(tmp_path / "out.parquet").column("level").to_pylist() == ["严重", "一般", None]
    code, _, err = gongbao("batch", "shili/parking", "level", "--input", tmp_path / "in.parquet", "--output",
                           tmp_path / "out.parquet", "--date-column", "day", "--resume", packs=two)  # fmt: skip
    assert (code, "--resume 只用于一个文件夹" in err) == (1, True)


def test_check_names_the_days_of_a_gap(gongbao: Any, lay: Any) -> None:
    lay("parking@2023", A, "{from: 2023-04-01, until: 2024-12-31}")
    root = lay("parking@2025", B, "{from: 2025-02-01}")
    code, out, _ = gongbao("check", packs=root)
    assert code == 1
    assert "2025-01-01 至 2025-01-31 没有有效的版本" in out


def test_a_decision_that_asks_for_the_day_is_not_made_without_one(gongbao: Any, lay: Any) -> None:
    root = lay("parking", A, "{from: 2023-04-01}")
    with (root / "shili" / "parking" / "decisions.yaml").open("a", encoding="utf-8") as file:
        file.write("""
late:
  label: 是否较晚
  cite: 二
  hit: first
  output: {late: {type: choice, values: [早, 晚]}}
  rules:
    - {when: {"as_of < found_at": "true"}, then: 早, cite: 二}
    - {otherwise: 晚, cite: 二}
""")
    given = facts(found_at="2024-05-01T08:00")
    code, _, err = gongbao("decide", "shili/parking", "late", "--facts", "-", stdin=given, packs=root)
    assert code == 1
    assert "判定“是否较晚”要用到判定之日，请用 --on" in err
    code, made, _ = gongbao(
        "decide", "shili/parking", "late", "--facts", "-", "--json", "--on", "2024-04-30", stdin=given, packs=root
    )
    assert (code, made["value"]) == (0, {"late": "早"})
