"""A file in any form in which a city publishes its gazette, as the lines that the rest reads.

Plain text, HTML, DOCX and PDF with a text layer are read. What cannot be read is refused in words that say what the
file is and what to do with it. A real table comes out as rows between pipes (`| 1 | 名称 |`), other text as lines.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable
from dataclasses import replace

from gongbao.gazette import text as _text
from gongbao.gazette.text import GazetteError, Text

SUFFIXES = (".txt", ".md", ".html", ".htm", ".shtml", ".docx", ".pdf")
"""The names that a folder of gazettes is searched for. A file that is given by itself may have any name."""

_READABLE = "可读的格式：纯文本（UTF-8、GB18030、UTF-16）、网页（HTML）、DOCX、带文字层的 PDF"
_OFFICE = "请用 WPS 或 Word 打开，另存为 DOCX 再导入"
_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "旧版 Office 文件（.doc、.wps 等）", _OFFICE),
    (b"{\\rtf", "RTF 文件", _OFFICE),
    (b"Rar!", "RAR 压缩包", "请解压后把其中的文件逐个导入"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包", "请解压后把其中的文件逐个导入"),
    (b"\x1f\x8b", "GZIP 压缩包", "请解压后把其中的文件逐个导入"),
    (b"BZh", "BZIP2 压缩包", "请解压后把其中的文件逐个导入"),
    (b"\xfd7zXZ", "XZ 压缩包", "请解压后把其中的文件逐个导入"),
    (b"MIME-Version:", "网页归档（MHT）", "请在浏览器中打开，另存为 HTML 再导入"),
    (b"\x89PNG", "图片", "图片须先做文字识别（OCR），再把识别出的文本导入"),
    (b"\xff\xd8\xff", "图片", "图片须先做文字识别（OCR），再把识别出的文本导入"),
    (b"GIF8", "图片", "图片须先做文字识别（OCR），再把识别出的文本导入"),
    (b"BM\x36", "图片", "图片须先做文字识别（OCR），再把识别出的文本导入"),
    (b"II*\0", "图片", "图片须先做文字识别（OCR），再把识别出的文本导入"),
    (b"MM\0*", "图片", "图片须先做文字识别（OCR），再把识别出的文本导入"),
    (b"RIFF", "图片或音视频文件", _READABLE),
    (b"\x7fELF", "程序文件", _READABLE),
    (b"MZ\x90", "程序文件", _READABLE),
    (b"SQLite format 3", "数据库文件", _READABLE),
)
_ZIPPED = (
    ("xl/workbook.xml", "Excel 表格（.xlsx）", "请把正文存为 DOCX 或文本再导入"),
    ("ppt/presentation.xml", "演示文稿（.pptx）", "请把正文存为 DOCX 或文本再导入"),
    ("OFD.xml", "OFD 版式文件", "请用 OFD 阅读器导出为带文字层的 PDF 或文本再导入"),
    ("content.xml", "OpenDocument 文件（.odt 等）", _OFFICE),
)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_PAGE_HEAD = 2048


def read(data: bytes, name: str = "公报") -> Text:
    """A gazette in any readable format. Raises GazetteError that names the file, what it is and what to do."""
    if not data.strip():
        raise GazetteError(f"{name}：文件是空的。请选择含有公报正文的文件。")
    if len(data) > _text.MAX_BYTES:
        raise GazetteError(f"{name}：文件有{len(data)}字节，超过{_text.MAX_BYTES}字节的上限。请按期拆分后再导入。")
    if b"%PDF-" in data[:1024]:
        from gongbao.gazette.pdf import lines_of_pdf

        printed, warnings = lines_of_pdf(data, name)
        return replace(_made(printed, data, name, "pdf"), warnings=warnings)
    if data.startswith(b"PK\x03\x04"):
        return _read_zip(data, name)
    refuse(data, name)
    if is_html(data):
        from gongbao.gazette.html import lines_of_html

        lines, encoding = lines_of_html(data, name)
        return _made(((line, 0) for line in lines), data, name, encoding)
    return _text.read(data, name)


def refuse(head: bytes, name: str) -> None:
    """Raises GazetteError if a file's first bytes show a format that cannot be read."""
    for signature, kind, remedy in _REFUSED:
        if head.startswith(signature):
            if signature == b"\xd0\xcf\x11\xe0" and _ENCRYPTED in head:
                raise GazetteError(
                    f"{name}：这是加密的 Office 文件，没有密码无法读取。请解除密码后另存为 DOCX 再导入。"
                )
            raise GazetteError(f"{name}：这是{kind}，不能直接读取。{remedy}。")


def is_html(data: bytes) -> bool:
    """Does a file begin as a web page does? UTF-16 is looked through."""
    head = data[:_PAGE_HEAD].replace(b"\0", b"").lower()
    return any(mark in head for mark in (b"<!doctype html", b"<html", b"<head", b"<body"))


def _read_zip(data: bytes, name: str) -> Text:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise GazetteError(f"{name}：压缩结构已损坏，可能没有下载完整。请重新下载后再导入。") from error
    if "word/document.xml" in members:
        from gongbao.gazette.docx import lines_of_docx

        return _made(lines_of_docx(data, name), data, name, "docx")
    for member, kind, remedy in _ZIPPED:
        if member in members:
            raise GazetteError(f"{name}：这是{kind}，不能直接读取。{remedy}。")
    raise GazetteError(f"{name}：这是 ZIP 压缩包，不能直接读取。请解压后把其中的文件逐个导入。")


def _made(printed: Iterable[tuple[str, int]], data: bytes, name: str, encoding: str) -> Text:
    return _text.of_lines(printed, name, encoding, hashlib.sha256(data).hexdigest())
