"""A DMN file is read safely, and what gongbao does not use goes out as it came in."""

from __future__ import annotations

import pytest
from tests.dmn.models import decision, file, literal

from gongbao.dmn import xml

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
