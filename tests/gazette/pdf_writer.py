"""A small PDF of a gazette as an office prints it: paragraphs indented and broken at the margin, tables ruled, page numbers."""

from __future__ import annotations

SIZE = 15
LEFT, RIGHT, TOP, FOOT = 75, 75 + 15 * 30, 760, 70
LEADING = 26


class Page:
    def __init__(self) -> None:
        self.drawn: list[str] = []

    def words(self, x: float, y: float, text: str, size: int = SIZE) -> None:
        coded = text.encode("utf-16-be").hex()
        self.drawn.append(f"BT /F1 {size} Tf {x} {y} Td <{coded}> Tj ET")

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.drawn.append(f"{x0} {y0} m {x1} {y1} l S")


def broken(text: str, first: int, width: int) -> list[str]:
    """A paragraph as printed lines: the first is shorter by its indent. No line begins with a closing mark."""
    lines = []
    room = first
    while text:
        cut = room
        if len(text) > cut and text[cut] in "，。；：、）》”":
            cut += 1  # hangs into the margin
        lines.append(text[:cut])
        text, room = text[cut:], width
    return lines or [""]


def pdf_of(text: str) -> bytes:
    """Lines of text as paragraphs, rows between pipes as ruled tables."""
    pages = [Page()]
    y: float = TOP
    width = (RIGHT - LEFT) // SIZE

    def room(needed: float) -> None:
        nonlocal y
        if y - needed < FOOT:
            pages.append(Page())
            y = TOP

    in_table = False
    for line in text.splitlines():
        if not line.strip():
            continue
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            wide = (RIGHT - LEFT) / len(cells)
            filled = [broken(cell, int(wide // SIZE) - 1, int(wide // SIZE) - 1) for cell in cells]
            high = max(len(lines) for lines in filled) * 18 + 8
            if not in_table:
                y -= 12
            room(high + 6)
            page = pages[-1]
            for at, lines in enumerate(filled):
                x = LEFT + at * wide
                for row, words in enumerate(lines):
                    page.words(x + 5, y - 18 - row * 18, words)
                page.line(x, y, x, y - high)
            page.line(RIGHT, y, RIGHT, y - high)
            page.line(LEFT, y, RIGHT, y)
            page.line(LEFT, y - high, RIGHT, y - high)
            y -= high
            in_table = True
            continue
        if in_table:
            y -= LEADING
        in_table = False
        for at, words in enumerate(broken(line.strip(), width - 2, width)):
            room(LEADING)
            pages[-1].words(LEFT + (2 * SIZE if at == 0 else 0), y, words)
            y -= LEADING
    for number, page in enumerate(pages, 1):
        page.words(290, 35, f"- {number} -", 10)
    return assembled(pages)


def assembled(pages: list[Page]) -> bytes:
    font = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [<< /Type /Font "
        "/Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 [1000]] "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> "
        "/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 -120 1000 880] "
        "/ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >>] >>"
    )
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        font,
    ]
    for n, page in enumerate(pages):
        content = "\n".join(page.drawn)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * n} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    out = b"%PDF-1.5\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("ascii")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return out
