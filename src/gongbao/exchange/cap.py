"""A warning as CAP 1.2 (OASIS Common Alerting Protocol): a frozen `Alert`, its XML and back, and what the standard asks.

`validated` is the one way out: XML that passes the OASIS schema (schemas/CAP-v1.2.xsd, unchanged) and the rules that the
standard states in words only. `from_xml` reads one `info` block; what it reads equals what was written.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from lxml import etree

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
ACTUAL, EXERCISE, TEST = "Actual", "Exercise", "Test"
ALERT, UPDATE, CANCEL = "Alert", "Update", "Cancel"

Status = Literal["Actual", "Exercise", "Test"]
MessageType = Literal["Alert", "Update", "Cancel"]
Category = Literal[
    "Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"
]  # fmt: skip
Urgency = Literal["Immediate", "Expected", "Future", "Past", "Unknown"]
Severity = Literal["Extreme", "Severe", "Moderate", "Minor", "Unknown"]
Certainty = Literal["Observed", "Likely", "Possible", "Unlikely", "Unknown"]
CATEGORIES: tuple[str, ...] = get_args(Category)
URGENCIES: tuple[str, ...] = get_args(Urgency)
SEVERITIES: tuple[str, ...] = get_args(Severity)
CERTAINTIES: tuple[str, ...] = get_args(Certainty)

# The law on emergencies orders four colours (突发事件应对法 2007 年第四十二条: 一级最高, 红橙黄蓝), CAP four severities (1.2,
# section 3.2.2). This is the one assignment that uses all four and keeps their order. A pack whose document says
# otherwise has a register `cap` with the columns colour and severity.
SEVERITY_OF_COLOUR: dict[str, Severity] = {"红": "Extreme", "橙": "Severe", "黄": "Moderate", "蓝": "Minor"}

_FORBIDDEN = frozenset(" ,<&")  # in identifier and sender (CAP 1.2, section 3.2.1)


class CapError(ValueError):
    """An alert that may not leave; `faults` says each reason, in Chinese."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        super().__init__("；".join(faults))


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier message that an Update or a Cancel concerns."""

    sender: str
    identifier: str
    sent: dt.datetime


@dataclass(frozen=True, slots=True)
class Area:
    """Where it holds, in words, with codes as (name of the list, value), e.g. ("GB/T 2260", "131000")."""

    description: str
    geocodes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Alert:
    """One CAP message with one `info`. Times are aware and to the second; texts hold no control characters."""

    identifier: str
    sender: str
    sent: dt.datetime
    event: str
    severity: Severity
    category: tuple[Category, ...]
    urgency: Urgency = "Unknown"
    certainty: Certainty = "Unknown"
    status: Status = "Actual"
    message: MessageType = "Alert"
    references: tuple[Reference, ...] = ()
    note: str = ""
    incidents: tuple[str, ...] = ()
    language: str = "zh-CN"
    effective: dt.datetime | None = None
    onset: dt.datetime | None = None
    expires: dt.datetime | None = None
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    areas: tuple[Area, ...] = ()


def severity_of(colour: str) -> Severity | None:
    """The severity of a colour (红色, 橙, ...); None for what is none of the four."""
    return SEVERITY_OF_COLOUR.get(colour[:1])


def moment(value: dt.datetime) -> str:
    """A time as CAP writes it: to the second, with a numeric offset, never Z."""
    text = value.replace(microsecond=0).isoformat()
    return text if text[-6] in "+-" else text + "+00:00"


# -------------------------------------------------------------------------------------------------------------- writing


def to_xml(alert: Alert) -> bytes:
    """The alert as XML, without asking whether it may leave; see `validated`."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(root, identifier=alert.identifier, sender=alert.sender, sent=moment(alert.sent), status=alert.status,
         msgType=alert.message, scope="Public", note=alert.note,
         references=" ".join(f"{r.sender},{r.identifier},{moment(r.sent)}" for r in alert.references),
         incidents=" ".join(f'"{i}"' if " " in i else i for i in alert.incidents))  # fmt: skip
    info = _part(root, "info")
    _add(info, language=alert.language)
    for category in alert.category:
        _add(info, category=category)
    times = {name: moment(at) for name in ("effective", "onset", "expires") if (at := getattr(alert, name)) is not None}
    _add(info, event=alert.event, urgency=alert.urgency, severity=alert.severity, certainty=alert.certainty, **times,
         senderName=alert.sender_name, headline=alert.headline, description=alert.description,
         instruction=alert.instruction, web=alert.web, contact=alert.contact)  # fmt: skip
    for name, value in alert.parameters:
        parameter = _part(info, "parameter")
        _add(parameter, valueName=name)
        _part(parameter, "value").text = value
    for area in alert.areas:
        _add(_part(info, "area"), areaDesc=area.description)
        for name, value in area.geocodes:
            code = _part(info[-1], "geocode")
            _add(code, valueName=name, value=value)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))


def _part(parent: Any, name: str) -> Any:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _add(parent: Any, **texts: str) -> None:
    """Children in the order given; an empty text has none."""
    for name, text in texts.items():
        if text:
            _part(parent, name).text = text


def validated(alert: Alert) -> bytes:
    """The XML of an alert that may leave. Raises CapError with every reason why it may not."""
    found = faults_of(alert)
    if found:
        raise CapError(found)
    try:
        content = to_xml(alert)
    except ValueError as error:  # a control character, which XML cannot hold
        raise CapError(("文字里有 XML 不能有的控制字符",)) from error
    wrong = schema_faults(content)
    if wrong:
        raise CapError(wrong)
    return content


