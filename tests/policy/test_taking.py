"""A DMN file as a pack's decision: taken back it decides as it did, and what cannot be taken is refused with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.dmn.models import decision, file, input_data, literal, needs
from tests.policy.conftest import VALID

from gongbao.dmn import xml
from gongbao.dmn.model import Model
from gongbao.engine.decision.decide import decide
from gongbao.engine.decision.trace import as_dict
from gongbao.engine.fact import read_facts
from gongbao.engine.receipt import make_receipt, verify_receipt
from gongbao.policy import examples
from gongbao.policy.check import check_folder
from gongbao.policy.drawing import drawn
from gongbao.policy.errors import PackError
from gongbao.policy.loader import load_folder, pack_hash, read_pack, read_source
from gongbao.policy.verify import read_gazettes, verify

PACKS = sorted(each.parent for each in (Path(__file__).parents[2] / "packs" / "langfang").glob("*/document.yaml"))
GAZETTES = Path(__file__).parent / "gazettes"
KEPT = ("label", "cite", "output", "columns", "asks", "assume", "requires")


# ----------------------------------------------------------------------------------------------- there and back


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_what_a_pack_draws_is_taken_back_as_the_same_decisions(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / folder.parent.name / folder.name
    shutil.copytree(folder, there)
    shutil.copy(folder.parent / "units.yaml", there.parent / "units.yaml")
    world = load_folder(folder)
    drawing = drawn(world)
    (there / "decisions").mkdir()
    (there / "decisions" / "all.dmn").write_bytes(xml.write(drawing.model))
    written = yaml.load((folder / "decisions.yaml").read_text("utf-8"), yaml.BaseLoader)
    apart = {  # what a scoring sheet or an indicator decides is not drawn: who reads it stays as written
        name for name, each in written.items() if set(each.get("requires", ())) - set(written)
    }
    typed = yaml.safe_load((folder / "decisions.yaml").read_text("utf-8"))
    written |= {name: typed[name] for name in apart}
    for name in set(written) - set(drawing.refused) - apart:
        written[name] = {k: v for k, v in written[name].items() if k in KEPT} | {"dmn": "decisions/all.dmn"}
    (there / "decisions.yaml").write_text(yaml.dump(written, allow_unicode=True, sort_keys=False), "utf-8")
    back = load_folder(there)
    compared = 0
    for example in read_pack(folder).examples:
        if example.of != "decision":
            continue
        first, second = (examples.run_one(each, example).outcome for each in (world, back))
        assert first is not None
        assert second is not None
        told, again = _plain(as_dict(first)), _plain(as_dict(second))
        assert again == told, example.id
        compared += 1
    assert compared >= 5
    for name in set(written) - set(drawing.refused) - apart:
        assert set(world.decisions[name].facts) == set(back.decisions[name].facts), name
        assert back.decisions[name].settings == world.decisions[name].settings, name
        assert [row.cite for row in back.decisions[name].rows] == [
            row.cite if not rule.otherwise else world.decisions[name].cite
            for row, rule in zip(world.decisions[name].rows, world.decisions[name].table.table.rules, strict=True)
        ]


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    kept = ("status", "value", "candidates", "complete", "at_least", "ask", "open", "needs_person")
    return {key: told[key] for key in kept} | {"rows": [row["row"] for row in told["rows"]]}


# ------------------------------------------------------------------------------------------------ a modeller's table


def table(rows: str, *, hit: str = "UNIQUE", inputs: str = "停放 数量", output: str = "", more: str = "") -> str:
    heads = "".join(
        f"<input><inputExpression><text>{each}</text></inputExpression></input>" for each in inputs.split("|")
    )
    return f'<decisionTable hitPolicy="{hit}"{more}>{heads}<output {output}/><annotation name="说明"/><annotation name="条款"/>{rows}</decisionTable>'


def row(*cells: str, then: str, note: str = "", cite: str = "") -> str:
    entries = "".join(f"<inputEntry><text>{each.replace('<', '&lt;')}</text></inputEntry>" for each in cells)
    return (
        f"<rule>{entries}<outputEntry><text>{then}</text></outputEntry><annotationEntry><text>{note}</text>"
        f"</annotationEntry><annotationEntry><text>{cite}</text></annotationEntry></rule>"
    )


ROWS = (
    row("< 20", then='"一般"', cite="二（3）")
    + row("[20..100)", then='"较重"', note="含20", cite="二（2）")
    + row(">= 100", then='"严重"', cite="二（1）")
)
MODEL = (
    input_data("停放 数量")
    + input_data("Free")
    + decision(table(ROWS), name="Level of Parking", requires=needs("input:_停放 数量"))
    + decision(
        "<context><contextEntry><variable name='beyond free'/>" + literal("max(0, 停放 数量 - Free)") + "</contextEntry>"
        "<contextEntry>" + literal('if Level of Parking = "一般" then 0 else beyond free') + "</contextEntry></context>",
        name="Charge", requires=needs("input:_停放 数量", "input:_Free", "decision:_Level of Parking"), type_ref="number",
    )
)  # fmt: skip
SPEC = """
level:
  label: Level of Parking
  cite: 二
  dmn: parking.dmn
  decision: Level of Parking
  output: {level: {type: choice, values: [一般, 较重, 严重], ordered: true}}
  columns: true
