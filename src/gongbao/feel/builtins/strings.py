"""Built-ins on strings; positions count characters from 1, negative ones from the end."""

from __future__ import annotations

import re

from gongbao.feel import patterns
from gongbao.feel.builtins.registry import builtin
from gongbao.feel.meter import fresh, spend
from gongbao.feel.values import Value, as_list, check_length, is_number, whole


def _all_text(*values: Value) -> bool:
    return all(isinstance(value, str) for value in values)


@builtin("substring", "string, start position, length?", cost="size")
def substring(string: Value, start: Value, length: Value = None) -> Value:
    """The part of a string from a position on, at most ``length`` characters."""
    first = whole(start) if is_number(start) else None
    if not isinstance(string, str) or not first or abs(first) > len(string):
        return None
    begin = first - 1 if first > 0 else len(string) + first
    if length is None:
        return string[begin:]
    if not is_number(length) or length < 1:
        return None
    return string[begin : begin + min(int(length), len(string))]


@builtin("string length", "string")
def string_length(string: Value) -> Value:
    """How many characters a string has."""
    return len(string) if isinstance(string, str) else None


@builtin("upper case", "string", cost="size")
def upper_case(string: Value) -> Value:
    """The string in capital letters."""
    return string.upper() if isinstance(string, str) else None


@builtin("lower case", "string", cost="size")
def lower_case(string: Value) -> Value:
    """The string in small letters."""
    return string.lower() if isinstance(string, str) else None


@builtin("substring before", "string, match", cost="size")
def substring_before(string: Value, match: Value) -> Value:
    """What stands before the first ``match``; empty when it does not occur."""
    if not _all_text(string, match):
        return None
    before, found, _ = string.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string, match", cost="size")
def substring_after(string: Value, match: Value) -> Value:
    """What stands after the first ``match``; empty when it does not occur."""
    if not _all_text(string, match):
        return None
    return string.partition(match)[2] if match else string


@builtin("contains", "string, match", cost="size")
def contains(string: Value, match: Value) -> Value:
    """Whether a string holds another."""
    return match in string if _all_text(string, match) else None


@builtin("starts with", "string, match", cost="size")
def starts_with(string: Value, match: Value) -> Value:
    """Whether a string begins with another."""
    return string.startswith(match) if _all_text(string, match) else None


@builtin("ends with", "string, match", cost="size")
def ends_with(string: Value, match: Value) -> Value:
    """Whether a string ends with another."""
    return string.endswith(match) if _all_text(string, match) else None


@builtin("matches", "input, pattern, flags?", cost="own")
def matches(string: Value, pattern: Value, flags: Value = None, budget: list[int] | None = None) -> Value:
    """Whether a regular expression is found in a string; flags ``i s m x``."""
    if not _all_text(string, pattern, "" if flags is None else flags):
        return None
    found = patterns.compiled(pattern, flags, string, budget)
    return None if found is None else found.search(string) is not None


@builtin("replace", "input, pattern, replacement, flags?", cost="own")
def replace(
    string: Value, pattern: Value, replacement: Value, flags: Value = None, budget: list[int] | None = None
) -> Value:
    """The string with every match of a regular expression replaced; ``$1`` is the first group."""
    if not _all_text(string, pattern, replacement, "" if flags is None else flags):
        return None
    budget = fresh(budget)
    found = patterns.compiled(pattern, flags, string, budget)
    if found is None:
        return None
    check_length(len(replacement) * (len(string) + 1))

    def put(match: re.Match[str]) -> str:
        spend(budget, 1 + (len(replacement) >> 2))
        return re.sub(r"\\([$\\])|\$(\d)", lambda m: m[1] or _group(match, int(m[2])), replacement)

    return found.sub(put, string)


def _group(match: re.Match[str], number: int) -> str:
    return (match[number] or "") if number <= (match.re.groups or 0) else ""


@builtin("split", "string, delimiter", cost="own")
def split(string: Value, delimiter: Value, budget: list[int] | None = None) -> Value:
    """The pieces of a string between the matches of a regular expression."""
    if not _all_text(string, delimiter):
        return None
    budget = fresh(budget)
    found = patterns.compiled(delimiter, None, string, budget)
    if found is None:
        return None
    pieces, begin = [], 0
    for match in found.finditer(string):
        if match.end() > match.start():
            spend(budget)
            pieces.append(string[begin : match.start()])
            begin = match.end()
    return [*pieces, string[begin:]]


@builtin("string join", "list, delimiter?", "list, delimiter, prefix, suffix", cost="size")
def string_join(items: Value, delimiter: Value = None, prefix: Value = None, suffix: Value = None) -> Value:
    """The strings of a list in one string; nulls are left out."""
    if items is None:
        return None
    texts = [item for item in as_list(items) if item is not None]
    if not _all_text(*texts, delimiter or "", prefix or "", suffix or ""):
        return None
    check_length(sum(len(text) for text in texts) + len(delimiter or "") * len(texts))
    return f"{prefix or ''}{(delimiter or '').join(texts)}{suffix or ''}"