def faults_of(alert: Alert) -> tuple[str, ...]:
    """What the standard asks in words: names without spaces, references of updates, times in order."""
    found = []
    for label, text in (("编号（identifier）", alert.identifier), ("发布方（sender）", alert.sender)):
        if not text or not _FORBIDDEN.isdisjoint(text):
            found.append(f"{label}：“{text}”，不能为空，不能有空格、逗号、< 和 &")
    for label, text in (("事件（event）", alert.event), ("标题（headline）", alert.headline)):
        if not text.strip():
            found.append(f"{label}：没有填写")
    if not alert.category:
        found.append("类别（category）：没有选")
    if alert.message in (UPDATE, CANCEL) and not alert.references:
        found.append(f"所指的预警（references）：{alert.message} 必须指明先前的预警")
    if alert.message == ALERT and alert.references:
        found.append("所指的预警（references）：首次发布不能有")
    if not alert.areas or not all(a.description.strip() for a in alert.areas):
        found.append("区域（areaDesc）：没有填写")
    begins = alert.effective or alert.sent
    if alert.expires is not None and alert.expires <= begins:
        found.append(f"到期时间（expires）：{moment(alert.expires)} 不晚于生效时间 {moment(begins)}")
    if alert.expires is not None and alert.onset is not None and alert.expires <= alert.onset:
        found.append(f"到期时间（expires）：{moment(alert.expires)} 不晚于开始时间 {moment(alert.onset)}")
    return tuple(found)


@cache
def _schema() -> Any:
    text = (resources.files("gongbao.exchange") / "schemas" / "CAP-v1.2.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(text))


def schema_faults(content: bytes) -> tuple[str, ...]:
    """What the OASIS schema says against this XML, with the line; empty when it is valid."""
    try:
        root = _parsed(content)
    except CapError as error:
        return error.faults
    schema = _schema()
    if schema.validate(root):
        return ()
    return tuple(f"第{e.line}行：{e.message}" for e in schema.error_log)


def _parsed(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise CapError((f"不是 XML：{error}",)) from error
    if root.getroottree().docinfo.doctype:
        raise CapError(("不收带 DOCTYPE 的 XML",))
    return root


# -------------------------------------------------------------------------------------------------------------- reading


def from_xml(content: bytes) -> Alert:
    """The alert of a CAP 1.2 message. Raises CapError where the schema refuses it or it says what `Alert` cannot."""
    wrong = schema_faults(content)
    if wrong:
        raise CapError(wrong)
    root = _parsed(content)
    infos = _all(root, "info")
    if len(infos) != 1:
        raise CapError((f"有 {len(infos)} 个 info，只收一个",))
    info = infos[0]
    for label, text, known in (
        ("status", _text(root, "status"), get_args(Status)),
        ("msgType", _text(root, "msgType"), get_args(MessageType)),
    ):
        if text not in known:
            raise CapError((f"{label}：“{text}”，只收 {'、'.join(known)}",))
    read: dict[str, Any] = {
        name: dt.datetime.fromisoformat(text)
        for name in ("effective", "onset", "expires")
        if (text := _text(info, name))
    }
    return Alert(
        identifier=_text(root, "identifier"), sender=_text(root, "sender"),
        sent=dt.datetime.fromisoformat(_text(root, "sent")),
        status=_text(root, "status"), message=_text(root, "msgType"),  # type: ignore[arg-type]
        references=tuple(_reference(text) for text in _text(root, "references").split()), note=_text(root, "note"),
        incidents=_incidents(_text(root, "incidents")), language=_text(info, "language") or "en-US",
        category=tuple(each.text for each in _all(info, "category")), event=_text(info, "event"),
        urgency=_text(info, "urgency"), severity=_text(info, "severity"),  # type: ignore[arg-type]
        certainty=_text(info, "certainty"), **read,  # type: ignore[arg-type]
        sender_name=_text(info, "senderName"), headline=_text(info, "headline"),
        description=_text(info, "description"), instruction=_text(info, "instruction"), web=_text(info, "web"),
        contact=_text(info, "contact"),
        parameters=tuple((_text(p, "valueName"), _text(p, "value")) for p in _all(info, "parameter")),
        areas=tuple(Area(_text(a, "areaDesc"), tuple(
            (_text(g, "valueName"), _text(g, "value")) for g in _all(a, "geocode"))) for a in _all(info, "area")),
    )  # fmt: skip


def _all(parent: Any, name: str) -> list[Any]:
    return list(parent.findall(f"{{{NAMESPACE}}}{name}"))


def _text(parent: Any, name: str) -> str:
    return parent.findtext(f"{{{NAMESPACE}}}{name}") or ""


def _reference(text: str) -> Reference:
    parts = text.split(",")
    try:
        sender, identifier, sent = parts
        return Reference(sender, identifier, dt.datetime.fromisoformat(sent))
    except ValueError:
        raise CapError((f"references：“{text}”，须写作 发布方,编号,时间",)) from None


def _incidents(text: str) -> tuple[str, ...]:
    pieces = text.split('"')  # those at odd places stood in quotes
    return tuple(p for i, piece in enumerate(pieces) for p in ([piece] if i % 2 else piece.split()))
