"""The files of one pack folder, read whole: every mistake of every file is reported at once, with its line."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gongbao.policy import schema
from gongbao.policy.complaints import in_chinese
from gongbao.policy.errors import PackError, Problem
from gongbao.policy.files import pack_hash
from gongbao.policy.yaml_core import Parsed, dotted, parse

__all__ = ["MAX_CSV", "MAX_YAML", "Source", "pack_hash", "read_document", "read_pack", "read_source", "read_units"]

MAX_YAML = 2_000_000  # bytes; the largest pack in hand is a tenth of this
MAX_CSV = 20_000_000

FILES: dict[str, TypeAdapter[Any]] = {
    "document": TypeAdapter(schema.DocumentFile),
    "facts": TypeAdapter(dict[str, schema.FactSpec]),
    "params": TypeAdapter(dict[str, schema.Param]),
    "settings": TypeAdapter(dict[str, schema.Setting]),
    "decisions": TypeAdapter(dict[str, schema.DecisionSpec]),
    "procedures": TypeAdapter(dict[str, schema.ProcedureSpec]),
    "duties": TypeAdapter(tuple[schema.DutySpec, ...]),
    "indicators": TypeAdapter(tuple[schema.IndicatorSpec, ...]),
    "registers": TypeAdapter(dict[str, schema.RegisterSpec]),
    "documents": TypeAdapter(dict[str, schema.TemplateSpec]),
    "scoresheets": TypeAdapter(dict[str, schema.ScoresheetSpec]),
    "examples": TypeAdapter(tuple[schema.Example, ...]),
}
_UNITS: TypeAdapter[Any] = TypeAdapter(schema.UnitsFile)
_LISTS = ("duties", "indicators", "examples")
_NAMED = ("facts", "params", "settings", "decisions", "procedures", "registers", "documents", "scoresheets")
_NAME = re.compile(r"[a-z][a-z0-9_]*")

# Names an expression already gives a meaning: a fact so called could not be read.
RESERVED = frozenset({
    "params", "settings", "decided", "case", "actor", "as_of", "register", "cases", "first", "last", "this_visit",
    "times", "item", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "not",
    "between", "true", "false", "null", "function", "external", "instance", "of",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A pack as read, with the line of every key, so that later findings can say where they are."""

    folder: Path
    pack: schema.Pack
    units: schema.UnitsFile
    lines: Mapping[str, Mapping[tuple[str | int, ...], int]]

    def problem(self, file: str, path: tuple[str | int, ...], message: str, **more: Any) -> Problem:
        """A finding at this place; the line is the nearest key that is written in the file."""
        if file == "decisions.yaml" and path and (made := self.pack.decisions.get(str(path[0]))) is not None:
            file, path = made.made_at or (file, path)
        lines = self.lines.get(file, {})
        line = next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), None)
        return Problem(file, line, dotted(path), message, **more)


def read_pack(folder: Path) -> schema.Pack:
    """The pack of this folder. PackError with every problem of every file."""
    return read_source(folder).pack


def read_source(folder: Path) -> Source:
    """The pack, the units of its city, and where each key stands. PackError with every problem of every file."""
    folder = Path(folder)
    if not folder.is_dir():
        raise PackError([Problem(folder.name, None, "", f"没有这个文件夹：{folder}", code="missing")])
    problems: list[Problem] = []
    content: dict[str, Any] = {}
    lines: dict[str, Mapping[tuple[str | int, ...], int]] = {}
    if not (folder / "document.yaml").is_file():
        problems.append(Problem("document.yaml", None, "", "缺少 document.yaml，它不是一个政策包", code="missing"))
    for path in sorted(folder.glob("*.y*ml")):
        if path.stem not in FILES or path.suffix != ".yaml":
            allowed = "、".join(f"{n}.yaml" for n in FILES)
            problems.append(Problem(path.name, None, "", f"不认识的文件；允许：{allowed}", code="unknown_file"))
            continue
        parsed = _parse_file(path, problems)
        lines[path.name] = parsed.lines
        if parsed.problems:
            problems.extend(parsed.problems)
        else:
            content[path.stem] = _validated(path.name, FILES[path.stem], parsed, problems)
    for name in _NAMED:
        problems.extend(_bad_names(f"{name}.yaml", content.get(name), lines.get(f"{name}.yaml", {})))
    if not problems and content.get("decisions"):
        content["decisions"] = _taken(folder, content, lines.get("decisions.yaml", {}), problems)
    if not problems and content.get("scoresheets"):
        content["decisions"] = _with_scores(content, lines.get("scoresheets.yaml", {}), problems)
    rows = _read_registers(folder, content.get("registers") or {}, lines.get("registers.yaml", {}), problems)
    units = _read_units(folder.parent / "units.yaml", problems)
    if problems or units is None:
        raise PackError(problems)
    document = content.pop("document")
    label = folder.name.partition("@")[0]
    pack = schema.Pack(
        id=f"{folder.parent.name}/{label}",
        document=document,
        **{n: v for n, v in content.items() if v is not None},
        rows=rows,
    )
    return Source(folder, pack, units, lines)


