"""A document is a tree of clauses, and every clause has one locator that a rule can cite.

`四（一）`, `第十六条（二）`, `附件2 一 3`, `四（四）3（3）①`; a paragraph inside a clause is `四（一）第4款`; a number that
the text prints twice gets `#2`. The parts around the text are 题注, 通知, 正文, 附件目录, 落款, 附件N and 解读. A paragraph
without a number belongs to the numbered clause before it, as the print leaves it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from gongbao.gazette.documents import Document, Part
from gongbao.gazette.tables import Discrepancy, Row, Table, block_end, discrepancies, printed_total, rebuild
from gongbao.gazette.text import GazetteError, Line, squeeze

_DIGITS = "一二三四五六七八九"
_HAN = r"[一二三四五六七八九十百零〇]{1,7}"
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_RANK = {"章": 1, "节": 2, "条": 3, "一": 4, "（一）": 5, "1": 6, "（1）": 7, "1）": 8, "①": 9}
_LABELS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("章", re.compile(rf"第({_HAN}|\d{{1,3}})章(?:\s+|(?=[^为是的，]{{1,24}}$)|$)")),
    ("节", re.compile(rf"第({_HAN}|\d{{1,3}})节(?:\s+|(?=[^为是的，]{{1,24}}$)|$)")),
    ("条", re.compile(rf"第({_HAN}|\d{{1,3}})条(?:\s+|[:：]|(?=[（(【])|$)")),
    ("一", re.compile(rf"({_HAN})、\s*")),
    ("（一）", re.compile(rf"[（(]\s*({_HAN})\s*[）)]\s*[、.]?\s*")),
    ("1", re.compile(r"(\d{1,3})\s*[.．、](?!\d(?!\d{3}年))\s*")),
    ("（1）", re.compile(r"[（(]\s*(\d{1,3})\s*[）)]\s*[、.]?\s*")),
    ("1）", re.compile(r"(\d{1,2})[）)]\s*[、.]?\s*")),
    ("①", re.compile(rf"([{_CIRCLED}])\s*[、.]?\s*")),
)
_SINGLE = {
    **{chr(0x2474 + i): f"（{i + 1}）" for i in range(20)},
    **{chr(0x2488 + i): f"{i + 1}." for i in range(20)},
    **{chr(0x3220 + i): f"（{c}）" for i, c in enumerate("一二三四五六七八九十")},
}
_NOTE = re.compile(r"(注|备注|说明|附注|注释)[：:]")
_SENTENCE_END = re.compile(r"[。；：！？”）)》…，、.;:%％】]$")
_FULL_DIGITS = str.maketrans("０１２３４５６７８９（）", "0123456789（）")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph as printed, without the number that labels its clause. Lines are inclusive."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Clause:
    """A clause with its own words and those below it. `kind` is 章 节 条 一 （一） 1 （1） ① 款 row note or a part's label."""

    locator: str
    kind: str
    heading: str
    paragraphs: tuple[Paragraph, ...]
    first: int
    last: int
    children: tuple[Clause, ...] = ()
    tables: tuple[Table, ...] = ()
    row: Row | None = None

    @property
    def text(self) -> str:
        """Its own words: the heading where it stands alone, and the paragraphs."""
        own = [paragraph.text for paragraph in self.paragraphs]
        if self.heading and not (own and own[0].startswith(self.heading)):
            own.insert(0, self.heading)
        return "\n".join(own)

    @property
    def full_text(self) -> str:
        """Its own words and those of every clause below it, in printed order."""
        return "\n".join(clause.text for clause in self.walk() if clause.text)

    def walk(self) -> Iterator[Clause]:
        """Itself and every clause below it, in printed order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def paragraph(self, number: int) -> Clause:
        """第N款 as a clause of its own. Raises IndexError outside 1..len(paragraphs)."""
        if not 1 <= number <= len(self.paragraphs):
            raise IndexError(number)
        chosen = self.paragraphs[number - 1]
        return Clause(f"{self.locator}第{number}款", "款", "", (chosen,), chosen.first, chosen.last)


@lru_cache(maxsize=256)
def clauses(document: Document) -> Clause:
    """The tree of a document. Its root has the empty locator; its children are the parts in printed order."""
    return _Tree(document).root()


def clause_index(document: Document) -> dict[str, Clause]:
    """Every clause by its locator, in printed order; locators are unique."""
    return dict(_index(document))


def resolve(document: Document, locator: str) -> Clause:
    """The clause that a person means: 四（一）, 四、(一), 第16条第2项, 附件2第3行, 附件1 说明, 四（一）第4款.

    Raises GazetteError with the nearest locators when there is none.
    """
    index = _index(document)
    if (plain := " ".join(locator.split())) in index:  # 附件 1 is item 1 of an annex without a number
        return index[plain]
    tokens = parse(locator)
    if not tokens:
        raise GazetteError(
            f"{document.name}：看不懂条款位置“{locator}”。写法如 四（一）、第十六条（二）、附件2 一 3、四（一）第4款。"
        )
    for reading in _readings(tokens):
        if found := _lookup(index, reading):
            return found
    raise GazetteError(_not_found(document, index, locator, tokens))


def document_tables(document: Document) -> tuple[Table, ...]:
    """Every table of a document, in printed order."""
    return tuple(table for clause in clauses(document).walk() for table in clause.tables)


def document_discrepancies(document: Document) -> tuple[Discrepancy, ...]:
    """Where the document's tables contradict themselves or the total printed above them."""
    found = list(discrepancies(document_tables(document)))
    for part in clauses(document).children:
        if not part.locator.startswith("附件"):
            continue
        below = [table for clause in part.walk() for table in clause.tables]
        counted = sum(len(table.rows) for table in below)
        for paragraph in part.paragraphs:
            printed = printed_total(paragraph.text) if re.match(r"[（(]共", squeeze(paragraph.text)) else None
            if printed is not None and below and printed != counted:
                message = f"{part.locator}印明共{printed}项，各表实列{counted}项"
                found.insert(0, Discrepancy(part.locator, "total", message, printed, counted))
    return tuple(found)


