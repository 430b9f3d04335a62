"""YAML that is, or nearly is, a pack, and facts that nearly fit it (chance as in tests/feel/hostile)."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from tests.feel import hostile as feel

SCALARS = (
    "1", "-1", "1e400", "1e99", "0.1", ".inf", ".nan", "9" * 399, "9" * 5000, "0x" + "f" * 300, "0o777", "2023-02-30", "2023-04-01",
    "true", "null", "~", '""', '"x"', "[]", "{}", "[[1]]", "{a: 1}", "!!python/name:os.system", "!!binary aGk=", "&a x", "*a", "<<",
    '"= bikes + 1"', '"= __import__"', '"< 5"', '"> bikes"', "二（1）", '"\\u0000"', '"\\uD800"', '"a\\nb"', "'{x.__class__}'", '"${x}"',
    "choice", "integer", "number", "money", "date", "moment", "list", "series", "3 working days", "every: 1 day", "市政府", "bikes",
    "level", "level.level", "params.fee", "../../etc/passwd", "x" * 3000, "- -", "? a", "|", ">", "@x", "%x", "\t", '"' + "中" * 500 + '"',
)  # fmt: skip
PIECES = (
    ":", "- ", "  ", "\n", "{", "}", "[", "]", ",", "&a ", "*a", "!!x ", "!", "|", ">", "#", "'", '"', "---", "...", "<<: ", "? ", "\t",
    "\x00", "\x85", "\u2028", "\ufeff", "\x1b", "%YAML 1.1", "a", "中", "1",
)  # fmt: skip
KEYS = ("when", "then", "otherwise", "let", "value", "hit", "output", "requires", "assume", "type", "values", "for_each", "columns", "cite",
        "label", "of", "fields", "max_length", "min", "max", "step", "file", "from", "event", "limit", "each", "owner", "<<", "__class__", "dmn")  # fmt: skip


def yaml_text(chance: Random) -> str:
    """Pieces of YAML in no order, or scalars nested in each other."""
    if chance.random() < 0.5:
        return "".join(chance.choice((*PIECES, *SCALARS)) for _ in range(chance.randint(1, 40)))
    return "\n".join(f"k{n}: {_nested(chance, chance.randint(0, 6))}" for n in range(chance.randint(1, 8)))


def _nested(chance: Random, depth: int) -> str:
    if depth == 0:
        return chance.choice(SCALARS)
    one, other = _nested(chance, depth - 1), _nested(chance, depth - 1)
    return chance.choice((f"[{one}, {other}]", f"{{a: {one}, b: {other}}}", f"&a [{one}]", f"[*a, {one}]"))


def overlay(chance: Random, folder: Path) -> dict[str, str]:
    """The files of a good pack with a few lines changed: by name, those that changed."""
    changed: dict[str, str] = {}
    names = sorted(path.name for path in folder.glob("*.yaml"))
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        name = chance.choice((*names, "facts.yaml", "decisions.yaml", "decisions.yaml"))
        text = changed.get(name) or (folder / name).read_text(encoding="utf-8")
        changed[name] = "\n".join(_changed(chance, text.split("\n")))
    return changed


def _changed(chance: Random, lines: list[str]) -> list[str]:
    at = chance.randrange(len(lines))
    line = lines[at]
    kind = chance.randint(0, 6)
    if kind == 0:
        return lines[:at] + lines[at + 1 :]
    if kind == 1:
        return [*lines[:at], line, *lines[at:]]
    if kind == 2 and ":" in line:
        head, _, tail = line.rpartition(":")
        closing = "".join(c for c in tail if c in "}]")
        lines[at] = f"{head}: {_scalar(chance)}{closing}"
    elif kind == 3 and ":" in line:
        head, _, tail = line.partition(":")
        lines[at] = head[: len(head) - len(head.lstrip())] + chance.choice((*KEYS, *feel.NAMES[:12])) + ":" + tail
    elif kind == 4:
        where = chance.randint(0, len(line))
        lines[at] = line[:where] + chance.choice((*PIECES, *SCALARS)) + line[where:]
    elif kind == 5 and '"' in line:
        start = line.index('"')
        lines[at] = (
            line[:start]
            + _quoted(chance)
            + line[line.index('"', start + 1) + 1 if line.count('"') > 1 else start + 1 :]
        )
    else:
        lines[at] = f"{line} {chance.choice(KEYS)}: {_scalar(chance)}"
    return lines


def _scalar(chance: Random) -> str:
    return _quoted(chance) if chance.random() < 0.4 else chance.choice(SCALARS)


def _quoted(chance: Random) -> str:
    made = feel.cell(chance) if chance.random() < 0.5 else feel.expression(chance, 2)
    return json.dumps(made, ensure_ascii=chance.random() < 0.5)


def facts(chance: Random, names: list[str]) -> dict[str, Any]:
    """Values for facts, of every kind that JSON has, and for some that there are not."""
    known = [name for name in names if chance.random() < 0.8]
    return {name: _value(chance, 3) for name in (*known, *(feel.NAMES[:3] if chance.random() < 0.1 else ()))}


def _value(chance: Random, depth: int) -> Any:
    if depth and chance.random() < 0.3:
        return chance.choice(
            ([_value(chance, depth - 1)], {"a": _value(chance, depth - 1)}, [_value(chance, depth - 1)] * 30)
        )
    return chance.choice((
        None, True, False, 0, 1, 25, 150, -1, 10**30, 10**400, "", "x", "共享", "东区", "2023-04-01", "2023-04-01T08:00", "true", "20",
        "1e400", "9" * 50, "\x00", "\ud800", "a" * 30_000, "{x}", feel.VALUES[9], [], {}, "P1D", "3 days",
    ))  # fmt: skip


def json_text(chance: Random) -> bytes:
    """JSON that is deep, long, doubled or broken."""
    made = chance.choice((
        "[" * chance.choice((10, 1000, 100_000)), '{"a":' * chance.choice((10, 5000)) + "1", "9" * chance.choice((400, 5000, 1_000_000)),
        "1e" + "9" * chance.choice((3, 9, 30)), '{"a":1,"a":2}', "NaN", "Infinity", '"\\ud800"', '{"a":"\\u0000"}', "-", "01", "1.0e-999999999",
        json.dumps(facts(chance, ["bikes", "blocked"])), '{"bikes": ' + "9" * 4000 + "}", '{"bikes": 1' + "0" * 5000 + "}", "\ufeff{}", "",
        '{"bikes": 0.' + "0" * 100_000 + "1}", '[{"event": "x", "at": "2023-04-01T08:00"}]', "[" + "1," * 100_000 + "1]", "{}", "null", '"x"',
    ))  # fmt: skip
    return made.encode("utf-8", "surrogatepass") if chance.random() < 0.9 else made.encode("utf-16", "surrogatepass")
