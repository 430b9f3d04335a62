"""Scores side by side: the order of the subjects with its ties, self-scores against verified scores, and votes.

Equal totals share a place and the next place is counted on (1, 1, 3); who of them goes first is nobody's to say but the
document's. A total that is not settled holds a span of places.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gongbao.engine.scoresheet import PLACES, Number, Score, Scored, Sheet, Votes
from gongbao.engine.time.calendar import localise
from gongbao.feel.values import Value


@dataclass(frozen=True, slots=True)
class Place:
    """A subject in the order. `best` and `worst` are the same where its place is settled; tied: others share it.

    chosen: among the first `take`; None where that is not settled, or those who share the last place are too many.
    within: the value by which the subjects are ranked apart. left_out: why a subject is not ranked.
    """

    subject: str
    score: Score
    best: int | None
    worst: int | None
    tied: bool = False
    chosen: bool | None = None
    within: str | None = None
    left_out: str = ""


def ranked(
    scores: Sequence[tuple[str, Score, Mapping[str, Value]]], *, take: int | None = None, within: str | None = None
) -> tuple[Place, ...]:
    """The places, the first first; whoever is left out stands at the end. (subject, its score, its findings)."""
    found: list[Place] = []
    groups: dict[str | None, list[tuple[str, Score]]] = {}
    for subject, score, facts in scores:
        value = facts.get(within) if within is not None else None
        if score.excluded is True:
            reasons = [line.label for line, hit in score.vetoes if hit and line.effect == "exclude"]
            found.append(Place(subject, score, None, None, within=_text(value), left_out="、".join(reasons)))
        else:
            groups.setdefault(_text(value), []).append((subject, score))
    placed: list[Place] = []
    for value, group in groups.items():
        placed += _group(group, take, value)
    return (*placed, *found)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _group(group: Sequence[tuple[str, Score]], take: int | None, within: str | None) -> list[Place]:
    low = [_end(score.lowest, "-Infinity") for _, score in group]
    high = [_end(score.highest, "Infinity") for _, score in group]
    certain = [score.excluded is False for _, score in group]
    places = []
    for i, (subject, score) in enumerate(group):
        others = [j for j in range(len(group)) if j != i]
        best = 1 + sum(low[j] > high[i] and certain[j] for j in others)
        worst = 1 + sum(high[j] > low[i] for j in others)
        equal = [j for j in others if score.total is not None and low[j] == high[j] == low[i]]
        chosen = None
        if take is not None:
            # All who share the place must find room; otherwise the document would have to say who of them.
            behind = worst + len([j for j in others if low[j] == high[j] == low[i] == high[i]])
            chosen = True if behind <= take and certain[i] else False if best > take else None
        places.append(Place(subject, score, best, worst, bool(equal), chosen, within))
    return sorted(places, key=lambda place: (place.best, place.worst))


def _end(value: Number | None, otherwise: str) -> Decimal:
    return Decimal(otherwise) if value is None else round(Decimal(value), PLACES)


# Self-score and verified score --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A line on which the self-score and the verified score part. A score that is not settled is None."""

    line: str
    label: str
    cite: str
    self_points: Number | None
    verified_points: Number | None


def differences(own: Score, verified: Score) -> tuple[Difference, ...]:
    """The lines (parts where an item has them) on which two scores of one sheet differ, in printed order."""
    theirs = {each.id: each for line in verified.lines for each in (line, *line.parts)}
    found = []
    for each in _leaves(own.lines):
        other = theirs[each.id]
        if (each.points, each.lowest, each.highest) != (other.points, other.lowest, other.highest):
            found.append(Difference(each.id, each.line.label, each.line.cite, each.points, other.points))
    return tuple(found)


def _leaves(lines: Iterable[Scored]) -> list[Scored]:
    return [each for line in lines for each in (line.parts or (line,))]


# Votes ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote: who cast it (an IP, a number), for whom, when (a moment)."""

    voter: str
    subject: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Tally:
    """The votes that count for each subject, and those refused, with the place at which they came and why."""

    counted: Mapping[str, int]
    refused: tuple[tuple[int, Vote, str], ...]


def tally(votes: Sequence[Vote], rule: Votes) -> Tally:
    """Counts votes in the order of their moments; a day is one of the city's clock.

    As those refused are named, a vote over the limit can be answered at once: whoever asks passes the day's votes.
    """
    cast: Counter[tuple[str, dt.date]] = Counter()
    counted: Counter[str] = Counter()
    refused = []
    for at, vote in sorted(enumerate(votes, 1), key=lambda each: (localise(each[1].at), each[0])):
        day = (vote.voter, localise(vote.at).date())
        cast[day] += 1
        if cast[day] > rule.limit:
            why = f"{rule.by} {vote.voter} 在 {day[1]} 已投满 {rule.limit} 票（{rule.cite}）"
            refused.append((at, vote, why))
        else:
            counted[vote.subject] += 1
    return Tally(dict(sorted(counted.items(), key=lambda each: (-each[1], each[0]))), tuple(refused))


def taken(sheet: Sheet, settings: Mapping[str, Value]) -> int | None:
    """How many a ranking chooses; None where the sheet says nothing, or a setting is not filled."""
    value = settings.get(sheet.take) if isinstance(sheet.take, str) else sheet.take
    return int(value) if isinstance(value, int | Decimal) else None
