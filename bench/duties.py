"""Precision and recall of what is read out of clauses, against the clauses labelled by hand (tests/gazette/labelled).

PYTHONPATH=src python bench/duties.py GAZETTES [--errors]
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from gongbao.gazette.duties import Duties, duties
from gongbao.gazette.library import Library

LABELLED = Path(__file__).resolve().parents[1] / "tests" / "gazette" / "labelled"
KINDS = ("unit", "date", "limit", "limit with its start", "quantity", "task", "task with its lead")


@dataclass(slots=True)
class Score:
    right: int = 0
    extra: int = 0
    missing: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.extra)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missing)


def measure(library: Library, half: str) -> dict[str, Score]:
    """Every kind over the clauses of one half (dev or held-out); equal values are counted as often as they stand."""
    scores = {kind: Score() for kind in KINDS}
    read: dict[str, dict[str, Duties]] = {}
    labels: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in _rows("items.csv", half):
        labels.setdefault((row["document"], row["locator"]), []).append((row["kind"], row["value"]))
    for row in _rows("clauses.csv", half):
        document, locator = row["document"], row["locator"]
        if document not in read:
            read[document] = {d.clause.locator: d for d in duties(library.document(document))}
        found = read[document].get(locator)
        wanted = labels.get((document, locator), [])
        for kind in KINDS:
            if kind.split()[0] not in row["complete_for"].split():
                continue
            _count(
                scores[kind],
                _wanted(kind, wanted),
                Counter(_found(kind, found) if found else ()),
                f"{document} {locator}",
            )
    return scores


def _count(score: Score, wanted: Counter[str], got: Counter[str], where: str) -> None:
    score.right += (wanted & got).total()
    score.extra += (got - wanted).total()
    score.missing += (wanted - got).total()
    score.errors += [f"{where}: extra {value}" for value in (got - wanted).elements()]
    score.errors += [f"{where}: missing {value}" for value in (wanted - got).elements()]


def _wanted(kind: str, labels: list[tuple[str, str]]) -> Counter[str]:
    return Counter(_same(kind, value) for k, value in labels if k == kind.split()[0])


def _found(kind: str, read: Duties) -> Iterator[str]:
    match kind.split()[0]:
        case "unit":
            yield from (f"{u.role}:{u.unit}" for u in read.units)
        case "date":
            yield from (d.rule for d in read.dates)
        case "limit":
            yield from (_same(kind, f"{x.written} @ {x.event or '-'}") for x in read.limits)
        case "quantity":
            yield from (_same(kind, q.written) for q in read.quantities)
        case "task" if read.task is not None:
            yield _same(kind, "|".join(read.task.lead) or "-")


def _same(kind: str, value: str) -> str:
    """One spelling per value: 68.50 is 68.5, leads in any order; the start of a limit by its last two characters."""
    if kind == "quantity":
        return re.sub(r"\d+\.\d+", lambda m: f"{Decimal(m[0]).normalize():f}", value)
    if kind == "limit":
        return value.split(" @ ")[0]
    if kind == "limit with its start":
        rule, _, start = value.partition(" @ ")
        return f"{rule} @ {start[-2:]}"
    if kind == "task":
        return "task"
    return "|".join(sorted(value.split("|"))) if kind == "task with its lead" else value


def _rows(name: str, half: str) -> list[dict[str, str]]:
    with (LABELLED / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["half"] == half]


def main() -> None:
    library = Library.read([Path(sys.argv[1])])
    for half in ("dev", "held-out"):
        print(
            f"\n{half}\n\n| kind | labelled | right | extra | missing | precision | recall |\n|---|---:|---:|---:|---:|---:|---:|"
        )
        scores = measure(library, half)
        for kind, s in scores.items():
            numbers = (
                f"{s.right + s.missing} | {s.right} | {s.extra} | {s.missing} | {s.precision:.3f} | {s.recall:.3f}"
            )
            print(f"| {kind} | {numbers} |")
        if "--errors" in sys.argv:
            print("\n".join(["", *(e for s in scores.values() for e in s.errors)]))


if __name__ == "__main__":
    main()
