"""What the last look at a pack found, so that the next look after a save does again only what the save concerns.

A decision's examples and its table are looked at anew when the decision, one that it requires, or the facts, parameters,
settings, registers or units changed; everything else in an example (a case, a duty) when anything but examples did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gongbao.engine.world import World
from gongbao.policy import schema
from gongbao.policy.analysis.findings import TableView
from gongbao.policy.analysis.survivors import dependents
from gongbao.policy.examples import Result
from gongbao.policy.observed import needed
from gongbao.policy.source import Source

_GROUND = ("facts", "params", "settings", "registers", "rows")


@dataclass
class LastLook:
    """Empty before the first look."""

    source: Source | None = None
    world: World | None = None
    results: dict[str, Result] = field(default_factory=dict)
    views: dict[str, TableView] = field(default_factory=dict)

    def known_world(self, source: Source) -> World | None:
        """The compiled world, where nothing but examples changed."""
        return self.world if self.source is not None and _alike(self.source, source) else None

    def known_result(self, source: Source, index: int) -> Result | None:
        """What an example gave, where nothing that it depends on changed."""
        example = source.pack.examples[index]
        result = self.results.get(example.id)
        if self.source is None or result is None or self.source.pack.examples[result.index] != example:
            return None
        if example.of == "decision" and example.decision in source.pack.decisions:
            if not self._same(source, needed(source.pack, example.decision)):
                return None
        elif not _alike(self.source, source):
            return None
        return replace(result, index=index)

    def known_view(self, source: Source, name: str) -> TableView | None:
        """What was found of a table, where neither it, nor what it uses, nor an example that may notice it changed."""
        view = self.views.get(name)
        if self.source is None or view is None:
            return None
        using = dependents(source.pack, name)
        files = [each.lines.get("decisions.yaml") for each in (self.source, source)]
        if files[0] != files[1] or _of(self.source.pack, using) != _of(source.pack, using):
            return None
        every = set[str]().union(*(needed(source.pack, each) for each in using))
        return view if self._same(source, every) else None

    def _same(self, source: Source, decisions: Iterable[str]) -> bool:
        assert self.source is not None
        old, new = self.source.pack, source.pack
        return (
            self.source.units == source.units
            and all(getattr(old, each) == getattr(new, each) for each in _GROUND)
            and all(old.decisions.get(each) == new.decisions.get(each) for each in decisions)
        )


def _of(pack: schema.Pack, decisions: Iterable[str]) -> list[schema.Example]:
    wanted = set(decisions)
    return [each for each in pack.examples if each.decision in wanted]


def _alike(old: Source, new: Source) -> bool:
    """Whether two readings of a pack differ in nothing but examples."""
    parts = [each for each in schema.Pack.model_fields if each != "examples"]
    return old.units == new.units and all(getattr(old.pack, each) == getattr(new.pack, each) for each in parts)
