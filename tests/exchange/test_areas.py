"""The area of a warning in codes: the counties it names, the city where it names none."""

from __future__ import annotations

import pytest

from gongbao.exchange.areas import codes_in


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        ("全市", ["131000"]),
        ("廊坊市", ["131000"]),
        ("廊坊市三河市", ["131082"]),
        ("三河市、霸州市", ["131081", "131082"]),
        ("廊坊开发区", []),
        ("", []),
    ],
)
def test_codes_of_the_area(words: str, codes: list[str]) -> None:
    assert [code for _, code in codes_in(words, "廊坊市")] == codes
