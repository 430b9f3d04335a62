"""A text file of any size: what is kept of a document is its head and its parts; its lines stay in the file.

A file is read once from front to back, a chunk at a time. A document's lines are read again when somebody looks at them.
"""

from __future__ import annotations

import codecs
import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import overload

from gongbao.gazette import formats
from gongbao.gazette import text as _text
from gongbao.gazette.documents import Document, bind_interpretations, make_document
from gongbao.gazette.heads import LOOKS_AHEAD, Head, head_at
from gongbao.gazette.text import GazetteError, Line

CHUNK = 1 << 20
MAX_DOCUMENT_LINES = 1_000_000


@dataclass(frozen=True, eq=False)
class Streamed:
    """A file read as a stream: what `library.Gazette` says of it, documents whose lines stay in the file."""

    encoding: str
    digest: str
    line_count: int
    documents: tuple[Document, ...]


def is_plain(path: Path) -> bool:
    """Is the file plain text, which alone can be read as a stream? Raises GazetteError for a format that is refused."""
    head = _head(path)
    if b"%PDF-" in head[:1024] or head.startswith(b"PK\x03\x04") or formats.is_html(head):
        return False
    formats.refuse(head, path.name)
    return True


def read(path: Path) -> Streamed:
    """A plain text gazette of any size. Raises GazetteError, in Chinese, for what is not one."""
    head = _head(path)
    formats.refuse(head, path.name)
    encoding, skipped = _encoding(path, head)
    file = _File(path, encoding, skipped, "\r" if "\n" not in _start(head[skipped:], encoding) else "\n")
    found = tuple(bind_interpretations(list(_documents(file))))
    if not found:
        raise GazetteError(f"{path.name}：没有找到文件。公报中的每份文件应以发布机关、标题、文号（或主送机关）开头。")
    return Streamed(encoding, file.digest, file.line_count, found)


def _documents(file: _File) -> Iterator[Document]:
    """Documents in printed order, their lines left in the file."""
    pending: list[Line] = []
    opened: Head | None = None
    before = scanned = 0
    for batch, final in file.batches():
        pending.extend(batch)
        begins = 0
        while scanned < len(pending) - (0 if final else LOOKS_AHEAD):
            found = head_at(pending, scanned)
            if found is None:
                scanned += 1
                continue
            if opened:
                yield _light(file, opened, pending[begins : found.at], before)
            begins = found.at
            before = _same_line_before(pending, begins)
            opened = replace(found, at=0, body=found.body - found.at)
            scanned = found.body
        if opened is None:
            begins = scanned - _same_line_before(pending, scanned)
        del pending[:begins]
        scanned -= begins
        if len(pending) > MAX_DOCUMENT_LINES:
            raise GazetteError(
                f"{file.path.name}：第{pending[0].number}行起有{len(pending)}行没有下一份文件的开头，不像公报文本。"
            )
    if opened:
        yield _light(file, opened, pending, before)


def _same_line_before(pending: Sequence[Line], at: int) -> int:
    """How many pieces of the line at `at` stand before it: a stray CR or form feed parts one printed line."""
    count = 0
    while 0 < at - count < len(pending) and pending[at - count - 1].number == pending[at].number:
        count += 1
    return count


def _light(file: _File, head: Head, printed: Sequence[Line], before: int) -> Document:
    made = make_document(head, printed, file.path.name)
    return replace(made, lines=StoredLines(file, printed[0].number, printed[-1].number, before, len(printed)))


class StoredLines(Sequence[Line]):
    """The printed lines of one document, read from its file when they are looked at."""

    __slots__ = ("_before", "_count", "_file", "_first", "_last")

    def __init__(self, file: _File, first: int, last: int, before: int, count: int) -> None:
        self._file, self._first, self._last, self._before, self._count = file, first, last, before, count

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, at: int | slice) -> Line | tuple[Line, ...]:
        return _loaded(self)[at]

    def __iter__(self) -> Iterator[Line]:
        return iter(_loaded(self))

    def load(self) -> tuple[Line, ...]:
        printed = tuple(self._file.printed(self._first, self._last))[self._before :][: self._count]
        if len(printed) != self._count:
            raise GazetteError(f"{self._file.path.name}：文件在读入之后有改动，请重新读入。")
        return printed