def read_document(folder: Path) -> schema.DocumentFile:
    """The head of a pack alone. PackError with every problem of its file."""
    problems: list[Problem] = []
    parsed = _parse_file(Path(folder) / "document.yaml", problems)
    problems += parsed.problems
    document = None if problems else _validated("document.yaml", FILES["document"], parsed, problems)
    if problems or document is None:
        raise PackError(problems)
    read: schema.DocumentFile = document
    return read


def read_units(path: Path) -> schema.UnitsFile:
    """The organs of a city. PackError with every problem of the file."""
    problems: list[Problem] = []
    units = _read_units(Path(path), problems)
    if problems or units is None:
        raise PackError(problems)
    return units


def _read_text(path: Path, limit: int, name: str, problems: list[Problem]) -> str | None:
    try:
        size = path.stat().st_size
        if size > limit:
            message = f"文件过大：{size:,} 字节，上限 {limit:,}"
            problems.append(Problem(name, None, "", message, code="too_large"))
            return None
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as e:
        message = f"不是 UTF-8 文本（第 {e.start + 1} 个字节起不能解码）"
        problems.append(Problem(name, None, "", message, code="encoding"))
    except OSError as e:
        problems.append(Problem(name, None, "", f"读不出文件：{e.strerror}", code="missing"))
    return None


def _parse_file(path: Path, problems: list[Problem]) -> Parsed:
    text = _read_text(path, MAX_YAML, path.name, problems)
    if text is None:
        return Parsed(problems=[])
    parsed = parse(text, path.name)
    if parsed.value is None and not parsed.problems:
        parsed.problems.append(Problem(path.name, None, "", "文件是空的；没有内容就不要这个文件", code="empty"))
    return parsed


def _validated(file: str, adapter: TypeAdapter[Any], parsed: Parsed, problems: list[Problem]) -> Any:
    if parsed.value is None:
        return None
    expected: type = list if file.removesuffix(".yaml") in _LISTS else dict
    if not isinstance(parsed.value, expected):
        shape = "列表（每项以“- ”开头）" if expected is list else "映射（键: 值）"
        problems.append(Problem(file, 1, "", f"整个文件应是一个{shape}", code="schema"))
        return None
    try:
        return adapter.validate_python(parsed.value)
    except ValidationError as e:
        problems.extend(in_chinese(e, file, adapter, parsed))
        return None


def _bad_names(file: str, named: Mapping[str, Any] | None, lines: Mapping[Any, int]) -> Iterator[Problem]:
    for name in named or ():
        line = lines.get((name,))
        if not _NAME.fullmatch(name):
            yield Problem(file, line, name, "名字只能用小写英文字母、数字和下划线，并以字母开头", code="name")
        elif name in RESERVED and file in ("facts.yaml", "decisions.yaml"):
            yield Problem(file, line, name, f"“{name}”在表达式里另有含义，不能用作名字", code="name")


def _read_units(path: Path, problems: list[Problem]) -> schema.UnitsFile | None:
    if not path.is_file():
        message = f"缺少 {path.parent.name}/units.yaml：这个城市的单位没有登记"
        problems.append(Problem("units.yaml", None, "", message, code="missing"))
        return None
    before = len(problems)
    parsed = _parse_file(path, problems)
    problems.extend(parsed.problems)
    if len(problems) > before:
        return None
    units: schema.UnitsFile | None = _validated("units.yaml", _UNITS, parsed, problems)
    return units


