"""The page of a decision shows what the checker knows of its table: gaps and overlaps with facts, examples, survivors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from gongbao.office import worlds
from gongbao.office.library import checking
from gongbao.office.library.models import Simulation

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parents[1]
PACK = "toy/street"
PAGE = f"/library/pack/{PACK}/decision/level/"
FAULTY = """level:
  label: 粉尘等级
  cite: 一
  hit: unique
  output: {level: {type: choice, values: [无, 黄色, 红色], ordered: true}}
  rules:
    - {when: {dust: ">= 300"}, then: 红色, cite: 一（一）}
    - {when: {dust: "[100..300]"}, then: 黄色, cite: 一（二）}
    - {when: {dust: "< 50"}, then: 无, cite: 一（三）}
"""
SOUND = FAULTY.replace("[100..300]", "[100..300)").replace('"< 50"', '"< 100"')
LAX = (
    FAULTY.replace("hit: unique", "hit: first")
    .replace("[100..300]", ">= 100")
    .replace("""{when: {dust: "< 50"}, then: 无""", "{otherwise: 无")
)
EXAMPLES = """- {id: red, of: decision, decision: level, given: {dust: 300}, expect: 红色, cite: 一（一）, confirmed_by: null}
- {id: yellow-low, of: decision, decision: level, given: {dust: 100}, expect: 黄色, cite: 一（二）, confirmed_by: null}
- {id: yellow-high, of: decision, decision: level, given: {dust: 299}, expect: 黄色, cite: 一（二）, confirmed_by: null}
- {id: none, of: decision, decision: level, given: {dust: 99}, expect: 无, cite: 一（三）, confirmed_by: null}
"""
WEAK = EXAMPLES.replace("dust: 299", "dust: 200").replace("dust: 100", "dust: 150").replace("dust: 99", "dust: 1")


@pytest.fixture
def pack(settings, tmp_path, toy):
    """pack(decisions, examples) is the toy pack with this one table."""

    def make(decisions: str, examples: str = EXAMPLES) -> None:
        root = tmp_path / "packs"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(HERE / "packs", root)
        file = root / PACK / "decisions.yaml"
        file.write_text(decisions, "utf-8")
        if examples:
            (file.parent / "examples.yaml").write_text(examples, "utf-8")
        settings.GONGBAO_PACKS = root
        worlds.forget()

    return make


@pytest.fixture
def client(signed_in, account):
    return signed_in(account("li", "东区城管局", "承办人"))


def page(client) -> str:
    checking.wait(PACK, "level", 60)
    return client.get(PAGE).content.decode()


def test_a_sound_table_says_so_and_which_examples_reach_each_row(client, pack):
    pack(SOUND)
    said = page(client)
    for words in ("没有空缺", "没有重叠", "每一行都有样例走到", "门槛两侧都有样例", "改动都有样例发现"):
        assert words in said, words
    assert 'href="#e-yellow-high"' in said
    assert 'id="e-yellow-high"' in said
    assert '300 下一步（299）：<a href="#e-yellow-high">yellow-high</a>' in said


def test_gap_and_overlap_are_told_with_the_smallest_facts_and_a_trial(client, pack):
    pack(FAULTY)
    said = page(client)
    assert "有空缺" in said
    assert "1 处重叠" in said
    held = checking.found(PACK, "level")
    assert 50 <= held["gaps"][0]["facts"]["dust"] < 100
    assert (held["overlaps"][0]["facts"], held["overlaps"][0]["rules"]) == ({"dust": 300}, [1, 2])
    trial = checking.shown(worlds_pack(), "level", held).gaps[0].trial
    assert trial.startswith(f"/library/pack/{PACK}/decision/level/try/?f-dust=")
    assert client.get(trial).status_code == 200
    assert "第 1、2 行：" in said


def worlds_pack():
    from gongbao.office.library import packs

    return packs.pack_of(PACK)


def test_what_no_example_stands_on_is_marked_at_its_cell(client, pack):
    pack(LAX, WEAK)
    said = page(client)
    assert "处门槛缺样例" in said
    assert "缺样例：" in said
    held = checking.shown(worlds_pack(), "level", checking.found(PACK, "level"))
    assert held.missing
    assert held.survivors
    assert all(s.case is not None and s.before != s.after for s in held.survivors)
    assert "种改动没有样例发现" in said
    assert "expect: " in held.survivors[0].example
    assert f'href="#s{held.survivors[0].number}"' in said


def test_a_row_without_example_is_named(client, pack):
    pack(SOUND, "".join(line for line in EXAMPLES.splitlines(True) if "red" not in line))
    assert "没有样例走到第 1 行" in page(client)


def test_until_it_is_checked_the_bare_table_stands_there_and_asks_again(client, pack, monkeypatch):
    pack(SOUND)
    monkeypatch.setattr(checking, "wait", lambda *_: None)
    monkeypatch.setattr(checking, "found", lambda *_: None)
    said = client.get(PAGE).content.decode()
    assert "≥ 300" in said
    assert "正在检查这张表" in said
    assert f'hx-get="{PAGE}checked/"' in said
    assert client.get(f"{PAGE}checked/").status_code == 204


def test_it_is_kept_by_content_and_looked_at_again_when_the_pack_changes(client, pack, settings, monkeypatch):
    pack(SOUND)
    page(client)
    kept = list((Path(settings.GONGBAO_HOME) / "checked").glob("*.json"))
    assert len(kept) == 1
    assert json.loads(kept[0].read_text("utf-8"))["decision"] == "level"
    monkeypatch.setattr(checking, "_view", lambda *_: pytest.fail("同样的内容又算了一遍"))
    assert "没有空缺" in client.get(PAGE).content.decode()
    monkeypatch.undo()
    pack(FAULTY)
    assert "有空缺" in page(client)


def test_a_check_that_fails_is_told_and_the_table_still_shown(client, pack, monkeypatch):
    pack(SOUND)
    monkeypatch.setattr(checking, "_view", lambda *_: 1 / 0)
    said = page(client)
    assert "检查没有完成：ZeroDivisionError" in said
    assert "≥ 300" in said
    checking._failed.clear()


def test_a_formula_has_no_table_to_check(client, pack):
    pack(SOUND)
    assert client.get(f"/library/pack/{PACK}/decision/nothing/checked/").status_code == 404
    assert not Simulation.objects.exists()