charged:
  label: 清理费
  cite: 四
  dmn: parking.dmn
  decision: Charge
  inputs: {Free: params.free}
"""
FACTS = 'bikes: {label: "停放 数量", type: integer, min: 0, step: 1, unit: 辆}\nblocked: {label: 是否堵塞通道, type: boolean}\n'


@pytest.fixture
def lay(lay_over: Any) -> Any:
    """The parking pack with nothing but decisions that `model` draws and `spec` takes."""

    def build(model: str | bytes = MODEL, spec: str = SPEC, facts: str = FACTS, examples_: str = "") -> Path:
        folder: Path = lay_over()
        for gone in ("procedures", "duties", "documents", "examples"):
            (folder / f"{gone}.yaml").unlink(missing_ok=True)
        (folder / "decisions").mkdir()
        data = model if isinstance(model, bytes) else file(model)
        (folder / "decisions" / "parking.dmn").write_bytes(data)
        (folder / "decisions.yaml").write_text(spec, "utf-8")
        (folder / "facts.yaml").write_text(facts, "utf-8")
        if examples_:
            (folder / "examples.yaml").write_text(examples_, "utf-8")
        return folder

    return build


def one(name: str, logic: str, **more: Any) -> str:
    return input_data("停放 数量") + decision(logic, name=name, requires=needs("input:_停放 数量"), **more)


SMALL = "level: {label: 等级, cite: 二, dmn: parking.dmn}\n"


def refused(folder: Path) -> str:
    with pytest.raises(PackError) as caught:
        load_folder(folder)
    return str(caught.value)


def test_a_modellers_table_becomes_the_rows_of_the_pack(lay: Any) -> None:
    pack = read_pack(lay())
    level = pack.decisions["level"]
    assert [(r.when, r.then, r.cite, r.note) for r in level.rules] == [
        ({"bikes": "< 20"}, "一般", "二（3）", None),
        ({"bikes": "[20..100)"}, "较重", "二（2）", "含20"),
        ({"bikes": ">= 100"}, "严重", "二（1）", None),
    ]
    charged = pack.decisions["charged"]
    assert charged.let == {"beyond free": "max(0, bikes - params.free)"}
    assert charged.value == {"charged": 'if level.level = "一般" then 0 else beyond free'}
    assert charged.requires == ("level",)
    assert charged.output["charged"].type == "number"


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The model as DMN evaluates it, and the pack that took it."""
    folder = tmp_path_factory.mktemp("city") / "shili" / "parking"
    shutil.copytree(VALID.parent, folder.parent)
    for gone in ("procedures", "duties", "documents", "examples"):
        (folder / f"{gone}.yaml").unlink()
    (folder / "decisions").mkdir()
    (folder / "decisions" / "parking.dmn").write_bytes(file(MODEL))
    (folder / "decisions.yaml").write_text(SPEC, "utf-8")
    (folder / "facts.yaml").write_text(FACTS, "utf-8")
    return Model(xml.read(file(MODEL))), load_folder(folder)


@given(st.integers(0, 300))
@settings(max_examples=60, deadline=None)
def test_it_decides_as_the_model_does(both: Any, bikes: int) -> None:
    model, world = both
    inputs = {"停放 数量": bikes, "Free": world.params["free"]}
    for drawn_, taken in (("Level of Parking", "level"), ("Charge", "charged")):
        result = model.evaluate(drawn_, inputs)
        assert result.problems == ()
        assert decide(world, taken, {"bikes": bikes}).output == result.value