# --- building the tree ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Node:
    locator: str
    kind: str
    rank: int
    heading: str
    first: int
    last: int
    paragraphs: list[Paragraph] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    row: Row | None = None

    def freeze(self) -> Clause:
        children = tuple(child.freeze() for child in self.children)
        last = max([self.last, *(child.last for child in children)])
        return Clause(
            self.locator,
            self.kind,
            self.heading,
            tuple(self.paragraphs),
            self.first,
            last,
            children,
            tuple(self.tables),
            self.row,
        )


class _Tree:
    """Builds the clauses of one document, giving each locator once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.used: dict[str, int] = {}
        self.top = _Node("", "文件", 0, document.title, document.first, document.last)

    def root(self) -> Clause:
        body: tuple[_Node, list[_Node]] | None = None
        for part in self.document.parts:
            lines = self.document.lines_of(part)
            if part.kind == "text" and body:
                node, stack = body
                self._fill(node, lines, stack)
                continue
            node = _Node(self._unique(part.label), part.label, 0, "", part.first, part.last)
            self.top.children.append(node)
            if part.kind in ("head", "closing", "attachments"):
                node.paragraphs = [Paragraph(line.text, line.number, line.number) for line in lines if line.text]
                continue
            stack = [node]
            if part.kind == "text":
                body = (node, stack)
            node.heading = part.title if part.kind != "notice" else ""
            self._fill(node, lines[self._title_lines(part, lines) :], stack)
        return self.top.freeze()

    def _unique(self, locator: str) -> str:
        count = self.used.get(locator, 0) + 1
        self.used[locator] = count
        return locator if count == 1 else self._unique_again(locator, count)

    def _unique_again(self, locator: str, count: int) -> str:
        while f"{locator}#{count}" in self.used:
            count += 1
        self.used[f"{locator}#{count}"] = 1
        return f"{locator}#{count}"

    def _title_lines(self, part: Part, lines: Sequence[Line]) -> int:
        """How many lines at a part's beginning only print its label and title."""
        title = _letters(part.title)
        if part.kind == "text" and not title:
            return 0
        at = 0
        if (
            part.kind == "annex"
            and lines
            and re.fullmatch(r"附件[\d０-９一二三四五六七八九十]{0,3}[：:]?", squeeze(lines[0].text))
        ):
            at = 1
        joined = ""
        count = at
        for line in lines[at : at + 5]:
            if line.is_cell or line.is_piped:
                break
            joined += _letters(line.text)
            count += 1
            if joined == title or (part.kind == "annex" and at == 0 and joined.endswith(title)):
                return count
            if not title.startswith(joined) and not (at == 0 and part.kind == "annex"):
                break
        return at

    def _fill(self, part: _Node, lines: Sequence[Line], stack: list[_Node]) -> None:
        i = 0
        while i < len(lines):
            line = lines[i]
            here = stack[-1]
            if line.is_cell or line.is_piped:
                end = block_end(lines, i)
                self._table(here, lines[i:end])
                i = end
                continue
            labelled = _label(line.text)
            if labelled:
                kind, number, rest = labelled
                rank = _RANK[kind]
                while len(stack) > 1 and stack[-1].rank >= rank:
                    stack.pop()
                parent = self._locator_parent(stack, kind)
                locator = self._unique(_join(parent, _token(kind, number)))
                heading, body = _heading(rest)
                node = _Node(locator, kind, rank, heading, line.number, line.number)
                if body:
                    node.paragraphs.append(Paragraph(rest, line.number, line.number))
                stack[-1].children.append(node)
                stack.append(node)
            elif (note := _NOTE.match(line.text)) and here.tables:
                node = _Node(self._unique(_join(here.locator, note[1])), "note", 99, "", line.number, line.number)
                node.paragraphs.append(Paragraph(line.text, line.number, line.number))
                here.children.append(node)
            elif line.text:
                self._paragraph(here, line)
            i += 1

    def _locator_parent(self, stack: Sequence[_Node], kind: str) -> str:
        """Articles are numbered through a document, so 第十六条 does not name its chapter; the rest name their parent."""
        base = stack[0].locator
        if base.split("#")[0] == "正文" and "#" not in base:
            base = ""
        if kind == "条" or len(stack) == 1:
            return base
        return stack[-1].locator

    def _paragraph(self, node: _Node, line: Line) -> None:
        node.last = max(node.last, line.number)
        if node.paragraphs and not node.children:
            before = node.paragraphs[-1]
            if len(before.text) >= 30 and not _SENTENCE_END.search(before.text) and len(line.text) > 1:
                node.paragraphs[-1] = Paragraph(before.text + line.text, before.first, line.number)
                return
        node.paragraphs.append(Paragraph(line.text, line.number, line.number))

    def _table(self, node: _Node, lines: Sequence[Line]) -> None:
        where = "" if node.locator == "正文" else node.locator
        table = rebuild(lines, where, node.heading)
        if node.tables:
            place = self._unique(_join(where, f"表{len(node.tables) + 1}"))
            table = rebuild(lines, place, "")
        rows = []
        for row in table.rows:
            locator = self._unique(row.locator)
            if locator != row.locator:
                row = Row(locator, row.key, row.group, row.cells, row.printed, row.columns, row.first, row.last)
            rows.append(row)
            node.children.append(
                _Node(locator, "row", 99, "", row.first, row.last, [Paragraph(row.text, row.first, row.last)], row=row)
            )
        node.tables.append(
            Table(table.locator, table.title, table.columns, tuple(rows), table.first, table.last, table.printed_total)
        )
        node.last = max(node.last, table.last)


