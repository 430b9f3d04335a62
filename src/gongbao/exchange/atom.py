"""A list of released warnings as an Atom feed (RFC 4287), each entry with the address of its CAP file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from gongbao.exchange.cap import moment

NAMESPACE = "http://www.w3.org/2005/Atom"
CAP_TYPE = "application/cap+xml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One warning: `page` and `file` are addresses that can be opened from outside."""

    identifier: str
    title: str
    updated: dt.datetime
    author: str
    summary: str
    page: str
    file: str


def feed(title: str, address: str, entries: Iterable[Entry], *, updated: dt.datetime) -> bytes:
    """The feed, newest first as given; `updated` is the time of the newest, or now where there is none."""
    root = etree.Element(f"{{{NAMESPACE}}}feed", nsmap={None: NAMESPACE})

    def add(parent: etree._Element, name: str, text: str = "", **attributes: str) -> etree._Element:
        part = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
        if text:
            part.text = text
        return part

    root.set("{http://www.w3.org/XML/1998/namespace}lang", "zh-CN")
    add(root, "id", address)
    add(root, "title", title)
    add(root, "updated", moment(updated))
    add(root, "link", rel="self", href=address, type="application/atom+xml")
    for one in entries:
        entry = add(root, "entry")
        add(entry, "id", one.file)
        add(entry, "title", one.title)
        add(entry, "updated", moment(one.updated))
        add(add(entry, "author"), "name", one.author)
        add(entry, "summary", one.summary)
        add(entry, "link", rel="alternate", href=one.page, type="text/html")
        add(entry, "link", rel="enclosure", href=one.file, type=CAP_TYPE)
    return bytes(etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True))
