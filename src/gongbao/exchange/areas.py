"""The codes of areas in CAP: 行政区划代码 (GB/T 2260) of the cities whose gazettes are here.

An area without a code in that list (开发区) has none here either; CAP asks for the words, codes are an addition.
"""

from __future__ import annotations

LIST = "GB/T 2260"
CODES = {
    "廊坊市": "131000", "安次区": "131002", "广阳区": "131003", "固安县": "131022", "永清县": "131023", "香河县": "131024",
    "大城县": "131025", "文安县": "131026", "大厂回族自治县": "131028", "霸州市": "131081", "三河市": "131082",
    "承德市": "130800",
}  # fmt: skip


def codes_in(text: str, city: str = "") -> tuple[tuple[str, str], ...]:
    """The codes of the counties that the words name; that of the city where they name it, or 全市, and no county."""
    counties = [name for name in CODES if name in text and not CODES[name].endswith("00")]
    whole = [name for name in CODES if CODES[name].endswith("00") and name in text]
    if not whole and city in CODES and ("全市" in text or "本市" in text):
        whole = [city]
    return tuple((LIST, CODES[name]) for name in (counties or whole))
