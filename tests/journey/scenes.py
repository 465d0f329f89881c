"""Scenes for the kill test: what lay there before, and what a daemon has before it when it dies."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from bhyt_filedrop.wiring.books import open_books
from tests.journey.site import DISTRICT, MORNING, PDF, Site, people, workbook

Act = Callable[[Site], None]


@dataclass(frozen=True)
class Scene:
    """`earlier` acts each have a run of their own; the run after `last` is the one that dies."""

    last: Act
    earlier: tuple[Act, ...] = ()
    derived: bool = False
    """True on a site where the product makes lists from lists, as it is shipped."""


def form_3(site: Site, *faults: str, count: int = 8) -> bytes:
    """A district's return, correct or with faults."""
    group = people(site.units, DISTRICT, count)
    return workbook(site.units, "form-3", DISTRICT, group, faults, scratch=site.directory)


def form_4(site: Site, *faults: str, count: int = 3, ward: int = 0) -> bytes:
    """The first part of a ward's return."""
    group = people(site.units, DISTRICT, 8, ward=ward)[:count]
    return workbook(site.units, "form-4", site.ward(ward), group, faults, scratch=site.directory)


def d03(site: Site, *faults: str, count: int = 3, ward: int = 0) -> bytes:
    """The second part of a ward's return."""
    group = people(site.units, DISTRICT, 8, ward=ward)[-count:]
    return workbook(
        site.units, "d03-ts-1111", site.ward(ward), group, faults, scratch=site.directory
    )


def packed(**members: bytes) -> bytes:
    """A zip; `__` in a member's name stands for the dot of its ending."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return made.getvalue()


def _good(site: Site) -> None:
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))


def _corrected(site: Site) -> None:
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site, count=6))


def _bad(site: Site) -> None:
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site, "row.card-invalid"))


def _zip(site: Site) -> None:
    data = packed(mau_4__xlsx=form_4(site), d03__xlsx=d03(site), ban_ky__pdf=PDF)
    site.drop(site.ward(), "hồ sơ.zip", data)


def _bad_zip(site: Site) -> None:
    data = packed(mau_4__xlsx=form_4(site, "row.address-missing"), d03__xlsx=d03(site))
    site.drop(site.ward(), "hồ sơ.zip", data)


def _scan(site: Site) -> None:
    site.drop(DISTRICT, "công văn.pdf", PDF)


def _half(site: Site) -> None:
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))


def _other_half(site: Site) -> None:
    site.drop(site.ward(), "D03.xlsx", d03(site))


def _halves(site: Site) -> None:
    _half(site)
    _other_half(site)


def _city_list(site: Site) -> None:
    group = people(site.units, DISTRICT, 6)
    data = workbook(site.units, "form-2", "cntt", group, scratch=site.directory)
    site.drop("cntt", "mẫu 2.xlsx", data)


def decide(site: Site, action: str) -> None:
    """A person decides about the only drop that waits."""
    books = open_books(site.settings)
    waiting = [d for d in site.drops() if d.state.value in ("held", "set-aside")]
    books.drops.override(waiting[0].id, action, "thử", MORNING)
    books.close()


SCENES = {
    "an accepted list": Scene(_good),
    "a returned list": Scene(_bad),
    "a corrected list": Scene(_corrected, (_good,)),
    "the same file again": Scene(_good, (_good,)),
    "a zip of two lists and a scan": Scene(_zip),
    "a zip with a fault": Scene(_bad_zip),
    "a scan alone": Scene(_scan),
    "half a return": Scene(_half),
    "the other half": Scene(_other_half, (_half,)),
    "both halves at once": Scene(_halves),
    "a list that others are made from": Scene(_city_list, derived=True),
    "a release": Scene(lambda site: decide(site, "release"), (_half,)),
    "a rejection": Scene(lambda site: decide(site, "reject"), (_half,)),
}
"""What the killed run has to do."""