# --------------------------------------------------------------------------------------------------- decisions/*.dmn


def _taken(
    folder: Path, content: Mapping[str, Any], lines: Mapping[Any, int], problems: list[Problem]
) -> dict[str, schema.DecisionSpec]:
    """The decisions with the rows of those that a DMN file draws."""
    specs: dict[str, schema.DecisionSpec] = content["decisions"]
    if all(spec.dmn is None for spec in specs.values()):
        return specs
    from gongbao.policy.dmn_text import Refused
    from gongbao.policy.taking import taken

    made: dict[str, schema.DecisionSpec] = {}
    open_: list[str] = []
    read: dict[str, Any] = {}

    def files() -> Mapping[str, Any]:
        if not read:
            read.update(_models(folder))
        return read

    def whole(name: str) -> schema.DecisionSpec:
        spec = specs[name]
        if name in made or spec.dmn is None:
            return made.setdefault(name, spec)
        if name in open_:
            raise Refused(f"判定互相依赖：{' → '.join([*open_[open_.index(name) :], name])}")
        open_.append(name)
        try:
            data = _drawn(folder, spec.dmn)
            made[name] = taken(name, spec, data, content.get("facts") or {}, specs, whole, files)
        finally:
            open_.pop()
        return made[name]

    for name in specs:
        try:
            whole(name)
        except (Refused, ValidationError) as e:
            told = str(e) if isinstance(e, Refused) else str(e.errors()[0]["msg"])
            at = lines.get((name, "dmn"), lines.get((name,)))
            problems.append(Problem("decisions.yaml", at, f"{name}.dmn", told, code="dmn"))
    return {name: made.get(name, spec) for name, spec in specs.items()}


def _models(folder: Path) -> Iterator[tuple[str, Any]]:
    """The DMN files of the pack by the namespace of their model; what is none of them is told where it is wanted."""
    from gongbao.dmn import DmnError, xml

    for path in sorted(p for kind in ("dmn", "xml") for p in folder.glob(f"decisions/**/*.{kind}")):
        try:
            root = xml.read(_drawn(folder, path.relative_to(folder).as_posix()))
        except (DmnError, ValueError):
            continue
        yield root.get("namespace", ""), root


def _drawn(folder: Path, name: str) -> bytes:
    from gongbao.dmn.xml import MAX_BYTES
    from gongbao.policy.dmn_text import Refused

    path = _inside(folder, "decisions", name, (".dmn", ".xml"))
    if path is None:
        raise Refused(f"dmn 应是 decisions/ 里的 .dmn 文件名，现为 {name}")
    if not path.is_file():
        raise Refused(f"没有这个文件：decisions/{name.removeprefix('decisions/')}")
    if path.stat().st_size > MAX_BYTES:
        raise Refused(f"DMN 文件太大（{path.stat().st_size:,} 字节，最多 {MAX_BYTES:,} 字节）")
    return path.read_bytes()


def _inside(folder: Path, kind: str, name: str, endings: tuple[str, ...]) -> Path | None:
    """The place of a file in a folder of the pack; None when the name leads out of it, or no file can be called so."""
    path = folder / kind / name.removeprefix(f"{kind}/")
    if "\0" in name or len(path.name.encode("utf-8", "replace")) > 255 or path.suffix.lower() not in endings:
        return None
    return path if path.resolve().is_relative_to((folder / kind).resolve()) else None


# -------------------------------------------------------------------------------------------------- scoresheets.yaml


def _with_scores(
    content: Mapping[str, Any], lines: Mapping[Any, int], problems: list[Problem]
) -> dict[str, schema.DecisionSpec]:
    """The decisions, and those that the lines of scoring sheets become."""
    from gongbao.policy.scoresheets import FILE, decisions_of

    found: dict[str, schema.DecisionSpec] = dict(content.get("decisions") or {})
    for name, spec in decisions_of(content["scoresheets"]).items():
        file, path = spec.made_at or (FILE, ())
        if name in found or not _NAME.fullmatch(name):
            why = "与另一判定同名" if name in found else "不是可用的名字（编号只能用小写英文字母、数字和下划线）"
            line = next((lines[path[:n]] for n in range(len(path), -1, -1) if path[:n] in lines), None)
            problems.append(Problem(file, line, dotted(path), f"由它得出的判定“{name}”{why}", code="name"))
        found[name] = spec
    return found


