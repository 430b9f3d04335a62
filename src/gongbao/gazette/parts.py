"""What a document is made of: head, cover notice, issued text, list of attachments, signature, annexes, 解读."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gongbao.gazette.heads import FULL_DIGITS, ISSUER, TITLE_END, Head, find_date, ten
from gongbao.gazette.text import Line, squeeze

PartKind = Literal["head", "notice", "text", "attachments", "closing", "annex", "interpretation"]

_DISCLOSURE = re.compile(r"[（(]?此件.{2,12}[）)]?")
_ANNEX = re.compile(r"附件([\d０-９]{1,2}|[一二三四五六七八九十]{1,3})?[：:]?")
_ANNEX_TITLED = re.compile(r"附\s*件\s*([\d０-９]{1,2}|[一二三四五六七八九十]{1,3})?[：:]?(\s+)(\S.*)")
_LIST = re.compile(r"附件[：:](.+)")
_LIST_ITEM = re.compile(r"([\d０-９]{1,2})[.．、](.+)")
_INTERPRETATION_ALONE = re.compile(r"政策解读")
_INTERPRETATION = re.compile(r"(?:.{0,30}?关于)?(?:《.+》|.{2,40}》)(?:的)?(?:政策)?解读")
_LISTED_NOUNS = ("表", "清单", "名单", "图", "书", "制度", "目录")
_STRUCTURE = re.compile(
    r"(?:第[一二三四五六七八九十百]+[章节条]|[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d+[.．、])"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a document's lines. `label` is what locators call it; `no` numbers annexes; lines are inclusive."""

    kind: PartKind
    label: str
    title: str
    first: int
    last: int
    no: int = 0


@dataclass(frozen=True, slots=True)
class Attachment:
    """One entry of 附件：. `printed` says whether the gazette prints it after the document."""

    no: int
    title: str
    printed: bool


