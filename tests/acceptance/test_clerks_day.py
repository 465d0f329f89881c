"""A clerk's day: lists typed in a real spreadsheet program, saved in three formats, dropped."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.simulate.lists import list_of, write_list
from bhyt_filedrop.site.lay_out import init
from tests.acceptance.office import FILTERS, saved_by_libreoffice
from tests.journey.site import DISTRICT, ROUND, Site, people
from tests.sites import copied_config, local_tree, one_district

LISTS = (
    ("form-3", DISTRICT, "xls", "Báo cáo của Quận 1 (bản cuối).xls"),
    ("c79a", "nvgd1", "ods", "C79a quý 1.ods"),
    ("c80a", "nvgd1", "ods", unicodedata.normalize("NFD", "Nội trú quý 1.ods")),  # a Mac's
    ("form-1", "cntt", "xlsx", "MAU 1 - da co the (1) (1).xlsx"),
)
"""Form, who drops it, the format it was saved in, under which name."""


def small_site(directory: Path) -> Site:
    """The shipped configuration with one district, and nobody to wait for."""
    config = copied_config(directory)
    one_district(config)
    init(directory, local_tree)
    return Site(directory)


Day = tuple[Site, dict[str, bytes]]
"""A site at the end of the day, and the bytes that were dropped, by name."""


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Let every clerk type a list, save it and drop it."""
    scratch = tmp_path_factory.mktemp("office")
    site = small_site(tmp_path_factory.mktemp("site"))
    dropped = {}
    for form, unit, ending, name in LISTS:
        group = people(site.units, DISTRICT, 12)
        typed = scratch / f"{form} {unit}.xlsx"
        write_list(typed, list_of(form, ROUND, site.units[unit], site.units, group), site.units)
        dropped[name] = saved_by_libreoffice(typed, ending, scratch).read_bytes()
        site.drop(unit, name, dropped[name])
    site.once()
    return site, dropped


def test_what_a_clerk_saves_in_xls_xlsx_or_ods_is_accepted_without_a_word(
    day: Day,
):
    site, _ = day

    assert {ending for _, _, ending, _ in LISTS} == set(FILTERS)
    assert set(site.states().values()) == {State.ACCEPTED}
    for drop in site.drops():
        above_notes = [f for f in site.facts(drop)["findings"] if f["severity"] != "notes"]
        assert above_notes == []
        assert drop.round == ROUND


def test_every_child_that_the_clerk_typed_is_counted(day: Day):
    site, _ = day
    lists = [one for drop in site.drops() for one in site.facts(drop)["lists"]]
    rows = [one["rows"] for one in lists if one["form"] in {form for form, *_ in LISTS}]

    assert rows == [12] * len(LISTS)


def test_the_receiver_gets_the_very_file_that_the_clerk_saved(
    day: Day,
):
    site, dropped = day
    units = {unit for _, unit, _, _ in LISTS}
    kept = {name: data for unit in units for name, data in site.found(unit, "received").items()}
    inboxes = [data for unit in ("thu", "cntt", "nvgd1") for data in
               site.found(unit, "inbox").values()]  # fmt: skip

    assert sorted(kept.values()) == sorted(dropped.values())
    assert all(data in inboxes for data in dropped.values())
    assert {Path(name).suffix for name in kept} == {f".{ending}" for ending in FILTERS}
