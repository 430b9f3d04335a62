"""What the loaded gazettes say about a document's legal status on any day, with the clause that says it.

A document's life is a list of dated events read from its own text and from the documents that refer to it; its status on
a day is a pure function of that list. What no gazette says is `unknown`, with the reason; what is taken for a day that is
not printed (a document that does not say from when it holds) is marked as assumed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from gongbao.gazette.clauses import clauses
from gongbao.gazette.documents import Document
from gongbao.gazette.locators import number_value
from gongbao.gazette.references import Act, Reference, References, references
from gongbao.gazette.text import squeeze

State = Literal["not_yet", "in_force", "expired", "repealed", "lapsed", "unknown"]
EventKind = Literal[
    "issued", "starts", "ends", "repealed", "lapsed", "kept", "to_be_amended", "amended", "not_listed", "period_over",
    "limit_over",
]  # fmt: skip

_ENDING: dict[str, State] = {"ends": "expired", "repealed": "repealed", "lapsed": "lapsed"}
_OPEN = ("period_over", "limit_over")
_LIMIT = re.compile(
    r"规范性文件有效期最长(?P<years>[\d一二两三四五六七八九十]{1,2})年，(?:暂行|试行)(?:或者?(?:试行|暂行))?文件有效期最长(?P<trial>[\d一二两三四五六七八九十]{1,2})年"
)
_EXTENDS = re.compile(
    r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日.{0,30}施行前制定印发的.{0,40}一律延长(?P<years>.)年有效期"
)
_SCOPE = re.compile(r"对(\d{4})年(\d{1,2})月(\d{1,2})日前[^。]{0,40}规范性文件进行了?(?:全面|专项)?清理")
_ORGAN = re.compile(r"^([\u4e00-\u9fff]+)〔\d{4}〕")
_PLAN_YEARS = {"十二五": (2011, 2015), "十三五": (2016, 2020), "十四五": (2021, 2025), "十五五": (2026, 2030)}
_PERIOD = re.compile(r"(\d{4})年?\s?[-—–－~～至]+\s?(\d{4})年?")
_ONE_YEAR = re.compile(r"(?<!\d)(\d{4})年(?:度)?")
_PLANNED = re.compile(r"(?:规划|计划|方案|行动|要点|要求)(?:[（(].*[）)])?$")
_TRIAL = re.compile(r"试行|暂行")
_CITY = re.compile(r"^([\u4e00-\u9fff]{2,4}?市)")


@dataclass(frozen=True, eq=False, slots=True)
class Event:
    """Something that happens to a document on a day. `source` says so in its clause `locator`; `words` in short.

    `assumed`: the day is not printed and `words` says what was taken for it. A `limit_over` or `period_over` decides
    nothing: from that day on the gazettes do not say whether the document still holds. `not_listed` is a clean-up that
    names it in no list.
    """

    day: date
    kind: EventKind
    words: str
    source: Document | None
    locator: str
    assumed: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Status:
    """The status on a day. `because` is the event that decides it (None where nothing does), `reason` in words."""

    state: State
    on: date
    reason: str
    because: Event | None
    trial: bool = False
    assumed: bool = False
    until: date | None = None  # the last day in force, where one is known

    @property
    def words(self) -> str:
        return WORDS[self.state]


WORDS: dict[State, str] = {
    "not_yet": "尚未施行", "in_force": "现行有效", "expired": "期满失效", "repealed": "已废止", "lapsed": "宣布失效",
    "unknown": "不能确定",
}  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Life:
    """All that the gazettes say about when an act holds, in order of days."""

    act: Act
    trial: bool
    events: tuple[Event, ...]


def status(life: Life, on: date) -> Status:
    """The status of an act on a day. Pure: the same life and day give the same answer."""
    events = life.events
    start = next((e for e in events if e.kind == "starts"), None)
    ending = next((e for e in events if e.kind in _ENDING), None)
    until = ending.day - timedelta(days=1) if ending else None

    def said(state: State, event: Event | None, reason: str) -> Status:
        assumed = bool(event and event.assumed) or bool(state == "in_force" and start and start.assumed)
        return Status(state, on, reason, event, life.trial, assumed, until if state == "in_force" else None)

    if ending is not None and on >= ending.day:
        return said(_ENDING[ending.kind], ending, ending.words)
    kept = [e for e in events if e.kind == "kept" and e.day <= on]
    if start is not None:
        if on < start.day:
            issued = next((e for e in events if e.kind == "issued" and on < e.day), None)
            return said("not_yet", issued or start, "尚未印发" if issued else start.words)
    elif not kept:
        first = next((e for e in events if e.kind == "kept"), None)
        if first is not None:
            return said("unknown", None, f"{first.day}前的效力已载入的公报没有说明")
        later = f"；{ending.day}起{ending.words}" if ending else ""
        return said("unknown", None, f"已载入的公报没有印出这份文件{later}")
    over = [e for e in events if e.kind in _OPEN and e.day <= on]
    if over and not any(k.day >= max(e.day for e in over) for k in kept):
        return said("unknown", over[-1], over[-1].words)
    if kept:
        return said("in_force", kept[-1], kept[-1].words)
    return said("in_force", start, start.words if start else "")


@dataclass(frozen=True, eq=False, slots=True)
class Limit:
    """The longest time for which documents of a city hold, where one of its documents says so."""

    city: str
    years: int
    trial_years: int
    source: Document
    locator: str


@lru_cache(maxsize=4)
def lives(documents: tuple[Document, ...]) -> dict[str, Life]:
    """The life of every act that the documents are or name, by its key (`references.Act.key`)."""
    found = references(documents)
    reviews = [r for d in documents for r in _reviews(d, found)]
    limits = {limit.city: limit for d in documents for limit in _limits(d)}
    extensions = [e for d in documents for e in _extensions(d)]
    return {act.key: _life(act, found, limits, extensions, reviews) for act in found.acts}


def life_of(document: Document, documents: tuple[Document, ...]) -> Life:
    """The life of one document of a library."""
    return lives(documents)[references(documents).act(document).key]


def _life(
    act: Act, found: References, limits: dict[str, Limit], extensions: list[_Extension], reviews: list[_Review]
) -> Life:
    title = act.title
    document = act.document
    events = list(_own_events(document)) if document else []
    trial = document.validity.trial if document else bool(_TRIAL.search(title))
    for reference in found.to(act):
        events.extend(_from(reference))
    events.extend(e for review in reviews if (e := _passed_over(act, review)) is not None)
    events.extend(_limits_of(act, document, trial, events, limits, extensions))
    order = {"issued": 0, "starts": 1}
    once: dict[tuple[date, EventKind, int], Event] = {}
    for event in events:  # an interpretation says it again
        once.setdefault((event.day, event.kind, id(event.source)), event)
    return Life(act, trial, tuple(sorted(once.values(), key=lambda e: (e.day, order.get(e.kind, 2)))))


def _dated_at(document: Document) -> str:
    """Where the day of issue is printed: at the end, or in the head of a document that has no signature."""
    return "落款" if document.part("closing") is not None else "题注"


def _own_events(document: Document) -> Iterable[Event]:
    """What the document's own text says: its issue, its first day, and the day after its last."""
    validity = document.validity
    place = _place(document, validity.line)
    if document.dated:
        yield Event(document.dated, "issued", "印发", document, _dated_at(document))
    if validity.starts:
        words = "自印发之日起施行" if validity.by_issue else f"自{validity.starts}起施行"
        if document.dated and validity.starts < document.dated:
            words = f"印发于{document.dated}，自{validity.starts}起执行"
        yield Event(validity.starts, "starts", words, document, place)
    elif document.dated:
        yield Event(document.dated, "starts", "没有印施行日期，以成文日期计", document, _dated_at(document), True)
    if validity.ends:
        months = validity.months
        span = (
            f"有效期{months // 12}年" if months and months % 12 == 0 else f"有效期{months}个月" if months else "有效期"
        )
        yield Event(validity.ends + timedelta(days=1), "ends", f"{span}至{validity.ends}届满", document, place)


