"""No sentence of a gazette stands in the repository: finds any run of 20 or more characters that equals a seed.

Names, titles, terms and the items of printed lists may be carried over; they are the cells of a pack's registers
(`registers/*.csv`), the titles in `document.yaml`, the names in `units.yaml`, what the gazettes print between 《》, and the
titles of their documents and tables.
White space does not count, so a sentence broken over lines is found as well. Without folders the whole repository is
looked through.

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

from gongbao.gazette.clauses import document_tables
from gongbao.gazette.library import Library
from gongbao.gazette.text import GazetteError

RUN = 20
SUFFIXES = {
    ".py", ".yaml", ".yml", ".md", ".html", ".css", ".js", ".txt", ".toml", ".csv", ".json", ".sql", ".svg", ".xml", ".sh",
}  # fmt: skip
FOLDERS = ("packs", "src", "tests", "docs", "bench", "bin", ".ci")
_TITLE = re.compile(r"《[^《》]{4,120}》")
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
    """Names (of units, of indicators), titles and printed list items of the packs, without white space."""
    strings: list[str] = []
    for path in packs.rglob("registers/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            strings.extend(cell for row in csv.reader(file) for cell in row)
    for path in packs.rglob("document.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        strings.extend(_strings(data, frozenset({"title", "based_on", "repeals", "issuer"})))
    for path in packs.rglob("indicators.yaml"):  # the names of a table's rows
        strings.extend(_strings(yaml.safe_load(path.read_text(encoding="utf-8")), frozenset({"label"})))
    for path in packs.rglob("units.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        strings.extend(_strings(data, frozenset({"name", "aliases", "short", "source", "label"})))
    return [dense for dense in (_SPACE.sub("", s) for s in strings) if len(dense) >= RUN]


def titles(text: str) -> list[str]:
    """What a gazette prints between 《》, with its brackets, without white space; short ones are no run."""
    return [match[0] for match in _TITLE.finditer(_SPACE.sub("", text)) if len(match[0]) >= RUN]


def headings(gazettes: Path) -> list[str]:
    """Titles of the documents, of their parts and of their tables, as the gazettes print them."""
    found: list[str] = []
    try:
        documents = Library.read([gazettes]).documents
    except GazetteError:  # texts that are no gazettes have no titles
        return []
    for document in documents:
        found += [document.heading, document.title, *(part.title for part in document.parts)]
        found += [table.title for table in document_tables(document)]
    return [dense for dense in (_SPACE.sub("", title) for title in found) if len(dense) >= RUN]


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


def files(folders: Iterable[Path]) -> Iterator[Path]:
    """The text files of the folders; without any, of the repository. The rows of registers are printed list items."""
    asked = list(folders)
    if not asked:
        yield from (p for p in sorted(Path().iterdir()) if p.is_file() and p.suffix in SUFFIXES)
        asked = [Path(name) for name in FOLDERS]
    for folder in asked:
        for path in sorted(folder.rglob("*")):
            text = path.suffix in SUFFIXES or (path.suffix == "" and folder.name in ("bin", ".ci"))
            if text and path.is_file() and "registers" not in path.parts:
                yield path


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    gazettes = Path(arguments[0])
    texts = [p.read_text(encoding="utf-8", errors="replace") for p in sorted(gazettes.glob("*.txt"))]
    if not texts:
        print(f"文件夹 {gazettes} 中没有公报文本（*.txt）", file=sys.stderr)
        return 2
    seeds = shingles(texts)
    names = [*allowed(Path("packs")), *(title for text in texts for title in titles(text)), *headings(gazettes)]
    found: list[Copied] = []
    count = 0
    for path in files([Path(a) for a in arguments[1:]]):
        count += 1
        found.extend(copied(path, path.read_text(encoding="utf-8", errors="replace"), seeds, names))
    for item in found:
        print(item, file=sys.stderr)
    print(f"{count} 个文件，{len(found)} 处与公报相同的 {RUN} 字以上语句")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
