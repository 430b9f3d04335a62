"""What a call is probably about: the platform, list and row it belongs to, ranked, with the words that say so.

A pure function over the pack's lexicon. Three ideas carry it:

- The more specific wins: an entry whose words lie inside those of another entry is silent (井盖 beside 井盖没了).
- A danger to life or public safety goes to 110, before everything else (三（一）3, 附件1), and is told as danger.
- A danger that is denied or over is none (没着火; 上周漏过); what is said of another thing does not count.

It proposes; the operator decides. Nothing here is a rule of the document beside the rows of its two lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gongbao.office.hotline.lexicon import PLATFORM, TO_110, Entry, Lexicon, Row

REACH = 32  # characters within which the parts of one entry must stand
LONGEST_CALL = 2000  # characters read of one call
CLAUSE = re.compile(r"[，,。；;！!？?\n]|\s{1,}")
DENIALS = ("没有", "并没", "不是", "没", "未", "不", "别", "无")
QUESTIONS = ("有没", "是不", "会不")  # 有没有, 是不是: asked, not denied
OVER = (
    "去年", "前年", "上个月", "上月", "上礼拜", "上星期", "上周", "上回", "以前", "好几年前", "早就好了", "已经修好",
    "修好了",
)  # fmt: skip
NOW = ("现在", "正在", "刚", "又", "还在", "今天", "马上", "快")
STEP = (1, 2, 4, 8, 16)  # each further hit of a row adds half of what the one before it added


@dataclass(frozen=True, slots=True)
class Reason:
    """Words of the call that point to a row. `qualifier`: those that decided against `instead` of the other list."""

    words: tuple[str, ...]
    danger: bool
    printed: bool
    qualifier: tuple[str, ...] = ()
    instead: Row | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One row that the call may belong to; `score` is only comparable inside one call."""

    platform: str  # 12345 | 110
    list: str  # 附件1 | 附件2
    row: int
    category: str
    danger: bool
    score: int
    why: tuple[Reason, ...]

    @property
    def place(self) -> str:
        return f"{self.list} 第{self.row}行"


@dataclass(frozen=True, slots=True)
class Hit:
    entry: Entry
    words: tuple[str, ...]
    covers: frozenset[int]  # positions of the call

    @property
    def weight(self) -> int:
        """Characters that matched, two more for every further part: the longer and the more qualified, the surer."""
        return sum(map(len, self.words)) + 2 * (len(self.words) - 1) + (1 if self.entry.printed else 0)


def suggest(text: str, lexicon: Lexicon, limit: int = 5) -> tuple[Suggestion, ...]:
    """Rows for the call `text`, the likeliest first; empty if no word is known. Under a millisecond for a call."""
    found = hits(text.lower()[:LONGEST_CALL], lexicon)
    by_row = by_rows(found)
    ranked = [_suggestion(row, group, found, lexicon) for row, group in by_row.items()]
    ranked.sort(key=lambda s: (not s.danger, -s.score, s.list, s.row))
    return tuple(ranked[:limit])


def by_rows(found: list[Hit]) -> dict[Row, list[Hit]]:
    """What a call holds by row, without what something more specific says."""
    rows: dict[Row, list[Hit]] = {}
    for hit in found:
        if not any(_silences(other, hit) for other in found):
            rows.setdefault(hit.entry.row, []).append(hit)
    return rows


def distinct_hits(group: Iterable[Hit]) -> list[Hit]:
    """The hits of one row, dangers first, then the surest; of those at the same place only the first."""
    found: dict[frozenset[int], Hit] = {}
    for hit in sorted(group, key=lambda h: (not h.entry.danger, -h.weight)):
        found.setdefault(hit.covers, hit)
    return list(found.values())


