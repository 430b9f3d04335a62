"""What the checker knows of one decision table, ready for its page: worked out once per content, beside the request.

The result is plain data in a file of the office, named by the hash of the pack, of the city's units and of the checker
itself, so that every process has it and a restart loses nothing. Until it is there the page shows the bare table and asks
again.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

import gongbao.policy.analysis as checker
from gongbao.office import worlds
from gongbao.office.library import readable, showing, standing
from gongbao.policy import loader, schema
from gongbao.policy.errors import PackError

SIDES = {0: "界值", -1: "下一步", 1: "上一步"}
KINDS = {
    "threshold": "门槛",
    "strictness": "是否含本数",
    "choice": "选项",
    "output": "结果",
    "removed": "去掉",
    "expression": "算式",
}

_one_at_a_time = threading.Lock()
_lock = threading.Lock()
_running: dict[str, threading.Thread] = {}
_failed: dict[str, str] = {}


def found(pack: str, name: str, folder: Path | None = None) -> dict[str, Any] | None:
    """The table's view as JSON data; None while it is being worked out (this begins it); `error` where it cannot be.

    folder: that of the version, else of the one in force.
    """
    folder = folder or worlds.folder(pack)
    stamp = _stamp(folder, name)
    file = Path(settings.GONGBAO_HOME) / "checked" / f"{stamp}.json"
    with _lock:
        if stamp in _failed:
            return {"error": _failed[stamp]}
        thread = _running.get(stamp)
        if thread is None and file.is_file():
            held: dict[str, Any] = json.loads(file.read_text("utf-8"))
            return held
        if thread is None:
            made = threading.Thread(target=_work, args=(folder, name, stamp, file), name="table-check", daemon=True)
            _running[stamp] = made
            made.start()
    return None


def wait(pack: str, name: str, seconds: float, folder: Path | None = None) -> dict[str, Any] | None:
    """The same, waiting so long for it: what is soon done needs no second request."""
    folder = folder or worlds.folder(pack)
    held = found(pack, name, folder)
    thread = _running.get(_stamp(folder, name))
    if held is None and thread is not None:
        thread.join(seconds)
        return found(pack, name, folder)
    return held


def _work(folder: Path, name: str, stamp: str, file: Path) -> None:
    try:
        with _one_at_a_time:
            made = _view(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        beside = file.with_suffix(f".{threading.get_ident()}")
        beside.write_text(json.dumps(made, ensure_ascii=False), "utf-8")
        beside.replace(file)
    except Exception as error:
        logging.getLogger(__name__).exception("检查判定表 %s %s", folder, name)
        _failed[stamp] = (
            str(error) if isinstance(error, (PackError, OSError)) else f"检查没有完成：{type(error).__name__}"
        )
    finally:
        with _lock:
            _running.pop(stamp, None)


def _view(folder: Path, name: str) -> dict[str, Any]:
    """The checker's view with an example to paste for each change that none notices."""
    from gongbao.policy.analysis.tables import example_of, table_of
    from gongbao.policy.examples import run

    source, world = loader.read_source(folder), loader.load_folder(folder)
    needs = [e for e in source.pack.examples if e.of == "decision"]
    view = table_of(source, world, name, run(world, needs))
    made: dict[str, Any] = view.as_dict()
    for plain, survivor in zip(made["survivors"], view.survivors, strict=True):
        cite = view.rules[survivor.rule - 1].cite
        plain["example"] = example_of(name, survivor, cite) if survivor.case is not None else ""
    return made


def _stamp(folder: Path, name: str) -> str:
    units = folder.parent / "units.yaml"
    parts = (loader.pack_hash(folder), hashlib.sha256(units.read_bytes()).hexdigest(), name, _checker())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _checker() -> str:
    """The checker's own code, so that a newer one looks again."""
    folder = Path(checker.__file__).parents[1]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.rglob("*.py")))).hexdigest()


# ------------------------------------------------------------------------------------------------------- for the page


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell: its words, the test as written, what of its figures no example stands on, and survivors (from 1)."""

    words: str
    written: str
    any: bool
    guarded: tuple[tuple[str, tuple[str, ...]], ...] = ()  # (which figure and side, the examples)
    missing: tuple[str, ...] = ()
    survivors: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownRow:
    number: int
    otherwise: bool
    cells: tuple[ShownCell, ...]
    outputs: tuple[str, ...]
    cite: str
    note: str
    examples: tuple[str, ...]
    dead: bool
    survivors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A counter-example: in words, as JSON facts, and the trial that shows it (empty where a fact cannot be typed)."""

    told: str
    facts: str
    trial: str
    rules: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ShownSurvivor:
    number: int
    rule: int
    column: str
    kind: str
    changed: str
    case: ShownCase | None
    before: str
    after: str
    example: str


