"""What can go wrong with a FEEL expression, said in Chinese and pointing at the character."""

from __future__ import annotations

from unicodedata import east_asian_width


class FeelError(Exception):
    """Any refusal by the FEEL language."""


class FeelSyntaxError(FeelError):
    """The text is no FEEL expression, or names a function that does not exist.

    ``text`` is the expression, ``position`` the 0-based index of the offending character (``len(text)`` for
    an unexpected end), ``reason`` the Chinese sentence without the excerpt.
    """

    def __init__(self, reason: str, text: str, position: int) -> None:
        self.reason = reason
        self.text = text
        self.position = position
        super().__init__(f"第 {position + 1} 个字符处：{reason}\n{excerpt(text, position)}")


class FeelLimitError(FeelError):
    """The expression is legal, but evaluating it would take more time or memory than a rule may."""


class FeelValueError(FeelError):
    """A host passed a value that FEEL has no kind for (a float, a datetime without a zone)."""


def excerpt(text: str, position: int, width: int = 60) -> str:
    """The line around ``position`` with a caret under the character; wide characters count as two columns."""
    line_start = text.rfind("\n", 0, position) + 1
    line_end = text.find("\n", position)
    line_end = len(text) if line_end < 0 else line_end
    start = max(line_start, position - width // 2)
    shown = text[start : min(line_end, start + width)].replace("\t", " ")
    columns = sum(2 if east_asian_width(c) in "WF" else 1 for c in shown[: position - start])
    return f"  {shown}\n  {' ' * columns}^"