@lru_cache(maxsize=16)
def _loaded(lines: StoredLines) -> tuple[Line, ...]:
    return lines.load()


@dataclass(eq=False)
class _File:
    """A plain text file as chunks of whole lines; `marks` has the first line and the offset of each."""

    path: Path
    encoding: str
    skipped: int
    end: str
    marks: list[tuple[int, int]] = field(default_factory=list)
    line_count: int = 0
    digest: str = ""

    def batches(self) -> Iterator[tuple[list[Line], bool]]:
        """Printed (not blank) lines, a chunk of the file at a time; the last batch says that it is the last."""
        said = hashlib.sha256()
        number, offset = 0, self.skipped
        rest = b""
        with self.path.open("rb") as file:
            said.update(file.read(self.skipped))
            while True:
                block = file.read(CHUNK)
                said.update(block)
                rest += block
                cut = self._cut(rest) if block else len(rest)
                printed = self._lines(rest[:cut])
                self.marks.append((number + 1, offset))
                batch: list[Line] = []
                for words in printed:
                    number += 1
                    batch.extend(_printed(number, words, self.path.name))
                rest, offset = rest[cut:], offset + cut
                self.line_count, self.digest = number, said.hexdigest()
                yield batch, not block
                if not block:
                    return

    def _cut(self, block: bytes) -> int:
        """Where the last whole line ends. A line that is too long to be one is not waited for."""
        mark = self.end.encode(self.encoding)
        at = block.rfind(mark)
        while at > 0 and at % len(mark):  # half of two characters of UTF-16
            at = block.rfind(mark, 0, at + len(mark) - 1)
        if at >= 0:
            return at + len(mark)
        return len(block) - len(block) % 4 if len(block) > 4 * (_text.MAX_LINE + 1) else 0

    def _lines(self, block: bytes) -> list[str]:
        try:
            decoded = codecs.getincrementaldecoder(self.encoding)().decode(block)
        except UnicodeDecodeError as error:
            raise GazetteError(f"{self.path.name}：不是有效的 {self.encoding.upper()} 文本，文件可能损坏。") from error
        lines = decoded.split(self.end)
        if lines[-1] == "":
            lines.pop()
        return lines

    def printed(self, first: int, last: int) -> Iterator[Line]:
        """The printed lines from `first` to `last`, read again."""
        chunk = bisect_right(self.marks, first, key=lambda mark: mark[0]) - 1
        while chunk < len(self.marks) and self.marks[chunk][0] <= last:
            begin = self.marks[chunk][0]
            words = _chunk(self, chunk)
            for number in range(max(first, begin), min(last, begin + len(words) - 1) + 1):
                yield from _printed(number, words[number - begin], self.path.name)
            chunk += 1


@lru_cache(maxsize=4)
def _chunk(file: _File, index: int) -> list[str]:
    offset = file.marks[index][1]
    size = file.marks[index + 1][1] - offset if index + 1 < len(file.marks) else -1
    try:
        with file.path.open("rb") as stored:
            stored.seek(offset)
            return file._lines(stored.read(size))
    except OSError as error:
        raise GazetteError(f"{file.path.name}：文件在读入之后被移走或改动，请重新读入。") from error


def _printed(number: int, words: str, name: str) -> Iterator[Line]:
    return (line for line in _text.pieces(number, words, name) if line.text or line.is_cell)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if not head.strip():
        raise GazetteError(f"{path.name}：文件是空的。请选择含有公报正文的文件。")
    return head


def _start(head: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)


def _encoding(path: Path, head: bytes) -> tuple[str, int]:
    """The encoding of the whole file, and how many bytes of it are a byte order mark."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return name, len(mark)
    _, guess = _text.decode(_whole_characters(head), path.name)
    if guess == "utf-8" and not _decodes(path, "utf-8"):
        guess = "gb18030"  # what began as ASCII
    return guess, 0


def _whole_characters(head: bytes) -> bytes:
    """Up to the last line end, so that no character is cut."""
    return head[: head.rfind(b"\n") + 1] or head


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
    return True