class Layout:
    """Cuts one document's lines into parts, front to back."""

    def __init__(self, head: Head, printed: Sequence[Line]) -> None:
        self.printed = printed
        self.issuer = head.issuer
        self.heading = head.heading
        self.parts: list[Part] = []
        self.attachments: list[Attachment] = []
        self.dated: date | None = None
        self.title = issued_title(head.heading) or head.heading
        body = head.body - head.at
        self._add("head", "题注", head.heading, 0, body)
        tail = self._interpretation(body)
        self._cut(body, tail)
        if tail < len(printed):
            self._interpretations(tail)

    def _add(self, kind: PartKind, label: str, title: str, start: int, end: int, no: int = 0) -> None:
        if start < end:
            self.parts.append(Part(kind, label, title, self.printed[start].number, self.printed[end - 1].number, no))

    def _cut(self, start: int, end: int) -> None:
        """notice, closing, text | text, closing; then attachments and annexes, wherever they are printed."""
        titles = self._attachment_list(start, end)
        annexes = self._annexes(start, end, titles)
        stop = annexes[0][0] if annexes else end
        closing = self._closing(start, stop)
        enclosed = self._enclosed(start, closing, stop)
        segments: list[tuple[PartKind, str, str, int, int]] = []
        if enclosed:
            begin, length, title = enclosed
            self.title = title
            notice_end = min(closing[0], begin) if closing else begin
            segments.append(("notice", "通知", "", start, notice_end))
            if closing and closing[1] <= begin:
                segments.append(("closing", "落款", "", closing[0], begin))
            segments.append(("text", "正文", title, begin, stop))
            segments[-1:] = self._several(begin, length, stop)
            late = self._closing(begin + length, stop)
            if late and late[1] == stop:
                segments[-1] = (*segments[-1][:4], late[0])
                segments.append(("closing", "落款", "", late[0], stop))
        elif closing:
            segments.append(("text", "正文", self.heading, start, closing[0]))
            segments.append(("closing", "落款", "", closing[0], closing[1]))
            segments.append(("text", "正文", "", closing[1], stop))
        else:
            segments.append(("text", "正文", self.heading, start, stop))
        for kind, label, title, begin, finish in segments:
            for piece in self._without_list(kind, label, title, begin, finish):
                self._add(*piece)
        printed_numbers = set()
        for position, (begin, no, title, printed_label) in enumerate(annexes):
            finish = annexes[position + 1][0] if position + 1 < len(annexes) else end
            self._add("annex", printed_label, title, begin, finish, no)
            if not self._only_titled(begin, finish, title):
                printed_numbers.add(no)
        self.attachments = [Attachment(no, title, no in printed_numbers) for no, title, _, _ in titles]

    def _several(self, begin: int, length: int, stop: int) -> list[tuple[PartKind, str, str, int, int]]:
        """The texts that one notice issues together: 《甲制度》《乙制度》…印发给你们. The first is 正文, others 《title》."""
        notice = "".join(squeeze(line.text) for line in self.printed[:begin])
        names = list(dict.fromkeys(re.findall(r"《([^《》]{4,60})》", notice)))
        found: list[tuple[PartKind, str, str, int, int]] = [("text", "正文", self.title, begin, stop)]
        if len(names) < 2:
            return found
        first = self._spells(begin, names)
        i = begin + (first[1] if first else length)
        while i < stop:
            spelled = None if self.printed[i].is_cell or self.printed[i].is_piped else self._spells(i, names)
            if spelled and all(names[spelled[0]] != title for _, _, title, _, _ in found):
                found[-1] = (*found[-1][:4], i)
                found.append(("text", f"《{names[spelled[0]]}》", names[spelled[0]], i, stop))
                i += spelled[1]
                continue
            i += 1
        if first and len(found) > 1:
            found[0] = ("text", "正文", names[first[0]], begin, found[0][4])
        return found

    def _only_titled(self, begin: int, finish: int, title: str) -> bool:
        """Is nothing of an annex left but its label and title? The print had a picture there, or left it out."""
        inside = self.printed[begin:finish]
        if finish - begin > 4 or any(line.is_cell or line.is_piped for line in inside):
            return False
        words = plain_letters("".join(line.text for line in inside))
        return re.sub(r"^附件[\d一二三四五六七八九十]{0,3}", "", words) in ("", plain_letters(title))

    def _without_list(
        self, kind: PartKind, label: str, title: str, begin: int, finish: int
    ) -> list[tuple[PartKind, str, str, int, int]]:
        if not self._list_range or kind not in ("text", "notice", "closing"):
            return [(kind, label, title, begin, finish)]
        first, last = self._list_range
        if not begin <= first < finish:
            return [(kind, label, title, begin, finish)]
        last = min(last, finish)
        return [
            (kind, label, title, begin, first),
            ("attachments", "附件目录", "", first, last),
            (kind, label, "", last, finish),
        ]

    def _attachment_list(self, start: int, end: int) -> list[tuple[int, str, int, int]]:
        """The entries of 附件：, each possibly broken over lines, as (number, title, from, to)."""
        self._list_range: tuple[int, int] | None = None
        for i in range(start, end):
            line = self.printed[i]
            match = None if line.is_cell or line.is_piped else _LIST.fullmatch(squeeze(line.text))
            if not match or len(line.text) > 80:
                continue
            item = _LIST_ITEM.fullmatch(match[1])
            entries = [(int(item[1].translate(FULL_DIGITS)), item[2], i, i + 1) if item else (1, match[1], i, i + 1)]
            j = i + 1
            while j < end and j < i + 40:
                bare = squeeze(self.printed[j].text)
                no, title, begin, _ = entries[-1]
                item = _LIST_ITEM.fullmatch(bare)
                if item and int(item[1].translate(FULL_DIGITS)) == no + 1:
                    entries.append((no + 1, item[2], j, j + 1))
                elif self._ends_list(j, bare, title, entries[0][1]):
                    break
                else:
                    entries[-1] = (no, title + bare, begin, j + 1)
                j += 1
            self._list_range = (i, j)
            return entries
        return []

    def _ends_list(self, at: int, bare: str, current: str, first_title: str) -> bool:
        line = self.printed[at]
        return (
            line.is_cell
            or line.is_piped
            or len(bare) > 30
            or "。" in bare
            or bare == self.issuer
            or bool(find_date(bare))
            or bool(_DISCLOSURE.fullmatch(bare))
            or bool(_ANNEX.fullmatch(bare))
            or bare.endswith(("人民政府", "人民政府办公室", "人民政府办公厅"))
            or bool(
                re.match(
                    r"(?:第[一二三四五六七八九十百]+[章条]|[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）)", bare
                )
            )
            or len(current) > 60
            or (
                len(current) >= 6
                and (current.endswith(_LISTED_NOUNS) or plain_letters(bare).startswith(plain_letters(current)))
            )
            or self._spells(at, [first_title]) is not None
        )

    def _spells(self, at: int, titles: Sequence[str]) -> tuple[int, int] | None:
        """Do the lines from `at` on (up to three) spell one of the titles? Its index and how many lines."""
        wanted = [plain_letters(title) for title in titles]
        joined = ""
        for count in range(1, 4):
            if at + count > len(self.printed) or self.printed[at + count - 1].is_cell:
                return None
            joined += plain_letters(self.printed[at + count - 1].text)
            if len(joined) > 80:
                return None
            if joined in wanted and len(joined) >= 4:
                return wanted.index(joined), count
        return None

    def _annexes(
        self, start: int, end: int, titles: Sequence[tuple[int, str, int, int]]
    ) -> list[tuple[int, int, str, str]]:
        """Where annexes begin: a line 附件N, or a listed title printed as a heading after the list."""
        found: list[tuple[int, int, str, str]] = []
        taken: set[int] = set()
        listed = {no: title for no, title, _, _ in titles}
        after = self._list_range[1] if self._list_range else start
        i = start
        while i < end:
            line = self.printed[i]
            if line.is_cell or line.is_piped or len(line.text) > 80:
                i += 1
                continue
            bare = squeeze(line.text)
            plain, titled = _ANNEX.fullmatch(bare), _ANNEX_TITLED.fullmatch(line.text)
            if titled and len(titled[2]) == 1:  # HTML has no two spaces: only the next number tells it from a sentence
                due = max(taken, default=0) + 1
                named = titled[1] and _annex_number(titled[1]) == due and not re.search(r"[。；：，]", titled[3])
                titled = titled if named and i >= after else None
            if (plain and not bare.endswith(("：", ":"))) or titled:
                match = plain if plain and not titled else titled
                assert match is not None
                label = match[1]
                no = _annex_number(label) if label else 0
                title = squeeze(titled[3]) if titled else self._title_below(i + 1, end, listed.get(no or 1, ""))
                found.append((i, no or 1, title, f"附件{no}" if no else "附件"))
                taken.add(no or 1)
            elif i >= after and listed and (spelled := self._spells(i, list(listed.values()))):
                no = list(listed)[spelled[0]]
                if no not in taken and i > start:
                    found.append((i, no, listed[no], f"附件{no}" if len(listed) > 1 else "附件"))
                    taken.add(no)
                    i += spelled[1]
                    continue
            i += 1
        if not found and self._list_range and len(listed) == 1:
            # The label 附件 itself was lost; what stands between the list and the end is the one annex listed.
            closing = self._closing(after, end)
            begin = closing[1] if closing and closing[0] == after else after
            if begin < end and not (closing and closing[0] > after):
                found.append((begin, 1, listed[1], "附件"))
        return found

    def _title_below(self, at: int, end: int, listed: str) -> str:
        if at >= end:
            return listed
        if listed and self._spells(at, [listed]):
            return listed
        pieces = []
        for line in self.printed[at : min(at + 3, end)]:
            if line.is_cell or line.is_piped or re.search(r"[。；：:]", line.text):
                break
            if _STRUCTURE.match(squeeze(line.text)):
                break
            if squeeze(line.text).startswith(("（共", "(共")):
                break
            pieces.append(squeeze(line.text))
        title = "".join(pieces)
        return title if title and len(title) <= 60 else listed

    def _closing(self, start: int, stop: int) -> tuple[int, int] | None:
        """Signature, date and 此件…, in any of which one may be missing, as a half-open range."""
        for i in range(start, stop):
            line = self.printed[i]
            if line.is_cell or len(line.text) > 40:
                continue
            bare = squeeze(line.text)
            dated = find_date(line.text)
            if dated is None and not _DISCLOSURE.fullmatch(bare):
                continue
            begin = i
            while begin > start and i - begin < 3:
                above = squeeze(self.printed[begin - 1].text)
                if above == self.issuer or ISSUER.match(above) or re.match(r"[市省县区]长", above):
                    begin -= 1
                else:
                    break
            if dated and begin == i and i + 1 < stop and not _DISCLOSURE.fullmatch(squeeze(self.printed[i + 1].text)):
                continue
            self.dated = self.dated or dated
            finish = i + 1
            while finish < stop and finish - i < 3:
                bare = squeeze(self.printed[finish].text)
                if _DISCLOSURE.fullmatch(bare) or find_date(bare):
                    self.dated = self.dated or find_date(bare)
                    finish += 1
                else:
                    break
            return begin, finish
        return None

    def _enclosed(self, start: int, closing: tuple[int, int] | None, stop: int) -> tuple[int, int, str] | None:
        """The title of the text that a cover notice issues: its first line, number of lines, and wording."""
        named = issued_title(self.heading)
        if not named and (not self.heading.endswith("令") or not closing):
            return None
        candidates = [named, f"关于{named}", named.removeprefix("关于")] if named else []
        for i in range(start, min(start + 30, stop)):
            if named and (spelled := self._spells(i, candidates)):
                return i, spelled[1], _joined_title(self.printed[i : i + spelled[1]])
        if closing and closing[1] < stop and closing[0] - start <= 12:
            # The text's own title differs a little from the notice's: take the short lines that stand as a heading.
            pieces: list[Line] = []
            for line in self.printed[closing[1] : min(closing[1] + 4, stop)]:
                bare = squeeze(line.text)
                if line.is_cell or len(bare) > 40 or re.search(r"[。：；]", bare) or _STRUCTURE.match(bare):
                    break
                pieces.append(line)
                if TITLE_END.search("".join(squeeze(p.text) for p in pieces)) and not bare.endswith("关于"):
                    break
            if pieces:
                title = _joined_title(pieces)
                several = bool(named) and plain_letters(title) in plain_letters(named)  # the first of several texts
                return closing[1], len(pieces), named if several else title
            return closing[1], 0, named or self.heading
        return None

    def _interpretation(self, start: int) -> int:
        """The index at which interpretations begin; the number of lines if there are none."""
        for i in range(start + 2, len(self.printed)):
            if (begin := interpretation_start(self.printed, i)) is not None:
                return max(begin, start)
        return len(self.printed)

    def _interpretations(self, start: int) -> None:
        starts = [start]
        for i in range(start + 1, len(self.printed)):
            begin = interpretation_start(self.printed, i)
            if begin is not None and begin > starts[-1] + 2:
                starts.append(begin)
        for begin, finish in zip(starts, [*starts[1:], len(self.printed)], strict=True):
            title = ""
            for line in self.printed[begin : begin + 4]:
                title += squeeze(line.text)
                if title.endswith("解读"):
                    break
            self._add("interpretation", "解读", title, begin, finish)


