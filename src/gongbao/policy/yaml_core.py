"""YAML as packs use it: the 1.2 core schema, no tags, no duplicate keys, and the line of every value kept.

PyYAML reads YAML 1.1, where `on` and `yes` are booleans and floats are binary. Its parser is used only for the
grammar (events); values are resolved here: `on`, `off`, `yes`, `no` stay text, 0.1 is Decimal("0.1"), an unquoted
ISO date is a date, keys are always text. Aliases are allowed but bounded, so that a small file cannot grow large.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import yaml

from gongbao.policy.errors import Problem

MAX_DEPTH = 64
MAX_NODES = 400_000

_INT = re.compile(r"[-+]?[0-9]+")
_OCT = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NULL = {"", "~", "null", "Null", "NULL"}
_TRUE = {"true", "True", "TRUE"}
_FALSE = {"false", "False", "FALSE"}
_NOT_NUMBERS = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

Path = tuple[str | int, ...]


@dataclass
class Parsed:
    """A file's value, the line of every path in it (from 1), and what was wrong. Lines are of the key, if any."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def parse(text: str, file: str) -> Parsed:
    """Read one YAML document. Never raises for bad input: what is wrong is in `problems`."""
    parsed = Parsed()
    try:
        _Builder(text, file, parsed).run()
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line = mark.line + 1 if mark else None
        parsed.problems.append(Problem(file, line, "", f"YAML 语法错误：{_in_chinese(e.problem)}", code="yaml"))
    except yaml.YAMLError as e:
        parsed.problems.append(Problem(file, None, "", f"不是可读的 YAML 文本：{_in_chinese(str(e))}", code="yaml"))
    except _Stop as e:
        parsed.problems.append(Problem(file, e.line, "", e.message, code="yaml"))
    return parsed


class _Stop(Exception):
    def __init__(self, line: int, message: str) -> None:
        self.line, self.message = line, message


@dataclass
class _Node:
    """A composed node: scalar text, or children. Kept until constructed, so that aliases can be expanded."""

    kind: str  # scalar | list | map
    line: int
    text: str = ""
    plain: bool = False
    items: list[_Node] = field(default_factory=list)
    keys: list[_Node] = field(default_factory=list)
    open: bool = True