# -------------------------------------------------------------------------------------------------- registers/*.csv


def _read_registers(
    folder: Path, specs: Mapping[str, schema.RegisterSpec], lines: Mapping[Any, int], problems: list[Problem]
) -> dict[str, tuple[dict[str, Any], ...]]:
    rows: dict[str, tuple[dict[str, Any], ...]] = {}
    for name, spec in specs.items():
        if spec.file is None:
            if spec.from_cases is None and not spec.kept_by:
                message = f"清单“{spec.label}”须写 file（CSV 文件）、kept_by（由谁登记）或 from_cases（由办件汇成）"
                problems.append(Problem("registers.yaml", lines.get((name,)), name, message, code="schema"))
            continue
        file = f"registers/{spec.file.removeprefix('registers/')}"
        here = lines.get((name, "file"))
        path = _inside(folder, "registers", spec.file, (".csv",))
        if path is None:
            message = f"file 应是 registers/ 里的 CSV 文件名，现为 {spec.file}"
            problems.append(Problem("registers.yaml", here, f"{name}.file", message))
            continue
        if not path.is_file():
            problems.append(Problem("registers.yaml", here, f"{name}.file", f"没有这个文件：{file}", code="missing"))
            continue
        text = _read_text(path, MAX_CSV, file, problems)
        if text is not None:
            rows[name] = tuple(_read_rows(text, spec, file, problems))
    return rows


def _read_rows(text: str, spec: schema.RegisterSpec, file: str, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, None)
        if header is None:
            problems.append(Problem(file, None, "", "文件是空的；第一行应是列名", code="empty"))
            return
        if sorted(header) != sorted(spec.columns):
            missing = "、".join(c for c in spec.columns if c not in header) or "无"
            extra = "、".join(repr(c) for c in header if c not in spec.columns) or "无"
            twice = "、".join(sorted({c for c in header if header.count(c) > 1})) or "无"
            message = f"列名与 registers.yaml 不符：缺 {missing}；多 {extra}；重复 {twice}"
            problems.append(Problem(file, 1, "", message, code="columns"))
            return
        for cells in reader:
            line = reader.line_num
            if not cells:
                continue
            if len(cells) != len(header):
                message = f"这一行有 {len(cells)} 格，应有 {len(header)} 格"
                problems.append(Problem(file, line, "", message, code="columns"))
                continue
            row: dict[str, Any] = {}
            for column, cell in zip(header, cells, strict=True):
                try:
                    row[column] = _cell(cell, spec.columns[column])
                except ValueError as e:
                    problems.append(Problem(file, line, column, str(e), code="cell"))
            yield {c: row.get(c) for c in spec.columns}
    except csv.Error as e:
        problems.append(Problem(file, reader.line_num, "", f"不是正确的 CSV：{e}", code="csv"))


def _cell(text: str, column: schema.ColumnSpec) -> Any:
    text = text.strip()
    if text == "":
        return None
    try:
        match column.type:
            case "integer":
                return int(text)
            case "number" | "money":
                number = Decimal(text)
                if not number.is_finite():
                    raise ValueError
                return number
            case "boolean":
                return {"true": True, "是": True, "false": False, "否": False}[text]
            case "date":
                return dt.date.fromisoformat(text)
            case "list":
                return [part.strip() for part in re.split(r"[、;；]", text) if part.strip()]
            case _:
                pass
    except (ValueError, KeyError, InvalidOperation):
        allowed = {"integer": "整数", "number": "数", "money": "数", "boolean": "是 或 否", "date": "年-月-日"}
        raise ValueError(f"“{column.label}”应是{allowed[column.type]}，现为“{text}”") from None
    if column.values and text not in column.values:
        raise ValueError(f"“{column.label}”只能是 {'、'.join(column.values)}，现为“{text}”")
    return text
