"""A small city for tests of time: four departments, two districts, three wards, five hand-offs."""

from __future__ import annotations

from datetime import date, datetime, time

from bhyt_filedrop.domain.owed.came import Delivered
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.handoffs import Due, HandOff, Process, Reminders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from tests.cities import as_shipped

ROUND = Round(2015, 1)

UNITS = as_shipped(
    Units.of(
        [
            Unit("cntt", "Phòng Công nghệ thông tin", "city"),
            Unit("thu", "Phòng Thu", "city"),
            Unit("board", "Ban Giám đốc", "city"),
            Unit("760", "Quận 1", "district", email=("quan1@bhxh.example",)),
            Unit("761", "Quận 12", "district"),
            Unit("26734", "Phường Tân Định", "ward", "760"),
            Unit("26740", "Phường Bến Nghé", "ward", "760"),
            Unit("26767", "Phường Thạnh Xuân", "ward", "761"),
        ]
    )
)

REMINDERS = Reminders(escalate={"thu": 1, "board": 3})


def handoff(
    id: str,
    sender: str,
    receiver: str,
    due: Due | None,
    *,
    needs: str = "",
    parts: tuple[tuple[str, ...], ...] = (("form-2",),),
    reminders: Reminders = REMINDERS,
) -> HandOff:
    """One hand-off named by its id."""
    return HandOff(
        id=id,
        number=id.upper(),
        name=f"Danh sách {id}",
        source="1331/BHXH-THU",
        sender=sender,
        receiver=receiver,
        parts=parts,
        due=due,
        needs=needs,
        reminders=reminders,
    )


def a_process(*handoffs: HandOff, **more: object) -> Process:
    """A process that reminds at eight and writes its digest to the collections office."""
    values: dict[str, object] = {
        "remind_at": time(8, 0),
        "digest_to": "thu",
        "admin": "cntt",
        "open_days_after_last_due": 30,
    }
    return Process(name="Thử", handoffs={h.id: h for h in handoffs}, folders={}, **(values | more))  # type: ignore[arg-type]


PROCESS = a_process(
    handoff("uncarded", "cntt", "thu", Due(2, 20)),
    handoff("district-list", "thu", "child", Due(2, 22), needs="uncarded"),
    handoff("ward-list", "district", "child", Due(2, 25), needs="district-list"),
    handoff(
        "ward-return",
        "ward",
        "parent",
        Due(3, 15),
        needs="ward-list",
        parts=(("form-4",), ("d03-ts",)),
    ),
    handoff("district-return", "district", "thu", Due(3, 25, before=True), needs="district-list"),
)


def moment(month: int, day: int, hour: int = 8, minute: int = 0, year: int = 2015) -> datetime:
    """A moment of the city's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def gave(
    handoff_id: str,
    sender: str,
    receiver: str,
    at: datetime,
    parts: tuple[int, ...] = (),
    *,
    round: Round = ROUND,
    nothing: bool = False,
) -> Delivered:
    """The fact that one list came."""
    return Delivered(handoff_id, round, sender, receiver, at, parts, nothing)


LISTS_REACHED_WARDS = (
    gave("uncarded", "cntt", "thu", moment(5, 18)),
    gave("district-list", "thu", "760", moment(5, 20)),
    gave("district-list", "thu", "761", moment(5, 20)),
    gave("ward-list", "760", "26734", moment(5, 22)),
    gave("ward-list", "760", "26740", moment(5, 22)),
    gave("ward-list", "761", "26767", moment(5, 22)),
)
"""Everything in time up to the wards; now they and the districts owe their returns."""

MAY_DAY = date(2015, 5, 1)
