"""What a person may say of a debt, and when that would say nothing: alone, without a ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pytest

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.owed.arrangements import Arrangement, ArrangementKind
from bhyt_filedrop.domain.owed.came import Delivered
from bhyt_filedrop.domain.owed.obligations import DeliveredIndex, RoundStatus, status
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import ActRefused
from bhyt_filedrop.resources import config_dir
from bhyt_filedrop.settings import load
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work.rounds.arranging import Arranging, OwedBy
from tests.offices import LISTS_REACHED_WARDS, ROUND, gave, moment

NOW = moment(6, 10, 9)
WARD = "26734"
DEBT = OwedBy("ward-return", ROUND, WARD)
EXTENDED, SNOOZED, ACKNOWLEDGED = ArrangementKind


@pytest.fixture(scope="module")
def world() -> World:
    return world_of(load(config_dir()))


@dataclass
class Written:
    """What was written down."""

    every: list[Arrangement] = field(default_factory=list)

    def arrange(self, one: Arrangement) -> Arrangement:
        self.every.append(replace(one, id=len(self.every) + 1))
        return self.every[-1]

    def undo(self, number: int, why: str, by: str, at: datetime) -> Arrangement | None:
        standing = {one.id: one for one in self.every}
        return standing.get(number)


@dataclass
class Office:
    """People who arrange something about one round of the shipped city."""

    world: World
    came: tuple[Delivered, ...] = ()
    book: Written = field(default_factory=Written)

    def _status(self, round_: Round, at: datetime) -> RoundStatus:
        facts = DeliveredIndex.of((*LISTS_REACHED_WARDS, *self.came))
        return status(self.world.process, self.world.units, round_, facts, at, self.world.days)

    @property
    def acts(self) -> Arranging:
        return Arranging(self.world, self.book, self._status)  # type: ignore[arg-type]

    def refused(self, act: Callable[[], object]) -> str:
        with pytest.raises(ActRefused) as found:
            act()
        assert self.book.every == []
        return str(found.value.args)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_a_due_date_is_moved_to_a_later_day_of_the_same_round(office: Office):
    """Due on 15/06; the round takes lists for a month after its last due date."""
    acts = office.acts
    for until in (date(2015, 6, 15), date(2015, 6, 1)):
        told = office.refused(lambda until=until: acts.extend(DEBT, until, "x", "thu", NOW))
        assert "must end after the declared date (2015-06-15)" in told
    told = office.refused(lambda: acts.extend(DEBT, date(2016, 6, 1), "x", "thu", NOW))
    assert "it cannot be extended beyond" in told

    made = acts.extend(DEBT, date(2015, 6, 16), "  chị Lan nghỉ ", "thu", NOW)
    assert (made.kind, made.handoff, made.round, made.unit, made.receiver, made.until) == (
        EXTENDED, "ward-return", ROUND, WARD, "", date(2015, 6, 16),
    )  # fmt: skip
    assert (made.why, made.by, made.at) == ("chị Lan nghỉ", "thu", NOW)


def test_the_last_day_on_which_a_round_takes_lists_may_still_be_named(office: Office):
    from bhyt_filedrop.domain.process.calendar import closes

    last = closes(office.world.process, ROUND, office.world.days)

    assert office.acts.extend(DEBT, last, "x", "thu", NOW).until == last
    assert office.acts.snooze(DEBT, last, "x", "thu", NOW).until == last


def test_a_list_without_a_date_has_nothing_to_extend(office: Office):
    told = office.refused(
        lambda: office.acts.extend(
            OwedBy("card-drafts", ROUND, "cntt"), date(2015, 6, 20), "x", "thu", NOW
        )
    )
    assert "nothing to extend" in told


def test_a_date_may_be_extended_before_the_list_that_it_answers_went_out(office: Office):
    other = OwedBy("ward-return", ROUND, "27103")

    assert office.acts.extend(other, date(2015, 6, 20), "x", "thu", NOW).unit == "27103"


def test_who_never_gives_such_a_list_has_no_date_of_it(office: Office):
    told = office.refused(
        lambda: office.acts.extend(
            OwedBy("ward-return", ROUND, "cntt"), date(2015, 6, 20), "x", "thu", NOW
        )
    )
    assert "owes nothing" in told


def test_an_appointment_lies_ahead_and_before_the_round_closes(office: Office):
    acts = office.acts
    told = office.refused(lambda: acts.snooze(DEBT, date(2015, 6, 9), "x", "thu", NOW))
    assert "is over" in told
    told = office.refused(lambda: acts.snooze(DEBT, date(2016, 6, 9), "x", "thu", NOW))
    assert "name a day before that" in told

    today = acts.snooze(DEBT, date(2015, 6, 10), "hẹn chiều", "thu", NOW)
    assert (today.kind, today.until) == (SNOOZED, date(2015, 6, 10))


def test_what_is_paid_is_neither_put_off_nor_acknowledged(world: World):
    paid = Office(world, (gave("ward-return", WARD, "760", moment(6, 9), (0, 1)),))

    for act in (
        lambda: paid.acts.snooze(DEBT, date(2015, 6, 12), "x", "thu", NOW),
        lambda: paid.acts.acknowledge(DEBT, "x", "thu", NOW),
    ):
        assert "nothing is owed any more" in paid.refused(act)
    district = replace(DEBT, unit="760")
    assert paid.acts.acknowledge(district, "x", "thu", NOW).unit == "760", "the other ward owes"


def test_an_acknowledgement_has_no_last_day(office: Office):
    made = office.acts.acknowledge(replace(DEBT, receiver="760"), "đang xử lý", "thu", NOW)

    assert (made.kind, made.until, made.receiver) == (ACKNOWLEDGED, None, "760")


@pytest.mark.parametrize(
    "debt",
    [
        replace(DEBT, receiver="761"),
        replace(DEBT, unit="770"),
        replace(DEBT, handoff="district-return", unit=WARD),
        replace(DEBT, round=Round(2014, 4)),
    ],
)
def test_nobody_says_anything_of_a_debt_that_nobody_has(office: Office, debt: OwedBy):
    told = office.refused(lambda: office.acts.acknowledge(debt, "x", "thu", NOW))

    assert "owes nothing" in told


def test_one_may_speak_of_all_senders_of_an_office_or_of_all_there_are(office: Office):
    everybody = office.acts.acknowledge(replace(DEBT, unit=""), "x", "thu", NOW)
    below = office.acts.acknowledge(replace(DEBT, unit="760"), "x", "thu", NOW)

    assert (everybody.unit, below.unit) == ("", "760")


@pytest.mark.parametrize("why", ["", "   ", "x" * 301])
def test_each_act_needs_a_reason_that_can_be_read(office: Office, why: str):
    office.refused(lambda: office.acts.acknowledge(DEBT, why, "thu", NOW))
    office.refused(lambda: office.acts.extend(DEBT, date(2015, 6, 20), why, "thu", NOW))
    assert office.acts.acknowledge(DEBT, "x" * 300, "thu", NOW)


def test_what_was_arranged_is_taken_back_once(office: Office):
    made = office.acts.acknowledge(DEBT, "x", "thu", NOW)

    assert office.acts.undo(made.id, "nhầm", "thu", NOW) == made
    with pytest.raises(ActRefused, match="no arrangement 7"):
        office.acts.undo(7, "nhầm", "thu", NOW)
    with pytest.raises(ActRefused):
        office.acts.undo(made.id, "", "thu", NOW)


def test_a_hand_off_is_called_by_its_number_too_and_an_unknown_one_is_answered_with_all(
    office: Office,
):
    number = office.world.process.handoffs["ward-return"].number
    for called in (number, number.lower()):
        made = office.acts.acknowledge(replace(DEBT, handoff=called), "x", "thu", NOW)
        assert made.handoff == "ward-return"
    with pytest.raises(ActRefused, match=r"There is no hand-off H99; there are: .*H5"):
        office.acts.acknowledge(replace(DEBT, handoff="H99"), "x", "thu", NOW)
