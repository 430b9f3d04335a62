"""Text as an XML file can hold it: DOCX and XLSX refuse a whole paper for one control character that was pasted in."""

from __future__ import annotations

import re

# A line break pasted from Word is \x0b; a table's cell ends in \x07.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with a space for each character that XML cannot hold, so that words do not run together."""
    return _NOT_IN_XML.sub(" ", text)