class _Builder:
    def __init__(self, text: str, file: str, parsed: Parsed) -> None:
        self.text, self.file, self.parsed = text, file, parsed
        self.anchors: dict[str, _Node] = {}
        self.count = 0

    def run(self) -> None:
        root: _Node | None = None
        stack: list[_Node] = []
        documents = 0
        for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
            line = event.start_mark.line + 1 if event.start_mark is not None else 0
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Stop(line, "一个文件只能有一份 YAML 文档（不能再写 ---）")
                continue
            if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                stack.pop().open = False
                continue
            if isinstance(event, yaml.AliasEvent):
                node = self.anchors.get(event.anchor or "")
                if node is None:
                    raise _Stop(line, f"引用 *{event.anchor} 没有定义")
                if node.open:
                    raise _Stop(line, f"引用 *{event.anchor} 包含自身")
            elif isinstance(event, yaml.ScalarEvent):
                self.refuse_tag(event, line)
                plain = bool(event.implicit[0]) and not event.style
                node = _Node("scalar", line, event.value, plain, open=False)
            elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
                self.refuse_tag(event, line)
                node = _Node("map" if isinstance(event, yaml.MappingStartEvent) else "list", line)
            else:
                continue
            if not isinstance(event, yaml.AliasEvent) and event.anchor:
                self.anchors[event.anchor] = node
            if stack:
                parent = stack[-1]
                if parent.kind == "map" and len(parent.keys) == len(parent.items):
                    parent.keys.append(node)
                else:
                    parent.items.append(node)
            else:
                root = node
            if node.kind != "scalar" and node.open:
                stack.append(node)
                if len(stack) > MAX_DEPTH:
                    raise _Stop(line, f"嵌套过深（超过 {MAX_DEPTH} 层）")
        if root is not None:
            self.parsed.value = self.construct(root, ())

    def refuse_tag(self, event: Any, line: int) -> None:
        if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:str"):
            raise _Stop(line, f"不允许使用标签 {event.tag}")

    def construct(self, node: _Node, path: Path, depth: int = 0) -> Any:
        self.count += 1
        if self.count > MAX_NODES or depth > 4 * MAX_DEPTH:
            raise _Stop(node.line, f"内容过多（展开后超过 {MAX_NODES} 项）；请检查 & 与 * 的重复引用")
        self.parsed.lines.setdefault(path, node.line)
        if node.kind == "scalar":
            return self.scalar(node, path)
        if node.kind == "list":
            return [self.construct(child, (*path, i), depth + 1) for i, child in enumerate(node.items)]
        result: dict[str, Any] = {}
        first_line: dict[str, int] = {}
        for key_node, child in zip(node.keys, node.items, strict=True):
            if key_node.kind != "scalar":
                self.complain(key_node.line, path, "键必须是文字，不能是列表或映射")
                continue
            key = key_node.text
            if key in first_line:
                message = f"键“{key}”重复，第 {first_line[key]} 行已经写过"
                self.complain(key_node.line, (*path, key), message, "duplicate")
                continue
            first_line[key] = key_node.line
            self.parsed.lines[(*path, key)] = key_node.line
            result[key] = self.construct(child, (*path, key), depth + 1)
        return result

    def scalar(self, node: _Node, path: Path) -> Any:
        text = node.text
        if not node.plain:
            return text
        if text in _NULL:
            return None
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        if len(text) < 400:
            if _INT.fullmatch(text):
                return int(text)
            if _OCT.fullmatch(text):
                return int(text[2:], 8)
            if _HEX.fullmatch(text):
                return int(text[2:], 16)
            if _FLOAT.fullmatch(text):
                # made in full it would be more digits than a machine holds: 1e999999999
                if len(exponent := text.lower().partition("e")[2].lstrip("+-0")) > 2:
                    self.complain(node.line, path, f"数太大或太小：{text}（指数 {exponent[:12]}）")
                    return None
                return Decimal(text)
        if _NOT_NUMBERS.fullmatch(text):
            self.complain(node.line, path, f"不允许 {text}：数必须是确定的值")
            return None
        if _DATE.fullmatch(text):
            try:
                return dt.date.fromisoformat(text)
            except ValueError:
                self.complain(node.line, path, f"没有这一天：{text}")
        return text

    def complain(self, line: int, path: Path, message: str, code: str = "yaml") -> None:
        self.parsed.problems.append(Problem(self.file, line, dotted(path), message, code=code))


def dotted(path: Path) -> str:
    """`("rules", 0, "when")` as `rules[0].when`."""
    out = ""
    for part in path:
        out += f"[{part}]" if isinstance(part, int) else f".{part}" if out else part
    return out


_PROBLEMS = {
    "mapping values are not allowed in this context": "此处不能再写“键: 值”（是否漏了引号或缩进不对）",
    "did not find expected key": "此处应为一个键（是否缩进不对或引号没有闭合）",
    "did not find expected ',' or ']'": "列表缺少逗号或右方括号",
    "did not find expected ',' or '}'": "映射缺少逗号或右花括号",
    "did not find expected '-' indicator": "列表项应以“- ”开头（是否缩进不对）",
    "found character that cannot start any token": "此处的字符不能这样用（制表符、@、` 等须加引号）",
    "found unexpected end of stream": "文件在引号或括号闭合之前结束",
    "could not find expected ':'": "键后面缺少冒号",
    "control characters are not allowed": "含有控制字符，像是二进制文件",
    "did not find expected node content": "此处缺少内容",
    "did not find expected <document start>": "文件开头不是一份 YAML 文档",
}


def _in_chinese(problem: str | None) -> str:
    text = (problem or "").strip()
    for english, chinese in _PROBLEMS.items():
        if english in text:
            return chinese
    return text or "无法读取"