def test_it_decides_asks_traces_and_is_kept_in_a_receipt_like_any_other(lay: Any) -> None:
    world = load_folder(lay())
    facts = read_facts(world.facts, {"停放 数量": 100})
    outcome = decide(world, "charged", facts)
    assert outcome.value == {"charged": 80}
    assert decide(world, "level", facts).cites == ("二（1）",)
    open_ = decide(world, "level", {})
    assert (open_.ask, open_.at_least) == (("bikes",), {"level": "一般"})
    receipt = make_receipt(world, outcome, facts)
    assert verify_receipt(receipt, world) == []


def test_the_file_is_part_of_the_version(lay: Any) -> None:
    folder = lay()
    before, world = pack_hash(folder), load_folder(folder)
    receipt = make_receipt(world, decide(world, "level", {"bikes": 100}), {"bikes": 100})
    drawn_ = folder / "decisions" / "parking.dmn"
    drawn_.write_bytes(drawn_.read_bytes().replace(b"100", b"200"))
    assert pack_hash(folder) != before
    assert {d.field for d in verify_receipt(receipt, load_folder(folder))} >= {"version", "outcome.value"}


def test_it_is_checked_like_any_other(lay: Any) -> None:
    gap = MODEL.replace("[20..100)", "[20..99)")
    messages = [str(p) for p in check_folder(lay(gap)).problems]
    assert any("停放 数量＝99" in each and "没有规则成立" in each for each in messages), messages
    assert any("第 1 条规则没有样例走到" in each for each in messages)


def test_a_name_that_means_nothing_is_told_by_check(lay: Any) -> None:
    messages = [str(p) for p in check_folder(lay(one("level", table(row("> 不知道", then="1"))), SMALL)).errors]
    assert any("没有“不知道”这个事实" in each and each.startswith("decisions.yaml:1") for each in messages), messages


@pytest.mark.parametrize(
    ("written", "spec"),
    [("停放 数量", SMALL), ("bikes", SMALL), ("Bikes", SMALL.replace("}", ", inputs: {Bikes: bikes}}"))],
)
def test_a_table_without_input_data_is_read_by_ids_labels_and_inputs(lay: Any, written: str, spec: str) -> None:
    drawn = table(ROWS + row("null", then='"一般"'), inputs=written)
    made = load_folder(lay(decision(drawn, name="level"), spec))
    assert decide(made, "level", {"bikes": 99}).value == {"level": "较重"}
    assert decide(made, "level", {"bikes": 100}).value == {"level": "严重"}


def test_its_clauses_and_figures_are_held_against_the_gazette(lay: Any) -> None:
    printed = read_gazettes(GAZETTES)
    rows = "  rows: {1: {implied: 不到20辆的是其余}, 2: {implied: 不到100辆，由上一级推得}}\n"
    folder = lay(MODEL, SPEC.replace("  columns: true\n", "  columns: true\n" + rows))
    found = verify(read_source(folder), printed)
    assert [p for p in found.problems if p.file == "decisions.yaml"] == []
    assert [(c.cite, reason[:4]) for c, reason in found.implied] == [("二（3）", "不到20"), ("二（2）", "不到10")]
    drawn_ = folder / "decisions" / "parking.dmn"
    text = drawn_.read_text("utf-8").replace(">= 100", ">= 101").replace("二（3）", "二（9）")
    drawn_.write_text(text, "utf-8")
    wrong = [p for p in verify(read_source(folder), printed).problems if p.file == "decisions.yaml"]
    assert sorted((p.code, p.key) for p in wrong) == [("cite", "level.rules[0].cite"), ("figure", "level.rules[2]")]


def test_it_runs_over_columns_like_any_other(lay: Any) -> None:
    pa, run = pytest.importorskip("pyarrow"), pytest.importorskip("gongbao.batch.run")
    world = load_folder(lay())
    bikes = [0, 19, 20, 99, 100, None]
    out = run.run_arrow(world, "level", pa.table({"bikes": pa.array(bikes, pa.int64())}))
    one_by_one = [decide(world, "level", {} if n is None else {"bikes": n}) for n in bikes]
    assert out.column("level").to_pylist() == [o.output if o.settled else None for o in one_by_one]
    assert out.column("rule").to_pylist() == [o.rows[0] + 1 if o.settled else None for o in one_by_one]


