"""Packs of a single table, made from facts and decisions as a pack writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from tests.policy.conftest import VALID

from gongbao.engine.world import World
from gongbao.policy import schema
from gongbao.policy.compile import compile_pack
from gongbao.policy.source import Source, read_source

Made = tuple[Source, World]
FACTS: dict[str, dict[str, Any]] = {
    "a": {"label": "甲数", "type": "integer", "min": 0, "max": 4, "step": 1},
    "b": {"label": "乙数", "type": "integer", "min": 0, "max": 4, "step": 1},
    "c": {"label": "类别", "type": "choice", "values": ["x", "y", "z"]},
    "d": {"label": "是否", "type": "boolean"},
}
_VALID = read_source(VALID)


def made(decisions: Mapping[str, Any], facts: Mapping[str, Any] | None = None, examples: Any = (), **more: Any) -> Made:
    """A source and its world with these facts, decisions and examples, and nothing else."""
    pack = schema.Pack.model_validate(
        {
            **_VALID.pack.model_dump(by_alias=True, include={"id", "document"}),
            "facts": FACTS if facts is None else facts,
            "decisions": dict(decisions),
            "examples": tuple({"of": "decision", "cite": "一", **each} for each in examples),
            **more,
        }
    )
    source = replace(_VALID, pack=pack)
    return source, compile_pack(source)


def table(rules: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A table `t` of one text output."""
    return {"label": "表", "cite": "一", "output": {"o": {"type": "text"}},
            "rules": [{"cite": "一", **rule} for rule in rules], **more}  # fmt: skip


@pytest.fixture
def pack_of() -> Callable[..., Made]:
    return made
