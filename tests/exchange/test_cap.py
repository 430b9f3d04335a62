"""A warning leaves as CAP 1.2 that the OASIS schema takes, and what was written can be read back."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from gongbao.exchange import cap

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2017, 11, 4, 10, 0, tzinfo=SHANGHAI)
ALERT = cap.Alert(
    identifier="LF-YJ20171104001-1", sender="duty@example.gov.cn", sent=AT, event="重污染天气", severity="Severe",
    category=("Env",), urgency="Future", certainty="Likely", effective=AT, onset=AT + dt.timedelta(days=1),
    expires=AT + dt.timedelta(days=4), sender_name="廊坊市人民政府", headline="廊坊市重污染天气橙色预警",
    description="启动II级应急响应。\n请做好防护。", instruction="减少户外活动", web="https://example.gov.cn/1",
    parameters=(("预警级别", "橙色"),), areas=(cap.Area("全市", (("GB/T 2260", "131000"),)),),
)  # fmt: skip


def test_the_schema_is_the_one_of_oasis_unchanged() -> None:
    schema = (resources.files("gongbao.exchange") / "schemas" / "CAP-v1.2.xsd").read_bytes()
    assert b"Copyright OASIS Open 2010" in schema
    notice = (resources.files("gongbao.exchange") / "schemas" / "NOTICE.md").read_text(encoding="utf-8")
    assert hashlib.sha256(schema).hexdigest() in notice


def test_a_warning_is_valid_and_comes_back_as_it_was() -> None:
    content = cap.validated(ALERT)
    assert cap.schema_faults(content) == ()
    assert cap.from_xml(content) == ALERT


def test_what_a_receiver_looks_for_stands_where_the_standard_puts_it() -> None:
    root = etree.fromstring(cap.validated(ALERT))
    said = {each.tag.rpartition("}")[2]: each.text for each in root.iter()}
    assert root.tag == "{urn:oasis:names:tc:emergency:cap:1.2}alert"
    assert (said["status"], said["msgType"], said["scope"]) == ("Actual", "Alert", "Public")
    assert said["sent"] == "2017-11-04T10:00:00+08:00"
    assert said["language"] == "zh-CN"
    assert said["areaDesc"] == "全市"


TEXT = st.text(st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="\u00a0"), min_size=1, max_size=30)
WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789-@.", min_size=1, max_size=20)
MOMENT = st.datetimes(dt.datetime(2000, 1, 1), dt.datetime(2090, 1, 1)).map(
    lambda at: at.replace(microsecond=0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
)


@st.composite
def alerts(draw: st.DrawFn) -> cap.Alert:
    sent = draw(MOMENT)
    message = draw(st.sampled_from(["Alert", "Update", "Cancel"]))
    references = draw(st.lists(st.builds(cap.Reference, WORD, WORD, MOMENT), min_size=1, max_size=3))
    return cap.Alert(
        identifier=draw(WORD), sender=draw(WORD), sent=sent, event=draw(TEXT.filter(str.strip)),
        severity=draw(st.sampled_from(cap.SEVERITIES)), category=tuple(draw(st.lists(st.sampled_from(cap.CATEGORIES), min_size=1, max_size=3))),
        urgency=draw(st.sampled_from(cap.URGENCIES)), certainty=draw(st.sampled_from(cap.CERTAINTIES)),
        status=draw(st.sampled_from(["Actual", "Exercise", "Test"])), message=message,
        references=() if message == "Alert" else tuple(references),
        incidents=tuple(draw(st.lists(WORD, max_size=2))), effective=draw(st.none() | st.just(sent)),
        onset=draw(st.none() | st.just(sent + dt.timedelta(hours=1))),
        expires=draw(st.none() | st.integers(2, 500).map(lambda h: sent + dt.timedelta(hours=h))),
        sender_name=draw(st.just("") | TEXT), headline=draw(TEXT.filter(str.strip)), description=draw(st.just("") | TEXT),
        instruction=draw(st.just("") | TEXT), parameters=tuple(draw(st.lists(st.tuples(TEXT, TEXT), max_size=2))),
        areas=tuple(draw(st.lists(st.builds(cap.Area, TEXT.filter(str.strip), st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple)),
                                  min_size=1, max_size=2))),
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(alerts())
def test_every_alert_is_valid_and_comes_back(alert: cap.Alert) -> None:
    assert cap.from_xml(cap.validated(alert)) == alert


@pytest.mark.parametrize("colour", [("红色", "Extreme"), ("橙色", "Severe"), ("黄色", "Moderate"), ("蓝色", "Minor"), ("无", None)])  # fmt: skip
def test_the_four_colours_are_the_four_severities_in_their_order(colour: tuple[str, str | None]) -> None:
    assert cap.severity_of(colour[0]) == colour[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"identifier": "a b"}, "编号"),
        ({"identifier": "a,b"}, "编号"),
        ({"sender": ""}, "发布方"),
        ({"headline": " "}, "标题"),
        ({"category": ()}, "类别"),
        ({"areas": ()}, "区域"),
        ({"message": "Update"}, "references"),
        ({"message": "Cancel"}, "references"),
        ({"references": (cap.Reference("a", "b", AT),)}, "首次发布"),
        ({"description": "a\x00b"}, "控制字符"),
        ({"expires": AT}, "到期时间"),
        ({"expires": AT + dt.timedelta(days=1)}, "不晚于开始时间"),
    ],
)
def test_what_the_standard_asks_in_words_is_asked(change: dict, said: str) -> None:
    with pytest.raises(cap.CapError, match=said):
        cap.validated(replace(ALERT, **change))


def test_a_second_later_than_the_beginning_is_a_time_in_order() -> None:
    assert cap.validated(replace(ALERT, onset=None, expires=AT + dt.timedelta(seconds=1)))


def test_the_schema_itself_refuses_what_is_no_word_of_cap() -> None:
    with pytest.raises(cap.CapError, match="severity"):
        cap.validated(replace(ALERT, severity="橙色"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no xml", "不是 XML"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "DOCTYPE"),
        (b"<alert/>", "第1行"),
        (cap.to_xml(ALERT).replace(b"<status>Actual", b"<status>System"), "status"),
    ],
)
def test_what_is_no_such_message_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(cap.CapError, match=said):
        cap.from_xml(content)
