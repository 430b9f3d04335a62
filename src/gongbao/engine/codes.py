"""Identity codes: the resident id of GB 11643 and the unified social credit code of GB 32100-2015.

`resident_id_problem` and `credit_code_problem` say in Chinese what is wrong with a code, or give None when it is
right. A right check character says that the code was copied without a slip, not that anybody holds it. The places in
a code (GB/T 2260) are not looked up: districts come and go, codes stay.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping

from gongbao.feel import HostFunction
from gongbao.feel.values import Value

_ID = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_OLD_ID = re.compile(r"[1-9]\d{14}", re.ASCII)
CREDIT_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z
_EARLIEST = 1800  # the year of birth of nobody who holds an id


def resident_id_problem(text: str) -> str | None:
    """What is wrong with a resident id as it is written (no spaces, X in capital); None when it is right."""
    if _OLD_ID.fullmatch(text):
        return "是15位的旧号码，应换成18位的公民身份号码"
    if not _ID.fullmatch(text):
        return (
            f"应为17位数字和1位校验码（数字或X），现有 {len(text)} 位" if len(text) != 18 else "除末位的X外应全是数字"
        )
    if _birth(text) is None:
        return f"出生日期 {text[6:14]} 不存在"
    if resident_id_check(text) != text[17]:
        return "末位校验码不符"
    return None


def resident_id_check(body: str) -> str:
    """The check character of a resident id from its first 17 digits (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(body[:17]))
    return "10X98765432"[total % 11]


def _birth(text: str) -> dt.date | None:
    try:
        found = dt.date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None
    return found if found.year >= _EARLIEST else None


def credit_code_problem(text: str) -> str | None:
    """What is wrong with a unified social credit code as it is written (capitals); None when it is right."""
    if len(text) != 18:
        return f"应为18位，现有 {len(text)} 位"
    wrong = sorted({c for c in text if c not in CREDIT_CODE})
    if wrong:
        return f"不能有“{'、'.join(wrong)}”（只用数字和I、O、S、V、Z以外的大写字母）"
    if text[0] == "0":
        return "第1位是登记管理部门代码，不会是0"
    if not (text[2:8].isascii() and text[2:8].isdigit()):
        return "第3至8位是登记机关行政区划码，应全是数字"
    return None if credit_code_check(text) == text[17] else "末位校验码不符"


def credit_code_check(body: str) -> str:
    """The check character of a unified social credit code from its first 17 characters (modulus 31)."""
    total = sum(CREDIT_CODE.index(character) * pow(3, place, 31) for place, character in enumerate(body[:17]))
    return CREDIT_CODE[-total % 31]


# In the language of a pack ----------------------------------------------------------------------------------------


def _read(value: Value) -> str | None:
    """As a fact of the format is read: without spaces, in capitals."""
    return "".join(unicodedata.normalize("NFKC", value).split()).upper() if isinstance(value, str) else None


def is_resident_id(text: Value) -> bool | None:
    """Whether a text is a resident id of 18 digits."""
    code = _read(text)
    return None if code is None else resident_id_problem(code) is None


def is_credit_code(text: Value) -> bool | None:
    """Whether a text is a unified social credit code."""
    code = _read(text)
    return None if code is None else credit_code_problem(code) is None


def birth_date_of(resident_id: Value) -> dt.date | None:
    """The date of birth in a resident id; null when it is none."""
    code = _right(resident_id)
    return None if code is None else _birth(code)


def sex_of(resident_id: Value) -> str | None:
    """男 or 女, by the 17th digit of a resident id; null when it is none."""
    code = _right(resident_id)
    return None if code is None else "男" if int(code[16]) % 2 else "女"


def _right(value: Value) -> str | None:
    code = _read(value)
    return code if code is not None and resident_id_problem(code) is None else None


CODE_FUNCTIONS: Mapping[str, HostFunction] = {
    "is_resident_id": HostFunction(is_resident_id, summary="是不是18位身份证号（校验码相符）"),
    "birth_date_of": HostFunction(birth_date_of, summary="身份证号里的出生日期"),
    "sex_of": HostFunction(sex_of, summary="身份证号里的性别：男、女"),
    "is_credit_code": HostFunction(is_credit_code, summary="是不是统一社会信用代码（校验码相符）"),
}
