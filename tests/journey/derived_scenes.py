"""More scenes for the kill test: derived lists that are corrected, and that a person approves.

Run as `python -m tests.journey.derived_scenes DIR SCENE:STEP…`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bhyt_filedrop.domain.drops import Drop
from bhyt_filedrop.domain.states import State
from bhyt_filedrop.wiring import approving_of, open_books
from tests.journey import killing
from tests.journey.parties import decide, own
from tests.journey.scenes import SCENES, Scene
from tests.journey.site import DISTRICT, MORNING, Site, people, workbook
from tests.journey.test_register import REGISTER, export


def _city_list(site: Site, *wards: int) -> None:
    group = [child for n in wards for child in people(site.units, DISTRICT, 2, ward=n)]
    data = workbook(site.units, "form-2", "cntt", group, scratch=site.directory)
    site.drop("cntt", f"mẫu 2 của {len(wards)}.xlsx", data)


def _split(site: Site) -> None:
    _city_list(site, 0, 1)


def _corrected(site: Site) -> None:
    """The second ward's children are gone: it is told, the first one is not."""
    _city_list(site, 0)


def _proposed(site: Site) -> None:
    site.set_handoff("district-list", 'release = "approve"')
    _split(site)


def _released(site: Site) -> None:
    decide(site, _waiting(site)[0], "release")


def _drafted(site: Site) -> None:
    """Two of four children on the cost list have a card."""
    group = people(site.units, DISTRICT, 4)
    costs = workbook(site.units, "c79a", "nvgd1", group, scratch=site.directory)
    site.drop("nvgd1", "79a.xlsx", costs)
    site.drop("cntt", "ket xuat.xlsx", export(group[:2]), REGISTER)


def _approved(site: Site) -> None:
    books = open_books(site.settings)
    try:
        (draft,) = own(site, "card-drafts")
        made = approving_of(site.settings, books).approve(draft.id, "đã xem", MORNING)
        assert len(made) == 2, made  # type: ignore[arg-type]
    finally:
        books.close()


def _waiting(site: Site) -> list[Drop]:
    return [drop for drop in own(site) if drop.state is State.HELD]


DERIVED = {
    "a corrected split": Scene(_corrected, (_split,), derived=True),
    "an approval": Scene(_released, (_proposed,), derived=True),
    "a proposal that is overtaken": Scene(_corrected, (_proposed,), derived=True),
    "drafts that are approved": Scene(_approved, (_drafted,), derived=True),
}

if __name__ == "__main__":
    SCENES |= DERIVED
    killing.main(Path(sys.argv[1]), sys.argv[2:])
