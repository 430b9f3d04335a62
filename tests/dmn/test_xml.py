"""A DMN file is read safely, and what gongbao does not use goes out as it came in."""

from __future__ import annotations

import pytest
from lxml import etree
from tests.dmn.models import decision, file, literal

from gongbao.dmn import xml
from gongbao.dmn.model import Model

DRAWN = (
    decision(literal("1 + 1"))
    + '<x:colour xmlns:x="urn:vendor" hue="red">甲<!-- kept --></x:colour>'
    + '<dmndi:DMNDI xmlns:dmndi="https://www.omg.org/spec/DMN/20230324/DMNDI/"><dmndi:DMNDiagram id="p">'
    + '<dc:Bounds xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" x="1" y="2"/></dmndi:DMNDiagram></dmndi:DMNDI>'
)


def test_a_file_goes_out_equal_with_its_diagram_and_extensions():
    data = file(DRAWN)
    out = xml.write(xml.read(data))
    assert xml.canonical(out) == xml.canonical(data)
    assert b"kept" in out
    assert b'x="1"' in out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_are_told_by_the_file(encoding: str):
    text = file(DRAWN).decode()
    data = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>{text}'.encode(encoding)
    assert xml.canonical(data) == xml.canonical(file(DRAWN))


@pytest.mark.parametrize("version", list(xml.NAMESPACES))
def test_versions_from_1_1_to_1_5_are_read(version: str):
    assert xml.local(xml.read(file("", version=version))) == "definitions"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "不是完整的 XML"),
        (b"\x00\x01\x02", "不是完整的 XML"),
        (b"PK\x03\x04", "不是完整的 XML"),
        (b"<definitions/>", "不是 DMN 1.1 至 1.5 的模型"),
        (b"<html/>", "最外层是“html”"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "编码"),
        (file("<decision>")[:-2], "不是完整的 XML"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
        (
            b'<!DOCTYPE a [<!ENTITY x "xx"><!ENTITY y "&x;&x;"><!ENTITY z "&y;&y;">]><a>&z;</a>',
            "DOCTYPE",
        ),
        (file("<a>" * 300 + "</a>" * 300), "嵌套过深"),
    ],
)
def test_what_is_no_model_is_refused_with_the_reason(data: bytes, said: str):
    with pytest.raises(xml.DmnXmlError, match=said):
        xml.read(data)


def test_a_file_that_is_too_large_is_refused_unread():
    with pytest.raises(xml.DmnXmlError, match="太大"):
        xml.read(b" " * (xml.MAX_BYTES + 1))


# As modellers write them: each its own prefixes, extensions, attributes and comments around the same decision.
_TABLE = """<{p}decisionTable id="t" hitPolicy="UNIQUE" {extra}><{p}input id="i" {label}><{p}inputExpression typeRef="{number}">
  <{p}text>x</{p}text></{p}inputExpression></{p}input><{p}output id="o" name="d" typeRef="{number}"/>
  <{p}rule id="r1"><{p}description>{note}</{p}description><{p}inputEntry id="e1"><{p}text><![CDATA[< 5]]></{p}text></{p}inputEntry>
  <{p}outputEntry id="e2"><{p}text>1</{p}text></{p}outputEntry></{p}rule>
  <{p}rule id="r2"><{p}inputEntry id="e3"><{p}text>&gt;= 5</{p}text></{p}inputEntry>
  <{p}outputEntry id="e4"><{p}text>2</{p}text></{p}outputEntry></{p}rule></{p}decisionTable>"""
_DECISION = """<{p}inputData id="_x" name="x"><{p}variable name="x" typeRef="{number}"/></{p}inputData>
  <{p}decision id="_d" name="d"><{p}variable name="d" typeRef="{number}"/><{p}informationRequirement id="q">
  <{p}requiredInput href="#_x"/></{p}informationRequirement>{table}</{p}decision>"""


def drawn_by(prefix: str, number: str = "number", extra: str = "", label: str = 'label="数"', note: str = "小") -> str:
    table = _TABLE.format(p=prefix, number=number, extra=extra, label=label, note=note)
    return _DECISION.format(p=prefix, number=number, table=table)


