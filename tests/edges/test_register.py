"""The card register: the same rows from a database's table and from an export in any format."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.edges.register import TableSource, read_export, read_table, table_source
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.ports import NeverWorks, TryLater

COLUMNS = {
    "name": "HO_TEN", "birth": "NGAY_SINH", "card": "MA_THE", "parent": "HO_TEN_ME",
    "facility": "MA_DKBD", "facility_name": "TEN_BV", "address": "DIA_CHI", "sex": "GIOI_TINH",
}  # fmt: skip
LAN = RegisterRow(
    "Nguyễn Gia Bảo", "2014-03-05", "Lê Thị Lan", "TE1790000000123", "79014", "BV Hoa Sứ",
    "12 Hoa Sứ, Phường Bến Nghé, Quận 1", "nam",
)  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Iterator[WorkbookReader]:
    made = WorkbookReader()
    yield made
    made.close()


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'cards.db'}"
    engine = sa.create_engine(url)
    table = sa.Table(
        "the te", sa.MetaData(), *(sa.Column(name, sa.String) for name in COLUMNS.values())
    )
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), [
            dict(zip(COLUMNS.values(), row, strict=True)) for row in (
                (" nguyễn  gia bảo".title(), "2014-03-05 00:00:00", "TE1 79 0000000123",
                 "Lê Thị Lan", "79014", "BV Hoa Sứ", "12 Hoa Sứ, Phường Bến Nghé, Quận 1", "1"),
                ("Trần An", "2013", "TE1790000000124", None, "14", None, None, None),
                ("Người Lớn", "01/01/1980", "DN4790000000001", "", "79014", "", "", ""),
                (None, None, None, None, None, None, None, None),
            )
        ])  # fmt: skip
    engine.dispose()
    return url


def test_a_table_gives_every_childs_card_repaired_as_a_clerks_list_is(database):
    first, second = read_table(TableSource(database, "the te", COLUMNS))

    assert first == LAN
    assert second == RegisterRow("Trần An", "2013", card="TE1790000000124", facility="79014")


def test_only_the_columns_that_are_mapped_are_read(database):
    needed = {name: COLUMNS[name] for name in ("name", "birth", "card")}

    assert read_table(TableSource(database, "the te", needed))[0].parent == ""


@pytest.mark.parametrize(
    ("table", "columns"),
    [("nothing", COLUMNS), ("the te", {**COLUMNS, "parent": "NO_SUCH"}),
     ('the te"; DROP TABLE "the te', COLUMNS)],
)  # fmt: skip
def test_a_table_or_column_that_is_not_there_never_works_and_harms_nothing(
    database, table, columns
):
    with pytest.raises(NeverWorks, match="no such table or column") as caught:
        read_table(TableSource(database, table, columns))

    assert "\n" not in str(caught.value)
    assert len(read_table(TableSource(database, "the te", COLUMNS))) == 2


def test_a_database_that_cannot_be_opened_is_tried_later(tmp_path):
    away = f"sqlite:///{tmp_path / 'no' / 'such' / 'folder' / 'cards.db'}"

    with pytest.raises(TryLater):
        read_table(TableSource(away, "the te", COLUMNS))


@pytest.mark.parametrize("url", ["nonsense", "nodb://host/x", "oracle+nothing://h/x"])
def test_an_address_of_no_known_database_never_works(url):
    with pytest.raises(NeverWorks):
        read_table(TableSource(url, "the te", COLUMNS))


def test_a_password_in_the_address_is_never_shown():
    assert "secret" not in repr(TableSource("postgresql://u:secret@h/db", "t", COLUMNS))


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({}, "url is missing"),
        ({"url": "sqlite://", "columns": COLUMNS}, "table is missing"),
        ({"url": "sqlite://", "table": "t"}, "columns is missing"),
        ({"url": "sqlite://", "table": "t", "columns": "HO_TEN"}, "columns must name"),
        ({"url": "sqlite://", "table": "t", "columns": {"name": "A", "birth": "B"}},
         "columns.card is missing"),
        ({"url": "sqlite://", "table": "t", "columns": {**COLUMNS, "phone": "X"}},
         "columns.phone is no field"),
    ],
)  # fmt: skip
def test_each_mistake_of_the_configuration_is_named_by_its_key(config, said):
    with pytest.raises(ValueError, match=said):
        table_source(config)


def test_a_right_configuration_is_taken_as_it_is(database):
    config = {"url": database, "table": "the te", "columns": COLUMNS}

    assert read_table(table_source(config))[0] == LAN


# --- an export -------------------------------------------------------------------------------


def an_export(path: Path, headers: list[str], *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["Danh sách thẻ trẻ em"])
    book.active.append([])
    book.active.append(headers)
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


HEADERS = ["STT", "Họ và tên", "Ngày sinh", "Giới tính", "Họ tên mẹ (cha)", "Số thẻ BHYT",
           "Mã ĐKBĐ", "Tên bệnh viện", "Địa chỉ"]  # fmt: skip
ROW: list[object] = [1, "Nguyễn Gia Bảo", date(2014, 3, 5), "Nam", "Lê Thị Lan",
                     "TE1790000000123", "79014", "BV Hoa Sứ",
                     "12 Hoa Sứ, Phường Bến Nghé, Quận 1"]  # fmt: skip


def test_an_export_is_found_by_its_headers_wherever_they_stand(tmp_path, reader):
    path = an_export(tmp_path / "the.xlsx", HEADERS, ROW, [None] * 9)

    assert read_export(path, reader) == (LAN,)


def test_headers_of_ones_own_may_be_named(tmp_path, reader):
    path = an_export(tmp_path / "the.xlsx", ["Cháu", "Sinh", "Thẻ"],
                     ["Nguyễn Gia Bảo", "5/3/2014", "TE1790000000123"])  # fmt: skip
    named = {"name": ["Cháu"], "birth": ["Sinh"], "card": ["Thẻ"]}

    (row,) = read_export(path, reader, named)

    assert (row.name, row.birth, row.card) == ("Nguyễn Gia Bảo", "2014-03-05", LAN.card)


def test_a_csv_serves_as_well(tmp_path, reader):
    path = tmp_path / "the.csv"
    path.write_text("HO_TEN;NGAY_SINH;MA_THE\nNguyễn Gia Bảo;05/03/2014;TE1790000000123\n")

    assert [row.card for row in read_export(path, reader)] == ["TE1790000000123"]


def test_a_workbook_without_the_columns_never_works(tmp_path, reader):
    path = an_export(tmp_path / "the.xlsx", ["Họ và tên", "Ngày sinh"], ["Trần An", "2014"])

    with pytest.raises(NeverWorks, match="no sheet has the columns"):
        read_export(path, reader)


def test_what_is_no_workbook_never_works(tmp_path, reader):
    path = tmp_path / "the.xlsx"
    path.write_bytes(b"%PDF-1.4 no table here")

    with pytest.raises(NeverWorks, match="not a workbook"):
        read_export(path, reader)
