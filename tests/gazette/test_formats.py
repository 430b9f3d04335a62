"""The same gazette is read from text, HTML, DOCX and PDF; what cannot be read is refused in words that help."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import docx
import pypdfium2
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gongbao.gazette import stream
from gongbao.gazette.clauses import clause_index, document_tables
from gongbao.gazette.documents import Document
from gongbao.gazette.formats import read
from gongbao.gazette.generate import generate, plan
from gongbao.gazette.html import lines_of_html
from gongbao.gazette.library import Library, read_file, read_gazette, to_json
from gongbao.gazette.text import GazetteError

from .pdf_writer import pdf_of
from .shared import structure

FILES = Path(__file__).parent / "files"
LOCATORS = ["题注", "通知", "落款", "正文", "第一条", "第二条", "第二条（一）", "第二条（二）", "第三条", "附件目录", "附件",
            "附件 1", "附件 2", "附件 3"]  # fmt: skip


def as_docx(text: str) -> bytes:
    """A DOCX with one paragraph for each line, and real tables for rows between pipes."""
    document = docx.Document()
    table = None
    for line in text.splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if table is None:
                table = document.add_table(rows=0, cols=len(cells), style="Table Grid")
            for cell, words in zip(table.add_row().cells, cells, strict=True):
                cell.text = words
        elif line.strip():
            table = None
            document.add_paragraph(line.strip())
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def piped(text: str) -> str:
    """The generator's flattened tables as rows between pipes, without blank lines."""
    lines: list[str] = []
    row: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("\t"):
            row.append(line.strip())
            continue
        if row:
            lines.append(f"| {' | '.join(row)} |")
            row = []
        if line.strip():
            lines.append(line)
    return "\n".join(lines) + "\n"


def as_html(text: str) -> bytes:
    lines = []
    for line in text.splitlines():
        if line.startswith("|"):
            lines.append("<tr>" + "".join(f"<td>{c.strip()}</td>" for c in line.strip("|").split("|")) + "</tr>")
        else:
            lines.append(f"<p>{line}</p>")
    body = "\n".join(lines)
    body = body.replace("</p>\n<tr>", "</p><table><tr>").replace("</tr>\n<p>", "</tr></table><p>")
    nav = "<nav><a href='/'>首页</a></nav><div><a href='/1'>示例市人民政府关于另一件事的通知</a></div>"
    return f"<html><meta charset=utf-8><body>{nav}<div><div>{body}</div></div><footer>主办单位</footer>".encode()


@given(st.integers(min_value=0, max_value=2**32))
@settings(max_examples=15, deadline=None)
def test_docx_and_html_give_the_structure_of_the_text(seed: int) -> None:
    text = piped(generate(seed, 2))
    expected = structure(read_gazette(text.encode()))
    assert structure(read_gazette(as_docx(text), "公报.docx")) == expected
    assert structure(read_gazette(as_html(text), "公报.html")) == expected


@given(st.integers(min_value=0, max_value=2**32))
@example(171)  # an organ's name at the top of three of five pages is no running head
@example(127)  # all lines of the even pages are indented
@settings(max_examples=15, deadline=None)
def test_a_pdf_gives_the_structure_of_the_text(seed: int) -> None:
    """Indented paragraphs broken at the margin and over pages, ruled tables that pages cut, page numbers."""
    text = piped(generate(seed, 2))
    assert structure(read_gazette(pdf_of(text), "公报.pdf")) == structure(read_gazette(text.encode()))


@pytest.mark.parametrize("name", ["page.html", "page.pdf"])
def test_a_page_with_navigation_tables_and_running_heads(name: str) -> None:
    gazette = read_file(FILES / name)
    (document,) = gazette.documents
    assert (document.number, document.title) == ("示政办字〔2023〕7号", "示例市长椅办法")
    assert document.addressees == "各示例区人民政府，市政府各部门"
    assert list(clause_index(document)) == LOCATORS
    (table,) = document_tables(document)
    assert table.columns == ("序号", "名称", "所在区", "数量")
    assert [row.printed for row in table.rows] == [
        ("1", "木长椅", "东区", "12"),
        ("2", "石长椅", "", "7"),
        ("3", "铁长椅", "西区", "5"),
    ]
    assert clause_index(document)["第一条"].text.endswith("保存的时间不短于三个月，供随时查看。")
    assert not any(line.text[-2:] == "公报" or "首页" in line.text for line in document.lines)


