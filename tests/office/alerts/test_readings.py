"""Reading a series: three ways in, the same rows; every fault by its cell; what is written is read again."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongbao.engine.fact import Fact
from gongbao.engine.series import DAY, HOUR, Series
from gongbao.exchange.tables import write_xlsx
from gongbao.office.alerts import readings
from gongbao.office.clock import SHANGHAI

AQI = Fact(id="aqi", label="AQI序列", type="series", of="integer", min=0, marks=("监测", "预报", "趋势"), max_items=480)
NOW = dt.datetime(2017, 11, 4, 9, tzinfo=SHANGHAI)


def read(text: str, step: dt.timedelta | None = None) -> Series:
    return readings.read(readings.from_text(text), AQI, now=NOW, step=step)


def faults(text: str) -> dict[str, str]:
    with pytest.raises(readings.BadReadings) as caught:
        read(text)
    return {f.cell: f.text for f in caught.value.faults}


@pytest.mark.parametrize("text", [
    "2017-11-03\t250\t监测", "2017/11/3,250,监测", "2017年11月3日 250 监测", "时间 AQI 标记\n2017-11-03 00:00 250 监测",
    "2017-11-2 24时 250 监测",
])  # fmt: skip
def test_a_line_is_read_as_people_write_it(text: str) -> None:
    series = read(text)
    assert (series.values, series.marks, series.start) == ((250,), ("监测",), dt.datetime(2017, 11, 3, tzinfo=SHANGHAI))


def test_whole_days_are_24_hour_means_and_hours_are_hours() -> None:
    assert read("2017-11-02 1 监测\n2017-11-03 2 监测").step == DAY
    assert read("2017-11-03 01:00 1 监测\n2017-11-03 02:00 2 监测").step == HOUR


def test_what_is_left_empty_or_out_is_a_gap() -> None:
    series = read("2017-11-01\t5\t监测\n2017-11-02\t\t监测\n2017-11-04\t缺测\t监测\n2017-11-05\t7\t预报")
    assert series.values == (5, None, None, None, 7)


def test_every_fault_is_named_and_all_are_found() -> None:
    found = faults("2017-11-03 abc 监测\n2017-02-30 5 预报\n2017-11-05 1.5 预报\n2017-11-06 -1 预报\n2017-11-07 5 实况")
    assert list(found) == ["第1行第2列", "第2行第1列", "第3行第2列", "第4行第2列", "第5行第3列"]
    assert "监测、预报、趋势" in found["第5行第3列"]


def test_a_time_said_twice_names_both_cells() -> None:
    assert "第1行第1列" in faults("2017-11-03 5 监测\n2017-11-03 6 监测")["第2行第1列"]


def test_what_has_not_happened_cannot_be_observed() -> None:
    assert "还没有到" in faults("2017-11-04 10:00 5 监测")["第1行第1列"]
    assert read("2017-11-04 09:00 5 监测").values == (5,)


def test_nothing_or_only_gaps_is_no_series() -> None:
    assert "没有读数" in faults("\n\n")["序列"]
    assert "缺测" in faults("2017-11-03\t\t监测")["数值列"]


def test_480_readings_are_taken_and_481_are_not() -> None:
    start = dt.datetime(2017, 10, 1, tzinfo=SHANGHAI)

    def lines(count: int) -> str:
        return "\n".join(f"{start + i * HOUR:%Y-%m-%d %H:%M} 5 监测" for i in range(count))

    assert len(read(lines(480))) == 480
    assert "最多 480 个" in faults(lines(481))["序列"]
    assert "最多 480 个" in faults("2017-10-01 01:00 5 监测\n2017-11-03 02:00 5 监测")["时间列"]


def test_a_file_names_cells_by_address_and_a_missing_column_by_its_heading() -> None:
    data = write_xlsx(("日期", "AQI", "标记"), [("2017-11-03", 250, "监测"), ("2017-11-04", "x", "监测")])
    with pytest.raises(readings.BadReadings) as caught:
        readings.read(readings.from_file(data, "a.xlsx", "AQI序列"), AQI, now=NOW)
    assert [f.cell for f in caught.value.faults] == ["B3"]
    with pytest.raises(readings.BadReadings, match="标记"):
        readings.from_file("时间,AQI\n2017-11-03,5\n".encode(), "a.csv", "AQI序列")


@pytest.mark.parametrize(
    ("data", "name"), [(b"\0\1\2", "a.csv"), (b"PK nothing", "a.xlsx"), (b"", "a.csv"), (b"x", "a.pdf")]
)
def test_a_file_that_is_no_table_is_told_as_one(data: bytes, name: str) -> None:
    with pytest.raises(readings.BadReadings) as caught:
        readings.from_file(data, name, "AQI序列")
    assert caught.value.faults[0].cell == name


def test_typed_rows_end_at_the_last_value() -> None:
    rows = readings.from_form(
        dt.datetime(2017, 11, 3, tzinfo=SHANGHAI), DAY, ["5", "", "7", ""], ["监测"] * 2 + ["预报"] * 2
    )
    assert readings.read(rows, AQI, now=NOW).values == (5, None, 7)


SERIES = st.builds(
    lambda values, step, marks: Series(dt.datetime(2017, 10, 1, tzinfo=SHANGHAI), step, tuple(values), tuple(marks[: len(values)])),
    st.lists(st.one_of(st.none(), st.integers(0, 900)), min_size=2, max_size=20).filter(lambda v: v[0] is not None and v[-1] is not None),
    st.sampled_from([DAY, HOUR]),
    st.lists(st.sampled_from(["监测", "预报"]), min_size=20, max_size=20),
)  # fmt: skip


@given(SERIES)
def test_what_is_written_is_read_again(series: Series) -> None:
    assert read(readings.as_text(series), series.step) == series


def test_decimal_readings_are_written_exactly() -> None:
    series = Series(dt.datetime(2017, 10, 1, tzinfo=SHANGHAI), DAY, (Decimal("1.50"),), ("监测",))
    assert readings.as_text(series) == "2017-10-01\t1.50\t监测"
