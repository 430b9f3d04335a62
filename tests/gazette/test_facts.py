"""Number, title, issuer, addressees, days, validity, disclosure, attachments and interpretation of all 103 documents.

`facts.csv` was filled by reading the print. It has facts and line numbers; the words are looked up in the seeds.
"""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from gongbao.gazette.documents import Document
from gongbao.gazette.heads import number_key, printed_number
from gongbao.gazette.library import read_gazette
from gongbao.gazette.validity import Validity

from .shared import library, needs_seeds, seed_file

Fact = dict[str, str]


def facts() -> list[Fact]:
    lines = (Path(__file__).parent / "facts.csv").read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


@lru_cache(maxsize=8)
def printed(seed: str) -> list[str]:
    return [re.sub(r"\s", "", line) for line in seed_file(seed).read_text(encoding="utf-8").split("\n")]


def line(fact: Fact, column: str) -> str:
    return printed(fact["seed"])[int(fact[column]) - 1]


def document_of(fact: Fact) -> Document:
    gazette = next(g for g in library().gazettes if g.name.startswith(fact["seed"]))
    return next(d for d in gazette.documents if d.first == int(fact["first"]))


every = [pytest.mark.seeds, pytest.mark.parametrize("fact", facts(), ids=lambda f: f"{f['seed']}-{f['first']}")]


def of_every_document(test):  # type: ignore[no-untyped-def]
    for mark in (needs_seeds, *every):
        test = mark(test)
    return test


def test_there_is_a_row_for_each_of_the_103_documents() -> None:
    assert len(facts()) == 103


@of_every_document
def test_number(fact: Fact) -> None:
    number = document_of(fact).number
    if not fact["number_line"]:
        assert number is None
    else:
        assert number is not None
        key = number_key(line(fact, "number_line"))
        assert number_key(number) == (f"政府令{key}" if "政府令" in number else key)
        assert number == printed_number(number)


@of_every_document
def test_issuer(fact: Fact) -> None:
    opening = seed_file(fact["seed"]).read_text(encoding="utf-8").split("\n")[int(fact["first"]) - 1].split()[0]
    assert document_of(fact).issuer == opening.removesuffix("令")


@of_every_document
def test_title(fact: Fact) -> None:
    document = document_of(fact)
    if fact["title_lines"]:
        first, last = map(int, fact["title_lines"].split("-"))
        assert document.heading == "".join(printed(fact["seed"])[first - 1 : last])
    else:
        last = int(fact["number_line"]) - 1
        whole = "".join(printed(fact["seed"])[int(fact["first"]) - 1 : last])
        assert document.heading == whole.removeprefix(document.issuer) or document.heading == "廊坊市人民政府令"


@of_every_document
def test_addressees(fact: Fact) -> None:
    said = re.split("[：:]", line(fact, "addressee_line"))[0] if fact["addressee_line"] else ""
    assert document_of(fact).addressees == said


@of_every_document
def test_day_of_issue(fact: Fact) -> None:
    assert document_of(fact).dated == date.fromisoformat(fact["dated"])
    year, month, day = map(int, re.findall(r"\d+", line(fact, "date_line")))
    assert date(year, month, day) == date.fromisoformat(fact["dated"])


@of_every_document
def test_disclosure(fact: Fact) -> None:
    assert document_of(fact).disclosure == fact["disclosure"]


@of_every_document
def test_validity(fact: Fact) -> None:
    validity = document_of(fact).validity
    by_issue = fact["starts"] == "issue"
    starts = fact["dated"] if by_issue else fact["starts"]
    assert validity.starts == (date.fromisoformat(starts) if starts else None)
    assert validity.by_issue == by_issue
    assert validity.until == (date.fromisoformat(fact["until"]) if fact["until"] else None)
    assert validity.months == (int(fact["months"]) if fact["months"] else None)
    assert validity.trial == bool(fact["trial"])


@of_every_document
def test_attachments(fact: Fact) -> None:
    attachments = document_of(fact).attachments
    assert [a.no for a in attachments] == list(range(1, int(fact["attachments"]) + 1))
    assert [a.no for a in attachments if not a.printed] == [int(n) for n in fact["not_printed"].split()]


@of_every_document
def test_interpretation(fact: Fact) -> None:
    starts = [part.first for part in document_of(fact).parts if part.kind == "interpretation"]
    assert starts == ([int(fact["interpretation"])] if fact["interpretation"] else [])


def validity(sentence: str, title: str = "示例市长椅办法") -> Validity:
    text = f"示例市人民政府\n关于印发{title}的通知\n各区人民政府：\n发给你们。\n示例市人民政府\n2023年1月19日\n{title}\n第一条　{sentence}\n"
    return read_gazette(text.encode()).documents[0].validity


@pytest.mark.parametrize(
    ("sentence", "starts", "ends"),
    [
        ("本办法自印发之日起施行，有效期五年。", date(2023, 1, 19), date(2028, 1, 19)),
        ("本办法自印发之日起施行，有效期暂定两年，以后另定。", date(2023, 1, 19), date(2025, 1, 19)),
        ("本办法自2024年2月29日起施行，有效期为1年。", date(2024, 2, 29), date(2025, 2, 28)),
        ("本办法自发文之日起实施，有效期至2026年6月30日止。", date(2023, 1, 19), date(2026, 6, 30)),
        ("本意见有关政策自2018年2月1日起执行，执行期限截至2020年底。", date(2018, 2, 1), date(2020, 12, 31)),
        ("本办法自 2023 年 6 月 15 日开始实施，有效期 6 个月。", date(2023, 6, 15), date(2023, 12, 15)),
        ("本办法自2023年3月1日起施行。", date(2023, 3, 1), None),
        ("长椅证书有效期五年。", None, None),
        ("本办法自2023年2月30日起施行。", None, None),
    ],
)
def test_validity_is_read_as_printed(sentence: str, starts: date | None, ends: date | None) -> None:
    assert (validity(sentence).starts, validity(sentence).ends) == (starts, ends)


@pytest.mark.parametrize(
    ("title", "trial"), [("示例市长椅办法（试行）", True), ("示例市长椅暂行办法", True), ("示例市试行项目办法", False)]
)
def test_trial_is_said_by_the_title(title: str, trial: bool) -> None:
    assert validity("长椅要擦。", title).trial is trial
