"""More scenes for the kill test: derived lists that are corrected, and that a person approves.

Run as `python -m tests.journey.derived_scenes DIR SCENE:STEP…`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.wiring.approving import approving_of
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.wiring.declared import world_of
from tests.journey import killing
from tests.journey.parties import decide, own
from tests.journey.scenes import SCENES, Act, Scene
from tests.journey.site import DISTRICT, MORNING, OTHER_DISTRICT, Site, people, workbook
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


def _agreed(site: Site) -> None:
    """Phòng Thu moves the file that waits into the folder that means yes."""
    folders = world_of(site.settings).routes.approval(site.units["thu"])
    assert folders
    (waiting,) = (site.root / folders.waiting).iterdir()
    waiting.rename(site.root / folders.agreed / waiting.name)


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
        made = approving_of(site.settings, books, lambda: MORNING).approve(
            draft.id, "đã xem", MORNING
        )
        assert len(made) == 2, made  # type: ignore[arg-type]
    finally:
        books.close()


def _waiting(site: Site) -> list[Drop]:
    return [drop for drop in own(site) if drop.state is State.HELD]


def _two_districts(site: Site) -> list[InventedChild]:
    return [c for district in (DISTRICT, OTHER_DISTRICT) for c in people(site.units, district, 4)]


def _split_for_both(site: Site) -> None:
    data = workbook(site.units, "form-2", "cntt", _two_districts(site), scratch=site.directory)
    site.drop("cntt", "mẫu 2.xlsx", data)


def _reports(district: str) -> Act:
    def act(site: Site) -> None:
        mine = people(site.units, district, 4)
        data = workbook(site.units, "form-3", district, mine, scratch=site.directory)
        site.drop(district, f"mẫu 3 của {district}.xlsx", data)

    return act


def _reported_and_worked_on(site: Site) -> None:
    """The drafts lie with thu; somebody has worked on one of them."""
    draft = min(p for p in site.own("thu", "inbox").iterdir() if "bản tạm" in p.name)
    draft.write_bytes(b"worked on by hand")
    _reports(OTHER_DISTRICT)(site)


DERIVED = {
    "final lists that retire their drafts": Scene(
        _reported_and_worked_on, (_split_for_both, _reports(DISTRICT)), derived=True
    ),
    "a corrected split": Scene(_corrected, (_split,), derived=True),
    "an approval": Scene(_released, (_proposed,), derived=True),
    "a proposal that is overtaken": Scene(_corrected, (_proposed,), derived=True),
    "an approval in folders": Scene(_agreed, (_proposed,), derived=True),
    "drafts that are approved": Scene(_approved, (_drafted,), derived=True),
}

if __name__ == "__main__":
    SCENES |= DERIVED
    killing.main(Path(sys.argv[1]), sys.argv[2:])
