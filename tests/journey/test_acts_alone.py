"""What people decide and what lingers, each service alone: books and trees of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding, Severity, finding
from bhyt_filedrop.domain.letters.mailing import WaitingLetter
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.ports import ActRefused, ClosedFolder, Sighting
from bhyt_filedrop.work.arrival.deciding import Deciding
from bhyt_filedrop.work.arrival.lingering import MOST_NAMES, Lingering
from bhyt_filedrop.work.post.resending import Resending
from tests.offices import moment

NOW = moment(6, 12, 9)
DROP = Drop("D1", "main", "Quận 1/a.xlsx", "760", 10, 1.0, ".work/D1", NOW, sha256="5" * 64)


# --- letters that go once more -------------------------------------------------------------------


@dataclass
class Sent:
    """What was asked of the book of letters."""

    known: WaitingLetter | None = None
    again: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def send_again(
        self, addresses: dict[str, tuple[str, ...]], at: datetime, why: str, by: str
    ) -> int:
        self.again = dict(addresses)
        return len(addresses)

    def sent_letter(self, key: str) -> WaitingLetter | None:
        return self.known if self.known and self.known.key == key else None

    def send_copy(self, sent: WaitingLetter, why: str, by: str, at: datetime) -> str:
        return f"{sent.key}/{why}/{by}"


UNITS = Units.of([Unit("760", "Quận 1", "district", email=("a@q1", "b@q1"))])


def waiting(key: str, kind: str = "receipt", unit: str = "760", *left: str) -> WaitingLetter:
    return WaitingLetter(key, kind, unit, NOW, "550", left)


def test_letters_that_were_set_aside_go_again_but_not_those_of_other_days_or_of_who_is_gone():
    book = Sent()
    every = [waiting("a", "receipt", "760", "b@q1", "old@q1"), waiting("b", "reminder"),
             waiting("c", unit="gone"), waiting("d")]  # fmt: skip

    assert Resending(book, UNITS).again(every, "đã sửa", "lan", NOW) == 2  # type: ignore[arg-type]
    assert book.again == {"a": ("b@q1",), "d": ()}


@pytest.mark.parametrize(
    ("known", "refused"),
    [
        (waiting("k"), ""),
        (None, "No letter that was sent"),
        (waiting("k", unit="gone"), "is there no more"),
        (waiting("k", "reminder"), "A reminder of another day"),
    ],
)
def test_a_copy_goes_of_what_left_and_is_still_true(known: WaitingLetter | None, refused: str):
    resending = Resending(Sent(known), UNITS)  # type: ignore[arg-type]
    if refused:
        with pytest.raises(ActRefused, match=refused):
            resending.copy("k", "vì", "lan", NOW)
    else:
        assert resending.copy("k", "vì", "lan", NOW) == "k/vì/lan"


def test_a_reminder_of_today_may_be_sent_again():
    todays = waiting("reminder/760/2015-06-12", "reminder")

    assert Resending(Sent(todays), UNITS).copy(todays.key, "vì", "lan", NOW)  # type: ignore[arg-type]


# --- what a person decides -----------------------------------------------------------------------


@dataclass
class Decisions:
    """One drop, its findings and lists, and what was decided of it."""

    drop: Drop | None
    found: tuple[Finding, ...] = ()
    lists: tuple[str, ...] = ("one",)
    decided: list[str] = field(default_factory=list)

    def get(self, id_: str) -> Drop | None:
        return self.drop if self.drop and self.drop.id == id_ else None

    def findings(self, _id: str) -> tuple[Finding, ...]:
        return self.found

    def lists_of(self, _id: str) -> tuple[str, ...]:
        return self.lists

    def override(self, _id: str, action: str, why: str, _at: datetime, by: str) -> None:
        self.decided.append(f"{action} {why} {by}")


@pytest.mark.parametrize("action", ["retry", "reject", "release"])
@pytest.mark.parametrize("state", list(State))
def test_a_person_decides_of_what_waits_and_of_nothing_else(action: str, state: State):
    book = Decisions(replace(DROP, state=state))
    deciding = Deciding(book, book)  # type: ignore[arg-type]
    allowed = state is State.SET_ASIDE or (state is State.HELD and action != "retry")

    if allowed:
        getattr(deciding, action)("D1", "đã xem", "lan", NOW)
        assert book.decided == [f"{action} đã xem lan"]
    else:
        with pytest.raises(ActRefused, match="does not apply"):
            getattr(deciding, action)("D1", "đã xem", "lan", NOW)
        assert book.decided == []


@pytest.mark.parametrize("action", ["retry", "reject", "release"])
def test_a_decision_needs_a_drop_and_a_reason(action: str):
    waits = Decisions(replace(DROP, state=State.SET_ASIDE))
    for book, id_, why, refused in (
        (Decisions(None), "D1", "x", "There is no drop"),
        (waits, "D1", "  ", "A reason is needed"),
    ):
        with pytest.raises(ActRefused, match=refused):
            getattr(Deciding(book, book), action)(id_, why, "lan", NOW)  # type: ignore[arg-type]
    assert waits.decided == []


def test_what_is_released_says_despite_what():
    found = [
        finding("row.over-age", "Quá tuổi", ""),
        replace(finding("row.over-age", "Nhắc", ""), severity=Severity.WARNS),
        finding("list.incomplete", "Thiếu", ""), finding("list.size-odd", "Lạ", ""),
    ]  # fmt: skip
    book = Decisions(replace(DROP, state=State.HELD), tuple(found))

    told = Deciding(book, book).release("D1", "đã xem", "lan", NOW)  # type: ignore[arg-type]
    assert told == ("Quá tuổi", "Thiếu", "Lạ")
    unread = replace(book, lists=(), decided=[])
    with pytest.raises(ActRefused, match="nobody to release it to"):
        Deciding(unread, unread).release("D1", "đã xem", "lan", NOW)  # type: ignore[arg-type]


# --- files that stay for a while -----------------------------------------------------------------


@dataclass
class Area:
    """The work area and the drop folder of a tree: path → size."""

    files: dict[str, int]
    is_open: bool | None = None
    closed: bool = False

    def walk(self, _folder: str) -> Iterator[Sighting]:
        if self.closed:
            raise ClosedFolder("no")
        for path, size in list(self.files.items()):
            if path.startswith(".work"):
                yield Sighting(path, size, 1.0)

    def stat(self, path: str) -> Sighting | None:
        return Sighting(path, self.files[path], 1.0) if path in self.files else None

    def is_still_open(self, _path: str) -> bool | None:
        return self.is_open

    def remove(self, path: str) -> None:
        del self.files[path]

    def claim(self, path: str, target: str) -> bool:
        self.files[target] = self.files.pop(path)
        return True

    def path(self, sha256: str) -> Path:
        return Path(sha256)


def lingering(area: Area, drop: Drop | None = DROP, ends: bool | None = None, seconds: float = 60):
    return Lingering(
        area,
        area,
        lambda id_: drop if drop and id_ == drop.id else None,
        lambda _p: ends,
        seconds,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("seconds", "sha256", "is_open", "ends", "stays"),
    [
        (60, "5", None, None, True),
        (0, "5", None, None, False),
        (60, None, None, None, False),
        (60, "5", False, None, False),
        (60, "5", None, True, False),
        (60, "5", None, False, False),
    ],
)
def test_a_file_stays_where_nobody_can_know_that_it_was_whole(
    seconds: float, sha256: str | None, is_open: bool | None, ends: bool | None, stays: bool
):
    area = Area({".work/D1": 10}, is_open)

    assert lingering(area, ends=ends, seconds=seconds).stays(replace(DROP, sha256=sha256)) is stays


def test_what_stood_still_for_long_enough_is_taken_away():
    area = Area({".work/D1": 10})
    mine = lingering(area)

    mine.tidy(1000.0)
    mine.tidy(1059.9)
    assert ".work/D1" in area.files
    mine.tidy(1060.0)
    assert area.files == {}
    area.files[".work/D1"] = 10
    mine.tidy(9000.0)
    assert ".work/D1" in area.files, "nothing lay there: it looks no more until something stays"
    mine.stays(DROP)
    mine.tidy(9100.0)
    mine.tidy(9160.0)
    assert area.files == {}


def test_what_grew_is_put_back_under_a_free_name_once_it_stands_still():
    area = Area({".work/D1": 10, "Quận 1/a.xlsx": 3, "Quận 1/a (2).xlsx": 3})
    mine = lingering(area)

    mine.tidy(0.0)
    area.files[".work/D1"] = 12
    mine.tidy(60.0)
    assert ".work/D1" in area.files, "it grew just now"
    mine.tidy(120.0)
    assert area.files["Quận 1/a (3).xlsx"] == 12
    assert ".work/D1" not in area.files


def test_what_grew_gets_its_own_name_again_where_that_is_free():
    for taken, name in (((), "Quận 1/a.xlsx"), (("Quận 1/a.xlsx",), "Quận 1/a (2).xlsx")):
        area = Area({".work/D1": 12} | dict.fromkeys(taken, 3))
        mine = lingering(area)
        mine.tidy(0.0)
        mine.tidy(60.0)

        assert area.files[name] == 12


def test_what_was_void_is_put_back_whole_and_what_no_drop_is_known_of_is_left():
    void = replace(DROP, state=State.VOID, sha256=None)
    area = Area({".work/D1": 10, ".work/D9": 1})
    mine = lingering(area, void)
    mine.tidy(0.0)
    mine.tidy(60.0)
    assert area.files == {"Quận 1/a.xlsx": 10, ".work/D9": 1}

    unread = Area({".work/D1": 10})
    mine = lingering(unread, replace(DROP, sha256=None))
    mine.tidy(0.0)
    mine.tidy(99.0)
    assert unread.files == {".work/D1": 10}, "it is on its way into the archive"


def test_where_every_name_is_taken_it_stays_where_it_is():
    taken = {"Quận 1/a.xlsx": 1} | {f"Quận 1/a ({n}).xlsx": 1 for n in range(2, MOST_NAMES)}
    area = Area({".work/D1": 11} | taken)
    mine = lingering(area)
    mine.tidy(0.0)
    mine.tidy(60.0)

    assert area.files[".work/D1"] == 11
    lingering(Area({}, closed=True)).tidy(0.0)