def interpretation_start(printed: Sequence[Line], at: int) -> int | None:
    """Where the heading begins whose last line is `at`, if that is the heading of a policy interpretation."""
    line = printed[at]
    if line.is_cell or line.is_piped or len(line.text) > 90:
        return None
    bare = squeeze(line.text)
    if not bare.endswith("解读"):
        return None
    if _INTERPRETATION_ALONE.fullmatch(bare):
        begin = at
        while begin > 0 and at - begin < 3 and _heads_interpretation(printed[begin - 1]):
            begin -= 1
            if squeeze(printed[begin].text).startswith(("《", "关于《")):
                return begin
        return at
    if not _INTERPRETATION.fullmatch(bare):
        return None
    begin = at
    while "《" not in squeeze(printed[begin].text):
        begin -= 1
        if begin < 0 or at - begin > 2 or not _heads_interpretation(printed[begin]):
            return None
    return begin


def _heads_interpretation(line: Line) -> bool:
    return not line.is_cell and len(line.text) <= 45 and not re.search(r"[。；：]", line.text)


def issued_title(heading: str) -> str:
    """What a cover notice issues: 关于印发X的通知, 印发关于X的通知, 转发…关于X的通知."""
    match = re.fullmatch(r"(?:关于)?(?:印发|转发|批转)(.+?)的?(?:通知|公告|决定)", heading)
    if not match:
        return ""
    title = match[1]
    if "转发" in heading and (inner := re.search(r"关于.+", title)):
        title = inner[0]
    whole = re.fullmatch(r"《(.+)》", title)
    return whole[1] if whole else title


def _joined_title(lines: Sequence[Line]) -> str:
    title = "".join(squeeze(line.text) for line in lines)
    whole = re.fullmatch(r"《([^《》]+)》", title)
    return whole[1] if whole else title


def plain_letters(text: str) -> str:
    """Letters, digits and Han only: quotation marks, brackets and spaces of titles vary between notice and text."""
    return re.sub(r"[^\w]", "", text.translate(FULL_DIGITS)).replace("_", "")


def _annex_number(label: str) -> int:
    label = label.translate(FULL_DIGITS)
    return int(label) if label.isdigit() else ten(label)
