"""A working rule of the office's own: no gazette prints it, so its rules are held against the clauses it gives itself."""

from __future__ import annotations

from collections.abc import Iterator

from gongbao.policy.cites import cited
from gongbao.policy.errors import Problem
from gongbao.policy.names import no_such
from gongbao.policy.source import Source


def clauses(source: Source) -> Iterator[Problem]:
    """Citations of clauses that are not there, and clauses that no rule stands on."""
    document = source.pack.document
    if document.kind != "house":
        return
    used = set()
    for one in cited(source.pack):
        used.add(one.cite)
        if one.cite not in document.clauses:
            message = no_such(one.cite, "条文", document.clauses)
            yield source.problem(one.file, (*one.path, "cite"), message, code="cite")
    for name in document.clauses:
        if name not in used:
            message = f"没有规则依据“{name}”；不成规则的写入 no_rule"
            yield source.problem("document.yaml", ("clauses", name), message, code="cite")
