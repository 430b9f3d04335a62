"""What a clause is: its own words, what stands below it, and where it is printed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gongbao.gazette.tables import Row, Table


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph as printed, without the number that labels its clause. Lines are inclusive."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class Clause:
    """A clause with its own words and those below it.

    `kind` is 章, 节, 条, 一, （一）, 1, （1）, 1） or ① after its number, 专栏, 款, row, note, cell, or the label of a part.
    """

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
