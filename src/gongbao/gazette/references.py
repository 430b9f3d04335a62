"""Which documents a library's documents refer to: each reference with the clause that holds it and the document meant.

A reference is resolved to a document of the library where number, title, issuer and dates leave no doubt; what is left
is kept as an act known by name only (`Act.document` is None). References to one act have one key, however it is named.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from gongbao.gazette.citations import Citation, citations, spans
from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses
from gongbao.gazette.documents import Document, number_key
from gongbao.gazette.parts import issued_title
from gongbao.gazette.text import squeeze

Relation = Literal[
    "based_on", "implements", "repeals", "lapses", "keeps", "amends", "forwards", "attached", "interprets", "mentions"
]
By = Literal["number", "title", "short", "near", "list", "part", "none"]

_INSTRUMENT = re.compile(
    r"(?:宪法|法典|法|条例|规定|决定|决议|办法|细则|规则|规程|规章|守则|意见|通知|通告|公告|通报|批复|函|命令|方案|规划|计划|"
    r"纲要|要点|预案|措施|制度|标准|规范|准则|导则|指南|指引|指导目录|目录|清单|行动|政策|说明|要求|框架协议|章程|十条)"
    r"(?:[（(〈<][^）)〉>]{1,16}[）)〉>])?$"
)
_FORM = re.compile(r"(?:操作|使用)?(?:说明)$|法律意见书$")
_ISSUED_BY = re.compile(
    r"^(?P<organ>[\u4e00-\u9fff（）()、]{2,40}?(?:人民政府办公[室厅]|国务院办公厅|人民政府|国务院|办公[室厅]|委员会|[部局厅委]))"
    r"(?P<rest>(?:关于|印发|转发|批转).+)$"
)
_EARLIER = re.compile(r"(?:原|(\d{4})年(?:(\d{1,2})月(\d{1,2})日)?[^，。；《]{0,16}?(?:印发|制定|发布|公布|下发)的)$")
_ANNEX_LIST: tuple[tuple[Relation, re.Pattern[str]], ...] = (
    ("keeps", re.compile(r"现行有效|继续有效|保留")),
    ("repeals", re.compile(r"废止")),
    ("lapses", re.compile(r"失效")),
    ("amends", re.compile(r"修改|修订")),
)
_NORMATIVE = re.compile(r"规范性文件")
_BASES = re.compile(r"^(?:编制|制定|法律|政策)?依据$")
_LIST_OF = re.compile(r"(?:如|包括|下列)$")


@dataclass(frozen=True, eq=False, slots=True)
class Act:
    """A document that is referred to. `document` is None for one that the library does not hold."""

    key: str
    title: str
    number: str
    document: Document | None = None
    issued: date | None = None  # where a reference says when it was issued

    @property
    def name(self) -> str:
        """《title》（number）, as far as they are known."""
        return (f"《{self.title}》" if self.title else "") + (
            f"（{self.number}）" if self.title and self.number else self.number
        )

    @property
    def year(self) -> int | None:
        """The year of its number, or of the day it is dated."""
        found = re.search(r"〔(\d{4})〕", self.number)
        day = self.document.dated if self.document else self.issued
        return int(found[1]) if found else day.year if day else None


@dataclass(frozen=True, eq=False, slots=True)
class Reference:
    """`source` refers to `act` in its clause `locator`. `by` says what it was resolved by; `line` is that of the file.

    A reference to the document itself (an attachment, an interpretation) has the place meant in `place`.
    """

    source: Document
    locator: str
    relation: Relation
    act: Act
    by: By
    line: int
    column: int
    place: str = ""
    printed: str = ""  # the reason that a list prints beside it
    called: str = ""  # the title as the text writes it here

    @property
    def target(self) -> Document | None:
        return self.act.document

    @property
    def within(self) -> bool:
        """Whether it refers to a part of the document itself."""
        return self.act.document is self.source


@dataclass(frozen=True, eq=False)
class References:
    """All references of a library, in printed order; `of` what a document refers to, `to` what refers to an act."""

    documents: tuple[Document, ...]
    found: tuple[Reference, ...]
    _of: dict[int, list[Reference]] = field(repr=False)
    _to: dict[str, list[Reference]] = field(repr=False)
    _acts: dict[str, Act] = field(repr=False)

    def of(self, document: Document) -> tuple[Reference, ...]:
        return tuple(self._of.get(id(document), ()))

    def to(self, act: Act | Document) -> tuple[Reference, ...]:
        key = act.key if isinstance(act, Act) else key_of(act)
        return tuple(r for r in self._to.get(key, ()) if not r.within)

    def act(self, document: Document) -> Act:
        return self._acts[key_of(document)]

    @property
    def acts(self) -> tuple[Act, ...]:
        """The library's documents, then those known by name only, in the order in which they are first named."""
        return tuple(self._acts.values())


