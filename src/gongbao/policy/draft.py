"""A draft pack: what the reader of gazettes can tell of a document, in the pack's format, for a person to finish.

Nothing is decided here. Each entry cites its clause and each figure its print; what a machine cannot know is null or
todo and marked 需核对, and so is every entry that was inferred.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gongbao.gazette.citations import citations
from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses
from gongbao.gazette.dates import Dated
from gongbao.gazette.documents import Document
from gongbao.gazette.duties import Duties, duties
from gongbao.gazette.figures import contains_figure
from gongbao.gazette.limits import Limit
from gongbao.gazette.plain import plain, split_outside
from gongbao.gazette.quantities import Quantity, quantities, unit_of_label
from gongbao.gazette.tables import Row, Table

MARK = "需核对"
SECTIONS = ("document", "facts", "params", "duties", "indicators", "registers")

_FORMS = {">=": "floor", ">": "floor_strict", "<=": "ceiling", "<": "ceiling_strict", "~": "about", "=": "exact"}
_WORKING = {"working_day": "working days", "day": "days", "hour": "hours", "minute": "minutes", "week": "weeks",
            "month": "months", "year": "years"}  # fmt: skip
_PERIODS = {"day": "1 day", "week": "1 week", "month": "1 month", "quarter": "3 months", "half-year": "6 months",
            "year": "1 year"}  # fmt: skip
_VAGUE = re.compile(r"及时|立即|尽快|第一时间|按时|定期|适时|适当|视情|合理期限|较大影响|情节严重")
_NATURES = ("约束性", "预期性", "指导性")
_PLAN_YEARS = {"二": 2015, "三": 2020, "四": 2025, "五": 2030}
_GROUP = re.compile(r"^(?:各|有关|相关)|（市、区）|各部门$|各单位$|成员单位$|相关部门$|有关部门$")
_SET_ASIDE = {"题注": "发文说明", "通知": "印发通知", "落款": "落款", "附件目录": "附件目录"}


@dataclass(frozen=True, slots=True)
class Draft:
    """The sections of a draft pack as plain values, in the order of a pack; `marks` says what to check in an entry."""

    document: Mapping[str, Any]
    facts: Mapping[str, Mapping[str, Any]]
    params: Mapping[str, Mapping[str, Any]]
    duties: tuple[Mapping[str, Any], ...]
    indicators: tuple[Mapping[str, Any], ...]
    registers: Mapping[str, Mapping[str, Any]]
    marks: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (*SECTIONS, "marks")}


def draft(document: Document) -> Draft:
    """A draft of one document. Never fails on a document that was read: what is not found is not offered."""
    read = duties(document)
    marks: dict[str, str] = {}
    indicators, indicated = _indicators(document, read, marks)
    return Draft(
        _document(document, read, marks),
        _facts(read, indicated, marks),
        _params(read, indicated),
        tuple(_duty(number, entry, marks) for number, entry in enumerate(_tasks(read), 1)),
        tuple(indicators),
        _registers(document, indicated, marks),
        marks,
    )


# -------------------------------------------------------------------------------------------------------- document


def _document(document: Document, read: tuple[Duties, ...], marks: dict[str, str]) -> dict[str, Any]:
    dated = document.dated.isoformat() if document.dated else None
    starts = [(d, e) for e in read for d in e.dates if d.rule.startswith("from ") and _begins(e, d)]
    ends = [d for e in read for d in e.dates if d.rule.startswith("until ")]
    terms = [(x, e) for e in read for x in e.limits if "有效期" in plain(e.clause.text)[max(0, x.start - 8) : x.start]]
    start = next((d.rule.removeprefix("from ") for d, _ in starts if d.rule != "from issue"), dated)
    in_force: dict[str, Any] = {"from": start, "until": ends[0].day.isoformat() if ends and ends[0].day else None}
    if terms:
        limit, entry = terms[0]
        in_force["cite"] = entry.clause.locator
        in_force["until"] = in_force["until"] or _years_after(start, limit)
        marks["document.in_force"] = f"印有有效期{limit.text}，止期由此推算"
    elif starts:
        in_force["cite"] = starts[0][1].clause.locator
    found = citations(document)
    set_aside = [
        {"cite": part.label, "reason": _SET_ASIDE[part.label]} for part in document.parts if part.label in _SET_ASIDE
    ]
    silent = [e.clause for e in read if not e and e.clause.row is None and e.clause.paragraphs]
    set_aside += [{"cite": c.locator, "reason": "待填"} for c in silent]
    for key in ("jurisdiction", "owner", "work"):
        marks[f"document.{key}"] = "由起草人填写"
    if silent:
        marks["document.no_rule"] = "没有读出任务、时限、数量的条款；确实不成规则的写明理由，其余补规则"
    return {
        "number": document.number,
        "title": document.title,
        "issuer": document.issuer,
        "dated": dated,
        "in_force": in_force,
        "repeals": list(dict.fromkeys(c.number or c.title for c in found if c.relation == "repeals")),
        "based_on": list(dict.fromkeys(c.number or c.title for c in found if c.relation in ("based_on", "implements"))),
        "jurisdiction": None,
        "owner": None,
        "work": {"case": None, "room": None},
        "review": {"drafted_by": "gongbao draft", "checked_by": None, "certified_by": None, "certified_on": None},
        "open_questions": _open_questions(read, marks),
        "no_rule": set_aside,
    }


def _begins(entry: Duties, when: Dated) -> bool:
    return bool(re.match(r".{0,4}(?:施行|实施|执行|生效)", plain(entry.clause.text)[when.end :]))


def _years_after(start: str | None, limit: Limit) -> str | None:
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", start or "")
    if not match or limit.unit != "year" or limit.amount != int(limit.amount):
        return None
    year, day = int(match[1]) + int(limit.amount), match[3]
    return f"{year}-{match[2]}-{'28' if match[2] == '02' and day == '29' else day}"


def _open_questions(read: tuple[Duties, ...], marks: dict[str, str]) -> list[dict[str, Any]]:
    asked: list[dict[str, Any]] = []
    for entry in read:
        words = sorted(set(_VAGUE.findall(plain(entry.clause.text)))) if entry.task is not None else []
        if words:
            about = f"{'、'.join(words)}没有数字"
            asked.append(
                {"id": f"q{len(asked) + 1}", "cite": entry.clause.locator, "about": about, "treated_as": "需人工判定"}
            )
    if asked:
        marks["document.open_questions"] = "只列了没有数字的用语；逐条决定是设置、判断还是不成规则"
    return asked


# ---------------------------------------------------------------------------------------------- params and facts


def _params(read: tuple[Duties, ...], indicated: set[str]) -> dict[str, dict[str, Any]]:
    """Every figure with its print, once per clause, value and unit; those of indicators stand with the indicators."""
    made: dict[str, dict[str, Any]] = {}
    seen: set[tuple[str, str]] = set()
    for entry in read:
        if entry.clause.locator in indicated:
            continue
        figures = [(q.value, q.high, q.unit, q.text, q.op) for q in entry.quantities]
        figures += [(x.amount, None, _WORKING[x.unit], x.text, x.word) for x in entry.limits]
        for value, high, unit, text, word in figures:
            if (entry.clause.locator, text) in seen:
                continue
            seen.add((entry.clause.locator, text))
            if not contains_figure(entry.clause.text, text):
                word = f"{MARK}：印刷把数字拆开，对照原文"
            bounds = ((value, ""),) if high is None else ((value, "_low"), (high, "_high"))
            number = sum(1 for name in made if not name.endswith("_high")) + 1
            for bound, tail in bounds:
                made[f"p{number}{tail}"] = _kept(
                    {"value": bound, "unit": unit or None, "text": text, "cite": entry.clause.locator}
                ) | {"_note": word}
    return made


def _facts(read: tuple[Duties, ...], indicated: set[str], marks: dict[str, str]) -> dict[str, dict[str, Any]]:
    """What is measured against a threshold, named by the words around the figure: to be renamed and merged."""
    made: dict[str, dict[str, Any]] = {}
    known: dict[tuple[str, str], str] = {}
    for entry in read:
        if entry.task is not None or entry.clause.row is not None or entry.clause.locator in indicated:
            continue
        line = plain(entry.clause.text)
        for quantity in entry.quantities:
            if quantity.op in ("=", "~"):
                continue
            label = _around(line, quantity)
            key = (label, quantity.unit)
            if not label or key in known:
                continue
            known[key] = f"fact_{len(made) + 1}"
            whole = quantity.unit in ("人", "名", "户", "家", "次", "起", "件", "项", "个")
            kind = "money" if quantity.unit == "元" else "integer" if whole else "number"
            made[known[key]] = _kept(
                {"label": label, "type": kind, "unit": quantity.unit or None, "cite": entry.clause.locator}
            )
    if made:
        marks["facts"] = "名称取自门槛前后的词；改名、合并同义的，并补文件要问而没有数字的事实"
    return made


_CUT_HEAD = re.compile(
    r"^.*(?:[\d%‰][百千万亿]*[^\d]{0,3}?以[上下内]|[\d%‰]|导致|造成|发生|致使|其中|全市|原则上|并且?|同时|应当|要|须|确保|力争)"
)
_CUT_TAIL = re.compile(
    r"(?:不低于|不少于|不超过|不得超过|不得少于|不高于|不应超过|达到?|超过|控制|至少|最高|最低|大于|小于|低于|高于|年龄|满|未|"
    r"[≥≤<>=]|为|占|在|的|下降[至到]|分别增长到|均|提高到|增加到|有|人均)+$"
)
_UP_TO = re.compile(r"(?:（含）)?(?:以[上下内])?(?:[\d.]+[百千万亿]*[人户名家亩元]*以[上下内])?的?")


def _around(line: str, quantity: Quantity) -> str:
    """The words that name what is measured: for heads those after the figure (30人以上死亡), else those before it."""
    rest = line[quantity.end :]
    skipped = _UP_TO.match(rest)
    after = re.match(
        r"(?:[\u4e00-\u9fff](?!的[，；。）]|以上|以下))*[\u4e00-\u9fff]", rest[skipped.end() if skipped else 0 :]
    )
    what = re.split(r"的|或\d|，", after[0])[0].rstrip("或及和")[:12] if after else ""
    before = re.split(r"[，。；：\n]", line[: quantity.start])[-1]
    before = _CUT_TAIL.sub("", _CUT_HEAD.sub("", re.sub(r"（[^）]*）?$", "", before)))[-16:]
    heads = quantity.unit in ("人", "名", "户", "家", "起", "次")
    if heads and len(what) >= 2:
        return what
    return before if len(before) >= 2 else what


# ---------------------------------------------------------------------------------------------------------- duties


def _tasks(read: tuple[Duties, ...]) -> list[Duties]:
    return [entry for entry in read if entry.task is not None]


def _duty(number: int, entry: Duties, marks: dict[str, str]) -> dict[str, Any]:
    assert entry.task is not None
    name = f"task_{number}"
    lead = [_who(unit) for unit in entry.task.lead]
    others = [r.unit for r in entry.units if r.unit not in entry.task.lead]
    if not lead:
        marks[f"duties.{name}.lead"] = "条款没有写是谁"
    made: dict[str, Any] = {"id": name, "do": _what(entry.clause), "kind": "task", "lead": lead}
    if others:
        made["with"] = [_who(unit) for unit in dict.fromkeys(others)]
    made["cite"] = entry.clause.locator
    limits = [d for d in (_deadline(name, at, x, entry, marks) for at, x in enumerate(_times(entry), 1)) if d]
    if limits:
        made["deadline"] = limits[0]
    if len(limits) > 1:
        made["deadlines_found"] = limits[1:]
        marks[f"duties.{name}.deadlines_found"] = "条款里还有这些时限；拆成几项任务或移到环节里"
    return made


def _who(unit: str) -> dict[str, str]:
    return {"group" if _GROUP.search(unit) else "unit": unit}


def _what(clause: Clause) -> str:
    """The heading, or the beginning of the first sentence: a name for the task, not its text."""
    if clause.heading and len(clause.heading) <= 30:
        return plain(clause.heading).replace("\n", "")
    first = split_outside(plain(clause.row.text if clause.row else clause.text), "，。；：\n")
    return (first[0] if first else clause.locator)[:18]


def _times(entry: Duties) -> list[Dated | Limit]:
    return sorted([*entry.dates, *entry.limits], key=lambda x: x.start)


def _deadline(
    task: str, number: int, found: Dated | Limit, entry: Duties, marks: dict[str, str]
) -> dict[str, Any] | None:
    base = {"id": f"{task}_{number}", "label": found.text[:18]}
    tail = {"text": found.text, "cite": entry.clause.locator}
    if isinstance(found, Limit):
        amount = f"{found.amount.normalize():f} {_WORKING[found.unit]}"
        kind = {"least": "wait", "before": "lead"}.get(found.word, "period")
        if found.word == "extend":
            return None
        at = "before" if kind == "lead" else "from"
        marks[f"duties.{task}.{found.text}"] = f"起算：{found.event[:18] or '没有写明'}"
        return {**base, "kind": kind, "limit": amount, at: {"event": "todo"}, **tail}
    if found.day is not None:
        return {**base, "kind": "date", "on_or_before": found.day.isoformat(), **tail}
    every = re.fullmatch(r"every ([a-z-]+)(?: (end|by .*))?", found.rule)
    if every:
        place = {"at": f"{every[1]} {every[2]}"} if every[2] else {}
        return {**base, "kind": "repeat", "every": _PERIODS[every[1]], **place, **tail}
    return None


# ------------------------------------------------------------------------------------------------------ indicators


def _indicators(
    document: Document, read: tuple[Duties, ...], marks: dict[str, str]
) -> tuple[list[dict[str, Any]], set[str]]:
    year = _target_year(document.title)
    made: list[dict[str, Any]] = []
    used: set[str] = set()
    for clause in clauses(document).walk():
        for table in clause.tables:
            if not _is_indicator_table(table, clause):
                continue
            for row in table.rows:
                entry = _indicator_row(row, year)
                if entry and not (made and made[-1]["label"] == entry["label"]):
                    made.append({"id": len(made) + 1, **entry})
                used.add(row.locator)
    for entry_ in read:
        if entry_.clause.row is None:
            made += [{"id": len(made) + at, **found} for at, found in enumerate(_indicator_sentences(entry_), 1)]
    if made:
        marks["indicators"] = "形式、年份、基期由读表得来；形式为 exact 的多半是 floor，责任单位由起草人补"
    return made, used


def _target_year(title: str) -> int | None:
    match = re.search(r"[—\-－–～至](\d{4})年", plain(title)) or re.search(r"十([二三四五])五", title)
    if not match:
        return None
    return int(match[1]) if match[1].isdigit() else _PLAN_YEARS[match[1]]


def _is_indicator_table(table: Table, clause: Clause) -> bool:
    if any(cell in _NATURES for row in table.rows for cell in row.cells):
        return True
    names = "".join((*table.columns, *(table.rows[0].cells if table.rows else ())))
    return "指标" in names and bool(re.search(r"目标|\d{4}年", names))


def _indicator_row(row: Row, year: int | None) -> dict[str, Any] | None:
    cells = [
        plain(re.sub(r"^\s*\d{1,3}(?:[.、](?!\s*\d)|\s+(?=\D|\d+\s*岁))", "", c)).replace("\n", "") for c in row.cells
    ]
    words = [
        at
        for at, c in enumerate(cells)
        if c not in _NATURES and not _is_figure(c) and re.search(r"[\u4e00-\u9fff]{2}", c)
    ]
    nature = next((c for c in cells if c in _NATURES), None)
    if not words or any(re.fullmatch(r"(?:主要|具体)?指标(?:名称|值)?", c) for c in cells):
        return None  # nothing named, or the header printed as a row
    at = next((at for at in reversed(words) if _names_indicator(cells[at])), words[0])
    label, unit = cells[at], unit_of_label(cells[at])
    numbers = [(n, c) for n, c in enumerate(cells) if n > at and _is_figure(c)]  # before it stands the row's number
    if nature is None and not numbers:
        return None
    heads = row.columns if len(row.columns) == len(cells) else ("",) * len(cells)
    goal = _goal_column(heads)
    named = [cells[n] for n in words if n > at]
    if goal is None:
        target = _target(numbers[-1][1] if numbers else "", unit, year)
        before = numbers[:-1]
    else:
        named = [cells[goal]]
        plainly = _is_figure(cells[goal]) or not re.search(r"每年|年均|累计|增长|降低|下降|同比|比\d", cells[goal])
        target = _target(cells[goal], unit, _year_of(heads[goal]) or year) if plainly else None
        before = [(n, c) for n, c in numbers if n < goal]
    entry: dict[str, Any] = {
        "label": re.sub(r"（[^（）]*）$", "", label) if unit else label,
        "unit": unit.lstrip("万亿") or None,
        "target": target or _qualitative(named, year),
        "nature": nature,
        "cite": row.locator,
    }
    if before and (base := quantities(before[0][1], unit=unit)):
        entry["baseline"] = {"year": _year_of(heads[before[0][0]]), "value": base[0].value}
    return _kept(entry)


def _goal_column(heads: Sequence[str]) -> int | None:
    """The column that holds the target: the one that says so, or the latest year of several."""
    said = [n for n, head in enumerate(heads) if "目标" in head and not re.search(r"基期|现状", head)]
    if said:
        return said[-1]
    years = [(year, n) for n, head in enumerate(heads) if (year := _year_of(head))]
    return max(years)[1] if len(years) > 1 else None


def _year_of(column: str) -> int | None:
    match = re.search(r"(20\d\d)年?", plain(column))
    return int(match[1]) if match else None


def _is_figure(cell: str) -> bool:
    return bool(
        re.fullmatch(
            r"(?:[≥≤<>=约]|不低于|不少于|不超过|达到|左右|以上|以下|\d|[.,%‰万亿～—\-/人张个年家所件次公顷亩吨]|－)+",
            cell,
        )
    ) and bool(re.search(r"\d", cell))


def _names_indicator(cell: str) -> bool:
    return bool(re.search(r"率|数|量|比|额|面积|总|规模|占|值|度|覆盖|达标|水平|寿命", cell))


def _qualitative(named: list[str], year: int | None) -> dict[str, Any]:
    text = next((c for c in named if len(c) <= 16), None)
    return _kept({"year": year, "form": "qualitative", "text": text})


def _target(printed: str, unit: str, year: int | None) -> dict[str, Any] | None:
    found = quantities(printed, unit=unit) if printed else ()
    if len(found) != 1:
        return None
    return {"year": year, "form": _FORMS.get(found[-1].op, "exact"), "value": found[-1].value, "text": printed}


def _indicator_sentences(entry: Duties) -> list[dict[str, Any]]:
    """到2025年，老年大学覆盖率达到90%以上: a year and, up to the end of the sentence, what is to reach how much."""
    line = plain(entry.clause.text)
    made = []
    for when in entry.dates:
        goal = re.fullmatch(r"(?:by|in) (\d{4})(?:-12-31)?", when.rule)
        if not goal:
            continue
        stop = re.search(r"[。；\n]", line[when.end :])
        end = when.end + stop.start() if stop else len(line)
        for quantity in entry.quantities:
            if not when.end <= quantity.start < end or (quantity.op == "=" and quantity.unit not in ("%", "‰")):
                continue
            label = _around(line, quantity)
            if len(label) >= 3:
                form = "range" if quantity.high is not None else _FORMS.get(quantity.op, "exact")
                target = {"year": int(goal[1]), "form": form, "value": quantity.value, "text": quantity.text}
                made.append(
                    _kept(
                        {"label": label, "unit": quantity.unit or None, "target": target, "cite": entry.clause.locator}
                    )
                )
    return made


# ------------------------------------------------------------------------------------------------------- registers


def _registers(document: Document, indicated: set[str], marks: dict[str, str]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for clause in clauses(document).walk():
        for table in clause.tables:
            if len(table.rows) < 2 or any(row.locator in indicated for row in table.rows):
                continue
            name = f"table_{len(made) + 1}"
            width = max(len(row.cells) for row in table.rows)
            heads = (
                [plain(h) for h in table.columns]
                if len(table.columns) == width
                else [f"第{n}列" for n in range(1, width + 1)]
            )
            if len(table.columns) != width:
                marks[f"registers.{name}.columns"] = "表头没有读全"
            made[name] = _kept(
                {
                    "label": (table.title or clause.heading or table.locator or "清单")[:30],
                    "cite": clause.locator,
                    "columns": {f"c{n}": {"label": h or f"第{n}列"} for n, h in enumerate(heads, 1)},
                    "file": f"{name}.csv",
                    "count": len(table.rows),
                    "printed_total": table.printed_total,
                }
            ) | {"rows": [[*row.cells, *[""] * (width - len(row.cells))] for row in table.rows]}
    return made


# ------------------------------------------------------------------------------------------------------------ YAML


def to_yaml(made: Draft) -> str:
    """The draft as one text, a section per file of a pack; rows of registers are counted, not printed."""
    name = made.document["number"] or made.document["title"]
    out = [f"# {name}：草稿包。由公报读出，未经人看过；标“{MARK}”的先看。各节分存为同名文件后用 gongbao check 检查。"]
    out.append(f"\ndocument:{_mark(made.marks, 'document')}")
    for key, value in made.document.items():
        mark = _mark(made.marks, f"document.{key}")
        if isinstance(value, list) and value:
            out.append(f"  {key}:{mark}")
            out += [f"    - {_flow(item)}" for item in value]
        else:
            out.append(f"  {key}: {_flow(value)}{mark}")
    for section in ("facts", "params", "registers"):
        entries: Mapping[str, Mapping[str, Any]] = getattr(made, section)
        out.append(f"\n{section}:{'' if entries else ' {}'}{_mark(made.marks, section)}")
        for key, entry in entries.items():
            shown = {k: v for k, v in entry.items() if k not in ("rows", "_note")}
            place = f"{section}.{key}"
            note = f"  # {entry['_note']}" if entry.get("_note") and entry["_note"] != "=" else ""
            out.append(f"  {key}: {_flow(shown)}{note}{_marks_under(made.marks, place)}")
    for section in ("duties", "indicators"):
        listed: Iterable[Mapping[str, Any]] = getattr(made, section)
        out.append(f"\n{section}:{'' if listed else ' []'}{_mark(made.marks, section)}")
        for entry in listed:
            name = f"{section}.{entry['id']}"
            out.append(f"  - {_flow(entry)}{_marks_under(made.marks, name)}")
    return "\n".join(out) + "\n"


def _mark(marks: Mapping[str, str], key: str) -> str:
    return f"  # {MARK}：{marks[key]}" if key in marks else ""


def _marks_under(marks: Mapping[str, str], key: str) -> str:
    told = [text for name, text in marks.items() if name.startswith(key + ".")]
    return f"  # {MARK}：{'；'.join(told)}" if told else ""


def _flow(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        if _DATE.fullmatch(value):
            return value
        return (
            value
            if _PLAIN.fullmatch(value) and not _LOOKS_TYPED.fullmatch(value)
            else json.dumps(value, ensure_ascii=False)
        )
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {_flow(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(_flow(item) for item in value) + "]"


_PLAIN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9_（）〔〕、《》“”．·—－%‰]+(?: [\u4e00-\u9fffA-Za-z0-9_（）〔〕、]+)*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_LOOKS_TYPED = re.compile(r"[\d.]+%?|true|false|null|yes|no|on|off|%.*|[—－]+", re.I)


def _kept(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if value is not None}
