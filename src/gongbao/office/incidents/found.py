"""What a call says, found in its words: where it happened, when, how many dead, hurt, poisoned or moved, which unit.

Pure functions of the text. Each finding keeps the words that it was read from; nothing found is taken before the
officer confirms it. Numbers are read in digits and in Chinese numerals; 多, 余 and 左右 are told beside them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gongbao.engine.units import Units
from gongbao.engine.world import World

AROUND = 10  # characters shown on either side of what was read
NEAR = 8  # characters between a number and the word that says of what


@dataclass(frozen=True, slots=True)
class Found:
    """A value for the fact `name`, with the words it was read from. `text`: as its control holds it."""

    name: str
    label: str
    value: Any
    text: str
    read: str
    doubt: str = ""


# ------------------------------------------------------------------------------------------------------- numbers

_CN = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_NUMBER = r"(\d+(?:\.\d+)?万?|[零一二两三四五六七八九十百千万]+)"
_ABOUT = re.compile(r"^[多余来]|^人?左右|^人?以上")
_COUNTED = r"[多余来]?\s*(?:名|个|位|人|户|例)"
_PEOPLE = re.compile(_NUMBER + r"(?=" + _COUNTED + r")")

# How people say what a form counts: the word of the fact's label -> words of a call.
SAID: dict[str, tuple[str, ...]] = {
    "死亡": ("死亡", "死了", "死", "遇难", "身亡", "没救过来"),
    "中毒": ("中毒", "呕吐", "腹泻", "拉肚子", "恶心", "发病", "不适", "送医", "就医", "住院", "腹痛", "肚子疼"),
    "重伤": ("重伤", "伤势严重"),
    "受伤": ("受伤", "轻伤", "伤"),
    "疏散": ("疏散", "撤离", "撤出", "转移", "撤走"),
    "转移": ("转移", "疏散", "撤离"),
    "涉及": ("涉及", "就餐", "用餐", "吃饭", "食用"),
    "失踪": ("失踪", "失联"),
    "被困": ("被困", "困住"),
}


def number(text: str) -> int | None:
    """32, 1.2万, 三十二, 两百: as a whole number; None for what is none."""
    if re.fullmatch(r"\d+(\.\d+)?万?", text):
        plain = text.removesuffix("万")
        whole, _, rest = plain.partition(".")
        if not text.endswith("万"):
            return int(whole) if not rest else None
        return int(whole) * 10000 + int(rest[:4].ljust(4, "0")) if len(rest) <= 4 else None
    total = section = digit = 0
    for char in text:
        if char in _CN:
            digit = _CN[char]
        elif char in "十百千":
            section += (digit or (1 if char == "十" else 0)) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
        elif char == "万":
            total, section, digit = (total + section + digit) * 10000, 0, 0
        else:
            return None
    return total + section + digit


def counts(text: str, words: Iterable[str]) -> list[tuple[int, str, str]]:
    """Numbers of people beside one of the words: (number, the words it was read from, doubt), in the order of the text.

    A number belongs to the nearest such word of its clause: 32人呕吐、2人死亡 gives 32 for 呕吐 and 2 for 死亡.
    """
    wanted = tuple(words)
    everything = {word for said in SAID.values() for word in said} | set(wanted)
    found = []
    for start, clause in _clauses(text):
        spots = [(m.start(), w) for w in everything for m in re.finditer(re.escape(w), clause)]
        spots = [(at, w) for at, w in spots if not any(w != o and w in o and a <= at < a + len(o) for a, o in spots)]
        for m in _PEOPLE.finditer(clause):
            value = number(m[1])
            near = [(gap, at, w) for at, w in spots if (gap := _gap(m.start(), m.end(), at, at + len(w))) <= NEAR]
            # 死亡2人 and 2人死亡 alike; what follows the number comes first where both are as near.
            near.sort(key=lambda one: (one[0], one[1] < m.start()))
            if value is None or not near or near[0][2] not in wanted:
                continue
            doubt = "约数" if _ABOUT.match(clause[m.end() :]) else ""
            found.append(
                (
                    value,
                    around(
                        text, start + min(m.start(), near[0][1]), start + max(m.end(), near[0][1] + len(near[0][2]))
                    ),
                    doubt,
                )
            )
    return found


def _gap(a: int, b: int, c: int, d: int) -> int:
    """Characters between two stretches; 人, 名 and the like between them do not count."""
    return max(c - b, a - d, 0)


def _clauses(text: str) -> list[tuple[int, str]]:
    """The text at its commas and stops, each part with where it begins."""
    made, start = [], 0
    for m in re.finditer(r"[，,。；;！!？?\n、]", text):
        made.append((start, text[start : m.start()]))
        start = m.end()
    return [*made, (start, text[start:])]


def around(text: str, start: int, end: int) -> str:
    """What stands there, with a little on either side, in one line."""
    before, after = max(0, start - AROUND), min(len(text), end + AROUND)
    shown = f"{'…' if before else ''}{text[before:after]}{'…' if after < len(text) else ''}"
    return re.sub(r"\s+", " ", shown)


# --------------------------------------------------------------------------------------------------------- times

_DAYS = {"今天": 0, "今日": 0, "今早": 0, "今晨": 0, "今晚": 0, "昨天": 1, "昨日": 1, "昨晚": 1, "昨夜": 1, "前天": 2}
_HALF = r"凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜"
_TIME = re.compile(
    r"(?:(?P<y>\d{4})[-年/.](?P<m>\d{1,2})[-月/.](?P<d>\d{1,2})[日号]?\s*|(?P<m2>\d{1,2})月(?P<d2>\d{1,2})[日号]\s*|"
    r"(?P<day>" + "|".join(_DAYS) + r"))?\s*(?P<half>" + _HALF + r")?\s*"
    r"(?P<h>\d{1,2}|[零一二两三四五六七八九十]{1,3})(?:[:：](?P<min>\d{2})|[点时](?!间)(?:(?P<min2>\d{1,2}|[零一二三四五六七八九十]{1,3})分?|(?P<part>半|一刻|三刻))?)"
)
_AGO = re.compile(_NUMBER + r"(个?小时|分钟|天)(?:多|左右)?(?:以?前)")


def times(text: str, now: dt.datetime) -> list[tuple[dt.datetime, str]]:
    """Moments that the text names, none later than `now`, each with the words it was read from."""
    found: list[tuple[int, dt.datetime, str]] = []
    for m in _TIME.finditer(text):
        moment = _moment(m, now)
        if moment is not None:
            found.append((m.start(), moment, around(text, m.start(), m.end())))
    for m in _AGO.finditer(text):
        amount = number(m[1])
        if amount is not None:
            unit = {"分": "minutes", "天": "days"}.get(m[2][0], "hours")
            try:
                found.append((m.start(), now - dt.timedelta(**{unit: amount}), around(text, m.start(), m.end())))
            except OverflowError:
                continue
    return [(moment, read) for _, moment, read in sorted(found, key=lambda one: one[0])]


def _moment(m: re.Match[str], now: dt.datetime) -> dt.datetime | None:
    hour = number(m["h"])
    minute = {"半": 30, "一刻": 15, "三刻": 45}.get(m["part"] or "", 0)
    if m["min"] or m["min2"]:
        minute = number(m["min"] or m["min2"]) or 0
    half, day = m["half"] or "", m["day"] or ""
    late = half in ("下午", "傍晚", "晚上", "夜里", "夜间") or day in ("昨晚", "昨夜", "今晚")
    if hour is None:
        return None
    if (late and hour < 12) or (half == "中午" and hour < 3):
        hour += 12
    month, of_month = m["m"] or m["m2"], m["d"] or m["d2"]
    try:
        if month:
            made = now.replace(
                year=int(m["y"] or now.year), month=int(month), day=int(of_month), hour=hour, minute=minute
            )
            if made > now and not m["y"]:
                made = made.replace(year=made.year - 1)
        else:
            made = now.replace(hour=hour % 24, minute=minute) - dt.timedelta(days=_DAYS.get(day, 0))
            if made > now and day in ("", "今晚"):  # 23:40 or 今晚, told at 3 in the morning
                made -= dt.timedelta(days=1)
    except ValueError:
        return None
    made = made.replace(second=0, microsecond=0)
    return made if made <= now else None


# ------------------------------------------------------------------------------------------------ places and units

_UNIT = re.compile(
    r"[\u4e00-\u9fffA-Za-z0-9]{2,16}?(?:有限公司|公司|化工厂|食品厂|加工厂|工厂|厂|中学|小学|学校|幼儿园|大学|学院|医院|饭店|酒店|餐厅|餐馆|食堂|"
    r"超市|商场|市场|仓库|养殖场|污水处理厂|加油站|工地|养老院|敬老院)"
)
_BEFORE = re.compile(
    r".*(?:来电称|反映|报告|来电|举报|称|说|报|位于|在|是|由|到|从|的|有|"
    + "|".join(_DAYS)
    + "|"
    + _HALF
    + r"|[点时分半])"
)


def places(text: str, units: Units) -> list[tuple[str, str]]:
    """The areas of the city that the text names, by full name or without 市, 县, 区: (area, words), first named first."""
    spots = []
    for area in units.areas:
        plain = re.sub(r"（.*）$", "", area)
        short = re.sub(r"(回族自治县|市|县|区)$", "", plain)
        for name in (plain, short if len(short) >= 2 and not plain.endswith("开发区") else plain):
            if (at := text.find(name)) >= 0:
                spots.append((at, area, around(text, at, at + len(name))))
                break
    return [(area, read) for _, area, read in sorted(spots)]


def organisations(text: str, units: Units) -> list[tuple[str, str]]:
    """What looks like a company, school, restaurant ... : (name, words). The area before it is left out."""
    areas = [n for area in units.areas for n in (area, re.sub(r"（.*）$", "", area))]
    made: dict[str, str] = {}
    for start, clause in _clauses(text):
        for m in _UNIT.finditer(clause):
            name = _BEFORE.sub("", m[0])
            for area in areas:
                name = name.removeprefix(area)
            name = re.sub(r"^(一家|一个|一处|某|一(?=[^中小二三]))", "", name)
            if len(name) > 2 and name not in made:
                made[name] = around(text, start + m.start(), start + m.end())
    return list(made.items())


# ------------------------------------------------------------------------------------------------------ for a form


def for_form(
    text: str, world: World, form: Iterable[tuple[str, bool]], now: dt.datetime, date_fact: str | None
) -> list[Found]:
    """What the text says for the facts of a form: place, time of the event, people counted, the unit concerned."""
    made = []
    for name, _ in form:
        fact = world.facts.get(name)
        if fact is None:
            continue
        if fact.type == "place":
            made += [Found(name, fact.label, area, area, read) for area, read in places(text, world.units)[:1]]
        elif fact.type == "datetime" and name == date_fact:
            made += [
                Found(name, fact.label, moment, f"{moment:%Y-%m-%dT%H:%M}", read)
                for moment, read in times(text, now)[:1]
            ]
        elif fact.type == "integer" and fact.unit == "人":
            told = counts(text, words_of(fact.label))
            if told:
                value, read, doubt = max(told, key=lambda one: one[0])
                made.append(Found(name, fact.label, value, str(value), read, doubt))
        elif fact.type == "text" and name in CONCERNED:
            made += [Found(name, fact.label, unit, unit, read) for unit, read in organisations(text, world.units)[:1]]
    return made


# Names that packs share for the unit a matter is about; a pack without them only loses the proposal.
CONCERNED = ("accident_unit", "company", "fire_unit", "enterprise")


def words_of(label: str) -> tuple[str, ...]:
    """How people say what a fact counts: 中毒或重伤人数 -> 中毒, 呕吐 ..., 重伤 ..."""
    keys = re.split(r"[或、和及]", label.removesuffix("人数"))
    return tuple(dict.fromkeys(word for key in keys for word in SAID.get(key, ())))
