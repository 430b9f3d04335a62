"""A document's status on a day is what the gazettes say; what they leave open is unknown, with the reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.gazette.clauses import resolve
from gongbao.gazette.documents import number_key
from gongbao.gazette.library import read_gazette
from gongbao.gazette.references import references
from gongbao.gazette.status import Life, life_of, lives, status

from .shared import library, needs_seeds
from .test_references import Row, document_at, table

STATUSES = table("statuses.csv")


def life(row: Row) -> Life:
    documents = library().documents
    if row["first"]:
        return life_of(document_at(row["seed"], int(row["first"])), documents)
    wanted = number_key(row["number"])
    (act,) = [a for a in references(documents).acts if a.number and number_key(a.number) == wanted]
    return lives(documents)[act.key]


def test_at_least_forty_statuses_were_read_by_hand() -> None:
    assert len(STATUSES) >= 40


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("row", STATUSES, ids=lambda r: f"{r['seed']}-{r['first']}{r['number']}-{r['on']}")
def test_status(row: Row) -> None:
    found = status(life(row), date.fromisoformat(row["on"]))
    assert (found.state, found.assumed, found.trial) == (row["state"], bool(row["assumed"]), bool(row["trial"]))
    assert found.reason
    if row["because"]:
        assert found.because is not None
        assert found.because.source is not None
        source = found.because.source
        assert source.gazette.startswith(row["because"][:3])
        clause = resolve(source, found.because.locator)
        assert clause.first - 4 <= int(row["because"][4:]) <= clause.last + 4


@needs_seeds
@pytest.mark.seeds
@pytest.mark.parametrize("day", [date(2017, 12, 31), date(2020, 12, 31), date(2023, 6, 30), date(2026, 11, 24)])
def test_every_act_has_a_status_with_a_reason_on_any_day(day: date) -> None:
    documents = library().documents
    for act in references(documents).acts:
        found = status(lives(documents)[act.key], day)
        assert found.reason
        assert found.because is not None or found.state == "unknown"


# ------------------------------------------------------------------------------------------------ gazettes made here


def gazette(number: str, title: str, day: str, *sentences: str) -> str:
    body = "".join(f"第{'一二三四五'[i]}条　{s}\n" for i, s in enumerate(sentences))
    return f"示例市人民政府\n关于印发{title}的通知\n{number}\n各区人民政府：\n现印发给你们。\n示例市人民政府\n{day}\n{title}\n{body}"


def of(*texts: str) -> Life:
    documents = tuple(d for i, t in enumerate(texts) for d in read_gazette(t.encode(), str(i)).documents)
    return life_of(documents[0], documents)


BENCH = gazette("示政字〔2020〕3号", "长椅办法", "2020年5月6日", "擦长椅。")


def test_a_document_that_does_not_say_from_when_it_holds_is_assumed_to_hold_from_its_date() -> None:
    assert status(of(BENCH), date(2020, 5, 5)).state == "not_yet"
    found = status(of(BENCH), date(2020, 5, 6))
    assert (found.state, found.assumed) == ("in_force", True)


def test_repealed_from_the_day_on_which_the_repealing_document_holds() -> None:
    new = gazette(
        "示政字〔2023〕9号",
        "花箱办法",
        "2023年1月2日",
        "本办法自2023年2月1日起施行。《长椅办法》（示政字〔2020〕3号）同时废止。",
    )
    assert status(of(BENCH, new), date(2023, 1, 31)).state == "in_force"
    found = status(of(BENCH, new), date(2023, 2, 1))
    assert (found.state, found.because and found.because.locator) == ("repealed", "第一条")


def test_the_longest_time_that_a_city_prints_leaves_it_open_what_holds_after() -> None:
    rule = gazette("示政字〔2021〕1号", "清理办法", "2021年1月2日", "规范性文件有效期最长4年，试行文件有效期最长1年。")
    assert status(of(BENCH, rule), date(2024, 5, 6)).state == "in_force"
    assert status(of(BENCH, rule), date(2024, 5, 7)).state == "unknown"
    trial = gazette("示政字〔2020〕4号", "花箱暂行办法", "2020年5月6日", "擦花箱。")
    assert status(of(trial, rule), date(2021, 5, 6)).state == "in_force"
    assert status(of(trial, rule), date(2021, 5, 7)).state == "unknown"
    other = rule.replace("示例市人民政府", "另外市人民政府")
    assert status(of(BENCH, other), date(2025, 5, 7)).state == "in_force"


def test_a_clean_up_that_does_not_name_a_document_is_told_and_decides_nothing() -> None:
    review = gazette(
        "示政字〔2022〕1号", "清理结果", "2022年3月1日", "对2021年12月31日前制定的规范性文件进行了全面清理。"
    )
    kinds = [e.kind for e in of(BENCH, review).events]
    assert kinds == ["issued", "starts", "not_listed"]
    assert status(of(BENCH, review), date(2022, 3, 1)).state == "in_force"
    later = gazette("示政字〔2022〕2号", "花箱办法", "2022年1月1日", "擦花箱。")
    assert [e.kind for e in of(later, review).events] == ["issued", "starts"]
    other = review.replace("示例市人民政府", "另外市人民政府")
    assert [e.kind for e in of(BENCH, other).events] == ["issued", "starts"]


@needs_seeds
@pytest.mark.seeds
def test_the_clean_up_of_2023_named_one_document_and_passed_over_those_that_it_covers() -> None:
    documents = library().documents
    review = library().document("廊政字〔2023〕7号")
    passed = [
        d for d in documents
        if any(e.kind == "not_listed" and e.source is review for e in life_of(d, documents).events)
    ]  # fmt: skip
    covered = [d for d in documents if d.issuer.startswith("廊坊市人民政府") and d.dated and d.dated.year <= 2022]
    assert passed == covered


def test_a_plan_whose_period_is_over_is_not_said_to_hold() -> None:
    plan = gazette("示政字〔2020〕5号", "长椅计划（2020—2022年）", "2020年5月6日", "擦长椅。")
    assert status(of(plan), date(2022, 12, 31)).state == "in_force"
    assert status(of(plan), date(2023, 1, 1)).state == "unknown"


@given(st.dates(date(2019, 1, 1), date(2031, 1, 1)))
def test_the_states_of_a_document_follow_one_another_and_none_comes_back(day: date) -> None:
    stated = of(gazette("示政字〔2020〕6号", "长椅办法", "2020年5月6日", "本办法自2020年6月1日起施行，有效期五年。"))
    order = ["not_yet", "in_force", "expired"]
    today, tomorrow = status(stated, day).state, status(stated, day + timedelta(days=1)).state
    assert order.index(today) <= order.index(tomorrow)


@needs_seeds
@pytest.mark.seeds
def test_every_event_stands_on_a_clause_that_its_document_has() -> None:
    for life in lives(library().documents).values():
        for event in life.events:
            if event.source is not None and event.locator:
                assert resolve(event.source, event.locator), (event.source.number, event.locator)
