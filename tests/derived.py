"""Listed children for tests of derived lists: invented people in real wards."""

from __future__ import annotations

from functools import cache

from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.paper.letterhead import Letterhead
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import units_file
from bhyt_filedrop.settings.reading import Gathered
from bhyt_filedrop.simulate.people import InventedChild, children
from tests.cities import as_shipped

ROUND = Round(2015, 1)


@cache
def city() -> Units:
    units = units_file.read(config_dir(), Gathered())
    assert units is not None
    return as_shipped(units)


def office(unit: str) -> Letterhead:
    """The letterhead of one of the city's departments."""
    return Letterhead.of(city()[unit], city())


@cache
def kids(count: int, district: str = "760", seed: int = 1) -> tuple[InventedChild, ...]:
    wards = city().children(district)[:4]
    return tuple(children(city(), count, round=ROUND, seed=seed, wards=wards))


def listed(child: InventedChild, **more: object) -> ListedChild:
    """The child as form 2 lists it."""
    values: dict[str, object] = {
        "code": child.code,
        "name": child.name,
        "birth": child.birth_date.isoformat(),
        "sex": "nu" if child.girl else "nam",
        "parent": child.mother,
        "id_number": child.id_number,
        "address": child.address,
        "ward": child.ward,
        "district": city()[child.ward].parent,
    }
    return ListedChild(**{**values, **more})  # type: ignore[arg-type]


def carded(child: InventedChild, category: str = "carded-before", **more: object) -> ListedChild:
    """The child as a return lists it once it has a card."""
    own = {
        "card": child.card,
        "facility": f"79{child.facility}",
        "facility_name": child.facility_name,
        "carded": "yes",
        "category": category,
    }
    return listed(child, **{**own, **more})


def visit(child: InventedChild, amount: int = 100_000, **more: object) -> ListedChild:
    """One visit as a hospital's cost list has it: small letters, year of birth, no parent."""
    values: dict[str, object] = {
        "code": "",
        "name": child.name.lower(),
        "birth": str(child.birth_date.year),
        "parent": "",
        "id_number": "",
        "costs": {"cost_total": amount, "cost_patient": 7, "cost_insurance": amount - 7},
    }
    return listed(child, **{**values, **more})
