"""Whatever stands in the files of a pack, it loads or is refused with the place; what it decides is told or refused."""

import re
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.policy import hostile
from tests.policy.conftest import VALID

from gongbao.engine.decision.decide import judge
from gongbao.engine.fact import FactErrors
from gongbao.policy.check import check
from gongbao.policy.compile import compile_pack
from gongbao.policy.errors import PackError
from gongbao.policy.source import read_source
from gongbao.policy.yaml_core import parse

CHINESE = re.compile("[\u4e00-\u9fff]")
CHANCE = st.randoms(use_true_random=False)


@given(CHANCE)
@settings(max_examples=400, deadline=None)
def test_any_yaml_is_read_or_refused_in_words(chance):
    read(hostile.yaml_text(chance))


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused_in_words(text):
    read(text)


def read(text):
    parsed = parse(text, "a.yaml")
    assert all(CHINESE.search(problem.message) for problem in parsed.problems)
    assert plain(parsed.value)


def plain(value):
    """Whether a value is of the kinds that YAML's core schema has, and no other."""
    if isinstance(value, dict):
        return all(type(key) is str and plain(each) for key, each in value.items())
    if isinstance(value, list):
        return all(plain(each) for each in value)
    return value is None or type(value).__name__ in ("bool", "int", "Decimal", "str", "date")


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs") / "shili"
    shutil.copytree(VALID.parent, folder)
    return folder


@given(chance=CHANCE)
@settings(max_examples=150, deadline=None)
def test_any_pack_loads_or_is_refused_and_decides_or_refuses(city, chance):
    folder = city / "parking"
    changed = hostile.overlay(chance, VALID)
    for name, text in changed.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        put_to_work(folder, chance)
    finally:
        for name in changed:
            shutil.copy(VALID / name, folder / name)


def put_to_work(folder, chance):
    try:
        source = read_source(folder)
        world = compile_pack(source)
    except PackError as refused:
        return spoken(refused)
    if chance.random() < 0.1:
        check(source)
    for name in world.decisions:
        for _ in range(3):
            try:
                judge(world, name, hostile.facts(chance, list(world.facts)))
            except FactErrors as refused:
                spoken(refused)
    return None


def spoken(refused):
    assert CHINESE.search(str(refused))
