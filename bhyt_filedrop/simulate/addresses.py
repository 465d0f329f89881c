"""Made-up addresses in real wards, written the ways that different clerks write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from random import Random

from bhyt_filedrop.domain.places.old import OldPlaces
from bhyt_filedrop.domain.process.units import Unit, Units

STREETS = (
    "Hoa Sứ",
    "Lá Xanh",
    "Nắng Mai",
    "Bằng Lăng",
    "Cây Điệp",
    "Gió Chướng",
    "Đường số 9",
    "Tre Vàng",
    "Sông Êm",
    "Mây Hồng",
)
"""Invented streets: none bears the name of a ward, a district or a person."""

_SHORT = {
    "Phường": "P.",
    "Quận": "Q.",
    "Huyện": "H.",
    "Thị trấn": "TT.",
    "Xã": "X.",
    "Thành phố": "TP.",
}


def house(rng: Random) -> str:
    """Return an invented house number and street: `12/3 Hoa Sứ`."""
    number = str(rng.randint(1, 480))
    if rng.random() < 0.4:
        number += f"/{rng.randint(1, 60)}"
    return f"{number} {rng.choice(STREETS)}"


def _full(house: str, ward: str, district: str, whole: str = "") -> str:
    return f"{house}, {ward}, {district}"


def _with_city(house: str, ward: str, district: str, whole: str = "") -> str:
    return f"{house}, {ward}, {district}, {whole}"


def _short(house: str, ward: str, district: str, whole: str = "") -> str:
    return f"{house}, {_abbreviated(ward, ' ')}, {_abbreviated(district, '')}"


def _tight(house: str, ward: str, district: str, whole: str = "") -> str:
    return f"{house} {_abbreviated(ward, '')} {_abbreviated(district, '')}"


def _french(house: str, ward: str, district: str, whole: str = "") -> str:
    """`F.5, Q.3`: older clerks write F for phường."""
    return _short(house, ward, district).replace(", P. ", ", F.")


def _lower(house: str, ward: str, district: str, whole: str = "") -> str:
    return _full(house, ward, district).lower()


def _upper(house: str, ward: str, district: str, whole: str = "") -> str:
    return _full(house, ward, district).upper()


def _padded(house: str, ward: str, district: str, whole: str = "") -> str:
    """`phường 05 quận 03`: numbers with a leading zero."""
    place = f"{ward}, {district}".lower()
    return f"{house}, " + re.sub(r" (\d)\b", r" 0\1", place)


def _plain(house: str, ward: str, district: str, whole: str = "") -> str:
    """Without diacritics, as typed on a machine without a Vietnamese keyboard."""
    text = unicodedata.normalize("NFD", _full(house, ward, district))
    bare = "".join(c for c in text if not unicodedata.combining(c))
    return bare.replace("đ", "d").replace("Đ", "D")


def _dashed(house: str, ward: str, district: str, whole: str = "") -> str:
    return f"{house} - {ward} - {district}"


STYLES: Mapping[str, Callable[[str, str, str, str], str]] = {
    "full": _full,
    "with-city": _with_city,
    "short": _short,
    "tight": _tight,
    "french": _french,
    "lower": _lower,
    "upper": _upper,
    "padded": _padded,
    "plain": _plain,
    "dashed": _dashed,
}
"""Ten clerks' styles by name: (house, ward's name, district's, the whole's) → one address."""


def _abbreviated(name: str, space: str) -> str:
    for word, short in _SHORT.items():
        if name.startswith(word + " "):
            return short + space + name[len(word) + 1 :]
    return name


def place_of(ward: Unit, units: Units) -> tuple[str, str]:
    """Return how people say where a ward is: its name, and that of its district or, where there
    are none, of the city."""
    above = units.by_id.get(ward.parent)
    is_district = above is not None and units.kind_of(above).level == "district"
    return ward.name, above.name if above and is_district else units.authority.place


def place_then(rng: Random, ward: Unit, units: Units, old: OldPlaces) -> tuple[str, str]:
    """Return how a clerk says it who is used to the names of before a reorganisation: every second
    time by an old ward that lies whole in this one, if there was any."""
    before = old.wards_of.get(ward.id, ())
    if before and rng.random() < 0.5:
        said = rng.choice(before)
        return said.name, said.district
    return place_of(ward, units)


def address(rng: Random, place: tuple[str, str], style: str = "full", whole: str = "TP.HCM") -> str:
    """Return an invented address in a real ward. Raises KeyError for an unknown style."""
    return STYLES[style](house(rng), *place, whole)


def offices(units: Units) -> tuple[Unit, ...]:
    """Return the offices that stand above the wards, in order; none where there are two levels."""
    parents = {ward.parent for ward in units.of_level("ward")}
    return tuple(unit for unit in units if unit.id in parents)


def whole_of(units: Units) -> str:
    """Return the whole as a column of an address says it: `Thành phố Hồ Chí Minh`."""
    name = units.authority.name
    full = f"Thành phố {name.removeprefix('TP. ')}" if name.startswith("TP. ") else name
    return full[:1].upper() + full[1:]