def _label(text: str) -> tuple[str, int, str] | None:
    """The number that opens a line: its kind, its value and the rest of the line."""
    if text[:1] in _SINGLE:
        text = _SINGLE[text[0]] + text[1:]
    text = text[:8].translate(_FULL_DIGITS) + text[8:]
    for kind, pattern in _LABELS:
        match = pattern.match(text)
        if not match:
            continue
        number = _number(match[1])
        if number is None:
            continue
        return kind, number, text[match.end() :].strip()
    return None


def _heading(rest: str) -> tuple[str, bool]:
    """A line's heading, and whether the line says more: 总则 alone, or 直接转办。and what follows."""
    if not rest:
        return "", False
    sentence = re.match(r"([^。；：！？]{1,36})。(.+)", rest, re.S)
    if sentence:
        return sentence[1], True
    if not re.search(r"[。；：！？]", rest) and len(rest) <= 60 and not rest.endswith(("，", "、")):
        return rest, False
    return "", True


def _letters(text: str) -> str:
    return re.sub(r"\W", "", squeeze(text)).translate(_FULL_DIGITS)


# --- numbers and locators ------------------------------------------------------------------------------------------


def _number(text: str) -> int | None:
    """Arabic, Chinese or circled, up to 999."""
    text = text.translate(_FULL_DIGITS)
    if text.isascii() and text.isdigit():
        return int(text)
    if text in _CIRCLED:
        return _CIRCLED.index(text) + 1
    total = digit = 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS.index(character) + 1
        elif character == "十":
            total += (digit or 1) * 10
            digit = 0
        elif character == "百":
            total += digit * 100
            digit = 0
        elif character not in "零〇":
            return None
    total += digit
    return total or None


