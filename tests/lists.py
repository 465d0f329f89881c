"""Lists of a small city's round as the ledger keeps them, for tests of traces and reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bhyt_filedrop.domain.conservation.balance import Trace
from bhyt_filedrop.domain.conservation.trace import trace
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.handoffs import Due, Process
from tests.offices import ROUND, UNITS, a_process, handoff, moment

FORM_3, FORM_2 = (("form-3",),), (("form-2",),)

PROCESS: Process = a_process(
    handoff("uncarded", "cntt", "thu", Due(2, 20)),
    handoff("district-list", "thu", "child", Due(2, 22)),
    handoff("ward-list", "district", "child", Due(2, 25), needs="district-list"),
    replace(
        handoff(
            "ward-return", "ward", "parent", Due(3, 15), needs="ward-list",
            parts=(("form-4",), ("d03-ts",)),
        ),
        answers="ward-list",
    ),
    replace(
        handoff("district-return", "district", "thu", Due(3, 25, before=True), parts=FORM_3),
        answers="district-list",
    ),
    handoff("carded-final", "thu", "board", Due(3, 27), parts=FORM_3),
    handoff("unverified", "thu", "cntt", Due(3, 27), parts=FORM_2),
)  # fmt: skip
"""The round trip of a city with two districts and three wards."""

WARDS = {"26734": "760", "26740": "760", "26767": "761"}

_SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ")
_NAMES = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Minh", "Ngọc")


def a_child(n: int, ward: str = "26734", **more: object) -> ListedChild:
    """The n-th made-up child, of a ward."""
    values: dict[str, object] = {
        "name": f"{_SURNAMES[n % 10]} {_NAMES[n // 10 % 10]} {_NAMES[n // 100 % 10]}",
        "birth": f"2014-{n % 12 + 1:02}-{n % 28 + 1:02}",
        "parent": f"{_SURNAMES[n // 7 % 10]} Thị {_NAMES[n % 10]}",
        "code": f"15Q1-{n:04}",
        "ward": ward,
        "district": WARDS.get(ward, ""),
    }
    return ListedChild(**values | more)  # type: ignore[arg-type]


def coming_back(
    children: Iterable[ListedChild], category: str, **more: object
) -> list[ListedChild]:
    """The same children in one of a return's three lists; carded ones get a number."""
    card = {} if category == "uncarded" else {"card": "TE1790000000001"}
    note = {"note": "Đã chuyển đi"} if category == "uncarded" else {}
    return [replace(c, category=category, **card | note | more) for c in children]  # type: ignore[arg-type]


@dataclass
class Book:
    """The lists of a round: who gave which to whom, with their children."""

    lists: list[ListRecord] = field(default_factory=list)
    rolls: dict[tuple[str, int], tuple[ListedChild, ...]] = field(default_factory=dict)

    def gave(
        self,
        handoff_id: str,
        sender: str,
        receiver: str,
        children: Sequence[ListedChild],
        at: datetime | None = None,
        *,
        part: int = 0,
        state: str = "accepted",
        version: int = 1,
    ) -> ListRecord:
        """Write down one list; each comes an hour after the one before unless a time is given."""
        number = len(self.lists) + 1
        record = ListRecord(
            f"D{number:03}", 0, ListKey(handoff_id, ROUND, sender, receiver, part), "form",
            len(children), "0" * 64, state, version,
            at or moment(5, 18) + timedelta(hours=number),
        )  # fmt: skip
        self.lists.append(record)
        self.rolls[record.drop, 0] = tuple(children)
        return record

    def down_to_wards(self, children: Sequence[ListedChild]) -> None:
        """Pass a city-wide list down to districts and wards."""
        self.gave("uncarded", "cntt", "thu", children)
        for district in dict.fromkeys(WARDS.values()):
            mine = [c for c in children if c.district == district]
            self.gave("district-list", "thu", district, mine)
        for ward, district in WARDS.items():
            self.gave("ward-list", district, ward, [c for c in children if c.ward == ward])

    def trace(self) -> Trace:
        """Trace what was written down."""
        return trace(ROUND, self.lists, self.rolls, PROCESS, UNITS)
