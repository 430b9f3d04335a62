"""What of a document no rule stands on: its clauses neither cited nor set aside, and its figures that no rule uses.

A clause is set aside by `no_rule: {cite, reason}`, a figure of a clause that rules stand on by `no_rule: {cite, figures,
reason}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gongbao.gazette.clause import Clause
from gongbao.gazette.clauses import clauses, resolve
from gongbao.gazette.documents import Document
from gongbao.gazette.figures import Figure, contains_figure, figures
from gongbao.gazette.text import GazetteError, squeeze
from gongbao.policy.cites import cited
from gongbao.policy.source import Source
from gongbao.policy.verify import find_document, prints_number

# Parts around the text, which order nothing.
_AROUND = {"题注", "附件目录", "落款", "解读"}
# A container's citation says where it comes from; what stands below it needs a citation of its own.
_CONTAINERS = {
    "DecisionSpec", "ProcedureSpec", "InForce", "OpenQuestion", "FactSpec", "TemplateSpec", "Setting", "ScoresheetSpec",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Coverage:
    """`open_clauses`: (locator, first words); figures are (locator, figure as printed). Shares are 0 to 100.

    `aside` are the clauses that the pack sets aside, `marked_figures` those that it sets aside in clauses that it uses.
    """

    pack: str
    clauses: int
    set_aside: int
    open_clauses: tuple[tuple[str, str], ...]
    figures: int
    open_figures: tuple[tuple[str, str], ...]
    used_figures: tuple[tuple[str, str], ...] = ()
    marked_figures: tuple[tuple[str, str], ...] = ()
    aside: frozenset[str] = frozenset()

    @property
    def clause_share(self) -> int:
        return 100 if not self.clauses else (self.clauses - len(self.open_clauses)) * 100 // self.clauses

    @property
    def figure_share(self) -> int:
        return 100 if not self.figures else (self.figures - len(self.open_figures)) * 100 // self.figures

    def as_dict(self) -> dict[str, Any]:
        return {
            "pack": self.pack,
            "clauses": self.clauses,
            "set_aside": self.set_aside,
            "clauses_covered_percent": self.clause_share,
            "open_clauses": [{"cite": cite, "begins": begins} for cite, begins in self.open_clauses],
            "figures": self.figures,
            "figures_marked": len(self.marked_figures),
            "figures_used_percent": self.figure_share,
            "open_figures": [{"cite": cite, "figure": figure} for cite, figure in self.open_figures],
        }


def _is_a_name(figure: Figure, text: str, title: str) -> bool:
    """A year, a number of the document's own title (12345, 110), or that of an annex (附件2): not a measure."""
    if figure.kind == "date" and "年" in figure.text and "月" not in figure.text:
        return True
    return contains_figure(title, figure.text) or text[: figure.start].rstrip("（( ").endswith("附件")


def coverage(source: Source, gazettes: Iterable[Document]) -> Coverage:
    """Clauses and figures of the pack's document that nothing stands on. GazetteError where it is not printed."""
    if source.pack.document.kind == "house":
        raise GazetteError(f"{source.pack.id}：{source.pack.document.number}，没有公报可以核对")
    document = find_document(gazettes, source.pack)
    if document is None:
        raise GazetteError(f"公报里没有文号为 {source.pack.document.number} 的文件")
    exact: set[str] = set()  # covered by any citation
    whole: set[str] = set()  # covered with all that stands below
    aside: set[str] = set()  # no_rule: with all that stands below, unless a rule stands on something there
    ruled: set[str] = set()
    used: dict[str, set[str]] = {}  # clause -> figures that citations of it use
    numbers: dict[str, set[str]] = {}
    marked: dict[str, set[str]] = {}  # clause -> figures that no_rule sets aside there
    for item in cited(source.pack):
        if item.kind == "Signal":
            continue  # by what a matter is recognised is no rule
        try:
            clause = resolve(document, item.cite)
        except GazetteError:
            continue  # verify reports it
        locator = clause.locator.rpartition("第")[0] if clause.kind == "款" else clause.locator
        if item.kind == "NoRule" and item.figures:
            marked.setdefault(locator, set()).update(item.figures)
            continue
        exact.add(locator)
        if item.kind == "NoRule":
            aside.add(locator)
        else:
            ruled.add(locator)
            if item.kind not in _CONTAINERS:
                whole.add(locator)
        used.setdefault(locator, set()).update(item.figures)
        numbers.setdefault(locator, set()).update(item.derived)
    open_clauses: list[tuple[str, str]] = []
    open_figures: list[tuple[str, str]] = []
    used_figures: list[tuple[str, str]] = []
    marked_figures: list[tuple[str, str]] = []
    all_aside: set[str] = set()
    whole_aside: set[str] = set()
    clause_count = figure_count = aside_count = 0

    def visit(clause: Clause, above: tuple[str, ...]) -> None:
        nonlocal clause_count, figure_count, aside_count
        chain = (*above, clause.locator)
        if clause.kind in _AROUND or clause.locator in _AROUND:
            return
        if clause.locator in aside and all(c.locator not in ruled for c in clause.walk() if c is not clause):
            whole_aside.add(clause.locator)
        set_aside = clause.locator in aside or any(c in whole_aside for c in chain)
        if set_aside:
            all_aside.add(clause.locator)
        own = "\n".join(p.text for p in clause.paragraphs) or (clause.row.text if clause.row else "")
        # A clause that only introduces those below it stands or falls with them.
        introduces = bool(clause.children) and (not own or own.rstrip().endswith(("：", ":")))
        if clause.locator and not introduces and own:
            clause_count += 1
            if set_aside:
                aside_count += 1
            elif clause.locator not in exact and not any(c in whole for c in chain):
                open_clauses.append((clause.locator, squeeze(own)[:15]))
        if own and not set_aside and clause.row is None:
            texts = set().union(*(used.get(c, set()) for c in chain))
            values = set().union(*(numbers.get(c, set()) for c in chain))
            parts = {part.text for printed in texts for part in figures(printed)}  # 14.83/10万 is two of them
            for figure in figures(own):
                if _is_a_name(figure, own, document.title):
                    continue
                figure_count += 1
                by_text = figure.text in parts or any(
                    contains_figure(t, figure.text) or contains_figure(figure.text, t) for t in texts
                )
                if by_text or any(prints_number(figure.text, v) for v in values):
                    used_figures.append((clause.locator, figure.text))
                elif any(figure.text in marked.get(c, ()) for c in chain):
                    marked_figures.append((clause.locator, figure.text))
                else:
                    open_figures.append((clause.locator, figure.text))
        for child in clause.children:
            visit(child, chain)

    visit(clauses(document), ())
    return Coverage(
        source.pack.id, clause_count, aside_count, tuple(open_clauses), figure_count, tuple(open_figures),
        tuple(used_figures), tuple(marked_figures), frozenset(all_aside),
    )  # fmt: skip
