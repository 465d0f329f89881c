"""Places in time: which names an address may mean on a day, where units come and go.

A ward that was closed is an old place of the ones that took over from it, as those of
`old-places.csv` are: people go on writing its name for years.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.places.names import alias_problems
from bhyt_filedrop.domain.places.old import OldPlaces, OldWard
from bhyt_filedrop.domain.places.tokens import words_of
from bhyt_filedrop.domain.process.units import Unit, Units


def gazetteer_of(units: Units, aliases: Mapping[str, str], old: OldPlaces) -> Gazetteer:
    """Return the places of the day of `units`; an alias of another day's place means nothing then.

    Raises ValueError naming an alias that means no unit, where units have no days.
    """
    if units.day is None:
        return Gazetteer.of(units, aliases, old)
    places = old_places_of(units, old)
    wrong = alias_problems(units, aliases, places)
    return Gazetteer.of(units, {a: said for a, said in aliases.items() if a not in wrong}, places)


def wrong_aliases(units: Units, aliases: Mapping[str, str], old: OldPlaces) -> Mapping[str, str]:
    """Return what is wrong with aliases that mean no place of any day."""
    days = [(one, old_places_of(one, old)) for one in units.of_each_day()]
    found = [alias_problems(one, aliases, places) for one, places in days or [(units, old)]]
    everywhere = set(found[0]).intersection(*found)
    return {alias: message for alias, message in found[-1].items() if alias in everywhere}


def old_places_of(units: Units, old: OldPlaces) -> OldPlaces:
    """Return the places that are gone by the day of `units`, with the wards that they lie in then.

    What the table says of a ward stands above what follows from the units.
    """
    told = tuple(_on_the_day(old.wards, units))
    known = {_place(ward): ward for ward in told}
    districts = {words_of(ward.district): ward for ward in told}
    closed = (unit for unit in units.everybody if _is_closed_ward(unit, units))
    added = (_old_ward(unit, units, districts) for unit in closed)
    return OldPlaces((*told, *(one for one in added if one.now and _place(one) not in known)))


def _on_the_day(wards: Iterable[OldWard], units: Units) -> Iterator[OldWard]:
    """Lines of the table whose wards are all there, or have heirs."""
    for ward in wards:
        heirs = [[heir.id for heir in units.heirs(now)] for now in ward.now]
        if all(heirs):
            now = tuple(dict.fromkeys(one for found in heirs for one in found))
            yield OldWard(ward.province, ward.district, ward.name, now, ward.within)


def _place(ward: OldWard) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return words_of(ward.district), words_of(ward.name)


def _is_closed_ward(unit: Unit, units: Units) -> bool:
    gone = units.day is not None and unit.valid_to is not None and unit.valid_to < units.day
    return gone and units.kind_of(unit).level == "ward"


def _old_ward(unit: Unit, units: Units, districts: Mapping[tuple[str, ...], OldWard]) -> OldWard:
    above = units.by_id.get(unit.parent)
    district = above.name if above else ""
    beside = districts.get(words_of(district))
    return OldWard(
        beside.province if beside else units.authority.name,
        district,
        unit.name,
        tuple(heir.id for heir in units.heirs(unit.id)),
        beside.within if beside else (),
    )
