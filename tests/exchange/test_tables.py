"""A table is read as a person sees it, its errors name what is wrong, and what is written can be read back."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest

from gongbao.exchange.tables import TableError, column_letters, read_table, write_xlsx


def test_csv_in_either_encoding_gives_the_same_cells() -> None:
    text = "时间,数值\n2017-11-20 00:00,250\n\n2017-11-21 00:00, 301 \n"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        table = read_table(text.encode(encoding), "a.csv")
        assert table.header == ("时间", "数值")
        assert [row[1].text for row in table.rows] == ["250", "301"]
        assert table.rows[1][1].address == "B4"


def test_what_is_written_is_read_back() -> None:
    rows = [["甲公司", 6, Decimal("2.50"), dt.date(2023, 2, 1)], ["乙公司", 0, None, dt.datetime(2023, 2, 1, 9, 30)]]
    table = read_table(write_xlsx(["企业", "次数", "比例", "日期"], rows), "b.xlsx")
    assert [c.text for c in table.rows[0]] == ["甲公司", "6", "2.5", "2023-02-01"]
    assert [c.text for c in table.rows[1]] == ["乙公司", "0", "", "2023-02-01 09:30"]


def test_a_moment_is_written_as_it_is_in_beijing_whatever_zone_it_comes_in() -> None:
    moment = dt.datetime(2023, 2, 1, 16, 30, tzinfo=dt.UTC)
    table = read_table(write_xlsx(["时间"], [[moment]]), "b.xlsx")
    assert table.rows[0][0].text == "2023-02-02 00:30"


def test_a_control_character_that_was_pasted_in_does_not_keep_a_table_from_being_written() -> None:
    table = read_table(write_xlsx(["内容"], [["第一行\x0b第二行\x07"], [["甲\x00", "乙"]]]), "b.xlsx")
    assert [row[0].text for row in table.rows] == ["第一行 第二行", "甲 、乙"]


def test_a_list_is_never_taken_for_a_formula() -> None:
    assert read_table(write_xlsx(["名称"], [[["=1+1", "b"]]]), "c.xlsx").rows[0][0].text == "'=1+1、b"


def test_text_is_never_taken_for_a_formula() -> None:
    table = read_table(write_xlsx(["名称"], [["=1+1"], ["@SUM(A1)"]]), "c.xlsx")
    assert [row[0].text for row in table.rows] == ["'=1+1", "'@SUM(A1)"]


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "a.csv", "没有内容"),
        (b"\x00\x01\x02", "a.csv", "空字符"),
        (b"not a zip", "a.xlsx", "不是可读的 XLSX"),
        ("甲,甲\n1,2".encode(), "a.csv", "重复的列：甲"),
        (b"x", "a.pdf", "只收 .csv 和 .xlsx"),
        (b"\xff\xfe\xff\xff\x81", "a.csv", "读不出表格"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_the_reason(data: bytes, name: str, said: str) -> None:
    with pytest.raises(TableError, match=said):
        read_table(data, name)


def workbook(*parts: tuple[str, str]) -> bytes:
    """An XLSX file whose sheet has these parts replaced."""
    made = io.BytesIO()
    source = zipfile.ZipFile(io.BytesIO(write_xlsx(["名称", "数"], [["甲", 1], ["乙", 2]])))
    with source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            for before, after in parts if name == "xl/worksheets/sheet1.xml" else ():
                assert before.encode() in text
                text = text.replace(before.encode(), after.encode())
            target.writestr(name, text)
    return made.getvalue()


def test_a_formula_counts_as_the_value_kept_beside_it_and_without_one_is_named_by_its_cell() -> None:
    assert [c.text for c in read_table(workbook(("<v>2</v>", "<f>1+1</f><v>2</v>")), "a.xlsx").rows[1]] == ["乙", "2"]
    with pytest.raises(TableError, match="B3是没有算出值的公式"):
        read_table(workbook(("<v>2</v>", "<f>1+1</f>")), "a.xlsx")


def test_a_workbook_that_unpacks_to_far_more_than_it_is_is_not_read() -> None:
    blank = " " * (64 * 1024 * 1024)
    data = workbook(("</sheetData>", f"{blank}</sheetData>"))
    assert len(data) < 1024 * 1024
    with pytest.raises(TableError, match="压缩炸弹"):
        read_table(data, "a.xlsx")


def test_many_like_rows_are_no_bomb() -> None:
    data = write_xlsx(["名称", "数"], [["某某有限公司", 100]] * 20_000)
    assert len(read_table(data, "a.xlsx").rows) == 20_000


def test_columns_are_named_as_a_spreadsheet_names_them() -> None:
    from openpyxl.utils import get_column_letter

    assert [column_letters(n) for n in range(1, 18_279)] == [get_column_letter(n) for n in range(1, 18_279)]  # A to ZZZ
    wide = read_table((",".join(f"c{n}" for n in range(28)) + "\n" + ",".join("x" * 28)).encode(), "a.csv")
    assert [wide.rows[0][n].address for n in (0, 25, 26, 27)] == ["A2", "Z2", "AA2", "AB2"]
