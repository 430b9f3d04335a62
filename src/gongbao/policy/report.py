"""What `gongbao check` says of one pack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gongbao.policy.errors import Problem


@dataclass(frozen=True, slots=True)
class Report:
    """Everything found in one pack, and how much there was to look at."""

    pack: str
    problems: tuple[Problem, ...]
    examples: int = 0
    rules: int = 0
    thresholds: int = 0
    mutants: int = 0  # changes of tables that were tried
    survivors: int = 0  # of these, those that no example notices

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.level == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.level == "warning")

    def as_dict(self) -> dict[str, Any]:
        return {
            "pack": self.pack,
            "ok": not self.errors,
            "examples": self.examples,
            "rules": self.rules,
            "thresholds": self.thresholds,
            "mutants": self.mutants,
            "survivors": self.survivors,
            "problems": [p.as_dict() for p in self.problems],
        }
