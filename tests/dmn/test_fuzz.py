"""Whatever stands where a DMN file should, it is read, or refused in words, in bounded memory; its logic never escapes."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dmn import hostile
from tests.dmn.models import bkm_of_tree, decision, file, literal
from tests.feel import hostile as feel

from gongbao.dmn import xml
from gongbao.dmn.errors import DmnError
from gongbao.dmn.model import Model
from gongbao.feel.values import kind_of

CHINESE = re.compile("[\u4e00-\u9fff]")
CHANCE = st.randoms(use_true_random=False)


def put_to_work(data, chance):
    """Reads, writes, compiles and evaluates all that a file holds."""
    root = xml.read(data)
    assert xml.canonical(xml.write(root)) == xml.canonical(data)
    model = Model(root)
    for problem in model.compile():
        assert CHINESE.search(problem.reason)
    inputs = {name: chance.choice(feel.VALUES) for name in model.inputs}
    runs = [lambda name=name: model.evaluate(name, inputs) for name in model.decisions]
    runs += [lambda name=name: model.call(name, {"x": 1, "a": chance.choice(feel.VALUES)}) for name in model.functions]
    for run in runs:
        outcome = refused_or(run)
        assert isinstance(outcome, DmnError) or kind_of(outcome.value)


def refused_or(run):
    try:
        return run()
    except DmnError as error:
        return told(error)


def told(error):
    assert CHINESE.search(str(error))
    return error


@given(CHANCE)
@settings(max_examples=200, deadline=None)
def test_any_model_is_read_and_evaluated_or_refused(chance):
    data = hostile.model(chance)
    refused_or(lambda: put_to_work(data, chance))


@given(CHANCE)
@settings(max_examples=150, deadline=None)
def test_a_spoilt_file_is_read_or_refused(chance):
    data = hostile.spoilt(chance)
    refused_or(lambda: put_to_work(data, chance))


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_refused(data):
    assert isinstance(refused_or(lambda: xml.read(data)), DmnError)


@pytest.mark.parametrize("data", hostile.BOMBS, ids=range(len(hostile.BOMBS)))
def test_bombs_are_refused_or_are_no_larger_than_they_look(data):
    outcome = refused_or(lambda: xml.read(data))
    assert isinstance(outcome, DmnError) or sum(1 for _ in outcome.iter()) <= xml.MAX_PARTS


def test_parts_are_counted_to_the_limit(monkeypatch):
    monkeypatch.setattr(xml, "MAX_PARTS", 10)
    inside = '<a b="1"/><!-- c -->'  # three parts beside the four of the frame (its namespace is one)
    assert xml.read(file(inside * 2))
    with pytest.raises(DmnError, match="太多（最多 10 个）"):
        xml.read(file(inside * 2 + "<a/>"))


def test_a_type_that_speaks_of_itself_and_a_value_of_shared_parts_come_to_an_end():
    model = Model(xml.read(file(bkm_of_tree() + decision(literal("f(" + doubled(60) + ")"), requires=NEEDS_F))))
    assert model.evaluate("d").value is None
    assert "上限" in str(model.evaluate("d").problems[0])


NEEDS_F = '<knowledgeRequirement><requiredKnowledge href="#_f"/></knowledgeRequirement>'


def doubled(levels):
    return f"(for i in 1..{levels} return if i = 1 then [] else [partial[-1], partial[-1]])[-1]"


def test_boxed_loops_share_a_budget_with_the_formulas_inside_them():
    inner = literal("for k in 1..1000 return k")
    loop = f'<for iteratorVariable="i"><in>{literal("[1..100000]")}</in><return>{inner}</return></for>'
    model = Model(xml.read(file(decision(loop))))
    assert "上限" in str(model.evaluate("d").problems[0])