CAMUNDA = f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- made with a modeler -->
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
 xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/"
 xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"
 xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud" id="D" name="甲" namespace="urn:c"
 exporter="Camunda Modeler" exporterVersion="5.20.0">
 {drawn_by("", extra='biodi:annotationsWidth="400"', label='label="数" biodi:width="192" camunda:inputVariable="x"')}
 <dmndi:DMNDI><dmndi:DMNDiagram id="g"><dmndi:DMNShape id="s" dmnElementRef="_d"><dc:Bounds height="80" width="180" x="160" y="80"/>
 </dmndi:DMNShape><dmndi:DMNEdge id="k" dmnElementRef="q"><di:waypoint x="1" y="2"/></dmndi:DMNEdge></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>"""
KOGITO = f"""<dmn:definitions xmlns:dmn="http://www.omg.org/spec/DMN/20180521/MODEL/" xmlns="urn:k" xmlns:kie="http://www.drools.org/kie/dmn/1.2"
 xmlns:feel="http://www.omg.org/spec/DMN/20180521/FEEL/" xmlns:dmndi="http://www.omg.org/spec/DMN/20180521/DMNDI/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="甲" namespace="urn:k" typeLanguage="http://www.omg.org/spec/DMN/20180521/FEEL/">
 <dmn:extensionElements><kie:attachment xsi:type="kie:Link" url="a?b=1&amp;c=2">甲 &lt; 乙</kie:attachment></dmn:extensionElements>
 {drawn_by("dmn:", number="feel:number", note="a &#10; b")}
 <dmndi:DMNDI><dmndi:DMNDiagram><di:extension xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/"><kie:ComponentsWidthsExtension>
 <kie:ComponentWidths dmnElementRef="t"><kie:width>50.0</kie:width></kie:ComponentWidths></kie:ComponentsWidthsExtension></di:extension>
 </dmndi:DMNDiagram></dmndi:DMNDI></dmn:definitions>"""
TRISOTECH = f"""<semantic:definitions xmlns:semantic="https://www.omg.org/spec/DMN/20211108/MODEL/" xmlns:tc="http://www.omg.org/spec/DMN/20160719/testcase"
 xmlns:triso="http://www.trisotech.com/2015/triso/modeling" xmlns:trisofeed="http://trisotech.com/feed" name="甲" namespace="urn:t"
 triso:logoChoice="Default" xml:space="preserve"><?triso keep?><semantic:extensionElements><reuse xmlns=""><item ref="triso:x"/></reuse>
 <triso:ProposedBy>乙</triso:ProposedBy></semantic:extensionElements>{drawn_by("semantic:", extra='triso:colors="#fff"')}</semantic:definitions><!-- end -->"""


@pytest.mark.parametrize("text", [CAMUNDA, KOGITO, TRISOTECH], ids=["camunda", "kogito", "trisotech"])
def test_a_model_of_a_common_modeller_decides_and_goes_out_as_it_came(text: str):
    data = text.encode()
    root = xml.read(data)
    model = Model(root)
    assert model.compile() == ()
    assert [model.evaluate("d", {"x": x}).value for x in (4, 5)] == [1, 2]
    out = xml.write(root)
    assert xml.canonical(out) == xml.canonical(data)
    assert xml.write(xml.read(out)) == out
    # What other programs see: the same elements, attributes, texts, comments and instructions in the same order.
    assert seen(out) == seen(data)
    assert prefixes(out) >= prefixes(data)


def seen(data: bytes) -> list[object]:
    """The file as another reader (lxml) sees it."""
    root = etree.fromstring(data)
    return [
        (each.tag if isinstance(each.tag, str) else each.tag.__name__, dict(each.attrib), each.text, each.tail)
        for each in (*reversed(list(root.itersiblings(preceding=True))), *root.iter(), *root.itersiblings())
    ]


def prefixes(data: bytes) -> set[tuple[str, str]]:
    """What the prefixes mean that a text may speak of."""
    return {(key, uri) for key, uri in etree.fromstring(data).nsmap.items() if key}


@pytest.mark.parametrize("encoding", ["GB18030", "gbk", "GB2312"])
def test_chinese_encodings_are_read(encoding: str):
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + file(decision(literal('"廊坊"'))).decode()
    assert Model(xml.read(text.encode(encoding))).evaluate("d").value == "廊坊"
    with pytest.raises(xml.DmnXmlError, match=r"第 \d+ 个字节起却不是"):
        xml.read(text.encode(encoding)[:-20] + b"\xff\xff\xff")
