"""The card register, as a table of a database."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.edges.register import TableSource, read_table
from bhyt_filedrop.ports import NeverWorks, TryLater

COLUMNS = {
    "name": "HO_TEN", "birth": "NGAY_SINH", "card": "MA_THE", "parent": "HO_TEN_ME",
    "facility": "MA_DKBD", "facility_name": "TEN_BV", "address": "DIA_CHI", "sex": "GIOI_TINH",
}  # fmt: skip
LAN = RegisterRow(
    "Nguyễn Gia Bảo", "2014-03-05", "Lê Thị Lan", "TE1790000000123", "79014", "BV Hoa Sứ",
    "12 Hoa Sứ, Phường Bến Nghé, Quận 1", "nam",
)  # fmt: skip


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