def han(number: int) -> str:
    """1..999 in Chinese numerals, as clauses print them: 十六, 二十一, 一百零五."""
    if number >= 100:
        rest = number % 100
        middle = "" if rest == 0 else "零" if rest < 10 else ""
        tail = "" if rest == 0 else ("一" if 10 <= rest < 20 else "") + han(rest)
        return f"{_DIGITS[number // 100 - 1]}百{middle}{tail}"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
    return head + ("" if ones == 0 else _DIGITS[ones - 1])


def _token(kind: str, number: int) -> str:
    match kind:
        case "章" | "节" | "条" | "款" | "行":
            return f"第{han(number)}{kind}" if kind not in "款行" else f"第{number}{kind}"
        case "一":
            return han(number)
        case "（一）":
            return f"（{han(number)}）"
        case "（1）":
            return f"（{number}）"
        case "1）":
            return f"{number}）"
        case "①":
            return _CIRCLED[number - 1] if number <= len(_CIRCLED) else f"（{number}）"
    return str(number)


def _join(parent: str, token: str) -> str:
    """A space only where two tokens would run into one number: 附件2 一 3, but 四（四）3（3）①."""
    if not parent:
        return token
    apart = token[0] not in "（①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳#" and parent[-1] not in "）" and not token.startswith("第")
    if token.startswith("第"):
        apart = token[-1] not in "款章节条"
    return f"{parent} {token}" if apart else parent + token