def _from(reference: Reference) -> Iterable[Event]:
    """What another document does to the act, from the day on which that document itself holds."""
    source = reference.source
    day = source.validity.starts or source.dated
    if day is None:
        return
    assumed = source.validity.starts is None
    name = source.number or f"《{source.title}》"
    kinds: dict[str, tuple[EventKind, str]] = {
        "repeals": ("repealed", "废止"), "lapses": ("lapsed", "宣布失效"), "keeps": ("kept", "列为现行有效"),
        "amends": ("amended", "修改"),
    }  # fmt: skip
    if reference.relation not in kinds:
        return
    kind, verb = kinds[reference.relation]
    if reference.relation == "amends" and reference.printed:
        kind, verb = "to_be_amended", "列入修改目录"
    note = f"（{reference.printed}）" if reference.printed else ""
    yield Event(day, kind, f"{name}{verb}{note}", source, reference.locator, assumed)


@dataclass(frozen=True, eq=False, slots=True)
class _Review:
    """A clean-up of what its issuer and its office made before a day, with what its lists name."""

    before: date
    source: Document
    locator: str
    listed: frozenset[str]
    organs: frozenset[str]  # of the numbers in its lists


def _reviews(document: Document, found: References) -> Iterable[_Review]:
    for clause in clauses(document).walk():
        for paragraph in clause.paragraphs:
            if match := _SCOPE.search(squeeze(paragraph.text)):
                rows = [r for r in found.of(document) if r.locator.startswith("附件") and r.relation != "attached"]
                organs = frozenset(m[1] for r in rows if (m := _ORGAN.match(r.act.number)))
                before = date(int(match[1]), int(match[2]), int(match[3]))
                yield _Review(before, document, clause.locator, frozenset(r.act.key for r in rows), organs)