def score(group: Iterable[Hit]) -> int:
    """How surely a row is meant: each further hit adds half of what the one before it added."""
    strongest = sorted((hit.weight for hit in group), reverse=True)
    return sum(16 * weight // step for weight, step in zip(strongest, STEP, strict=False))


def is_danger(suggestions: Iterable[Suggestion]) -> bool:
    """Whether the call speaks of a danger to life or public safety."""
    return any(s.danger for s in suggestions)


# ------------------------------------------------------------------------------------------------------ recognising


def hits(call: str, lexicon: Lexicon) -> list[Hit]:
    """Every entry that the call holds, with where; excluded ones, and dangers denied or over, left out."""
    spots = _spots(call, lexicon)
    candidates: dict[int, None] = {}
    for word in spots:
        candidates.update(dict.fromkeys(lexicon.using[word]))
    clauses = _clauses(call)
    found = []
    for index in candidates:
        entry = lexicon.entries[index]
        placed = _place(entry, spots)
        if placed is None:
            continue
        around = " ".join(call[a:b] for a, b in clauses if any(a <= at < b for at, _ in placed))
        if any(word in (around if entry.danger else call) for word in entry.unless):
            continue
        if entry.danger and (_over(around) or any(_denied(call, at, word) for at, word in placed)):
            continue
        covers = frozenset(i for at, word in placed for i in range(at, at + len(word)))
        found.append(Hit(entry, tuple(word for _, word in placed), covers))
    return found


def _spots(call: str, lexicon: Lexicon) -> dict[str, list[int]]:
    """Where each word of the lexicon stands in the call."""
    spots: dict[str, list[int]] = {}
    for at, char in enumerate(call):
        for word in lexicon.by_first.get(char, ()):
            if call.startswith(word, at):
                spots.setdefault(word, []).append(at)
    return spots


def _place(entry: Entry, spots: Mapping[str, Sequence[int]]) -> tuple[tuple[int, str], ...] | None:
    """One place for each part of the entry, no two overlapping, all within REACH of the first; or None."""
    anchors = [(at, word) for word in entry.parts[0] for at in spots.get(word, ())]
    for anchor in anchors:
        placed = [anchor]
        for part in entry.parts[1:]:
            near = [
                (at, word)
                for word in part
                for at in spots.get(word, ())
                if abs(at - anchor[0]) <= REACH
                and all(at + len(word) <= a or a + len(w) <= at for a, w in placed)
            ]  # fmt: skip
            if not near:
                break
            placed.append(min(near, key=lambda spot: (-len(spot[1]), abs(spot[0] - anchor[0]))))
        else:
            return tuple(placed)
    return None


def _clauses(call: str) -> list[tuple[int, int]]:
    ends = [m.end() for m in CLAUSE.finditer(call)]
    starts = [0, *ends]
    return [(a, b) for a, b in zip(starts, [*ends, len(call)], strict=True) if b > a]


def _denied(call: str, at: int, word: str) -> bool:
    """没着火, 不冒烟; but not 有没有着火, nor a word that itself begins with a denial (没了, 不亮)."""
    before = call[max(0, at - 2) : at]
    if word.startswith(DENIALS) or call[max(0, at - 3) : at].startswith(QUESTIONS) or before in QUESTIONS:
        return False
    return before.endswith(DENIALS)


def _over(around: str) -> bool:
    return any(word in around for word in OVER) and not any(word in around for word in NOW)


# ---------------------------------------------------------------------------------------------------------- ranking


def _silences(one: Hit, other: Hit) -> bool:
    """Whether `one` says all that `other` says and more. A danger is never silenced by what is none."""
    if one is other or (other.entry.danger and not one.entry.danger):
        return False
    return other.covers < one.covers


def _suggestion(row: Row, group: list[Hit], found: list[Hit], lexicon: Lexicon) -> Suggestion:
    distinct = distinct_hits(group)
    return Suggestion(
        platform=PLATFORM[row[0]],
        list=row[0],
        row=row[1],
        category=lexicon.categories[row],
        danger=row[0] == TO_110 and any(h.entry.danger for h in group),
        score=score(distinct),
        why=tuple(_reason(hit, found) for hit in distinct[:3]),
    )


def _reason(hit: Hit, found: list[Hit]) -> Reason:
    """Why this row and, where the other list has the same thing without the qualifier, what decided."""
    for other in found:
        shared = other.entry.row[0] != hit.entry.row[0] and other.covers < hit.covers
        if shared:
            extra = tuple(word for word in hit.words if word not in other.words)
            return Reason(hit.words, hit.entry.danger, hit.entry.printed, extra, other.entry.row)
    return Reason(hit.words, hit.entry.danger, hit.entry.printed)
