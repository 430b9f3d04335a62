"""A table that grows by computed columns, each value computed once however often it is read.

Where settings are empty, every reading of them is computed side by side: `shared` names stand for all readings, `own`
for one. A name is a dotted name of the rule (a fact, a let, `params.x`), a node that was computed before it is needed,
or a word of the compiler with a slash in it. What is a constant stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gongbao.batch import days
from gongbao.batch.pieces import Piece
from gongbao.batch.series import Listed

Kept = dict[Any, tuple[str, Piece]]  # name -> (column, or "" where the piece stands by itself; piece)
Made = Mapping[Any, Piece]


class Stages:
    """One query being made. held: names that must be true for a row to be decided in columns."""

    def __init__(self, table: Any, dialect: str) -> None:
        self.table, self.dialect = table, dialect
        self.shared: Kept = {}
        self.own: list[Kept] = [{}]
        self.series: dict[str, Listed] = {}
        self.held: list[Any] = []
        self.look_ups: dict[str, None] = {}
        self._joined: dict[tuple[str, str], dict[str, str]] = {}
        self._count = 0

    def names(self, reading: int) -> dict[Any, Piece]:
        """Every name of one reading as a piece of the table as it is now."""
        return {
            name: self._bound(column, piece) if column else piece
            for kept in (self.shared, self.own[reading])
            for name, (column, piece) in kept.items()
        }

    def _bound(self, column: str, piece: Piece) -> Piece:
        over = None if piece.over is None else self.table[_divisor(column)]
        return replace(piece, expr=self.table[column], over=over)

    def keep(self, made: Sequence[tuple[Kept, Made]]) -> None:
        """One more stage: these pieces become columns."""
        columns: dict[str, Any] = {}
        for kept, pieces in made:
            for name, piece in pieces.items():
                if piece.constant or piece.kind == "null" or piece.run is not None:
                    kept[name] = ("", piece)
                    continue
                column = self._next()
                columns[column] = piece.expr
                if piece.over is not None:
                    columns[_divisor(column)] = piece.over
                kept[name] = (column, piece)
        if columns:
            self.table = self.table.mutate(**columns)

    def each(self, make: Callable[[dict[Any, Piece]], Made]) -> None:
        """A stage over all readings: `make` gives the pieces for the names of one of them."""
        self.keep([(own, make(self.names(i))) for i, own in enumerate(self.own)])

    def forget(self, names: Iterable[Any]) -> None:
        for own in self.own:
            for name in names:
                own.pop(name, None)

    def look_up(self, name: str, keys: Sequence[Any]) -> None:
        """Joins a table of days (batch.days) on its first column, for each reading by the date or number that a key names.

        Every row finds exactly one, so that rows keep their number and order. What it finds stands under (`name`, key,
        column) for each further column.
        """
        self.look_ups[name] = None
        other, *found = days.SCHEMAS[days.AFTER if name.startswith(days.AFTER) else name]
        for own, key in zip(self.own, keys, strict=True):
            column = own[key][0]
            if (name, column) not in self._joined:
                table = days.unbound(name).view()  # the same table may be joined again
                key_column, here = self._next(), {each: self._next() for each in found}
                keyed = self.table.mutate(**{key_column: days.key(name, self.table[column])})
                joined = keyed.inner_join(table, keyed[key_column] == table[other])
                kept = [keyed[each] for each in self.table.columns]
                self.table = joined.select(*kept, **{here[each]: table[each] for each in found})
                self._joined[name, column] = here
            for each, made in self._joined[name, column].items():
                kinds = {"date": "date", "boolean": "boolean", "int32": "number"}
                dtype = days.SCHEMAS[days.AFTER if name.startswith(days.AFTER) else name][each]
                own[name, key, each] = (made, Piece(None, kinds[dtype]))  # type: ignore[arg-type]

    def _next(self) -> str:
        self._count += 1
        return f"__c{self._count}"


def _divisor(column: str) -> str:
    return f"{column}_over"
