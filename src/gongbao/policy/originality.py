"""No sentence of a gazette stands in the repository: finds any run of 20 or more characters that equals a seed.

Names, titles, terms and the items of printed lists may be carried over; they are the cells of a pack's registers
(`registers/*.csv`), the titles in `document.yaml` and the names in `units.yaml`. White space does not count, so a
sentence broken over lines is found as well.

    python -m gongbao.policy.originality GAZETTE_FOLDER [FOLDER ...]
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

RUN = 20
SUFFIXES = {".py", ".yaml", ".yml", ".md", ".html", ".css", ".js", ".txt", ".toml", ".csv", ".json"}
_SPACE = re.compile(r"\s+")
_HAN = re.compile(r"[一-鿿]")


@dataclass(frozen=True, slots=True)
class Copied:
    path: Path
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: 与公报相同的 {len(self.text)} 字：{self.text[:60]}"


def _dense(text: str) -> tuple[str, list[int]]:
    """The text without white space, and for each character kept its 1-based line."""
    kept: list[str] = []
    lines: list[int] = []
    for number, line in enumerate(text.splitlines(), start=1):
        dense = _SPACE.sub("", line)
        kept.append(dense)
        lines.extend([number] * len(dense))
    return "".join(kept), lines


def shingles(texts: Iterable[str], run: int = RUN) -> set[str]:
    """Every run of `run` characters of the texts."""
    found: set[str] = set()
    for text in texts:
        dense, _ = _dense(text)
        found.update(dense[i : i + run] for i in range(len(dense) - run + 1))
    return found


def _strings(node: object, keys: frozenset[str]) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in keys:
                yield from (str(v) for v in (value if isinstance(value, list) else [value]))
            else:
                yield from _strings(value, keys)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value, keys)


def allowed(packs: Path) -> list[str]:
    """Names, titles and printed list items of the packs, without white space."""
    strings: list[str] = []
    for path in packs.rglob("registers/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            strings.extend(cell for row in csv.reader(file) for cell in row)
    for path in packs.rglob("document.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        strings.extend(_strings(data, frozenset({"title", "based_on", "repeals", "issuer"})))
    for path in packs.rglob("units.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        strings.extend(_strings(data, frozenset({"name", "aliases", "short", "source", "label"})))
    return [dense for dense in (_SPACE.sub("", s) for s in strings) if len(dense) >= RUN]


def copied(path: Path, text: str, seeds: set[str], names: Iterable[str], run: int = RUN) -> Iterator[Copied]:
    """The maximal runs of the text that stand in a seed and are not part of a name, a title or a list item."""
    dense, lines = _dense(text)
    start = 0
    while start <= len(dense) - run:
        if dense[start : start + run] not in seeds:
            start += 1
            continue
        end = start + run
        while end < len(dense) and dense[end - run + 1 : end + 1] in seeds:
            end += 1
        found = dense[start:end]
        if len(_HAN.findall(found)) >= run // 2 and not any(found in name for name in names):
            yield Copied(path, lines[start], found)
        start = end - run + 1


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    gazettes = Path(arguments[0])
    folders = [Path(a) for a in arguments[1:]] or [Path(n) for n in ("packs", "src", "tests", "docs", "bench")]
    seeds = shingles(p.read_text(encoding="utf-8", errors="replace") for p in sorted(gazettes.glob("*.txt")))
    names = allowed(Path("packs"))
    found: list[Copied] = []
    count = 0
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in SUFFIXES or not path.is_file() or "registers" in path.parts:
                continue
            count += 1
            found.extend(copied(path, path.read_text(encoding="utf-8", errors="replace"), seeds, names))
    for item in found:
        print(item, file=sys.stderr)
    print(f"{count} 个文件，{len(found)} 处与公报相同的 {RUN} 字以上语句")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
