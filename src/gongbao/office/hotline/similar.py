"""Which open matters a call repeats: by the pairs of characters it shares with them, among few candidates.

Comparing with every open matter would be slow at 100,000, so a matter is filed under a few terms (the words of the
lexicon that it holds, and the pairs of its address), and only matters of the same county that share a term are
compared. What is filed, and how candidates are found, is in models.py; this is the arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gongbao.office.hotline.lexicon import Lexicon
from gongbao.office.hotline.suggest import LONGEST_CALL, hits

MOST_TERMS = 12
ENOUGH = 28  # per cent: below this two calls are not shown as alike


@dataclass(frozen=True, slots=True)
class Alike:
    """A matter that resembles the call; `per_cent` of 100 means the same pairs of characters."""

    key: int
    per_cent: int
    shared: tuple[str, ...]


def pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters, letters and digits included, punctuation and spaces not."""
    plain = "".join(char for char in text.lower()[:LONGEST_CALL] if char.isalnum())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1))


def terms(text: str, address: str, lexicon: Lexicon) -> tuple[str, ...]:
    """What a matter is filed under: the longest words of the lexicon it holds, then the pairs of its address."""
    words = {word for hit in hits(text.lower()[:LONGEST_CALL], lexicon) for word in hit.words if len(word) > 1}
    places = sorted(pairs(address))
    return tuple(dict.fromkeys([*sorted(words, key=lambda w: (-len(w), w))[: MOST_TERMS // 2], *places]))[:MOST_TERMS]


def likeness(one: frozenset[str], other: frozenset[str]) -> int:
    """Twice the shared pairs over all pairs (Dice), in per cent."""
    total = len(one) + len(other)
    return 0 if total == 0 else 200 * len(one & other) // total


def rank(text: str, candidates: Iterable[tuple[int, str]], limit: int = 5) -> tuple[Alike, ...]:
    """The candidates (key, text) most like `text`, the likest first; of equals, the one given first."""
    wanted = pairs(text)
    found = []
    for key, other in candidates:
        theirs = pairs(other)
        per_cent = likeness(wanted, theirs)
        if per_cent >= ENOUGH:
            found.append(Alike(key, per_cent, tuple(sorted(wanted & theirs))[:8]))
    return tuple(sorted(found, key=lambda alike: -alike.per_cent)[:limit])
