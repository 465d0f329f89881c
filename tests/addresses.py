"""Addresses as clerks write them: made-up houses in real wards, in ten styles and some harder ones.

Streets are real names on purpose, many of them also the name of a ward or district somewhere else:
that is the trap.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random

from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.resources import config_dir
from tests.cities import as_shipped

CONFIG = config_dir()

STREETS = (
    "Nguyễn Trãi", "Lê Lợi", "Cách Mạng Tháng 8", "Hoa Sứ", "Lý Thường Kiệt", "Đường số 9",
    "Nguyễn Thái Bình", "Phạm Ngũ Lão", "Cô Giang", "Nguyễn Cư Trinh", "Phạm Văn Hai",
    "Lê Minh Xuân", "Tân Sơn Nhì", "Tân Quý", "Bình Trị Đông", "Hiệp Bình", "Tân Phú", "Gò Vấp",
    "Bến Nghé", "Bà Huyện Thanh Quan", "Nguyễn Tri Phương", "Quốc lộ 1A", "3/2", "Hòa Bình",
    "Xa lộ Hà Nội", "An Dương Vương", "Hương lộ 2", "Điện Biên Phủ", "Trần Quý Cáp",
)  # fmt: skip

_SHORT = {"Phường": "P.", "Xã": "X.", "Thị trấn": "TT.", "Quận": "Q.", "Huyện": "H."}
_INITIALS = {
    "Quận Tân Bình": "Q.TB", "Quận Tân Phú": "Q.TP", "Quận Thủ Đức": "Q.TĐ",
    "Quận Gò Vấp": "Q.GV", "Quận Phú Nhuận": "Q. P.Nhuận", "Quận Bình Thạnh": "Q.BThạnh",
    "Quận Bình Tân": "Q. B.Tân", "Huyện Hóc Môn": "H.HM", "Huyện Củ Chi": "H.CC",
}  # fmt: skip

Style = Callable[[Random, Unit, Unit], str]


def shipped_units() -> Units:
    """The 24 districts and 322 wards as the product ships them."""
    with (CONFIG / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return as_shipped(
        Units.of(Unit(row["id"], row["name"], row["kind"], row["parent"]) for row in rows)
    )


def shipped_aliases() -> dict[str, str]:
    """The other spellings of places as the product ships them."""
    with (CONFIG / "place-aliases.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["alias"]: row["meaning"] for row in csv.DictReader(file)}


def house(rng: Random) -> str:
    """A house number and a street: `12/3 Nguyễn Trãi`."""
    number = f"{rng.randint(1, 480)}"
    if rng.random() < 0.4:
        number += f"/{rng.randint(1, 60)}"
    return f"{number}{rng.choice(['', '', '', 'A', 'Bis'])} {rng.choice(STREETS)}"


def short(name: str, space: str) -> str:
    """`Phường 05` → `P.5`, `Huyện Củ Chi` → `H.Củ Chi`."""
    for word, mark in _SHORT.items():
        if name.startswith(word + " "):
            return mark + space + re.sub(r"^0(\d)$", r"\1", name[len(word) :].strip())
    return name


def bare(name: str) -> str:
    """`Phường Bến Thành` → `Bến Thành`; a numbered place keeps its level."""
    level = next((word for word in _SHORT if name.startswith(word + " ")), "")
    rest = name[len(level) :].strip()
    return short(name, "") if rest.isdigit() else rest


def without_diacritics(text: str) -> str:
    """As typed on a machine without a Vietnamese keyboard."""
    decomposed = unicodedata.normalize("NFD", text)
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return plain.replace("đ", "d").replace("Đ", "D")


def _full(rng: Random, ward: Unit, district: Unit) -> str:
    return f"{house(rng)}, {ward.name}, {district.name}"


def _short(rng: Random, ward: Unit, district: Unit) -> str:
    return f"{house(rng)}, {short(ward.name, ' ')}, {short(district.name, '')}"


def _tight(rng: Random, ward: Unit, district: Unit) -> str:
    return f"{house(rng)} {short(ward.name, '')} {short(district.name, '')}".replace(".", "")


def _french(rng: Random, ward: Unit, district: Unit) -> str:
    return _short(rng, ward, district).replace(", P. ", ", F.")


def _padded(rng: Random, ward: Unit, district: Unit) -> str:
    place = f"{ward.name} {district.name}".lower()
    return f"{house(rng)} " + re.sub(r" (\d)\b", r" 0\1", place)


def _plain(rng: Random, ward: Unit, district: Unit) -> str:
    return without_diacritics(_full(rng, ward, district))


def _capitals(rng: Random, ward: Unit, district: Unit) -> str:
    return f"{_short(rng, ward, district)}, Thành phố Hồ Chí Minh".upper()


def _bare(rng: Random, ward: Unit, district: Unit) -> str:
    return f"{house(rng)}, {bare(ward.name)}, {bare(district.name)}, TP.HCM"


def _hamlet(rng: Random, ward: Unit, district: Unit) -> str:
    lead = rng.choice(["Tổ {} KP {}", "Ấp {}, tổ {}", "{}/{} khu phố 4", "Số {} hẻm {}"])
    place = lead.format(rng.randint(1, 60), rng.randint(1, 9))
    name = _INITIALS.get(district.name) or short(district.name, " ")
    return f"{place} - {short(ward.name, '')} - {name} - HCM"


def _cut(rng: Random, ward: Unit, district: Unit) -> str:
    street = rng.choice(["Hoa Sứ", "Lê Lợi", "3/2", "Cô Giang"])
    place = f"{short(ward.name, '')} {short(district.name, '')}"
    text = f"{rng.randint(1, 99)} {street} {place}, TP.HCM"
    return text[:30]


STYLES: Mapping[str, Style] = {
    "full": _full,
    "short": _short,
    "tight": _tight,
    "french": _french,
    "padded": _padded,
    "plain": _plain,
    "capitals": _capitals,
    "bare": _bare,
    "hamlet": _hamlet,
    "cut at 30": _cut,
}
"""Ten clerks' styles: (random, ward, district) → one address."""


def _reversed(rng: Random, ward: Unit, district: Unit) -> str:
    return f"{district.name}, {ward.name}, {house(rng)}"


def _messy(rng: Random, ward: Unit, district: Unit) -> str:
    text = _short(rng, ward, district).replace(" ", "\u00a0 ", 3).replace(", ", " ,\n")
    return unicodedata.normalize("NFD", text)


def _joined(rng: Random, ward: Unit, district: Unit) -> str:
    return f"{house(rng)}, {short(ward.name, '')},{short(district.name, '').replace(' ', '')}"


HARDER: Mapping[str, Style] = {"reversed": _reversed, "messy": _messy, "joined": _joined}


def addresses(units: Units, rng: Random, style: Style, each: int) -> Iterator[tuple[str, Unit]]:
    """Yield `each` addresses in every ward, with the ward they lie in."""
    for ward in units.of_kind("ward"):
        for _ in range(each):
            yield style(rng, ward, units[ward.parent]), ward


def in_pieces(
    rng: Random,
    streets: Sequence[str],
    joints: Sequence[str],
    marks: Sequence[str],
    names: Sequence[str],
    ends: Sequence[str],
) -> str:
    """A street, one to three places of whatever rank, and what may stand at the end."""
    text = rng.choice(streets)
    for _ in range(rng.choice((1, 2, 2, 2, 3))):
        text += rng.choice(joints) + rng.choice(marks) + rng.choice(names)
    return text + rng.choice(ends)
