"""What is wrong with a pack, and where: one problem names its file, line, key and, in Chinese, the matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding. `line` counts from 1, None where no line can be named; `key` is dotted (`decisions.grade.let`)."""

    file: str
    line: int | None
    key: str
    message: str
    level: Literal["error", "warning"] = "error"
    code: str = "invalid"  # a short stable word for programs: yaml, schema, name, unit, unreached, unguarded, ...

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place} {self.key}：{self.message}" if self.key else f"{place}：{self.message}"

    def as_dict(self) -> dict[str, object]:
        return {
            "file": self.file,
            "line": self.line,
            "key": self.key,
            "message": self.message,
            "level": self.level,
            "code": self.code,
        }


class PackError(ValueError):
    """A pack that cannot be read or compiled; carries every problem found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))