def test_clauses_and_figures_may_stand_in_the_yaml(lay: Any) -> None:
    spec = (
        SMALL.rstrip("}\n")
        + ", cites: [甲, 乙, 丙], rows: {2: {text: [二十辆], implied: 由前后两级推得}, 3: {cite: 丁}}}\n"
    )
    rules = read_pack(lay(one("level", table(ROWS)), spec)).decisions["level"].rules
    assert [r.cite for r in rules] == ["甲", "乙", "丁"]
    assert (rules[1].text, rules[1].implied, rules[1].note) == (("二十辆",), "由前后两级推得", "含20")


def test_output_and_default_are_taken_from_the_file(lay: Any) -> None:
    output = 'name="重不重" typeRef="boolean"><defaultOutputEntry><text>false</text></defaultOutputEntry></output'
    rows = row(">= 100", then="true", cite="二")
    logic = table(rows, output=output).replace("</output/>", "</output>")
    pack = read_pack(lay(one("level", logic), SMALL))
    level = pack.decisions["level"]
    assert (list(level.output), level.output["重不重"].type) == (["重不重"], "boolean")
    assert [(r.when, r.then, r.otherwise) for r in level.rules] == [
        ({"bikes": ">= 100"}, True, None),
        (None, None, False),
    ]


@pytest.mark.parametrize("encoding", ["GB18030", "gbk", "GB2312"])
def test_a_file_in_a_chinese_encoding_is_read(lay: Any, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n' + file(MODEL).decode()
    assert decide(load_folder(lay(text.encode(encoding))), "level", {"bikes": 20}).output == "较重"


def test_one_that_is_not_in_the_encoding_it_declares_is_refused(lay: Any) -> None:
    data = b'<?xml version="1.0" encoding="GB18030"?>' + file(MODEL) + b"\xff"
    assert "声明的编码是 GB18030" in refused(lay(data))


BOMB = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><definitions>&b;</definitions>'
OUTSIDE = b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><definitions>&x;</definitions>'


@pytest.mark.parametrize(
    ("model", "spec", "said"),
    [
        (BOMB, SMALL, "DOCTYPE"),
        (OUTSIDE, SMALL, "DOCTYPE"),
        (b"<a>" * 500 + b"</a>" * 500, SMALL, "嵌套过深"),
        (b"not xml", SMALL, "不是完整的 XML"),
        (one("other", table(ROWS)), SMALL, "没有“level”这个决策；有：other"),
        (one("level", ""), SMALL, "是空的"),
        (one("level", table(ROWS, hit="PRIORITY")), SMALL, "priority 要求至少一个结果列写明取值的先后"),
        (one("level", table("")), SMALL, "一行也没有"),
        (one("level", "<list>" + literal("1") + "</list>"), SMALL, "列表不能取作判定"),
        (one("level", table(row("< x y z", then="1"))), SMALL, "格子"),
        (one("level", table(row("> 1", then="for 停放 数量 in [1] return 停放 数量"))), SMALL, "局部名"),
        (input_data("别的") + decision(table(ROWS, inputs="别的"), name="level", requires=needs("input:_别的")), SMALL,
         "输入数据“别的”没有对应的事实"),
        (decision(literal("1"), name="甲") + decision(literal("甲"), name="level", requires=needs("decision:_甲")), SMALL,
         "决策“甲”不在包里"),
        (decision(literal("1"), name="level", requires=needs("input:_没有")), SMALL, "不存在"),
        (one("level", table(ROWS)), SMALL.replace("}", ", cites: [甲, 乙]}"), "cites 有 2 项，判定表有 3 行"),
        (one("level", table(ROWS)), SMALL.replace("}", ", rows: {4: {cite: 甲}}}"), "第 4 行不存在"),
        (one("level", table(ROWS)), SMALL.replace("}", ", inputs: {甲: bikes}}"), "不是这个决策要用的"),
        (one("level", table(ROWS)), SMALL.replace("}", ", hit: first}"), "不能再写 hit"),
        (one("level", table(ROWS)), SMALL.replace("dmn: parking.dmn", "decision: x"), "没有写 dmn"),
        (one("level", table(ROWS)), SMALL.replace("parking.dmn", "../document.yaml"), "decisions/ 里的 .dmn 文件名"),
        (one("level", table(ROWS)), SMALL.replace("parking.dmn", "none.dmn"), "没有这个文件：decisions/none.dmn"),
        (one("level", table(ROWS, output='name="a"') .replace("<output name", "<output name='b'/><output name")), SMALL,
         "格子的数目与列数不符|有误|结果"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused_with_the_reason(lay: Any, model: Any, spec: str, said: str) -> None:
    message = refused(lay(model, spec))
    assert any(each in message for each in said.split("|")), message


def test_values_that_differ_from_those_of_the_fact_or_the_output_are_refused(lay: Any) -> None:
    typed = '<itemDefinition name="k"><typeRef>string</typeRef><allowedValues><text>"共享", "私人"</text></allowedValues></itemDefinition>'
    model = typed + input_data("owner", "k") + decision(
        table(row('"共享"', then='"企业"'), inputs="owner"), name="level", requires=needs("input:_owner"))  # fmt: skip
    facts = FACTS + "owner: {label: 车辆类别, type: choice, values: [私人, 共享, 单位]}\n"
    assert "取值是 共享、私人，事实“车辆类别”的是 私人、共享、单位" in refused(lay(model, SMALL, facts))


def test_values_that_differ_from_those_of_the_output_are_refused(lay: Any) -> None:
    output = "><outputValues><text>&quot;一般&quot;, &quot;严重&quot;</text></outputValues></output"
    logic = table(row("> 1", then='"一般"'), output=output).replace("</output/>", "</output>")
    spec = SMALL.replace("}", ", output: {level: {values: [一般, 较重]}}}")
    assert "取值写的是 一般、较重，文件里是 一般、严重" in refused(lay(one("level", logic), spec))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("<inputExpression>", '<inputExpression expressionLanguage="juel">', "列“停放 数量”是用“juel”写的"),
        ("<inputEntry>", '<inputEntry expressionLanguage="groovy">', "格子“< 20”是用“groovy”写的"),
        ("<outputEntry>", '<outputEntry expressionLanguage="javascript">', "是用“javascript”写的"),
        ("<decision ", '<decision expressionLanguage="python" ', "决策是用“python”写的"),
        ("<definitions ", '<definitions expressionLanguage="http://www.w3.org/1999/XPath" ', "文件是用"),
    ],
)
def test_a_formula_of_another_language_is_refused(lay: Any, old: str, new: str, said: str) -> None:
    data = file(one("level", table(ROWS))).decode().replace(old, new, 1)
    assert said in refused(lay(data.encode(), SMALL))


@pytest.mark.parametrize("language", ["feel", "https://www.omg.org/spec/DMN/20230324/FEEL/"])
def test_feel_may_be_named_as_the_language(lay: Any, language: str) -> None:
    data = file(one("level", table(ROWS))).decode()
    for part in ("<definitions ", "<decision ", "<inputEntry", "<inputExpression"):
        data = data.replace(part, f'{part.rstrip()} expressionLanguage="{language}"{part[len(part.rstrip()) :]}', 1)
    assert decide(load_folder(lay(data.encode(), SMALL)), "level", {"bikes": 20}).value == {"level": "较重"}


@pytest.mark.parametrize("type_ref", ["string", "boolean", "date"])
def test_an_input_of_another_type_than_the_fact_is_refused(lay: Any, type_ref: str) -> None:
    drawn_ = input_data("停放 数量", type_ref) + decision(table(ROWS), name="level", requires=needs("input:_停放 数量"))
    assert f"输入数据“停放 数量”的类型是 {type_ref}，事实“停放 数量”是 integer（number）" in refused(lay(drawn_, SMALL))


def test_a_column_of_another_type_than_the_fact_is_refused(lay: Any) -> None:
    drawn_ = one("level", table(ROWS).replace("<inputExpression>", '<inputExpression typeRef="string">'))
    assert "列“bikes”的类型是 string" in refused(lay(drawn_, SMALL))


def test_a_row_without_a_clause_is_named_unless_one_is_declared_for_all(lay: Any) -> None:
    drawn_ = one("level", table(ROWS.replace("二（2）", "")))
    folder = lay(drawn_, SMALL)
    told = [p for p in check_folder(folder).problems if "没有写条款" in p.message]
    assert [(p.level, p.message[:14]) for p in told] == [("warning", "DMN 判定表第 2 行没有")]
    (folder / "decisions.yaml").write_text(SMALL.replace("}", ", cites: [二]}"), "utf-8")
    assert not [p for p in check_folder(folder).problems if "没有写条款" in p.message]
    assert {rule.cite for rule in read_pack(folder).decisions["level"].rules} == {"二"}
    (folder / "decisions.yaml").write_text(SMALL.replace("}", ", rows: {2: {cite: 三}}}"), "utf-8")
    assert not [p for p in check_folder(folder).problems if "没有写条款" in p.message]