def test_pdf_lines_know_their_pages() -> None:
    (document,) = read_file(FILES / "page.pdf").documents
    assert sorted({line.page for line in document.lines}) == [1, 2, 3]
    pages = [line.page for line in document.lines]
    assert pages == sorted(pages)


def test_two_columns_are_read_one_after_the_other() -> None:
    (document,) = read_file(FILES / "columns.pdf").documents
    assert [locator for locator in clause_index(document) if locator in "一二三四五六"] == list("一二三四五六")
    words = "园林单位每个星期清点一次街角的花箱，并把清点的数目写在门口的木牌上，写错的当天改正。"
    assert all(clause_index(document)[n].paragraphs[-1].text == words * 2 for n in "一二三四五六")


def test_a_pdf_with_some_pictured_pages_is_read_and_names_the_pages_left_out() -> None:
    mixed = pypdfium2.PdfDocument.new()
    for name in ("page.pdf", "scanned.pdf", "page.pdf"):
        mixed.import_pages(pypdfium2.PdfDocument(FILES / name), [0])
    saved = io.BytesIO()
    mixed.save(saved)
    mixed.close()
    gazette = read_gazette(saved.getvalue(), "混合.pdf")
    assert len(gazette.warnings) == 1
    assert "混合.pdf：第2页是图片" in gazette.warnings[0]
    assert "OCR" in gazette.warnings[0]
    assert read_file(FILES / "page.pdf").warnings == ()


def test_a_scanned_pdf_says_that_ocr_is_needed() -> None:
    with pytest.raises(GazetteError, match=r"scanned.pdf：这是扫描件.*OCR"):
        read_file(FILES / "scanned.pdf")