@lru_cache(maxsize=20_000)
def key_of(document: Document) -> str:
    """What tells a document from all others: its text, wherever it is printed."""
    return document.digest[:16]


@lru_cache(maxsize=4)
def references(documents: tuple[Document, ...]) -> References:
    """Every reference among the documents, and from them to others. The same documents give the same object."""
    resolver = _Resolver(documents)
    of: dict[int, list[Reference]] = {}
    to: dict[str, list[Reference]] = {}
    for document in documents:
        own = sorted(resolver.references(document), key=lambda r: (r.line, r.column))
        of[id(document)] = own
        for reference in own:
            to.setdefault(reference.act.key, []).append(reference)
    found = tuple(r for document in documents for r in of[id(document)])
    return References(documents, found, of, to, resolver.acts)


class _Resolver:
    """Names of one library's documents, and the acts met so far."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.acts: dict[str, Act] = {key_of(d): Act(key_of(d), d.title, d.number or "", d, d.dated) for d in documents}
        self.by_number: dict[str, list[Document]] = {}
        self.by_title: dict[str, list[Document]] = {}
        for document in documents:
            if document.number:
                self.by_number.setdefault(number_key(document.number), []).append(document)
            for title in {_title_key(t) for t in (document.title, document.heading)}:
                self.by_title.setdefault(title, []).append(document)
        self.title_numbers: dict[str, str] = {}
        for document in documents:
            for citation in citations(document):
                if citation.title and citation.number and not citation.number.startswith("〔"):
                    self.title_numbers.setdefault(_letters(citation.title), number_key(citation.number))

    def references(self, document: Document) -> Iterator[Reference]:
        places = _Places(document)
        lines = {line.number: line.text for line in document.lines}
        rows = list(self._clean_up(document))
        listed = {row.line for row in rows}
        yield from rows
        yield from self._of_its_parts(document)
        short: dict[str, Citation] = {}
        for citation in citations(document):
            if citation.short:
                short[squeeze(citation.short)] = citation
            clause = places.at(citation.line)
            if citation.line in listed or (
                clause is not None and clause.row is not None and clause.row.first in listed
            ):
                continue
            meant, by = citation, None
            if citation.title and not citation.number and squeeze(citation.title) in short:
                meant, by = short[squeeze(citation.title)], "short"
            if meant.title and not meant.number and not _names_an_act(meant.title):
                continue
            text = lines.get(citation.line, "")
            act, how = self._act(document, meant, text[: citation.column - 1])
            if act is None or (act.document is document and citation.relation != "repeals"):
                continue
            relation: Relation = citation.relation
            if relation == "mentions" and clause is not None and _BASES.match(places.heading(clause)):
                relation = "based_on"
            yield Reference(
                document, clause.locator if clause else "", relation, act, by or how,  # type: ignore[arg-type]
                citation.line, citation.column, called=citation.title or "",
            )  # fmt: skip

    def _act(self, source: Document, named: Citation, before: str) -> tuple[Act | None, By]:
        """The act meant, and what told it; None where the text means itself."""
        number = number_key(named.number) if named.number else ""
        full = bool(number) and not number.startswith("〔")
        title = squeeze(named.title or "")
        bare, organ = _title_key(title), _organ(title)
        earlier = _EARLIER.search(before.rstrip())
        issued = None
        if earlier and earlier[2]:
            issued = _day(int(earlier[1]), int(earlier[2]), int(earlier[3]))
        if number and full:
            held = self.by_number.get(number, [])
            if len(held) == 1:
                return self.acts[key_of(held[0])], "number"
        elif title:
            # A title alone names a document that is not later than the one that cites it.
            held = [
                d for d in self.by_title.get(bare, [])
                if (not number or (d.number is not None and number_key(d.number).endswith(number)))
                and (not organ or _same_organ(organ, d.issuer))
                and (not source.dated or not d.dated or d.dated <= source.dated)
            ]  # fmt: skip
            if named.relation == "repeals" or earlier:
                held = [
                    d for d in held
                    if d is not source and (not issued or d.dated == issued)
                    and (not earlier or not earlier[1] or (d.dated is not None and d.dated.year == int(earlier[1])))
                ]  # fmt: skip
            elif source in held or _is_own(source, title):
                return None, "title"
            if len(held) == 1:
                return self.acts[key_of(held[0])], "title"
            if not held and not number and (near := self._near(source, bare)) is not None:
                return (None if near is source else self.acts[key_of(near)]), "near"
        elif not number:
            return None, "none"
        key = number if full else self.title_numbers.get(_letters(title), "") or "《" + _letters(title) + "》" + number
        if key in self.acts and not full:
            return self.acts[key], "title"
        if issued and not full:
            key += issued.isoformat()
        known = self.acts.get(key)
        if known is None or (title and not known.title):
            self.acts[key] = known = Act(key, title or (known.title if known else ""), named.number or "", None, issued)
        return known, "none"

    def _near(self, source: Document, bare: str) -> Document | None:
        """The one document whose title is the one named with one word more (养老服务体系建设 for 养老服务体系)."""
        held = {
            id(d): d
            for title, documents in self.by_title.items()
            if len(bare) >= 12 and 0 < len(title) - len(bare) <= 2 and _omits(title, bare)
            for d in documents
            if not source.dated or not d.dated or d.dated <= source.dated
        }
        return next(iter(held.values())) if len(held) == 1 else None

    def _clean_up(self, document: Document) -> Iterator[Reference]:
        """The rows of a clean-up's lists: documents kept, repealed, lapsed or to be amended, under annexes that say so."""
        for part in clauses(document).children:
            if not part.locator.startswith("附件") or not _NORMATIVE.search(part.heading):
                continue
            relation = next((r for r, words in _ANNEX_LIST if words.search(part.heading)), None)
            if relation is None:
                continue
            for table in (t for c in part.walk() for t in c.tables):
                if "文号" not in table.columns or "文件名称" not in table.columns:
                    continue
                title_at, number_at = table.columns.index("文件名称"), table.columns.index("文号")
                for row in table.rows:
                    title, number = squeeze(row.cells[title_at]), squeeze(row.cells[number_at])
                    if (
                        not title
                        or not re.search(r"〔\d{4}〕|^无$", number)
                        or not re.search(r"[\u4e00-\u9fff]{4}", title)
                    ):
                        continue
                    named = Citation(title, None if number == "无" else number, "mentions", row.first, 1)
                    act, how = self._act(document, named, "")
                    reason = "；".join(c for c in row.cells[number_at + 1 :] if c)
                    if act is not None:
                        yield Reference(
                            document, row.locator, relation, act, "list" if how == "none" else how, row.first, 1,
                            printed=reason,
                        )  # fmt: skip

    def _of_its_parts(self, document: Document) -> Iterator[Reference]:
        """What it attaches, forwards and is interpreted by: parts of the document itself."""
        own = self.acts[key_of(document)]
        annexes = {part.no: part for part in document.parts if part.kind == "annex"}
        for attachment in document.attachments:
            part = annexes.get(attachment.no)
            label = part.label if part else f"附件{attachment.no}"
            line = part.first if part else document.first
            yield Reference(
                document, "附件目录", "attached", own, "part" if part else "none", line, 1, label, attachment.title
            )
        for part in document.parts:
            if part.kind == "interpretation":
                yield Reference(document, part.label, "interprets", own, "part", part.first, 1, "正文", part.title)
        if re.match(r"(?:转发|批转)", document.heading):
            yield Reference(document, "题注", "forwards", own, "part", document.first, 1, "正文", document.title)


