"""Who gets which children when a list is split (H2b → H3, H4), and whom nobody could be given.

Each unit below gets its own, one office those who are still to be placed.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.additions import additions_note
from bhyt_filedrop.domain.derive.codes import with_codes
from bhyt_filedrop.domain.derive.inputs import Children, Inputs, Out, Wanted
from bhyt_filedrop.domain.derive.passed_on import PassingOn, by_today
from bhyt_filedrop.domain.derive.split import Split, is_answered, split
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey
from bhyt_filedrop.domain.lists.said import unit_name
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.made import label_of
from bhyt_filedrop.domain.process.parties import senders
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


def split_shares(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> Iterator[Wanted]:
    """Yield the list of each unit below, or of those who were passed on to none."""
    city, *filled_in = handoff.made_from
    if not inputs.accepted([city]):
        return
    placed = _find_placed(filled_in, inputs)
    earlier = (*placed.values(), *inputs.of(_same_split(handoff, world)))
    coded = with_codes(inputs.of([city]), inputs.round, earlier)
    parts = split(coded, world.units, corrections=placed, today=lambda c: by_today(c, world))
    if handoff.holds_unplaced:
        passing = PassingOn(_first_below(handoff, world), inputs, world)
        parts = replace(parts, unplaced=passing.to_be_asked_for(parts.unplaced))
        yield _unplaced(handoff, inputs.round, parts, world.units)
        return
    passing = PassingOn(handoff, inputs, world)
    had = inputs.by_receiver([handoff.id])
    for receiver, children in _shares(handoff, world, parts):
        mine, before = passing.to_be_asked_for(children), had.get(receiver.id, ())
        yield _share(passing, receiver, mine, before)
    yield from _left(passing, {child.code for child in coded})


def _left(passing: PassingOn, still: Container[str]) -> Iterator[Wanted]:
    """The lists of units that are gone, with those alone for whom they answered; nobody is there to
    be told."""
    for unit, record in passing.lists.items():
        children = passing.left_of(unit, still)
        if children != passing.rows(unit):
            yield Wanted(
                record.key,
                "reply-kit",
                children,
                (),
                {"made_by": "split", "unit": unit},
                tells=False,
            )


def _find_placed(filled_in: Sequence[str], inputs: Inputs) -> dict[str, ListedChild]:
    """Code → the last row that a clerk filled in for it: each list holds only what was still to be
    filled in, so an earlier one is not void when the next one comes."""
    lists = (inputs.children(r.drop, r.seq) for r in inputs.ever(filled_in))
    return {
        child.code: child for rows in lists for child in rows if child.code and is_answered(child)
    }


def _same_split(handoff: HandOff, world: World) -> list[str]:
    """The hand-offs that share one split: a child has one code in all of them."""
    return [
        one.id
        for one in world.process.handoffs.values()
        if (one.made_by, one.made_from) == (handoff.made_by, handoff.made_from)
    ]


def _first_below(handoff: HandOff, world: World) -> HandOff:
    """The first step down of the split to which a list of unplaced children belongs."""
    every = (world.process.handoffs[one] for one in _same_split(handoff, world))
    return next((one for one in every if not one.holds_unplaced), handoff)


def _shares(handoff: HandOff, world: World, parts: Split) -> Iterator[tuple[Unit, Children]]:
    shares = {**parts.by_ward, **parts.by_district}
    for sender in senders(handoff, world.units):
        for receiver in world.units.below(sender):
            yield receiver, shares.get(receiver.id, ())


def _share(passing: PassingOn, receiver: Unit, children: Children, before: Children) -> Wanted:
    """One unit's list; a unit that had children `before` and has none now is told that they are
    gone, one that takes some over from whom."""
    handoff, world = passing.handoff, passing.world
    taken = passing.taken_over(children, before)
    new = len(children) - sum(map(len, taken.values()))
    sender = receiver.parent if handoff.sender not in world.units else handoff.sender
    goes = bool(children or before)
    papers = "" if receiver.parent or not new else _collect_papers(sender, world.units)
    label = label_of(handoff.made_by, world.units.authority)
    outs = (
        [Out(receiver.id, label), copy_for_sender(sender, receiver, label, world.units)]
        if goes
        else []
    )
    return Wanted(
        ListKey(handoff.id, passing.inputs.round, sender, receiver.id),
        "reply-kit",
        children,
        tuple(outs),
        {"made_by": "split", "unit": receiver.id},
        tells=goes,
        note=" ".join(
            filter(None, (additions_note(before, children), passing.note(taken), papers))
        ),
    )


def copy_for_sender(sender: str, receiver: Unit, label: str, units: Units) -> Out:
    """What the office in whose name a list goes out finds of it in its own inbox."""
    below = for_wards(units) if receiver.parent == sender else SENT_FOR
    return Out(sender, f"{label} {receiver.name}", below)


def _unplaced(handoff: HandOff, round_: Round, parts: Split, units: Units) -> Wanted:
    """Everybody who was passed on to no unit; it goes out as long as somebody has to be placed."""
    goes = bool(parts.unplaced)
    return Wanted(
        ListKey(handoff.id, round_, handoff.sender, handoff.receiver),
        "form-2",
        (*parts.unplaced, *parts.outside),
        (Out(handoff.receiver, "Chưa xác định địa bàn"),) if goes else (),
        {"made_by": "unplaced", "unit": handoff.receiver},
        tells=goes,
        note=_fill_in(units),
    )


def _collect_papers(sender: str, units: Units) -> str:
    who = f"{unit_name(sender, units)}, {units.authority.called}"
    return f"Kính mời đơn vị đến {who} nhận bản sao giấy khai sinh, chứng sinh."


def for_wards(units: Units) -> str:
    """Return the sub-folder of a district's inbox with a copy of each ward's list: many wards have
    no FTP."""
    return capitalised(units.wards)


SENT_FOR = "Đã gửi"
"""The sub-folder of an office's inbox with copies of what went out in its name."""


def _fill_in(units: Units) -> str:
    places = " và ".join(dict.fromkeys((units.offices, units.wards)))
    return (
        f"Đề nghị điền {places} của từng trẻ (trẻ ở tỉnh khác: chọn «{units.authority.outside}») "
        "rồi nộp lại chính tệp này vào thư mục của phòng."
    )