@pytest.mark.skipif(not shutil.which("soffice"), reason="没有 LibreOffice，不能另做 PDF")
def test_a_pdf_made_by_libreoffice_gives_the_documents_of_its_docx(tmp_path: Path) -> None:
    text = piped(generate(3, 3))
    (tmp_path / "g.docx").write_bytes(as_docx(text))
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        home,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "g.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)

    def heads(documents: tuple[Document, ...]) -> list[object]:
        return [(d.number, d.title, d.issuer, d.dated, list(clause_index(d))) for d in documents]

    assert heads(read_file(tmp_path / "g.pdf").documents) == heads(read_gazette(text.encode()).documents)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "旧版 Office.*另存为 DOCX"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "加密的 Office 文件"),
        (b"{\\rtf1\\ansi", "RTF"),
        (b"Rar!\x1a\x07\x01\x00", "RAR 压缩包.*请解压"),
        (zipped(note_xml=b"<a/>"), "ZIP 压缩包.*请解压"),
        (zipped(OFD_xml=b"<a/>"), "OFD 版式文件"),
        (zipped(xl__workbook_xml=b"<a/>"), "Excel"),
        (zipped(word__document_xml=b"<a/>"), "DOCX 已损坏"),
        (zipped(word__document_xml=b"\0" * 3_000_000), r"压缩前后相差\d+倍"),
        (b"PK\x03\x04rest", "压缩结构已损坏"),
        (b"%PDF-1.7\n1 0 obj", "PDF 已损坏"),
        (b"\x89PNG\r\n\x1a\n", "图片须先做文字识别（OCR）"),
        (b"\x7fELF\x02\x01\x01" + bytes(64), "程序文件"),
        (b"<html><head><title>x</title></head><body><script>load()</script></body></html>", "网页中没有正文"),
        (b"", "文件是空的"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(GazetteError, match=says) as caught:
        read(data, "测试")
    assert str(caught.value).startswith("测试：")


@given(st.sampled_from(["page.html", "page.pdf", "docx"]), st.floats(min_value=0, max_value=1))
@settings(max_examples=25, deadline=None)
def test_a_truncated_file_is_read_or_refused_but_never_crashes(name: str, share: float) -> None:
    data = as_docx("示例市人民政府\n正文。") if name == "docx" else (FILES / name).read_bytes()
    with contextlib.suppress(GazetteError):
        read_gazette(data[: int(len(data) * share)], name)


def test_word_counts_its_own_numbers() -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "99")
    for level, form, words in (
        (0, "chineseCountingThousand", "%1、"),
        (1, "chineseCounting", "（%2）"),
        (2, "decimal", "%3."),
    ):
        element = OxmlElement("w:lvl")
        element.set(qn("w:ilvl"), str(level))
        for tag, value in (("w:start", "1"), ("w:numFmt", form), ("w:lvlText", words)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            element.append(child)
        abstract.append(element)
    numbering.insert(0, abstract)
    num = OxmlElement("w:num")
    num.set(qn("w:numId"), "99")
    reference = OxmlElement("w:abstractNumId")
    reference.set(qn("w:val"), "99")
    num.append(reference)
    numbering.append(num)

    def listed(words: str, level: int) -> None:
        properties = document.add_paragraph(words)._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = level
        properties.get_or_add_numId().val = 99

    for line in ("示例市人民政府", "关于花箱的意见", "示政字〔2023〕1号", "各区人民政府："):
        document.add_paragraph(line)
    for words, level in (
        ("总则", 0),
        ("目的", 1),
        ("范围", 1),
        ("大花箱。", 2),
        ("小花箱。", 2),
        ("措施", 0),
        ("浇水", 1),
    ):
        listed(words, level)
    buffer = io.BytesIO()
    document.save(buffer)
    (read_back,) = read_gazette(buffer.getvalue(), "花箱.docx").documents
    found = [(locator, c.heading or c.text) for locator, c in clause_index(read_back).items() if locator != "题注"]
    assert found[1:] == [
        ("一", "总则"), ("一（一）", "目的"), ("一（二）", "范围"), ("一（二）1", "大花箱。"), ("一（二）2", "小花箱。"),
        ("二", "措施"), ("二（一）", "浇水"),
    ]  # fmt: skip


def test_what_word_does_not_show_is_not_read_and_merged_cells_are_empty_below() -> None:
    document = docx.Document()
    document.add_paragraph("示例市人民政府")
    paragraph = document.add_paragraph("看得见")
    paragraph.add_run("隐藏的").font.hidden = True
    deleted = OxmlElement("w:del")
    deleted.append(paragraph.add_run("删去的")._r)
    paragraph._p.append(deleted)
    table = document.add_table(rows=3, cols=3)
    for i, line in enumerate((("类别", "名称", "数"), ("木", "长椅", "1"), ("", "花箱", "2"))):
        for cell, words in zip(table.rows[i].cells, line, strict=True):
            cell.text = words
    table.cell(1, 0).merge(table.cell(2, 0))
    frame = document.add_table(rows=1, cols=1)
    frame.cell(0, 0).text = "专栏里的字"
    buffer = io.BytesIO()
    document.save(buffer)
    lines = [line.text for line in read(buffer.getvalue()).lines if line.text]
    assert lines == [
        "示例市人民政府",
        "看得见",
        "| 类别 | 名称 | 数 |",
        "| 木 | 长椅 | 1 |",
        "|  | 花箱 | 2 |",
        "专栏里的字",
    ]


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk"])
def test_a_page_is_decoded_by_its_own_word_and_by_its_bytes_when_that_is_wrong(charset: str) -> None:
    page = f"<html><meta http-equiv='Content-Type' content='text/html; charset={charset}'><p>示例市的公报，写在网页上。</p>"
    for encoding in ("utf-8", "gb18030"):
        lines, _ = lines_of_html(page.encode(encoding), "页")
        assert [line for line in lines if line] == ["示例市的公报，写在网页上。"]


def test_a_title_and_number_in_the_frame_of_a_page_become_the_head_of_the_article() -> None:
    page = """<html><head><meta charset=utf-8><meta name="ArticleTitle" content="示例市人民政府关于清点花箱的通知"></head><body>
    <table><tr><td>文号</td><td>示政字〔2023〕5号</td></tr><tr><td>日期</td><td>2023-01-02</td></tr></table>
    <div id="a"><p>各区人民政府：</p><p>请清点花箱，并把清点的数目写在门口的木牌上，写错的当天改正，改正的人签名，签名的木牌挂在原处。</p>
    <p>示例市人民政府</p><p>2023年1月2日</p></div></body></html>"""
    (document,) = read_gazette(page.encode(), "页.html").documents
    assert (document.issuer, document.heading, document.number) == (
        "示例市人民政府",
        "关于清点花箱的通知",
        "示政字〔2023〕5号",
    )


def test_a_folder_holds_gazettes_of_every_format(tmp_path: Path) -> None:
    text = generate(1, 2)
    (tmp_path / "1.txt").write_bytes(text.encode("utf-16"))
    (tmp_path / "2.docx").write_bytes(as_docx(piped(text)))
    (tmp_path / "3.html").write_bytes(as_html(piped(text)))
    (tmp_path / "4.png").write_bytes(b"\x89PNG")
    shutil.copy(FILES / "page.pdf", tmp_path / "5.pdf")
    read_back = Library.read([tmp_path]).gazettes
    assert [(g.name, g.encoding) for g in read_back] == [
        ("1.txt", "utf-16-le"), ("2.docx", "docx"), ("3.html", "utf-8"), ("5.pdf", "pdf"),
    ]  # fmt: skip


@given(
    st.integers(min_value=0, max_value=2**32), st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
)
@settings(max_examples=15, deadline=None)
def test_a_stream_gives_the_documents_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, seed: int, encoding: str
) -> None:
    path = tmp_path_factory.mktemp("stream") / "g.txt"
    path.write_bytes(generate(seed, 4).replace("\n", "\r\n").encode(encoding))
    streamed = stream.read(path).documents
    whole = read_file(path).documents
    assert [(d.number, d.title, d.first, d.last, d.digest) for d in streamed] == [
        (d.number, d.title, d.first, d.last, d.digest) for d in whole
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_beyond_the_size_held_in_memory_is_the_same_gazette(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, end: str
) -> None:
    path = tmp_path / "g.txt"
    text = generate(9, 12).replace("\n\n", "\n\x0c\n", 5)
    path.write_bytes(text.replace("\n", end).encode(encoding))
    whole = to_json(read_file(path), full=True)
    monkeypatch.setattr("gongbao.gazette.stream.CHUNK", 4096)
    monkeypatch.setattr("gongbao.gazette.text.MAX_BYTES", 5000)
    assert to_json(read_file(path), full=True) == whole


def test_an_interpretation_at_the_end_of_a_stream_goes_to_its_document(tmp_path: Path) -> None:
    drafts = plan(3, 4)
    late = f"\n《{drafts[0].title}》政策解读\n\n一、背景\n\n制定本文件是为了演示。\n"
    path = tmp_path / "g.txt"
    path.write_text(generate(3, 4) + late, encoding="utf-8")
    found = stream.read(path).documents
    assert found[0].parts[-1].kind == "interpretation"
    assert found[0].lines[-1].text == "制定本文件是为了演示。"
    assert [c.locator for c in clause_index(found[0]).values() if c.heading == "背景"] == ["解读#2 一"]
    assert [d.digest for d in found] == [d.digest for d in read_file(path).documents]


def test_a_file_that_changed_after_it_was_streamed_says_so(tmp_path: Path) -> None:
    path = tmp_path / "g.txt"
    path.write_text(generate(3, 4), encoding="utf-8")
    document = stream.read(path).documents[-1]
    path.write_text("别的内容\n", encoding="utf-8")
    with pytest.raises(GazetteError, match="有改动"):
        clause_index(document)


def test_a_pdf_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongbao.gazette.text.MAX_BYTES", 1000)
    with pytest.raises(GazetteError, match="超过1000字节的上限"):
        read_file(FILES / "page.pdf")


def test_a_stream_holds_one_document_and_refuses_what_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gongbao.gazette.stream.CHUNK", 4096)
    path = tmp_path / "g.txt"
    path.write_text(generate(9, 40), encoding="utf-8")
    assert [d.digest for d in stream.read(path).documents] == [d.digest for d in read_file(path).documents]
    path.write_text("今天天气很好。\n" * 2000, encoding="utf-8")
    with pytest.raises(GazetteError, match="没有找到文件"):
        stream.read(path)
