"""One person has one card, across units and rounds."""

from __future__ import annotations

from datetime import datetime

import pytest

from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile.other_cards import KnownCard, Persons, known_card
from tests.reconciling import a_child

OLD, NEW = "TE1790000010001", "TE1790000020002"
BEFORE = Round(2014, 4)
NAMES = {"760": "Quận 1"}
KNOWN = KnownCard(
    OLD, "Nguyễn Minh Khang", "2014-03-05", "Trần Thị Lan", "760", BEFORE, "D150614-7K3FQ/0"
)


def told(child: ListedChild, *known: KnownCard) -> list[tuple[str, str | None]]:
    return [(one.code, one.cell) for one in found(child, *known)]


def found(child: ListedChild, *known: KnownCard) -> tuple[Finding, ...]:
    return Persons.of(known or (KNOWN,), NAMES).findings([child])


def test_a_person_with_a_card_of_an_earlier_round_is_told_at_its_name():
    child = a_child("NGUYỄN MINH KHANG")

    (one,) = found(child)

    assert (one.code, one.severity) == ("list.person-carded-before", Severity.WARNS)
    assert (one.cell, one.row, one.field) == (child.cell, child.row, "name")
    assert f"thẻ {OLD} trong danh sách của Quận 1, đợt 4 năm 2014" in one.message


def test_a_person_who_is_to_get_a_second_card_is_told():
    assert told(a_child(card=NEW))[0][0] == "list.person-carded-before"


def test_a_person_listed_with_the_card_that_it_has_is_no_news():
    assert told(a_child(card=OLD)) == []


def test_the_same_card_in_any_earlier_list_is_enough():
    renewed = KnownCard(NEW, KNOWN.name, KNOWN.birth, KNOWN.parent, "761", Round(2015, 1))

    assert told(a_child(card=OLD), KNOWN, renewed) == []


def test_the_newest_of_several_cards_is_named():
    renewed = KnownCard(NEW, KNOWN.name, KNOWN.birth, KNOWN.parent, "761", Round(2015, 1))

    (one,) = found(a_child(), KNOWN, renewed)

    assert NEW in one.message
    assert "761" in one.message


@pytest.mark.parametrize(
    "changes",
    [
        {"birth": "2014-03-06"},
        {"birth": "2014"},
        {"parent": "Bùi Thị Oanh"},
        {"parent": ""},
        {"name": "Nguyễn Minh Khôi"},
    ],
)
def test_a_namesake_is_not_taken_for_the_person(changes: dict[str, str]):
    values = {"name": KNOWN.name, "birth": KNOWN.birth, "parent": KNOWN.parent} | changes

    assert told(a_child(**values)) == []


# --- a card of another -----------------------------------------------------------------------


def test_a_card_that_another_child_has_is_told_at_the_card():
    child = a_child("Đỗ Quốc Tín", "2012-10-10", "Hồ Thị Yến", card=OLD)

    (one,) = found(child)

    assert (one.code, one.severity) == ("list.card-of-another", Severity.BLOCKS)
    assert (one.cell, one.field, one.value) == (child.cells["card"], "card", OLD)
    assert "Nguyễn Minh Khang" not in one.message, "the other child is not this clerk's to know"


def test_twins_with_one_card_are_two_children():
    assert told(a_child("Nguyễn Gia Hân", card=OLD))[0][0] == "list.card-of-another"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Nguyễn Minh Khan"},
        {"name": "Con bà Trần Thị Lan"},
        {"name": "NGUYEN MINH KHANG", "parent": ""},
        {"birth": "2014-05-03"},
        {"birth": "2011-01-01"},
        {"parent": "Võ Văn Tám"},
    ],
)
def test_a_child_written_a_little_otherwise_keeps_its_card(changes: dict[str, str]):
    values = {"name": KNOWN.name, "birth": KNOWN.birth, "parent": KNOWN.parent} | changes

    assert told(a_child(card=OLD, **values)) == []


def test_a_newborn_of_another_mother_does_not_have_the_card():
    known = KnownCard(OLD, "Con bà Trần Thị Lan", "2014-03-05", "Trần Thị Lan")

    assert told(a_child("Lê An", parent="Hồ Thị Yến", card=OLD), known)
    assert not told(a_child("Lê An", card=OLD), known)


def test_what_is_no_card_number_is_nobodys_card():
    """It has a finding of its own: row.card-invalid."""
    known = KnownCard("chờ cấp", "Đỗ Quốc Tín", "2012-10-10")

    assert told(a_child(card="chờ cấp"), known) == []


def test_a_child_is_told_one_thing_only():
    other = KnownCard(NEW, "Đỗ Quốc Tín", "2012-10-10", "Hồ Thị Yến")

    assert [code for code, _ in told(a_child(card=NEW), KNOWN, other)] == ["list.card-of-another"]


def test_the_ledgers_lists_tell_of_cards():
    key = ListKey("district-return", BEFORE, "760", "thu")
    record = ListRecord(
        "D150614-7K3FQ", 0, key, "form-3", 1, "", "accepted", 1, datetime(2015, 3, 2, tzinfo=ZONE)
    )

    assert known_card(record, a_child(card=OLD)) == KNOWN