class _Places:
    """Lines of a document to their innermost clauses."""

    def __init__(self, document: Document) -> None:
        held = (c for c in clauses(document).walk() if c.locator)
        self.spans = sorted(held, key=lambda c: (c.first, -c.last))
        self.starts = [c.first for c in self.spans]
        self.above: dict[int, str] = {}
        self._headings(clauses(document), "")

    def _headings(self, clause: Clause, above: str) -> None:
        heading = clause.heading or above
        self.above[id(clause)] = heading
        for child in clause.children:
            self._headings(child, heading)

    def heading(self, clause: Clause) -> str:
        return self.above.get(id(clause), "")

    def at(self, line: int) -> Clause | None:
        for at in range(bisect_right(self.starts, line) - 1, -1, -1):
            if self.spans[at].last >= line:
                return self.spans[at]
        return None


@dataclass(frozen=True, slots=True)
class Linked:
    """A stretch of a clause's words that names an act: text[start:end]."""

    start: int
    end: int
    act: Act


def link_names(held: Iterable[Reference]) -> dict[str, Act]:
    """What a document's references are called in its words, for `linked`."""
    names: dict[str, Act] = {}
    shared: set[str] = set()  # numbers without an organ that two acts have
    for reference in held:
        act = reference.act
        if act.number and names.setdefault(number := number_key(act.number), act) is not act:
            shared.add(number)
        names.setdefault(_letters(act.title), act)
        names.setdefault(_title_key(act.title), act)
        names.setdefault(_letters(reference.called), act)
    return {name: act for name, act in names.items() if name and name not in shared}


