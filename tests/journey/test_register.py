"""Forms 1 and 2 drafted on a small site from the cost list and CNTT's card register."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.simulate.people import InventedChild
from tests.journey.parties import SENDING, form, inbox, kids, letters, lists, own, table
from tests.journey.site import DISTRICT, Site

REGISTER = "Dữ liệu thẻ"
DRAFTS = "Bản nháp"
HEADS = ("Họ và tên", "Ngày sinh", "Mã thẻ", "Họ tên mẹ", "Mã BV", "Tên bệnh viện", "Địa chỉ")


@pytest.fixture
def site(round_site: Site) -> Site:
    """A site in the month in which CNTT looks for cards."""
    round_site.clock.now = SENDING
    return round_site


def row(child: InventedChild) -> tuple[str, ...]:
    """A card as the register tells of it."""
    born = f"{child.birth_date:%d/%m/%Y}"
    hospital = f"79{child.facility}"
    return (
        child.name, born, child.card, child.mother, hospital, child.facility_name, child.address,
    )  # fmt: skip


def export(group: Sequence[InventedChild]) -> bytes:
    """An export of the register: a bare table without any heading above it."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(HEADS)
    for child in group:
        book.active.append(row(child))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def cost_list(site: Site, group: Sequence[InventedChild]) -> None:
    """NVGĐ1 drops the round's costs."""
    site.drop("nvgd1", "79a.xlsx", form(site, "c79a", "nvgd1", group))


def drafts(site: Site) -> dict[str, Path]:
    """The drafts that lie ready for CNTT, by what they are called first."""
    return {path.name.split(" - ")[0]: path for path in inbox(site, "cntt", DRAFTS)}


CARDED, UNCARDED = "Mẫu 1, trẻ đã có thẻ", "Mẫu 2, trẻ chưa có thẻ"


def test_an_export_of_the_register_and_the_costs_make_drafts_of_forms_1_and_2(site: Site):
    group = kids(site)
    cost_list(site, group)
    site.drop("cntt", "ket xuat.xlsx", export(group[:6]), REGISTER)
    site.once()

    assert set(site.states().values()) == {State.ACCEPTED}
    found = drafts(site)
    assert set(table(found[CARDED]).names) == {c.name for c in group[:6]}
    assert set(table(found[UNCARDED]).names) == {c.name for c in group[6:]}
    cards = table(found[CARDED]).column("Mã số")
    assert cards == {c.name: c.card for c in group[:6]}
    (letter,) = [x for x in letters(site, "delivered", "cntt") if DRAFTS in str(x.context)]
    assert "«Bản nháp»" in letter.context["next_step"]


def test_nothing_is_drafted_without_a_register(site: Site):
    cost_list(site, kids(site))
    site.once()

    assert own(site, "card-drafts") == []
    assert drafts(site) == {}


def test_a_newer_export_replaces_the_drafts_under_the_same_names(site: Site):
    group = kids(site)
    cost_list(site, group)
    site.drop("cntt", "ket xuat.xlsx", export(group[:6]), REGISTER)
    site.once()
    names = sorted(path.name for path in drafts(site).values())
    site.drop("cntt", "ket xuat 2.xlsx", export(group[:8]), REGISTER)
    site.once()

    found = drafts(site)
    assert sorted(path.name for path in found.values()) == names
    assert set(table(found[CARDED]).names) == {c.name for c in group[:8]}
    assert set(table(found[UNCARDED]).names) == {c.name for c in group[8:]}


def test_cntt_confirms_the_drafts_by_dropping_them(site: Site):
    group = kids(site)
    cost_list(site, group)
    site.drop("cntt", "ket xuat.xlsx", export(group[:6]), REGISTER)
    site.once()
    for name, path in drafts(site).items():
        site.drop("cntt", f"{name}.xlsx", path.read_bytes())
    site.once()

    for name in (CARDED, UNCARDED):
        assert site.states()[f"{name}.xlsx"] is State.ACCEPTED
    assert [r.rows for r in lists(site, "carded")] == [6]
    assert [r.rows for r in lists(site, "uncarded")] == [4]
    placed = {c.name for c in group[6:] if site.units[c.ward].parent == DISTRICT}
    assert set(table(inbox(site, DISTRICT)[0]).names) == placed


