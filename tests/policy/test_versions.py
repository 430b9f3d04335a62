"""Law in force: on each day one version holds or none; overlaps and gaps are told with their days."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongbao.engine.time.calendar import SHANGHAI
from gongbao.policy.check import check_folder
from gongbao.policy.errors import PackError
from gongbao.policy.loader import load, load_folder
from gongbao.policy.schema import DocumentFile
from gongbao.policy.versions import Version, line, moves, nearest, on_day, pick, settled
from gongbao.policy.versions import _against as against

D = dt.date


def document(number: str, from_: D, until: D | None = None, *, no: int = 1, kind: str = "first",
             repeals: tuple[str, ...] = (), **force: Any) -> DocumentFile:  # fmt: skip
    return DocumentFile.model_validate({
        "number": number, "title": "示例办法", "issuer": "示例市人民政府", "dated": from_,
        "in_force": {"from": from_, "until": until, **force}, "repeals": repeals, "jurisdiction": "shili",
        "owner": "市交管局", "work": {"case": "事件", "room": "应急"}, "revision": {"no": no, "kind": kind},
        "review": {"drafted_by": "甲"},
    })  # fmt: skip


def version(label: str, of: DocumentFile) -> Version:
    return Version("shili/parking", label, Path(label), of)


def labels(versions: Any) -> list[str]:
    return [v.label for v in versions]


def at(day: D) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), SHANGHAI)


# ------------------------------------------------------------------------------------------------------ which holds


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (D(2019, 12, 31), None),
        (D(2020, 1, 1), "2020"),
        (D(2020, 2, 29), "2020"),
        (D(2024, 12, 31), "2020"),
        (D(2025, 1, 1), "2025"),
        (D(2028, 2, 29), "2025"),
        (D(2028, 3, 1), None),
    ],
)
def test_both_ends_are_included(day: D, label: str | None) -> None:
    versions = settled([
        version("2025", document("示〔2025〕1号", D(2025, 1, 1), D(2028, 2, 29))),
        version("2020", document("示〔2020〕1号", D(2020, 1, 1), D(2024, 12, 31))),
    ])  # fmt: skip
    found = on_day(versions, day)
    assert (found and found.label) == label


def test_an_open_end_lasts_until_the_day_before_the_next_and_a_repealed_one_however_long_it_was_to_last() -> None:
    open_ended = settled([
        version("a", document("示〔2020〕1号", D(2020, 1, 1))), version("b", document("示〔2024〕1号", D(2024, 2, 29))),
    ])  # fmt: skip
    assert [v.last for v in open_ended] == [D(2024, 2, 28), None]
    assert open_ended[0].replaced_by is open_ended[1].document
    repealed = document("示〔2020〕1号", D(2020, 1, 1), D(2029, 12, 31))
    (only,) = settled([version("", repealed)], [document("示〔2025〕9号", D(2025, 7, 1), repeals=("示[2020]1号",))])
    assert only.last == D(2025, 6, 30)
    assert only.replaced_by is not None
    assert only.replaced_by.number == "示〔2025〕9号"


def test_a_correction_stands_in_the_place_of_what_it_corrects() -> None:
    first = version("1", document("示〔2020〕1号", D(2020, 1, 1), D(2024, 12, 31)))
    amended = version("2", document("示〔2020〕1号", D(2023, 1, 1), no=2, kind="amendment", repeals=("示〔2020〕1号",)))
    fixed = version("3", document("示〔2020〕1号", D(2020, 1, 1), D(2024, 12, 31), no=3, kind="transcription_fix"))
    again = version("4", document("示〔2020〕1号", D(2020, 1, 1), D(2024, 12, 31), no=4, kind="transcription_fix"))
    versions = settled([first, amended, fixed, again])
    assert [v.label for v in versions if v.corrected] == ["1", "3"]
    assert [on_day(versions, day).label for day in (D(2020, 1, 1), D(2022, 12, 31), D(2023, 1, 1))] == ["4", "4", "2"]  # type: ignore[union-attr]
    assert {v.corrected_by.revision.no for v in versions if v.corrected_by} == {4}


DAY = st.dates(D(2018, 1, 1), D(2030, 12, 31))


@st.composite
def lines(draw: Any) -> tuple[Version, ...]:
    made = []
    for i in range(draw(st.integers(1, 6))):
        first = draw(DAY)
        until = draw(st.none() | st.integers(0, 2000).map(lambda n, first=first: first + dt.timedelta(days=n)))
        kind = draw(st.sampled_from(["first", "amendment", "transcription_fix"]))
        number = f"示〔{draw(st.integers(2018, 2020))}〕1号"
        repeals = tuple(
            draw(st.lists(st.sampled_from(["示〔2018〕1号", "示〔2019〕1号", "示〔2020〕1号"]), max_size=2))
        )
        by = draw(st.sampled_from(["event_date", "application_date", "decision_date"]))
        move = draw(st.sampled_from(["keep", "move"]))
        made.append(version(str(i), document(number, first, until, no=draw(st.integers(1, 4)), kind=kind,
                                             repeals=repeals, applies_by=by, open_cases=move)))  # fmt: skip
    return settled(made)


@given(lines(), DAY)
@settings(max_examples=150, deadline=None)
def test_on_each_day_one_version_holds_or_none(versions: tuple[Version, ...], day: D) -> None:
    assert sum(each.holds(day) for each in versions) <= 1
    found = on_day(versions, day)
    if found is not None:
        until = found.document.in_force.until
        assert found.first <= day
        assert until is None or day <= until
        assert not any(found.first < v.first <= day for v in versions if not v.corrected)


@given(lines(), DAY)
@settings(max_examples=150, deadline=None)
def test_the_order_of_the_folders_does_not_matter(versions: tuple[Version, ...], day: D) -> None:
    plain = [Version(v.id, v.label, v.folder, v.document) for v in versions]
    assert settled(reversed(plain)) == settled(plain)
    assert not nearest(versions, day).corrected


@given(lines(), DAY, st.integers(0, 900), DAY)
@settings(max_examples=150, deadline=None)
def test_a_matter_falls_under_a_version_that_held_on_its_own_day(
    versions: tuple[Version, ...], day: D, later: int, event: D
) -> None:
    recorded = at(day + dt.timedelta(days=later))
    found = pick(versions, at(day), recorded, {"found_on": event})
    by = found.version.document.in_force.applies_by
    assert found.day == (recorded.date() if by == "decision_date" else day)
    assert found.holds is found.version.holds(found.day)
    assert found == pick(tuple(versions), at(day), recorded, {"found_on": event})


@given(lines(), DAY, st.integers(0, 2000))
@settings(max_examples=150, deadline=None)
def test_moving_day_by_day_or_at_once_ends_in_the_same_version(
    versions: tuple[Version, ...], day: D, later: int
) -> None:
    start = nearest(versions, day)
    end = day + dt.timedelta(days=later)
    once = [*moves(versions, start, end)]
    here, steps = start, []
    for each in sorted({v.first for v in versions if v.first <= end} | {end}):
        for to in moves(versions, here, each):
            steps.append(to)
            here = to
    assert labels(once) == labels(steps)
    assert moves(versions, (once or [start])[-1], end) == ()


@given(lines())
@settings(max_examples=120, deadline=None)
def test_what_check_finds_is_what_the_versions_say_of_themselves(versions: tuple[Version, ...]) -> None:
    """Nothing is found exactly where each day from the first to the last known end is claimed by one version."""
    standing = [v for v in versions if not v.corrected]
    ends: list[
        D | None
    ] = []  # as each is said to end: a repealed one before what repeals it, whatever its own text says
    for at_, each in enumerate(standing):
        following = standing[at_ + 1].document if at_ + 1 < len(standing) else None
        end = each.document.in_force.until
        repealed = (
            following is not None
            and each.document.number in following.repeals
            and following.in_force.from_ > each.first
        )
        if following is not None and (end is None or (repealed and end >= following.in_force.from_)):
            end = max(following.in_force.from_ - dt.timedelta(days=1), each.first - dt.timedelta(days=1))
        ends.append(end)
    known = max([v.first for v in standing] + [end for end in ends[:-1] if end])
    claimed: dict[D, int] = {}
    for each, end in zip(standing, ends, strict=True):
        for n in range(((end or known) - each.first).days + 1):
            day_ = each.first + dt.timedelta(days=n)
            claimed[day_] = claimed.get(day_, 0) + 1
    whole = range((known - standing[0].first).days + 1)
    counts = {claimed.get(standing[0].first + dt.timedelta(days=n), 0) for n in whole}
    twice = {(v.document.number, v.document.revision.no) for v in versions}
    found = [message for each in versions for message, _ in against(each, versions)]
    begin_together = len({v.first for v in standing}) < len(standing)
    assert (found == []) is (counts == {1} and len(twice) == len(versions) and not begin_together)


# --------------------------------------------------------------------------------------------------- open cases


def three(**second: Any) -> tuple[Version, ...]:
    return settled([
        version("1", document("示〔2020〕1号", D(2020, 1, 1), D(2022, 12, 31))),
        version("2", document("示〔2023〕1号", D(2023, 1, 1), D(2023, 12, 31), **second)),
        version("3", document("示〔2024〕1号", D(2024, 1, 1))),
    ])  # fmt: skip


def test_an_open_case_keeps_its_version_or_moves_as_the_later_one_says() -> None:
    keeping, moving = three(), three(open_cases="move")
    assert labels(moves(keeping, keeping[0], D(2025, 1, 1))) == []
    assert labels(moves(moving, moving[0], D(2022, 12, 31))) == []
    assert labels(moves(moving, moving[0], D(2023, 1, 1))) == ["2"]
    assert labels(moves(moving, moving[0], D(2025, 1, 1))) == ["2"]  # the third says keep
    assert labels(moves(moving, moving[2], D(2025, 1, 1))) == []


def test_a_case_that_was_closed_before_stays() -> None:
    moving = three(open_cases="move")
    assert labels(moves(moving, moving[0], D(2025, 1, 1), closed=D(2022, 12, 31))) == []
    assert labels(moves(moving, moving[0], D(2025, 1, 1), closed=D(2023, 1, 1))) == ["2"]


def test_to_a_correction_an_open_case_moves_whatever_is_said() -> None:
    versions = settled([
        version("1", document("示〔2020〕1号", D(2020, 1, 1))),
        version("2", document("示〔2020〕1号", D(2020, 1, 1), no=2, kind="transcription_fix", open_cases="keep")),
    ])  # fmt: skip
    assert labels(moves(versions, versions[0], D(2020, 1, 1))) == ["2"]
    assert labels(moves(versions, versions[0], D(2021, 1, 1), closed=D(2020, 6, 1))) == []


# ------------------------------------------------------------------------------------------------- folders, check


NUMBER, HELD = "示政办字〔2023〕5号", "{from: 2023-04-01, until: 2028-03-31, applies_by: event_date}"


@pytest.fixture
def city(tmp_path: Path, lay_over: Any) -> Any:
    """Lays versions of the parking pack side by side: folder -> (number, in_force, more lines of document.yaml)."""
    base = lay_over()
    base = base.rename(tmp_path / "base")
    city = tmp_path / "shili"
    text = (base / "document.yaml").read_text("utf-8")

    def build(**versions: tuple[str, str, str]) -> Path:
        for name, (number, held, more) in versions.items():
            folder = city / name.replace("_", "@")
            shutil.copytree(base, folder)
            changed = text.replace(NUMBER, number).replace(HELD, held) + more
            (folder / "document.yaml").write_text(changed, "utf-8")
        return city

    return build


def told(folder: Path) -> list[str]:
    return [p.message for p in check_folder(folder).errors if p.key.startswith("in_force")]


A, B = "示政办字〔2023〕5号", "示政办字〔2025〕2号"


@pytest.mark.parametrize(
    ("held", "more", "said"),
    [
        ("{from: 2025-01-01}", "", None),
        ("{from: 2025-01-02}", "", "2025-01-01 没有有效的版本"),
        ("{from: 2025-02-01}", "", "2025-01-01 至 2025-01-31 没有有效的版本"),
        ("{from: 2025-02-01, gap: 原办法期满后重新制定}", "", None),
        ("{from: 2024-12-31}", "", "2024-12-31 与 示政办字〔2023〕5号（1）（有效期到 2024-12-31）同时有效"),
        ("{from: 2024-02-29, until: 2024-03-01}", "", "2024-02-29 至 2024-03-01 与"),
        ("{from: 2024-02-29}", f"repeals: [{A}]\n", None),
        ("{from: 2023-04-01}", "", "自同一天 2023-04-01 起施行"),
    ],
)
def test_overlaps_and_gaps_are_told_with_their_days(city: Any, held: str, more: str, said: str | None) -> None:
    root = city(parking_1=(A, "{from: 2023-04-01, until: 2024-12-31}", ""), parking_2=(B, held, more))
    assert told(root / "parking@1") == []
    found = told(root / "parking@2")
    assert found == [] if said is None else any(said in each for each in found), found


def test_two_versions_of_one_number_and_revision_are_an_error_and_a_correction_is_none(city: Any) -> None:
    root = city(parking_1=(A, HELD, ""), parking_2=(A, HELD, ""))
    assert any("修订次数（1）都相同" in each for each in told(root / "parking@2"))
    fix = "revision: {no: 2, kind: transcription_fix}\n"
    root_of_fix = root / "parking@2" / "document.yaml"
    root_of_fix.write_text(root_of_fix.read_text("utf-8") + fix, "utf-8")
    assert told(root / "parking@1") == told(root / "parking@2") == []
    assert load(root.parent, "shili/parking", D(2023, 4, 1)).label == "2"


@pytest.mark.parametrize(
    ("held", "said"),
    [("{from: 2024-06-01}", None), ("{from: 2028-04-01}", None), ("{from: 2028-04-02}", "2028-04-01 没有有效的版本")],
)
def test_a_document_that_another_repeals(city: Any, held: str, said: str | None) -> None:
    root = city(parking=(A, HELD, ""), other=(B, held, "repeals: ['示政办字[2023]5号']\n"))
    assert told(root / "parking") == []
    found = told(root / "other")
    assert found == [] if said is None else any(said in each for each in found), found
    first = D.fromisoformat(held[7:17])
    last = min(first - dt.timedelta(days=1), D(2028, 3, 31))
    assert [v.last for v in line(root.parent, "shili/parking")] == [last]
    force = load(root.parent, "shili/parking").document["in_force"]
    assert force["last"] == last
    assert (force["replaced_by"] is None) is (last == D(2028, 3, 31) and first > D(2028, 4, 1))


def test_a_version_that_cannot_be_read_says_so_and_the_others_do_not_say_it_for_it(city: Any) -> None:
    root = city(parking_1=(A, HELD, ""), parking_2=(B, "{from: 2028-04-01}", ""))
    (root / "parking@1" / "document.yaml").write_text("number: [\n", "utf-8")
    assert told(root / "parking@2") == []
    with pytest.raises(PackError):
        line(root.parent, "shili/parking")


def test_the_fact_of_the_event_must_be_a_day(city: Any) -> None:
    root = city(
        parking_1=(A, "{from: 2023-04-01, until: 2024-12-31, date_fact: found_at}", ""),
        parking_2=(B, "{from: 2025-01-01, date_fact: bikes}", ""),
        parking_3=("示政办字〔2026〕2号", "{from: 2026-01-01, applies_by: decision_date, date_fact: found_at}", ""),
    )  # fmt: skip
    assert told(root / "parking@1") == []
    assert any("date_fact 应是一个日期" in each for each in told(root / "parking@2"))
    assert any("date_fact" in p.message for p in check_folder(root / "parking@3").errors)


def test_an_end_before_the_beginning_is_refused(city: Any) -> None:
    root = city(parking=(A, "{from: 2024-04-01, until: 2024-03-31}", ""))
    assert any("早于起点" in p.message for p in check_folder(root / "parking").errors)


def test_the_same_files_beside_other_files_end_on_another_day(city: Any) -> None:
    root = city(parking_1=(A, HELD, ""), parking_2=(B, "{from: 2025-01-01}", f"repeals: [{A}]\n"))
    alone = load_folder(root / "parking@2")
    held = load_folder(root / "parking@1")
    assert (held.document["in_force"]["last"], held.document["in_force"]["until"]) == (D(2024, 12, 31), D(2028, 3, 31))
    shutil.rmtree(root / "parking@2")
    again = load_folder(root / "parking@1")
    assert again.document["in_force"]["last"] == D(2028, 3, 31)
    assert again.version == held.version != alone.version
