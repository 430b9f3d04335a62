"""Whether a call that names no known danger still sounds like one, so that the operator asks before going on.

The lexicon knows the dangers somebody thought of. This looks at how people speak when they are in danger: characters
and pairs of characters, weighed by how much more often they stand in the dangerous calls of the pack's sample (a naive
Bayes classifier). It never decides; it only makes the page ask.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ASK_ABOVE = 0  # even odds; asking once too often costs five seconds


@dataclass(frozen=True, slots=True)
class Doubt:
    """`weights`: thousandths of the natural logarithm of the odds that one character or pair adds."""

    weights: Mapping[str, int]

    def score(self, text: str) -> int:
        return sum(self.weights.get(cue, 0) for cue in cues(text))

    def asks(self, text: str) -> bool:
        return self.score(text) > ASK_ABOVE

    def because(self, text: str, most: int = 3) -> tuple[str, ...]:
        """The pairs that speak loudest for danger."""
        pairs = [cue for cue in cues(text) if len(cue) == 2 and self.weights.get(cue, 0) > 0]
        return tuple(sorted(pairs, key=lambda cue: (-self.weights[cue], text.find(cue)))[:most])


def learn(calls: Iterable[tuple[str, bool]]) -> Doubt:
    """From calls with whether they were dangerous; both kinds must occur. Raises ValueError otherwise."""
    seen: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    many: Counter[bool] = Counter()
    for text, danger in calls:
        many[danger] += 1
        seen[danger].update(cues(text))
    if not many[True] or not many[False]:
        raise ValueError("来电样本须同时有危险的和不危险的")

    def log(cue: str, danger: bool) -> float:
        return math.log((seen[danger][cue] + 0.5) / (many[danger] + 1))

    return Doubt({cue: round(1000 * (log(cue, True) - log(cue, False))) for cue in seen[True] | seen[False]})


def cues(text: str) -> set[str]:
    """The characters and pairs of neighbouring characters of the Chinese in a call."""
    plain = "".join(char for char in text if "\u4e00" <= char <= "\u9fff")
    return set(plain) | {plain[i : i + 2] for i in range(len(plain) - 1)}
