"""Which plans a call is about, ranked, and by which words: the recogniser of the hotline over the plans' signals.

A pure function of text and plans. A word that is denied or over (没有泄漏, 去年) does not count; of two words at one
place the more specific does. It proposes; the officer ticks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from gongbao.engine.model import Signal
from gongbao.office.hotline.lexicon import Entry, Lexicon, entry_of, indexed
from gongbao.office.hotline.suggest import LONGEST_CALL, by_rows, distinct_hits, hits, score
from gongbao.office.incidents.plans import Plan

PRINTED = 2  # a word that the document prints weighs this much as one that its authors added


@dataclass(frozen=True, slots=True)
class Why:
    """Words of the call and the clause that they point to; `printed`: the clause has them in these words."""

    words: tuple[str, ...]
    cite: str
    printed: bool


@dataclass(frozen=True, slots=True)
class Proposed:
    """One plan that the call may be about; `score` only compares inside one call."""

    plan: Plan
    score: int
    why: tuple[Why, ...]


def propose(text: str, plans: Sequence[Plan]) -> tuple[Proposed, ...]:
    """The plans whose signals the text holds, the likeliest first; none when no word is known."""
    found = hits(text.lower()[:LONGEST_CALL], _lexicon(tuple((p.key, p.rule.signals) for p in plans)))
    by_plan: dict[str, list] = {}
    for (key, _), group in by_rows(found).items():
        by_plan.setdefault(key, []).extend(group)
    known = {plan.key: plan for plan in plans}
    made = []
    for key, group in by_plan.items():
        distinct = distinct_hits(group)
        printed = sum(hit.weight for hit in distinct if hit.entry.printed)
        signals = known[key].rule.signals
        why = tuple(Why(h.words, signals[h.entry.row[1]].cite, h.entry.printed) for h in distinct[:4])
        made.append(Proposed(known[key], score(distinct) + PRINTED * printed, why))
    order = list(known)
    return tuple(sorted(made, key=lambda p: (-p.score, order.index(p.plan.key))))


@lru_cache(maxsize=8)
def _lexicon(signals: tuple[tuple[str, tuple[Signal, ...]], ...]) -> Lexicon:
    entries = []
    for key, listed in signals:
        for at, signal in enumerate(listed):
            for printed, words in ((True, signal.words), (False, signal.said)):
                entries += [_entry(word, (key, at), printed) for word in words]
    return indexed(entries, {})


def _entry(word: str, row: tuple[str, int], printed: bool) -> Entry:
    """Every signal is read as the hotline reads a danger: not where it is denied, asked of another time, or over."""
    made = entry_of(word, row, danger=True)
    return Entry(made.row, made.parts, made.unless, made.danger, printed)