# --- a table of a database -------------------------------------------------------------------


def with_table(site: Site, monkeypatch: pytest.MonkeyPatch, group: Sequence[InventedChild]) -> Path:
    """Configure the register as an SQLite table; the address comes from the environment."""
    database = site.directory / "cards.db"
    with sqlite3.connect(database) as connection:
        connection.execute(
            "CREATE TABLE the_te (ho_ten, ngay_sinh, ma_the, me, ma_bv, ten_bv, dia_chi)"
        )
        put(connection, group)
    columns = 'name = "ho_ten", birth = "ngay_sinh", card = "ma_the", parent = "me"'
    with (site.config / "bhyt-filedrop.toml").open("a", encoding="utf-8") as machine:
        machine.write(
            '\n[card_register]\ncredential = "the-bhyt"\ntable = "the_te"\n'
            f'columns = {{ {columns}, facility = "ma_bv", address = "dia_chi" }}\n'
        )
    monkeypatch.setenv("BHYT_FILEDROP_THE_BHYT", f"sqlite:///{database}")
    return database


def put(connection: sqlite3.Connection, group: Sequence[InventedChild]) -> None:
    rows = [row(child) for child in group]
    connection.executemany("INSERT INTO the_te VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def test_a_table_of_a_database_makes_the_same_drafts(site: Site, monkeypatch: pytest.MonkeyPatch):
    group = kids(site)
    with_table(site, monkeypatch, group[:6])
    cost_list(site, group)
    site.once()

    found = drafts(site)
    assert table(found[CARDED]).column("Mã số") == {c.name: c.card for c in group[:6]}
    assert set(table(found[UNCARDED]).names) == {c.name for c in group[6:]}


def test_cards_that_were_added_to_the_table_are_seen_the_next_day(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    group = kids(site)
    database = with_table(site, monkeypatch, group[:6])
    cost_list(site, group)
    site.once()
    with sqlite3.connect(database) as connection:
        put(connection, group[6:])
    site.once()
    assert len(own(site, "card-drafts")) == 1

    site.clock.now = SENDING.replace(day=19)
    site.once()

    assert len(own(site, "card-drafts")) == 2
    assert set(table(drafts(site)[CARDED]).names) == {c.name for c in group}
    assert table(drafts(site)[UNCARDED]).names == []


def test_a_database_that_is_away_holds_up_no_other_list_and_is_told_of_once_a_day(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    group = kids(site)
    database = with_table(site, monkeypatch, group[:6])
    away = database.rename(database.with_name("elsewhere.db"))
    monkeypatch.setenv("BHYT_FILEDROP_THE_BHYT", f"sqlite:///{site.directory}/no/such/cards.db")
    cost_list(site, group)
    site.drop("cntt", "mẫu 2.xlsx", form(site, "form-2", "cntt", group))
    for _ in range(3):
        site.once()

    assert len(inbox(site, DISTRICT)) == 1
    assert drafts(site) == {}
    (told,) = [x for x in letters(site, "notice") if "card-register" in x.key]
    assert told.unit == "cntt"
    assert str(site.directory) not in str(told.context)

    monkeypatch.setenv("BHYT_FILEDROP_THE_BHYT", f"sqlite:///{away}")
    site.once()
    assert set(table(drafts(site)[CARDED]).names) == {c.name for c in group[:6]}


def test_a_credential_that_nobody_gave_is_named_and_holds_up_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    with_table(site, monkeypatch, kids(site))
    monkeypatch.delenv("BHYT_FILEDROP_THE_BHYT")
    cost_list(site, kids(site))
    site.once()

    (told,) = [x for x in letters(site, "notice") if "card-register" in x.key]
    assert "BHYT_FILEDROP_THE_BHYT" in str(told.context)
    assert own(site, "card-drafts") == []