_PARTS = {
    "题注": "题注", "标题": "题注", "文首": "题注", "题头": "题注",
    "正文": "正文", "前言": "正文", "引言": "正文", "序言": "正文", "导语": "正文", "总述": "正文",
    "通知": "通知", "印发通知": "通知", "落款": "落款", "附件目录": "附件目录", "附件清单": "附件目录",
    "解读": "解读", "政策解读": "解读",
}  # fmt: skip
_NOTES = ("说明", "备注", "注", "附注", "注释")
_READ = re.compile(
    rf"(?P<part>{'|'.join(sorted(_PARTS, key=len, reverse=True))})"
    rf"|(?P<annex>附\s*件\s*(?:[（(]?(?P<annex_no>\d{{1,2}}|{_HAN})[）)]?(?!、))?(?P<annex_rest>\s*[:：]?))"
    rf"|第\s*(?P<nth>{_HAN}|\d{{1,3}}|[（(]\s*(?:{_HAN}|\d{{1,3}})\s*[）)])\s*(?P<unit>[章节条款项行段列目])"
    rf"|[（(]\s*(?P<bracket_han>{_HAN})\s*[）)]"
    r"|[（(]\s*(?P<bracket>\d{1,3})\s*[）)]"
    rf"|(?P<circled>[{_CIRCLED}])"
    r"|(?P<half>\d{1,2})[）)]"
    r"|#(?P<dup>\d{1,3})"
    rf"|(?P<note>{'|'.join(_NOTES)})"
    r"|表(?P<table>\d{1,2})?"
    r"|(?P<last>(?:最后一|末)[款段])"
    rf"|(?P<han>{_HAN})、?"
    r"|(?P<arabic>\d{1,3})[.．、]?(?:项|行)?"
    r"|(?P<skip>[\s、，,.．。之的:：\-—/·]+)"
)


def parse(locator: str) -> list[tuple[str, str]]:
    """A locator as tokens (kind, canonical text), or an empty list if some of it is not a locator."""
    text = "".join(_SINGLE.get(c, c) for c in locator.strip().strip("“”\"'")).translate(_FULL_DIGITS)
    tokens: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        match = _READ.match(text, at)
        if not match or match.end() == at:
            return []
        at = match.end()
        token = _read_token(match)
        if token is None:
            return []
        if token[1]:
            tokens.append(token)
    return tokens


def _read_token(match: re.Match[str]) -> tuple[str, str] | None:
    got = match.groupdict()
    if got["annex"]:
        number = _number(got["annex_no"]) if got["annex_no"] else None
        return "附件", f"附件{number or ''}"
    if got["nth"]:
        bare = got["nth"].strip("（）() ")
        number = _number(bare)
        if number is None:
            return None
        unit = got["unit"]
        if unit in "项目":
            if "（" in got["nth"] or "(" in got["nth"]:
                kind = "（1）" if bare.isdigit() else "（一）"
                return kind, _token(kind, number)
            return "项", str(number)
        kind = "款" if unit == "段" else unit
        return kind, _token(kind, number) if kind != "列" else f"第{number}列"
    for name, kind in (
        ("bracket_han", "（一）"),
        ("bracket", "（1）"),
        ("circled", "①"),
        ("half", "1）"),
        ("han", "一"),
        ("arabic", "1"),
    ):
        if got[name]:
            number = _number(got[name])
            return (kind, _token(kind, number)) if number else None
    if got["dup"]:
        return ("#", f"#{got['dup']}") if got["dup"] != "1" else ("skip", "")
    if got["part"]:
        return "part", _PARTS[got["part"]]
    if got["note"]:
        return "note", got["note"]
    if got["last"]:
        return "last", "末款"
    if got["table"]:
        return "表", f"表{got['table']}" if got["table"] != "1" else ""
    return "skip", ""


