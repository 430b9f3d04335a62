"""A text file of any size, one document at a time: memory holds the document being read, not the file.

What a whole gazette knows and a stream does not: an interpretation printed at the end stays with the document before it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gongbao.gazette import formats
from gongbao.gazette import text as _text
from gongbao.gazette.documents import Document, documents, make_document
from gongbao.gazette.heads import LOOKS_AHEAD, Head, head_at
from gongbao.gazette.text import GazetteError, Line

CHUNK = 1 << 20
MAX_DOCUMENT_LINES = 1_000_000


def documents_of(path: Path) -> Iterator[Document]:
    """The documents of a file in printed order, each as soon as the next one begins. Other formats are read whole.

    Raises GazetteError, possibly after some documents, for what is no gazette.
    """
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if b"%PDF-" in head[:1024] or head.startswith(b"PK\x03\x04") or formats.is_html(head):
        if path.stat().st_size > _text.MAX_BYTES:
            size = path.stat().st_size
            raise GazetteError(f"{path.name}：文件有{size}字节，超过{_text.MAX_BYTES}字节的上限。请按期拆分后再导入。")
        yield from documents(formats.read(path.read_bytes(), path.name))
        return
    formats.refuse(head, path.name)
    encoding, skipped = _encoding(path, head)
    pending: list[Line] = []
    opened: Head | None = None
    scanned = count = 0
    for batch, final in _batches(path, encoding, skipped, "\r" if "\n" not in _start(head, encoding) else "\n"):
        pending.extend(batch)
        begins = 0
        while scanned < len(pending) - (0 if final else LOOKS_AHEAD):
            found = head_at(pending, scanned)
            if found is None:
                scanned += 1
                continue
            if opened:
                count += 1
                yield make_document(opened, pending[begins : found.at], path.name)
            begins = found.at
            opened = replace(found, at=0, body=found.body - found.at)
            scanned = found.body
        if opened is None:
            begins = scanned
        del pending[:begins]
        scanned -= begins
        if len(pending) > MAX_DOCUMENT_LINES:
            raise GazetteError(
                f"{path.name}：第{pending[0].number}行起有{len(pending)}行没有下一份文件的开头，不像公报文本。"
            )
    if opened:
        count += 1
        yield make_document(opened, pending, path.name)
    if not count:
        raise GazetteError(f"{path.name}：没有找到文件。公报中的每份文件应以发布机关、标题、文号（或主送机关）开头。")


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


def _batches(path: Path, encoding: str, skipped: int, end: str) -> Iterator[tuple[list[Line], bool]]:
    """Printed (not blank) lines, a chunk of the file at a time; the last batch says that it is the last."""
    decoder = codecs.getincrementaldecoder(encoding)()
    number = 0
    rest = ""
    with path.open("rb") as file:
        file.seek(skipped)
        while True:
            chunk = file.read(CHUNK)
            try:
                rest += decoder.decode(chunk)
            except UnicodeDecodeError as error:
                raise GazetteError(f"{path.name}：不是有效的 {encoding.upper()} 文本，文件可能损坏。") from error
            printed = rest.split(end)
            # A line that has not ended yet waits for the next chunk, unless it is too long to be one.
            rest = printed.pop() if chunk and len(printed[-1]) <= _text.MAX_LINE else ""
            batch: list[Line] = []
            for words in printed:
                number += 1
                batch.extend(line for line in _text.pieces(number, words, path.name) if line.text or line.is_cell)
            yield batch, not chunk
            if not chunk:
                return
