"""Whatever is done to a file, it is read as far as it goes or refused in words; the same words give the same structure."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.gazette import stream
from gongbao.gazette.clauses import clause_index
from gongbao.gazette.generate import generate
from gongbao.gazette.library import Gazette, read_gazette, to_json
from gongbao.gazette.text import GazetteError, squeeze

from .pdf_writer import pdf_of
from .shared import needs_seeds, seed_file, structure
from .test_formats import FILES, as_docx, as_html, piped

PREFIXES = ("000", "001", "002", "003", "004")
TEXT = generate(11, 3)


def whole_or_refused(data: bytes, name: str = "公报") -> Gazette | None:
    """Everything that is shown of a gazette can be shown, or it is refused with its name. Nothing else is raised."""
    gazette, refused = None, name
    try:
        gazette = read_gazette(data, name)
    except GazetteError as error:
        refused = str(error)
    assert refused.startswith(name)
    if gazette is None:
        return None
    to_json(gazette, full=True)
    return gazette


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_seed_cut_off_at_two_hundred_places_is_its_own_beginning(prefix: str) -> None:
    data = seed_file(prefix).read_bytes()
    firsts = [document.first for document in read_gazette(data).documents]
    chance = random.Random(int(prefix))
    for place in sorted(chance.randrange(len(data)) for _ in range(40)):
        try:
            gazette = read_gazette(data[:place])
        except GazetteError:
            assert place < 30_000, place
            continue
        assert [d.first for d in gazette.documents] == firsts[: len(gazette.documents)]
        assert gazette.documents[-1].last <= data[:place].count(b"\n") + 1


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("公报.docx", as_docx(piped(TEXT))),
        ("公报.html", as_html(piped(TEXT))),
        ("公报.pdf", (FILES / "page.pdf").read_bytes()),
        ("双栏.pdf", (FILES / "columns.pdf").read_bytes()),
        ("公报.txt", TEXT.encode("gb18030")),
        ("公报16.txt", TEXT.encode("utf-16")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_any_format_cut_off_or_damaged_is_read_or_refused(name: str, data: bytes) -> None:
    chance = random.Random(name)
    for _ in range(30):
        whole_or_refused(data[: chance.randrange(len(data))], name)
        damaged = bytearray(data)
        for _ in range(chance.randint(1, 40)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        whole_or_refused(bytes(damaged), name)


@given(st.binary(max_size=3000))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_refused(data: bytes) -> None:
    assert whole_or_refused(data) is None


@given(
    st.sampled_from([b"%PDF-1.7\n", b"PK\x03\x04", b"<!doctype html><body>", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"{\\rtf"]),
    st.binary(max_size=3000),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_random_bytes_behind_a_known_beginning_are_refused(begin: bytes, data: bytes) -> None:
    assert whole_or_refused(begin + data) is None


@given(st.text(st.characters(codec="utf-8"), max_size=2000))
@settings(max_examples=150, deadline=None)
def test_random_characters_behind_a_head_are_read(words: str) -> None:
    head = "示例市人民政府\n关于灯的通知\n示政字〔2023〕1号\n各区人民政府：\n"
    gazette = whole_or_refused((head + words).encode())
    assert gazette is None or gazette.documents[0].number == "示政字〔2023〕1号"


@given(st.lists(st.sampled_from("一二三（）12.、第条章节款①专栏附件：\t|\n《》注 ，。"), max_size=120).map("".join))
@settings(max_examples=300, deadline=None)
def test_numbers_in_any_order_make_a_tree_in_which_each_locator_stands_once(words: str) -> None:
    head = "示例市人民政府\n关于灯的通知\n示政字〔2023〕1号\n各区人民政府：\n"
    gazette = read_gazette((head + words).encode())
    said = to_json(gazette, full=True)["documents"][0]
    locators: list[str] = []
    todo = list(said["clauses"])
    while todo:
        clause = todo.pop()
        locators.append(clause["locator"])
        todo.extend(clause.get("children", []))
    assert len(set(locators)) == len(locators)


def mixed_ends(text: str, seed: int, ends: tuple[str, ...]) -> bytes:
    """Each line with an end of its own."""
    chance = random.Random(seed)
    lines = text.split("\n")
    return "".join(line + chance.choice(ends) for line in lines).encode()


def words_of(gazette: Gazette) -> list[str]:
    return ["".join(squeeze(line.text) for line in document.lines) for document in gazette.documents]


@given(st.integers(min_value=0, max_value=2**32))
@settings(max_examples=25, deadline=None)
def test_mixed_line_ends_do_not_change_the_structure(seed: int) -> None:
    text = generate(seed, 3)
    assert structure(read_gazette(mixed_ends(text, seed, ("\n", "\r\n")))) == structure(read_gazette(text.encode()))


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("prefix", PREFIXES)
def test_mixed_line_ends_do_not_change_the_seeds(prefix: str) -> None:
    text = seed_file(prefix).read_text(encoding="utf-8")
    whole = read_gazette(text.encode())
    assert structure(read_gazette(mixed_ends(text, 7, ("\n", "\r\n")))) == structure(whole)


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("prefix", PREFIXES)
def test_stray_carriage_returns_lose_no_word_and_no_document(prefix: str) -> None:
    text = seed_file(prefix).read_text(encoding="utf-8")
    whole, stray = read_gazette(text.encode()), read_gazette(mixed_ends(text, 7, ("\n", "\n", "\r\n", "\r")))
    assert [(d.number, d.heading) for d in stray.documents] == [(d.number, d.heading) for d in whole.documents]
    assert words_of(stray) == words_of(whole)


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_seed_as_a_stream_is_the_same_gazette(prefix: str) -> None:
    path = seed_file(prefix)
    whole = read_gazette(path.read_bytes(), path.name)
    streamed = stream.read(path)
    again = Gazette(path.name, streamed.encoding, streamed.digest, streamed.line_count, streamed.documents)
    # A stream lets go of what stands before its first document, the contents page with it.
    assert {**to_json(again), "contents": []} == {**to_json(whole), "contents": []}
    assert structure(again) == structure(whole)


def test_a_docx_whose_part_is_damaged_is_refused(tmp_path: Path) -> None:
    whole = as_docx(piped(TEXT))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in parts:
        for broken in (b"", parts[name][: len(parts[name]) // 2], b"<not-xml", b"\xff\xfe\x00"):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                for other, content in parts.items():
                    archive.writestr(other, broken if other == name else content)
            whole_or_refused(buffer.getvalue(), "公报.docx")


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize(
    ("prefix", "made"),
    [*((prefix, made) for prefix in PREFIXES for made in (as_docx, as_html)), ("003", pdf_of)],
)
def test_the_running_text_of_a_seed_has_the_same_clauses_in_every_format(
    prefix: str, made: Callable[[str], bytes]
) -> None:
    printed = seed_file(prefix).read_text(encoding="utf-8").split("\n")
    text = "\n".join(line.strip() for line in printed if line.strip() and line[0] not in "\t|")
    plain, other = read_gazette(text.encode()).documents, read_gazette(made(text)).documents
    assert [(d.number, d.heading, d.dated) for d in other] == [(d.number, d.heading, d.dated) for d in plain]
    for one, two in zip(plain, other, strict=True):
        assert list(clause_index(two)) == list(clause_index(one))
