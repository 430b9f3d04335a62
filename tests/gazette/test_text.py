"""A file is text with the line numbers of `sed`, or a refusal that says what it is."""

from __future__ import annotations

import re
import tracemalloc
from pathlib import Path

import pytest

from gongbao.gazette import text as module
from gongbao.gazette.text import GazetteError, is_page_debris, read

from .shared import SEEDS, needs_seeds


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "文件是空的"),
        (b" \n\t\r\n", "文件是空的"),
        (b"\xef\xbb\xbf", "没有汉字"),
        (b"plain ascii\nno Chinese\n", "没有汉字"),
        (bytes(range(256)) * 20, "二进制|无法解码"),
        (bytes(5000), "二进制"),
        ("公报".encode() + b"\x01\x02\x03\x04\x05" * 40, "控制符"),
        (b"\xff\xfe" + b"\x00\xd8" * 3 + b"A\x00", "UTF-16|没有汉字|无法解码"),
    ],
)
def test_what_is_no_gazette_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(GazetteError, match=says) as caught:
        read(data, "测试.txt")
    assert str(caught.value).startswith("测试.txt：")


def test_fifty_megabytes_of_one_line_are_refused_in_bounded_memory() -> None:
    data = b"\xe5\xbb\x8a" * (50 * 1024 * 1024 // 3)
    tracemalloc.start()
    with pytest.raises(GazetteError, match="第1行有17476266个字符"):
        read(data)
    assert tracemalloc.get_traced_memory()[1] < 6 * len(data)
    tracemalloc.stop()


def test_a_line_of_the_greatest_length_is_read_and_one_character_more_is_not() -> None:
    assert len(read(("公" * module.MAX_LINE + "\n报").encode()).lines) == 2
    with pytest.raises(GazetteError, match="第2行"):
        read(("报\n" + "公" * (module.MAX_LINE + 1)).encode())


def test_a_file_of_the_greatest_size_is_looked_at_and_one_byte_more_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 6)
    assert read("公报".encode()).lines[0].text == "公报"
    with pytest.raises(GazetteError, match="超过6字节的上限"):
        read("公报。".encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_read_alike(encoding: str) -> None:
    read_back = read("示例市〔2023〕1号\n第二行\n".encode(encoding))
    assert [line.text for line in read_back.lines] == ["示例市〔2023〕1号", "第二行"]


def test_a_character_cut_off_at_the_end_is_dropped_but_one_in_the_middle_is_no_utf8() -> None:
    assert read("公报".encode()[:-1]).lines[0].text == "公"
    with pytest.raises(GazetteError, match="无法解码"):
        read("公报".encode()[:-1] + "正文\n".encode())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_line_keeps_its_number(end: str) -> None:
    lines = read(end.join(["一行", "", "三行\x0c", "四行"]).encode()).lines
    assert [(line.number, line.text) for line in lines if line.text] == [(1, "一行"), (3, "三行"), (4, "四行")]


def test_a_stray_line_separator_does_not_shift_the_numbers_that_follow() -> None:
    lines = read("甲\u2028乙\n丙\r丁\n戊".encode()).lines
    assert [(line.number, line.text) for line in lines] == [(1, "甲"), (1, "乙"), (2, "丙"), (2, "丁"), (3, "戊")]


def test_a_file_with_carriage_returns_alone_has_lines() -> None:
    assert [line.number for line in read("甲\r乙\r丙".encode()).lines] == [1, 2, 3]


@pytest.mark.parametrize("debris", ["—12—", "- 3 -", "·118·", "第 7 页", "第3页 共20页"])
def test_page_numbers_between_lines_are_debris(debris: str) -> None:
    assert is_page_debris(debris)


@pytest.mark.parametrize("content", ["12", "3.5", "110", "2023年", "一、", "第三条", "2022-2025"])
def test_a_bare_number_or_text_is_content(content: str) -> None:
    assert not is_page_debris(content)


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.txt")), ids=lambda path: path.name[:3])
def test_seed_lines_are_numbered_as_sed_does(path: Path) -> None:
    by_sed = path.read_text(encoding="utf-8").split("\n")
    for line in read(path.read_bytes()).lines:
        printed = by_sed[line.number - 1].strip()
        field = re.search(r'INCLUDEPICTURE ".*" \S+ MERGEFORMAT', printed)
        assert line.text in (printed.replace(field[0], "").strip() if field else printed, "")


def test_what_word_computes_a_field_from_is_not_text() -> None:
    said = '甲。INCLUDEPICTURE "../a b.png" \\* MERGEFORMAT 乙\n超链接 HYPERLINK "http://x.example" \\o 丙\n路径 C:\\甲\\乙\n'
    assert [line.text for line in read(said.encode()).lines] == ["甲。 乙", "超链接  丙", "路径 C:\\甲\\乙"]