def _passed_over(act: Act, review: _Review) -> Event | None:
    """What a clean-up of its issuer's documents does not name, though it was made before the clean-up's day."""
    day, document = review.source.dated, act.document
    if day is None or act.key in review.listed:
        return None
    if document is not None:
        ours = document.issuer.removesuffix("办公室") == review.source.issuer.removesuffix("办公室")
        made = document.dated
    else:
        organ = _ORGAN.match(act.number)
        ours = organ is not None and organ[1] in review.organs
        made = date(act.year, 12, 31) if act.year else None
    if not ours or made is None or made > review.before:
        return None
    name = review.source.number or f"《{review.source.title}》"
    return Event(day, "not_listed", f"{name}清理，各目录都没有列入", review.source, review.locator)


# ------------------------------------------------------------------------- how long a document holds that does not say


@dataclass(frozen=True, eq=False, slots=True)
class _Extension:
    """A clean-up that extends what was issued before a day by some years, counted from nothing that it prints."""

    before: date
    years: int
    source: Document
    locator: str


def _limits(document: Document) -> Iterable[Limit]:
    city = _CITY.match(document.issuer)
    if city is None:
        return
    for clause in clauses(document).walk():
        for paragraph in clause.paragraphs:
            if match := _LIMIT.search(squeeze(paragraph.text)):
                years, trial = _count(match["years"]), _count(match["trial"])
                if years and trial:
                    yield Limit(city[1], years, trial, document, clause.locator)


def _extensions(document: Document) -> Iterable[_Extension]:
    for clause in clauses(document).walk():
        for paragraph in clause.paragraphs:
            match = _EXTENDS.search(squeeze(paragraph.text))
            if match and (years := _count(match["years"])):
                yield _Extension(
                    date(int(match["y"]), int(match["m"]), int(match["d"])), years, document, clause.locator
                )


def _limits_of(
    act: Act, document: Document | None, trial: bool, events: list[Event], limits: dict[str, Limit],
    extensions: list[_Extension],
) -> Iterable[Event]:  # fmt: skip
    """Days from which on it is open whether the act holds: its title's period is over, or the longest time there is."""
    if any(e.kind == "ends" for e in events):
        return
    period = _period(act.title)
    if period is not None and document is not None:
        yield Event(date(period + 1, 1, 1), "period_over",
                    f"标题所印期间至{period}年，此后是否有效没有印", document, "题注")  # fmt: skip
    start = next((e.day for e in events if e.kind == "starts"), None)
    if document is not None and start is not None:
        city = _CITY.match(document.issuer)
        limit = limits.get(city[1]) if city else None
        if limit is not None:
            years = limit.trial_years if trial else limit.years
            yield Event(_years_on(start, years) + timedelta(days=1), "limit_over", _limit_words(limit, years, trial),
                        limit.source, limit.locator, True)  # fmt: skip
        return
    for kept in (e for e in events if e.kind == "kept" and e.source is not None):
        source = kept.source
        city = _CITY.match(source.issuer) if source else None
        limit = limits.get(city[1]) if city else None
        if source is None or limit is None:
            continue
        years = limit.trial_years if trial else limit.years
        year = act.year
        extended = next(
            (e for e in extensions if e.source is source and year is not None and year < e.before.year), None
        )
        amended = any(e.kind == "to_be_amended" and e.source is source for e in events)
        if extended is None and amended:
            extended = next((e for e in extensions if e.source is source), None)
        if extended is not None:
            last = _years_on(kept.day, extended.years)
            words = f"清理时延长{extended.years}年，起算日没有印，以清理结果公布之日计，至{last}；此后没有印"
            yield Event(last + timedelta(days=1), "limit_over", words, source, extended.locator, True)
        elif year is not None:
            # Only the year of its number is known, so the limit may be reached from that year's first day on.
            if (over := date(year + years, 1, 2)) <= kept.day:
                over = date(year + years + limit.years, 1, 2)  # kept past its time: it was assessed and extended
            yield Event(over, "limit_over", _limit_words(limit, years, trial) + "；印发日没有印，只知年份",
                        limit.source, limit.locator, True)  # fmt: skip
        else:
            yield Event(kept.day + timedelta(days=1), "limit_over", "文号和印发日没有印，期满日无从计算", source,
                        kept.locator, True)  # fmt: skip


def _limit_words(limit: Limit, years: int, trial: bool) -> str:
    what = "暂行、试行文件" if trial else "规范性文件"
    return (
        f"没有印有效期；{limit.source.number or limit.source.title}称{what}有效期最长{years}年，此后是否评估延长没有印"
    )


def _period(title: str) -> int | None:
    """The last year of the period that a plan's title prints."""
    bare = squeeze(title)
    if not _PLANNED.search(bare):
        return None
    if match := _PERIOD.search(bare):
        return int(match[2])
    for name, (_, last) in _PLAN_YEARS.items():
        if name in bare:
            return last
    years = [int(y) for y in _ONE_YEAR.findall(bare)]
    return max(years) if years else None


def _place(document: Document, line: int | None) -> str:
    if line is None:
        return ""
    held = [c for c in clauses(document).walk() if c.locator and c.first <= line <= c.last]
    return held[-1].locator if held else ""


def _years_on(day: date, years: int) -> date:
    year = day.year + years
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def _count(text: str) -> int | None:
    return 2 if text == "两" else number_value(text)
