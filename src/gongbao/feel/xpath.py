"""The regular expressions of the standard (XPath and XML Schema) rewritten as Python's.

What differs: ``.`` also stops at a carriage return, ``$`` is the very end, classes can be subtracted
(``[A-Z-[OI]]``), ``\\p{Lu}`` and ``\\p{IsBasicLatin}`` name categories and blocks, ``\\i`` and ``\\c`` are the characters
of XML names, and no escape means anything else than it does there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

_SINGLE = {"n": "\\n", "r": "\\r", "t": "\\t"}
_LITERAL = frozenset("\\|.-^?*+{}()[]$/ \"'")
_INITIAL = ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f" \
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"  # fmt: skip
_NAME = _INITIAL + "\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040"
#: Blocks that texts of a Chinese office hold; others are refused.
_BLOCKS = {
    "BasicLatin": "\\x00-\\x7f", "Latin-1Supplement": "\x80-\xff", "GreekandCoptic": "\u0370-\u03ff",
    "Greek": "\u0370-\u03ff", "Cyrillic": "\u0400-\u04ff", "GeneralPunctuation": "\u2000-\u206f",
    "CJKSymbolsandPunctuation": "\u3000-\u303f", "CJKUnifiedIdeographs": "\u4e00-\u9fff",
    "CJKUnifiedIdeographsExtensionA": "\u3400-\u4dbf", "CJKCompatibilityIdeographs": "\uf900-\ufaff",
    "HalfwidthandFullwidthForms": "\uff00-\uffef",
}  # fmt: skip
_CLASSES = {
    "s": " \\t\\n\\r", "d": None, "w": None, "i": _INITIAL, "c": _NAME,
}  # fmt: skip


class NoPattern(ValueError):
    """The text is no regular expression of the standard."""


def rewritten(pattern: str, flags: str) -> str:
    """The pattern as Python reads it (without the flags themselves); ``NoPattern`` when it is none."""
    if "x" in flags:
        pattern = _without_spaces(pattern)
    return _Rewriting(pattern, dotall="s" in flags, lines="m" in flags).whole()


def _without_spaces(pattern: str) -> str:
    """Without the white space that stands outside classes."""
    made, depth = [], 0
    for at, letter in enumerate(pattern):
        if pattern[at - 1 : at] != "\\":
            depth += {"[": 1, "]": -1}.get(letter, 0)
        if depth > 0 or letter not in " \t\n\r":
            made.append(letter)
    return "".join(made)


class _Rewriting:
    def __init__(self, pattern: str, *, dotall: bool, lines: bool) -> None:
        self.pattern = pattern
        self.at = 0
        self.groups = 0
        self.dot = "(?s:.)" if dotall else "[^\\n\\r]"
        self.end = "$" if lines else "\\Z"

    def whole(self) -> str:
        made = []
        while self.at < len(self.pattern):
            made.append(self.piece())
        return "".join(made)

    def take(self) -> str:
        if self.at >= len(self.pattern):
            raise NoPattern
        self.at += 1
        return self.pattern[self.at - 1]

    def piece(self) -> str:
        letter = self.take()
        if letter == "\\":
            return self.escape()
        if letter == "[":
            return self.bracketed()
        if letter == ".":
            return self.dot
        if letter == "$":
            return self.end
        if letter == "(":
            if self.pattern.startswith("?", self.at) and not self.pattern.startswith("?:", self.at):
                raise NoPattern
            self.groups += not self.pattern.startswith("?:", self.at)
        if letter in "]}" and not self._closes(letter):
            raise NoPattern
        return letter

    def _closes(self, letter: str) -> bool:
        return letter == "}" and "{" in self.pattern[: self.at]

    def escape(self) -> str:
        letter = self.take()
        if letter.isdecimal():
            if letter == "0" or int(letter) > self.groups:
                raise NoPattern
            return f"(?:\\{letter})"
        known = self._class(letter)
        return known if known is not None else self._single(letter)

    @staticmethod
    def _single(letter: str) -> str:
        if letter in _SINGLE:
            return _SINGLE[letter]
        if letter in _LITERAL:
            return "\\" + letter if letter not in " \"'/" else letter
        raise NoPattern

    def _class(self, letter: str) -> str | None:
        """A class escape as a class of its own; None when the letter is none."""
        lower = letter.lower()
        if lower == "p":
            inside, negated = self.property(), letter == "P"
        elif lower in _CLASSES:
            inside, negated = _inside(lower), letter != lower
        else:
            return None
        return f"[{'^' if negated else ''}{inside}]"

    def property(self) -> str:
        if self.take() != "{" or "}" not in self.pattern[self.at :]:
            raise NoPattern
        name = self.pattern[self.at : self.pattern.index("}", self.at)]
        self.at += len(name) + 1
        if name.startswith("Is"):
            if name[2:] not in _BLOCKS:
                raise NoPattern
            return _BLOCKS[name[2:]]
        return category(name)

    def bracketed(self) -> str:
        """A class in brackets, with what is subtracted from it before it."""
        negated = self.pattern.startswith("^", self.at)
        self.at += negated
        parts: list[str] = []
        excluded = ""
        complements: list[str] = []
        while True:
            letter = self.take()
            if letter == "]":
                if not parts and not complements:
                    raise NoPattern
                break
            if letter == "-" and self.pattern.startswith("[", self.at):
                self.at += 1
                excluded = self.bracketed()
                if self.take() != "]":
                    raise NoPattern
                break
            if letter == "[":
                raise NoPattern
            if letter == "\\":
                self._inside_escape(parts, complements)
            else:
                parts.append("\\" + letter if letter in "&~|^" else letter)
        own = [f"[{''.join(parts)}]"] if parts else []
        union = "|".join([*own, *complements])
        if negated:
            made = f"(?:(?!{union})(?s:.))" if complements else f"[^{''.join(parts)}]"
        else:
            made = f"(?:{union})" if complements else own[0]
        return f"(?:(?!{excluded}){made})" if excluded else made

    def _inside_escape(self, parts: list[str], complements: list[str]) -> None:
        letter = self.take()
        if letter.isdecimal():
            raise NoPattern
        known = self._class(letter)
        if known is None:
            parts.append(self._single(letter))
        elif known.startswith("[^"):
            complements.append(known)
        else:
            parts.append(known[1:-1])


def _inside(letter: str) -> str:
    if letter == "d":
        return category("Nd")
    if letter == "w":
        return _complement("P", "Z", "C")
    return str(_CLASSES[letter])


@lru_cache(maxsize=64)
def category(name: str) -> str:
    """The inside of a class of all characters of a Unicode category, such as ``Lu`` or ``L``."""
    if not 1 <= len(name) <= 2 or name[0] not in "LMNPZSC":
        raise NoPattern
    found = _ranges(lambda kind: kind.startswith(name))
    if not found:
        raise NoPattern
    return found


@lru_cache(maxsize=4)
def _complement(*names: str) -> str:
    return _ranges(lambda kind: not kind.startswith(names))


def _ranges(wanted: Callable[[str], bool]) -> str:
    made: list[str] = []
    start = -1
    for code in range(0x110000 + 1):
        if code < 0x110000 and wanted(unicodedata.category(chr(code))):
            start = code if start < 0 else start
        elif start >= 0:
            made += _range(start, code - 1)
            start = -1
    return "".join(made)


def _range(first: int, last: int) -> Iterable[str]:
    yield f"\\U{first:08x}" if first == last else f"\\U{first:08x}-\\U{last:08x}"
