"""What a text refers to: document numbers (文号) and 《titles》, where, and what the sentence does with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from gongbao.gazette.documents import Document, number_key
from gongbao.gazette.parts import issued_title
from gongbao.gazette.text import Line, squeeze

Relation = Literal["based_on", "implements", "repeals", "amends", "forwards", "mentions"]

_NUMBER = re.compile(
    r"(?P<organ>[\u4e00-\u9fff]{0,10}?)(?P<year>[〔\[［（(【﹝]\d{4}[〕\]］）)】﹞])\s*(?P<rest>[—\-－–]?\s*第?\s*\d{1,4}\s*号)"
)
_ORGAN_TAIL = re.compile(r"([\u4e00-\u9fff]{1,10})\s?$")
_LEADING = re.compile(
    r"^.*(?:根据|按照|依据|依照|遵照|落实|贯彻|印发|废止|下发|以及|以|的|和|与|及|原|由|对|将|在|据|照|参见|详见|参考|参照|见|按|附)(?=.)"
)
_ORGAN_WORDS = re.compile(r".{0,8}(?:字|发|函|办|令|规|通|文|告|复|政|委|会|局|厅|部|联)[\u4e00-\u9fff]{0,2}$")
_REPEALS = re.compile(
    r"^(?:[（(][^（）()]{0,40}[）)])?(?:等)?(?:文件)?(?:自[^，。]{1,14}?起)?(?:，)?"
    r"(?:同时|予以|即行|相应|一并|自行|立即|随之){0,2}(?:废止|作废|失效|停止执行|不再执行|撤销)"
)
_AMENDED = re.compile(
    r"^(?:[（(][^（）()]{0,40}[）)])?[^，。；]{0,60}(?:修改为|作(?:出)?(?:如下|以下)?修改|予以修改|删除)"
)
_SERVES_AS = re.compile(r"^[^，。]{0,30}为.{0,6}?(?:依据|指导|遵循|统领|引领)")
_AFTER_BASIS = re.compile(r"^[^，。]{0,12}(?:精神|要求|规定|部署|意见)")
_VERBS: tuple[tuple[Relation, str], ...] = (
    ("implements", r"贯彻落实|贯彻执行|贯彻实施|贯彻|落实|严格执行|执行|实施|遵守"),
    ("based_on", r"根据|按照|依据|依照|遵照|遵循|参照|参考|对照"),
    ("forwards", r"转发|批转"),
    ("repeals", r"废止"),
    (
        "mentions",
        r"印发|出台|制定|公布|发布|编制|编写|填写|完善|健全|建立|签署|签订|提交|报送|取得|颁发|修订|违反|推广|宣传|学习|"
        r"申请|起草|形成|出具|发放|适用",
    ),
)
_VERB = re.compile("|".join(f"(?P<{relation}>{words})" for relation, words in _VERBS))
_INTRODUCES = re.compile(r"(?:以下|下文)?(?:统|简)称(?:为)?[：:]?$")
_BETWEEN = re.compile(r"的?(?:通知|意见|决定|函|批复)?\s?[（(]?\s?")
_FAR = 30
"""Characters with a comma among them, past which a verb no longer governs what is named."""
_SHORT_NAME = re.compile(
    r"^(?:的[\u4e00-\u9fff]{1,6})?(?:[（(][^（）()简]{0,40}[）)])?的?(?:[\u4e00-\u9fff]{0,4})[（(](?:以下|下文|下称|下)?(?:统)?简?称(?:为)?[：:]?[《“\"]([^》”\"]{2,20})[》”\"][）)]"
)
_ENDED = re.compile(r"[。；：:！？”）)]$")
_CLAUSE_END = re.compile(r"[。；\n]")


@dataclass(frozen=True, slots=True)
class Citation:
    """One reference. Either `number` or `title` may be None; `line` and `column` (from 1) say where it is printed."""

    title: str | None
    number: str | None
    relation: Relation
    line: int
    column: int
    short: str | None = None  # the name that the text gives it from here on (以下简称《办法》)


@lru_cache(maxsize=512)
def citations(document: Document) -> tuple[Citation, ...]:
    """Every reference of a document to another, in printed order; its own number and title are left out."""
    own = {number_key(document.number)} if document.number else set()
    titles = {squeeze(document.title), squeeze(document.heading), issued_title(document.heading)}
    found = []
    for citation in find_citations(document.lines):
        if citation.number and number_key(citation.number) in own and not _organless(citation.number):
            continue
        own_title = citation.title and citation.number is None and squeeze(citation.title) in titles
        if own_title and citation.relation != "repeals":  # what is repealed under the same title is the one before it
            continue
        if citation.line <= document.parts[0].last and document.number and citation.title is None:
            continue  # the document's own number in its head
        found.append(citation)
    return tuple(found)


def find_citations(lines: Sequence[Line]) -> tuple[Citation, ...]:
    """References in any lines. A title that the print breaks over two lines is read as one."""
    found: list[Citation] = []
    i = 0
    while i < len(lines):
        text, count = lines[i].text, 1
        while text.count("《") > text.count("》") and i + count < len(lines) and count < 3:
            if lines[i + count].is_cell:
                break
            text += lines[i + count].text
            count += 1
        before = _runs_on(lines, i)
        for start, end, title, number in spans(text):
            if _INTRODUCES.search(text[:start]):
                continue  # 以下简称《办法》 names what stands before it
            line, column = _place(lines[i : i + count], start)
            short = _SHORT_NAME.match(text[end : end + 80])
            relation = _relation(before + text, len(before) + start, len(before) + end)
            found.append(Citation(title, number, relation, line, column, short[1] if short else None))
        i += count
    return tuple(found)


def _runs_on(lines: Sequence[Line], at: int) -> str:
    """The line before, where its sentence goes on in this one."""
    if at == 0 or lines[at].is_cell or lines[at - 1].is_cell:
        return ""
    before = lines[at - 1].text
    return before if len(before) >= 30 and not _ENDED.search(before) else ""


def spans(text: str) -> Iterator[tuple[int, int, str | None, str | None]]:
    """Every reference in one text as (start, end, title, number); 《title》（number） is one, to its last character."""
    if "《" not in text and "号" not in text:
        return
    numbers = {start: (end, number) for start, end, number in _numbers(text)}
    taken: set[int] = set()
    merged: list[tuple[int, int, str | None, str | None]] = []
    for start, end, title in _titles(text):
        number, stop = None, end
        # 《title》（number）, 《title》的通知（number）: the pair is one reference; a number inside the title is part of the title.
        for at, (over, printed) in numbers.items():
            if start < at < end:
                taken.add(at)
            elif end <= at <= end + 7 and _BETWEEN.fullmatch(text[end:at]):
                number = printed
                stop = over + (text[end:at].strip()[:1] in tuple("（(") and text[over : over + 1] in tuple("）)"))
                taken.add(at)
        merged.append((start, stop, title, number))
    merged.extend((at, end, None, number) for at, (end, number) in numbers.items() if at not in taken)
    yield from sorted(merged, key=lambda item: item[0])


def _titles(text: str) -> Iterator[tuple[int, int, str]]:
    """Outermost 《…》, nested ones included in the outer title."""
    depth = start = 0
    for at, character in enumerate(text):
        if character == "《":
            if depth == 0:
                start = at
            depth += 1
        elif character == "》" and depth:
            depth -= 1
            if depth == 0 and 1 < at - start <= 160:
                yield start, at + 1, squeeze(text[start + 1 : at])


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _NUMBER.finditer(text):
        head = _ORGAN_TAIL.search(text, max(0, match.start("year") - 11), match.start("year"))
        whole = head[1] if head else ""
        organ = _LEADING.sub("", whole)
        boxed = head is not None and text[max(0, head.start() - 1) : head.start()] in ("（", "(", "", "，", "、")
        if organ and not _ORGAN_WORDS.fullmatch(organ) and not (boxed and organ == whole and len(whole) <= 8):
            organ = ""
        year = re.sub(r"\D", "", match["year"])
        if not organ and match["year"][0] in "（([":
            continue  # (2023) 5号 without an organ is no document number
        spaced = len(head[0]) - len(whole) if head and organ else 0
        yield match.start("year") - len(organ) - spaced, match.end(), f"{organ}〔{year}〕{squeeze(match['rest'])}"


def _relation(text: str, start: int, end: int) -> Relation:
    """What the sentence does with the reference at text[start:end], by the verb that governs it."""
    opening = max((m.end() for m in _CLAUSE_END.finditer(text, 0, start)), default=0)
    ending = _CLAUSE_END.search(text, end)
    before, after = text[opening:start], text[end : ending.start() if ending else len(text)]
    before = re.sub(r"《[^》]*》(?:[（(][^（）()]{0,40}[）)])?", "《》", before)
    others = re.compile(r"^(?:[、和及与，]?《[^》]*》(?:[（(][^（）()]{0,40}[）)])?)+")
    if _REPEALS.match(after) or _REPEALS.match(others.sub("", after)):
        return "repeals"
    if re.search(r"(?:将|对)$", before) and _AMENDED.match(after):
        return "amends"
    if re.search(r"修(?:改|订)$", before):
        return "amends"
    if re.search(r"(?:将|把)$", before) and re.match(r"^[^，。]{0,30}(?:转发|批转)", after):
        return "forwards"
    rest = others.sub("", after)
    if before.endswith("以") and _SERVES_AS.match(rest):
        return "based_on"
    if re.search(r"(?:将|把)[^，。《]{0,12}$", before) and re.match(r"[^，。]{0,4}作为[^，。]{0,12}依据", rest):
        return "based_on"
    if re.match(r"的(?:贯彻|组织)?(?:落实|实施|执行)", rest):
        return "implements"
    governing: tuple[Relation, int] | None = None
    for match in _VERB.finditer(before):
        relation: Relation = match.lastgroup  # type: ignore[assignment]
        follows = before[match.end() :]
        if relation == "forwards" and (governing or follows.startswith("的")):
            continue
        if relation == "mentions" and (
            re.match(r"[\u4e00-\u9fff]{0,2}的", follows)
            or before[: match.start()].endswith("关于")
            or (match[0] == "印发" and governing and "，" not in before[governing[1] :] and _AFTER_BASIS.match(after))
        ):
            continue  # 按照省政府印发的《甲》: what it was issued by says nothing about what is done with it
        governing = relation, match.end()
    if governing is None:
        return "mentions"
    gap = before[governing[1] :].replace("《》", "")
    if re.search(r"[，；：]", gap) and len(gap) > _FAR:
        return "mentions"
    return governing[0]


def _place(lines: Sequence[Line], offset: int) -> tuple[int, int]:
    for line in lines:
        if offset < len(line.text):
            return line.number, offset + 1
        offset -= len(line.text)
    return lines[-1].number, len(lines[-1].text)


def _organless(number: str) -> bool:
    return number.startswith("〔")
