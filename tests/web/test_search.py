"""A child is found by its name however it is written, in ledgers of before too."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import update

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.edges.ledger import schema
from tests.journey.site import DISTRICT
from tests.web.played import PlayedPage


def found(page: PlayedPage, text: str, who: str = "phong-thu") -> str:
    return page.visitor(who).get(f"/search?children=1&q={quote(text)}").text


@pytest.mark.parametrize("written", [str, str.upper, fold, lambda name: f"  {fold(name)[1:]} "])
def test_a_name_is_found_without_its_diacritics_in_capitals_and_by_a_part(
    page: PlayedPage, written
):
    (child, *_) = page.children_of(DISTRICT)

    assert child.name in found(page, written(child.name))


def test_a_name_that_was_written_down_before_it_was_folded_is_found(own_page: PlayedPage):
    (child, *_) = own_page.children_of(DISTRICT)
    with own_page.books.engine.begin() as tx:
        assert tx.execute(update(schema.roll).values(folded="")).rowcount > 0

    assert child.name in found(own_page, fold(child.name))
    assert child.name not in found(own_page, "Không Có Ai Tên Này")


@pytest.mark.parametrize("text", ["%%%", "___", "a%b", "\\\\\\", "'''"])
def test_signs_of_the_database_find_nobody(page: PlayedPage, text: str):
    assert "<table>" not in found(page, text)