@dataclass(frozen=True, slots=True)
class Checked:
    """All that the page shows of a table that was looked at."""

    rows: tuple[ShownRow, ...]
    gaps: tuple[ShownCase, ...]
    overlaps: tuple[ShownCase, ...]
    survivors: tuple[ShownSurvivor, ...]
    undecided: tuple[str, ...]
    mutants: int
    killed: int
    equivalent: int

    @property
    def unreached(self) -> tuple[int, ...]:
        return tuple(r.number for r in self.rows if not r.examples)

    @property
    def dead(self) -> tuple[int, ...]:
        return tuple(r.number for r in self.rows if r.dead)

    @property
    def missing(self) -> tuple[tuple[int, str], ...]:
        """(rule, what no example stands on), each figure of a column once."""
        return tuple((r.number, words) for r in self.rows for c in r.cells for words in c.missing)


def shown(pack: schema.Pack, name: str, held: Mapping[str, Any]) -> Checked:
    """The checker's data in the words of the page."""
    table = showing.decision(pack, name)
    labels = [standing.column_label(pack, column["expression"]) for column in held["columns"]]
    rows = tuple(
        ShownRow(
            rule["number"], rule["otherwise"], tuple(_cell(pack, cell) for cell in rule["cells"]), row.outputs,
            rule["cite"], rule["note"] or "", tuple(rule["examples"]), rule["dead"], _numbers(rule["survivors"]),
        )
        for rule, row in zip(held["rules"], table.rows, strict=True)
    )  # fmt: skip
    columns = dict(zip((c["expression"] for c in held["columns"]), labels, strict=True))
    survivors = tuple(
        ShownSurvivor(
            i, each["rule"], columns.get(each["column"] or "", ""), KINDS.get(each["kind"], each["kind"]), each["changed"],
            _case(pack, name, each["case"]) if each["case"] else None, each["before"], each["after"],
            each.get("example", ""),
        )
        for i, each in enumerate(held["survivors"], 1)
    )  # fmt: skip
    return Checked(
        rows, tuple(_case(pack, name, c) for c in held["gaps"]), tuple(_case(pack, name, c) for c in held["overlaps"]),
        survivors, tuple(u for u in held["undecided"] if u), held["mutants"], held["killed"], held["equivalent"],
    )  # fmt: skip


def _numbers(positions: Any) -> tuple[int, ...]:
    return tuple(at + 1 for at in positions)


def _cell(pack: schema.Pack, cell: Mapping[str, Any] | None) -> ShownCell:
    if cell is None:
        return ShownCell("不限", "-", True)
    guarded, missing = [], []
    for guard in cell["guards"]:
        side = SIDES.get(guard["side"])
        wanted = guard.get("wanted")
        at = f"{guard['text']} {side}" if side else guard["text"]
        words = readable.expression_words(at, pack) + (f"（{wanted}）" if wanted is not None and guard["side"] else "")
        if guard["examples"]:
            guarded.append((words, tuple(guard["examples"])))
        else:
            missing.append(words if side else f"{words} 的相邻值不明（没有写 step）")
    return ShownCell(readable.test_words(cell["text"], pack), cell["text"], False, tuple(guarded), tuple(missing),
                     _numbers(cell["survivors"]))  # fmt: skip


def _case(pack: schema.Pack, name: str, case: Mapping[str, Any]) -> ShownCase:
    facts = case["facts"]
    told = case["told"] or "，".join(f"{standing.column_label(pack, n)}＝{v}" for n, v in facts.items())
    return ShownCase(told, json.dumps(facts, ensure_ascii=False), _trial(pack, name, case), tuple(case["rules"]))


def _trial(pack: schema.Pack, name: str, case: Mapping[str, Any]) -> str:
    """The address of 试一试 with the facts filled in; empty where it would not show the same."""
    facts = case["facts"]
    plain = all(n in pack.facts and isinstance(v, (bool, int, str)) for n, v in facts.items())
    if not plain or case["settings"] or case.get("judged"):
        return ""
    typed = {f"f-{n}": ("是" if v else "否") if isinstance(v, bool) else v for n, v in facts.items()}
    city, slug = pack.id.split("/")
    return f"{reverse('library:try', args=[city, slug, name])}?{urlencode(typed)}"
