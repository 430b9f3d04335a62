"""Names of documents inside a clause's words as links: to the text where it is loaded, else to what is known of it."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from gongbao.gazette.documents import Document
from gongbao.gazette.references import Act, linked
from gongbao.office.library import shelf

register = template.Library()


@register.simple_tag
def with_links(text: str, names: Mapping[str, Act] | None) -> SafeString:
    """The text escaped, with the acts that it names as links."""
    pieces, at = [], 0
    for link in linked(text, names) if names else ():
        pieces.append(format_html("{}", text[at : link.start]))
        pieces.append(format_html('<a href="{}">{}</a>', address(link.act), text[link.start : link.end]))
        at = link.end
    pieces.append(format_html("{}", text[at:]))
    return mark_safe("".join(pieces))


@register.filter
def address(known: Act | Document) -> str:
    """The page of an act."""
    document = known if isinstance(known, Document) else known.document
    entry = shelf.of_document(document) if document is not None else None
    if entry is not None:
        return reverse("library:document", args=[entry.key])
    return reverse("library:act", args=[known.key]) if isinstance(known, Act) else ""


@register.filter
def clause_address(document: Document, locator: str) -> str:
    """The page of a clause of a loaded document."""
    entry = shelf.of_document(document)
    return reverse("library:clause", args=[entry.key, locator]) if entry is not None and locator else ""