def linked(text: str, names: Mapping[str, Act]) -> tuple[Linked, ...]:
    """Where a clause's words name an act, for showing them as links."""
    found = []
    for start, end, title, number in spans(text):
        act = names.get(number_key(number)) if number else None
        if act is None and title:
            act = names.get(_letters(title)) or names.get(_title_key(title))
        if act is not None:
            found.append(Linked(start, end, act))
    return tuple(found)


def bare_title(title: str) -> str:
    """A title without the organ before it and the notice around it: 某市人民政府关于印发X的通知 is X."""
    bare = squeeze(title)
    if match := _ISSUED_BY.match(bare):
        bare = match["rest"]
    inner = issued_title(bare)
    if inner and re.search(r"印发", bare[:6]):
        bare = inner
    return re.sub(r"^[《〈<]|[》〉>]$", "", bare)


def _organ(title: str) -> str:
    match = _ISSUED_BY.match(title)
    return match["organ"] if match else ""


def _same_organ(named: str, issuer: str) -> bool:
    return _letters(named) == _letters(issuer)


def _names_an_act(title: str) -> bool:
    return bool(_INSTRUMENT.search(title)) and not _FORM.search(title)


def _is_own(document: Document, title: str) -> bool:
    """A short name that was never introduced (《规划》, 《若干措施》) is the end of the document's own title."""
    own = re.sub(r"[（(].*?[）)]$", "", squeeze(document.title))
    short = re.sub(r"[（(].*?[）)]$", "", title)
    return len(short) <= 10 and (own.endswith(short) or squeeze(document.heading).endswith(short))


def _title_key(title: str) -> str:
    return _letters(bare_title(title)).removeprefix("关于").replace("的", "")


def _omits(title: str, shorter: str) -> bool:
    """Whether the shorter title is the longer one without one stretch of words; a number left out is another title."""
    head = next((i for i, (a, b) in enumerate(zip(title, shorter, strict=False)) if a != b), len(shorter))
    gap = len(title) - len(shorter)
    left = title[head : head + gap]
    return title[head + gap :] == shorter[head:] and not re.search(r"[\d零一二三四五六七八九十]", left)


def _letters(text: str) -> str:
    return "".join(c for c in squeeze(text) if c.isalnum())


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
