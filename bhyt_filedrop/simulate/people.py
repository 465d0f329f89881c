"""Children that do not exist: the same seed gives the same children, on every machine.

Names are common syllables thrown together; cards, identity numbers and hospitals are invented.
Only the wards and districts are real.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bhyt_filedrop.domain.paper.layout import Row, Value
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.simulate.addresses import address, place_of

_FAMILIES = (
    "Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô",
    "Dương", "Lý",
)  # fmt: skip
_BOY_MIDDLES = ("Minh", "Gia", "Quốc", "Hữu", "Đức", "Thiên", "Hoàng", "Anh", "Nhật", "Bảo")
_BOYS = (
    "Khang", "Bảo", "Huy", "Khôi", "Phúc", "Long", "Nam", "Thịnh", "Đạt", "Kiệt", "Quân", "Tín",
    "Hòa", "Thủy Sơn", "Duy",
)  # fmt: skip
_GIRL_MIDDLES = ("Ngọc", "Bảo", "Khánh", "Thùy", "Gia", "Phương", "Minh", "Tuệ", "Thảo", "Thị")
_GIRLS = (
    "Hân", "An", "Linh", "Vy", "My", "Trâm", "Nhi", "Thư", "Ngân", "Châu", "Quỳnh", "Mai", "Hoa",
    "Thúy", "Uyên",
)  # fmt: skip
_MOTHERS = (
    "Lan", "Hương", "Nga", "Hạnh", "Thu", "Yến", "Loan", "Tuyết", "Hiền", "Phượng", "Oanh", "Trinh",
    "Dung", "Thoa", "Xuân",
)  # fmt: skip

HOSPITALS: tuple[tuple[str, str], ...] = (
    ("901", "BV Hoa Sứ"),
    ("902", "BV Nhi Lá Xanh"),
    ("903", "BV Nắng Mai"),
    ("904", "TYT Bằng Lăng"),
    ("9A5", "PK Mây Hồng"),
)
"""Invented hospitals: code within the province, name."""

REASONS = (
    "Đã chuyển đi nơi khác",
    "Không có địa chỉ này trên địa bàn",
    "Gia đình không cư trú tại địa phương",
    "Chưa có giấy khai sinh",
)
"""Why a ward could not have a card issued, as it would write in Ghi chú."""


@dataclass(frozen=True, slots=True)
class InventedChild:
    """One invented child. `ward` is the id of a real ward, `code` the reply kit's code."""

    code: str
    name: str
    girl: bool
    birth_date: date
    mother: str
    id_number: str
    card: str
    facility: str
    facility_name: str
    ward: str
    address: str
    province: str = "79"

    def row(self, form: str = "form-1", *, carded: bool = True, note: str = "") -> Row:
        """Return the child's fields as one form wants them; `carded` adds card and hospital."""
        row: dict[str, Value] = {
            "code": self.code,
            "name": self.name,
            "birth_date": self.birth_date,
            "sex": self._sex(form),
            "parent": self.mother,
            "id_number": self.id_number,
            "address": self.address,
            "note": note,
        }
        return row | self._card(form) if carded else row

    def _sex(self, form: str) -> str:
        """Column "Nữ" marks girls with an X; column "Giới tính" says it in a word."""
        if form in ("form-1", "form-3", "form-4"):
            return "X" if self.girl else ""
        return "Nữ" if self.girl else "Nam"

    def _card(self, form: str) -> dict[str, Value]:
        own = {"card": self.card, "province": self.province, "facility_name": self.facility_name}
        split = form in ("form-1", "form-3", "form-4")
        return {**own, "facility": self.facility if split else self.whole_facility}

    @property
    def whole_facility(self) -> str:
        """The hospital's code with its province's digits."""
        return f"{self.province}{self.facility}"


def children(
    units: Units,
    count: int,
    *,
    round: Round,
    seed: int = 1,
    wards: Iterable[Unit] | None = None,
    style: str = "full",
) -> list[InventedChild]:
    """Return `count` invented children of one round, spread over wards (default: all of them).

    All are covered in the round's quarter and born before it ended; no two share a name, a card
    or a code. `style` is one of `addresses.STYLES`.
    """
    rng = Random(f"{seed}/{round}")
    places = tuple(wards) if wards is not None else units.of_level("ward")
    names = _names(rng)
    return [_child(rng, units, places[i % len(places)], i, round, names, style)
            for i in range(count)]  # fmt: skip


_LONGER_NAMES_FROM = (1500, 20_000, 200_000)
"""Children from which on names have one word more in the middle: shorter ones become rare."""


def _names(rng: Random) -> Iterator[tuple[str, bool]]:
    """Yield names that do not repeat, with whether the child is a girl; never runs dry."""
    taken: set[str] = set()
    while True:
        girl = rng.random() < 0.49
        middles, givens = (_GIRL_MIDDLES, _GIRLS) if girl else (_BOY_MIDDLES, _BOYS)
        middle = 1 + sum(len(taken) > many for many in _LONGER_NAMES_FROM)
        parts = [rng.choice(_FAMILIES), *rng.sample(middles, middle)]
        name = " ".join((*parts, rng.choice(givens)))
        if name not in taken:
            taken.add(name)
            yield name, girl


def _child(
    rng: Random,
    units: Units,
    ward: Unit,
    index: int,
    round: Round,
    names: Iterator[tuple[str, bool]],
    style: str,
) -> InventedChild:
    name, girl = next(names)
    code, hospital = rng.choice(HOSPITALS)
    serial, province = rng.randrange(10**4), units.province_code or "79"
    return InventedChild(
        code=f"{round}-{index + 1:06}",
        name=name,
        girl=girl,
        birth_date=_birth_date(rng, round),
        mother=_mother(rng),
        id_number=f"02{rng.randrange(10**7):07}",
        card=f"TE1{province}{index % 10**6:06}{serial:04}",
        facility=code,
        facility_name=hospital,
        ward=ward.id,
        address=address(rng, place_of(ward, units), style, units.authority.place),
        province=province,
    )


def _birth_date(rng: Random, round: Round) -> date:
    """Most children treated on a certificate are newborns; none is near 72 months."""
    days = int(rng.triangular(10, 5 * 365, 120))
    return round.last_day - timedelta(days=days)


def _mother(rng: Random) -> str:
    return " ".join((rng.choice(_FAMILIES), "Thị", rng.choice(_GIRL_MIDDLES[:-1]),
                     rng.choice(_MOTHERS)))  # fmt: skip