def _readings(tokens: Sequence[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """A locator as written, then the other ways in which people mean it."""
    tokens = list(tokens)
    yield tokens
    if not tokens:
        return
    kinds = [kind for kind, _ in tokens]
    if "项" in kinds:  # 第二项 may stand for （二）, （2） or 2.
        at = kinds.index("项")
        number = int(tokens[at][1])
        for kind in ("（一）", "（1）", "1", "一"):
            yield [*tokens[:at], (kind, _token(kind, number)), *tokens[at + 1 :]]
    if "表" in kinds:  # 附件1表3 for row 3 of the annex's table
        at = kinds.index("表")
        yield [*tokens[:at], ("1", tokens[at][1].removeprefix("表")), *tokens[at + 1 :]]
    if tokens[0] == ("part", "正文") and len(tokens) > 1:
        yield tokens[1:]
    if kinds[0] == "附件":
        label = tokens[0][1]
        if label == "附件1":
            yield [("附件", "附件"), *tokens[1:]]
        elif label == "附件":
            yield [("附件", "附件1"), *tokens[1:]]
        if label != "附件":
            number = int(label.removeprefix("附件"))
            for kind in ("1", "一"):
                yield [("附件", "附件"), (kind, _token(kind, number)), *tokens[1:]]
    if "章" in kinds and "条" in kinds:
        yield [token for token in tokens if token[0] not in "章节"]
    if "1" in kinds and kinds[0] != "附件":  # 四（四）3 written for 四（四）（3）, and the other way round
        yield [("（1）", f"（{text}）") if kind == "1" else (kind, text) for kind, text in tokens]
    if "（1）" in kinds:
        yield [("1", text.strip("（）")) if kind == "（1）" else (kind, text) for kind, text in tokens]


def _render(tokens: Sequence[tuple[str, str]]) -> str:
    locator = ""
    for _, text in tokens:
        locator = locator + text if text.startswith("#") else _join(locator, text)
    return locator


def _lookup(index: dict[str, Clause], tokens: Sequence[tuple[str, str]]) -> Clause | None:
    kind, text = tokens[-1]
    exact = _render(tokens)
    if exact in index:
        return index[exact]
    if kind not in ("款", "行", "note", "last", "列") or len(tokens) < 2:
        return None
    owner = _lookup(index, tokens[:-1])
    if owner is None:
        return None
    match kind:
        case "款":
            number = int(text[1:-1])
            return owner.paragraph(number) if number <= len(owner.paragraphs) else None
        case "last":
            below = [clause for clause in owner.walk() if clause.paragraphs]
            return below[-1].paragraph(len(below[-1].paragraphs)) if below else None
        case "行":
            rows = [clause for clause in owner.walk() if clause.row]
            number = int(text[1:-1])
            return rows[number - 1] if 0 < number <= len(rows) else None
        case "note":
            return next((clause for clause in owner.walk() if clause.kind == "note"), None)
        case "列":
            number = int(text[1:-1])
            if owner.row and 0 < number <= len(owner.row.cells):
                cell = Paragraph(owner.row.cells[number - 1], owner.first, owner.last)
                return Clause(f"{owner.locator}第{number}列", "cell", "", (cell,), owner.first, owner.last)
    return None


def _not_found(document: Document, index: dict[str, Clause], locator: str, tokens: Sequence[tuple[str, str]]) -> str:
    if tokens[0][0] == "附件" and _lookup(index, tokens[:1]) is None:
        for entry in document.attachments:
            if not entry.printed and tokens[0][1] in ("附件", f"附件{entry.no}"):
                return f"{document.name}：附件目录列有附件{entry.no}“{entry.title}”，但公报没有刊印，条款位置“{locator}”无从查证。"
    for length in range(len(tokens) - 1, 0, -1):
        owner = _lookup(index, tokens[:length])
        if owner is None:
            continue
        kind, text = tokens[length]
        if kind == "款":
            return f"{document.name}：没有“{locator}”，“{owner.locator}”只有{len(owner.paragraphs)}款。"
        below = [f"{child.locator}{' ' + child.heading if child.heading else ''}" for child in owner.children]
        if not below:
            return f"{document.name}：没有“{locator}”，“{owner.locator}”之下没有分项。"
        more = f"等{len(below)}项" if len(below) > 8 else ""
        return f"{document.name}：没有“{locator}”。“{owner.locator}”之下有：{'、'.join(below[:8])}{more}。"
    near = difflib.get_close_matches(_render(tokens), list(index), n=5, cutoff=0.4)
    near = near or [clause.locator for clause in clauses(document).children]
    return f"{document.name}：没有“{locator}”。相近的有：{'、'.join(near)}。"


@lru_cache(maxsize=256)
def _index(document: Document) -> dict[str, Clause]:
    return {clause.locator: clause for clause in clauses(document).walk() if clause.locator}
