"""What the product makes from the lists that stand: which lists, of whom, for whom.

The contents come from `domain.derive`; here it is said which hand-off is made from what, and who
gets it. Pure: the children are fetched by a function that the caller gives.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.drafts import RegisterRow, drafts
from bhyt_filedrop.domain.derive.inputs import Children, Inputs, Out, Wanted
from bhyt_filedrop.domain.derive.merge import (
    carded_final,
    count_left,
    district_draft,
    left_text,
    one_row_each,
    passed_to_nobody,
    unverified,
)
from bhyt_filedrop.domain.derive.requests import card_requests
from bhyt_filedrop.domain.derive.shares import copy_for_sender, for_wards, split_shares
from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.made import MADE, label_of
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units
from bhyt_filedrop.domain.reconcile import came_of, reconcile

if TYPE_CHECKING:
    from bhyt_filedrop.domain.derive.allocate import Charged


Maker = Callable[[HandOff, Inputs, World, bool], Iterator[Wanted]]


def list_wanted(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> tuple[Wanted, ...]:
    """Return every list of a derived hand-off as it should be now.

    `final` says that the hand-off's last day has come: what is there then is delivered, with what
    is missing named. A receiver for whom there is no child gets a list of none, which is recorded
    and not delivered. Raises KeyError for a word of `made_by` that nobody knows.
    """
    return tuple(MAKERS[handoff.made_by](handoff, inputs, world, final))


# --- H6 → H7, H8: merge ----------------------------------------------------------------------


def _final(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> Iterator[Wanted]:
    returns = _returned(handoff, inputs, world)
    if returns and _was_sent(handoff, inputs, world):
        merged = carded_final(returns, world.units, _units_to_report(handoff, inputs, world))
        yield _city_list(handoff, inputs, world, merged.children, returns, final)


def _returned(handoff: HandOff, inputs: Inputs, world: World) -> dict[str, Children]:
    """What each unit answered: a child once, in however many lists an answer comes."""
    answer = world.process.handoffs[handoff.made_from[0]]
    returns = inputs.by_sender([answer.id])
    if len(answer.parts) < 2:
        return returns
    sent = inputs.by_receiver([answer.answers])
    return {unit: one_row_each(rows, sent.get(unit, ())) for unit, rows in returns.items()}


def _doubtful(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> Iterator[Wanted]:
    came, went = handoff.made_from[:1], handoff.made_from[1:2]
    returns, sent = inputs.by_sender(came), inputs.by_receiver(went)
    left = _left_over(handoff, inputs)
    if (sent or left) and (returns or final):
        children = (*unverified(sent, returns, world.units), *passed_to_nobody(left))
        yield _city_list(handoff, inputs, world, children, returns, final)


def _left_over(handoff: HandOff, inputs: Inputs) -> Children:
    """The children who were passed on to no unit, where the hand-off is made from them too."""
    return inputs.of(handoff.made_from[len(MADE[handoff.made_by].sources) :])


def _was_sent(handoff: HandOff, inputs: Inputs, world: World) -> bool:
    """True where what the returns answer went out: of nothing there is no final list."""
    answered = world.process.handoffs[handoff.made_from[0]].answers
    return not answered or bool(inputs.accepted([answered]))


def _units_to_report(handoff: HandOff, inputs: Inputs, world: World) -> list[str]:
    """The units that have to report: all below the sender but those that were sent no child; one
    that a reorganisation made only once it was handed some."""
    answered = world.process.handoffs[handoff.made_from[0]].answers
    rows = {r.key.receiver: r.rows for r in inputs.accepted([answered])}
    below = world.units.below(world.units[handoff.sender])
    return [unit.id for unit in below if rows.get(unit.id, not unit.valid_from)]


def _city_list(
    handoff: HandOff,
    inputs: Inputs,
    world: World,
    children: Children,
    returns: Mapping[str, Children],
    final: bool,
) -> Wanted:
    """A city-wide list: a draft for who owes it until all are in or its last day has come."""
    round_, expected = inputs.round, _units_to_report(handoff, inputs, world)
    missing = [unit for unit in expected if unit not in returns]
    done = final or not missing or _went_out(handoff, inputs)
    left = count_left(_left_over(handoff, inputs))
    label = label_of(handoff.made_by, world.units.authority)
    name = f"{label} - {round_.folder} - bản tạm.xlsx"
    draft = Out(handoff.sender, label, stable_name=name)
    out = Out(handoff.receiver, label) if done else draft
    copies = (
        (copy_for_sender(handoff.sender, world.units[handoff.receiver], label, world.units),)
        if done
        else ()
    )
    return Wanted(
        ListKey(handoff.id, round_, handoff.sender, out.unit),
        handoff.made_by,
        children,
        (out, *copies),
        {
            "made_by": handoff.made_by,
            "reported": sorted(returns),
            "missing": missing,
            "left": list(left),
        },
        tells=done,
        note=_still_missing(world, missing, left) if done else "",
        replaces=(ListKey(handoff.id, round_, handoff.sender, handoff.sender),) if done else (),
        retires=(draft,) if done else (),
        extra=json.dumps([missing, done, *([left] if any(left) else [])]),
    )


def _went_out(handoff: HandOff, inputs: Inputs) -> bool:
    """What went out once is corrected, and is no draft again: both would count."""
    return any(not record.is_draft for record in inputs.accepted([handoff.id]))


def _still_missing(world: World, missing: Sequence[str], left: tuple[int, int]) -> str:
    names = ", ".join(world.units[unit].name for unit in missing)
    late = f"Còn thiếu {len(missing)} đơn vị chưa nộp: {names}." if missing else ""
    return " ".join(filter(None, (late, left_text(*left, world.units.authority))))


# --- H5 → draft of H6 ------------------------------------------------------------------------


def _draft(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> Iterator[Wanted]:
    """A district's form 3, made from its wards' accepted returns and offered as a draft.

    The district hears of its first draft and of each one to which no child is missing, until it has
    given its own form 3.
    """
    came, went = handoff.made_from[:1], handoff.made_from[1:2]
    label = label_of(handoff.made_by, world.units.authority)
    sent = inputs.by_receiver(went)
    had = {r.key.sender for r in inputs.accepted([handoff.id])}
    gave = {r.key.sender for r in inputs.accepted(_drafted_for(handoff, world))}
    for district, returned in _came_for_those_there(inputs.by_receiver(came), sent, world).items():
        name = f"{label} - {inputs.round.folder} - bản nháp lập từ {world.units.wards}.xlsx"
        children = district_draft(returned, sent.get(district, ()))
        open_ones = sum(not child.section for child in children)
        yield Wanted(
            ListKey(handoff.id, inputs.round, district, district),
            "form-3",
            children,
            (Out(district, label, stable_name=name),),
            {"made_by": "draft", "unit": district},
            tells=district not in gave and (district not in had or not open_ones),
            is_ready=not open_ones,
            note=_draft_note(open_ones, world.units.wards),
        )


def _came_for_those_there(
    came: Mapping[str, Children], sent: Mapping[str, Children], world: World
) -> dict[str, Children]:
    """What units below gave, by the unit that is there to draw it up: to what it was given itself
    comes what one that is gone had been given of the children whom it took over."""
    units = world.units
    found = {unit: rows for unit, rows in came.items() if not units.is_gone(unit)}
    for gone in filter(units.is_gone, came):
        for heir in units.heirs(gone):
            pairs = reconcile(sent.get(heir.id, ()), came_of(came[gone])).pairs
            if pairs:
                mine = tuple(pair.came.child for pair in pairs)
                found[heir.id] = (*found.get(heir.id, ()), *mine)
    return found


def _drafted_for(handoff: HandOff, world: World) -> list[str]:
    """The hand-offs that a drafted one is offered for: from and to the same offices."""
    parties = (handoff.sender, handoff.receiver)
    every = world.process.handoffs.values()
    return [one.id for one in every if one.parts and (one.sender, one.receiver) == parties]


def _draft_note(open_ones: int, wards: str) -> str:
    if open_ones:
        return (
            f"Còn {open_ones} trẻ chưa có kết quả của {wards}. Tệp này tự cập nhật mỗi khi có "
            "kết quả mới; khi đủ sẽ có thư báo."
        )
    return f"Mọi trẻ đã có kết quả của {wards}. Xin xem lại, bổ sung số thẻ còn thiếu rồi nộp."


# --- H5 → draft of its D03-TS ----------------------------------------------------------------


def _card_requests(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> Iterator[Wanted]:
    """A ward's D03-TS, filled in for those whose cards it has to ask for, until it has come."""
    came, went = handoff.made_from[:1], handoff.made_from[1:2]
    sent = inputs.by_receiver(went)
    offered = {r.key.sender for r in inputs.accepted([handoff.id]) if r.rows}
    answers: dict[str, list[ListRecord]] = {}
    for record in inputs.in_force(came):
        answers.setdefault(record.key.sender, []).append(record)
    for unit in dict.fromkeys((*answers, *offered)):
        rows = inputs.rows(answers.get(unit, ()))
        children = card_requests(sent.get(unit, ()), rows) if rows else ()
        if not world.units.is_gone(unit) and (children or unit in offered):
            yield _card_request(handoff, inputs.round, world.units[unit], children, world)


def _card_request(
    handoff: HandOff, round_: Round, unit: Unit, children: Children, world: World
) -> Wanted:
    """One ward's; an empty one takes the draft away, which was answered or is not needed."""
    label = label_of(handoff.made_by, world.units.authority)
    key = ListKey(handoff.id, round_, unit.id, unit.id)
    name = f"{label} - {round_.folder} - điền sẵn"
    outs = [Out(unit.id, label, stable_name=f"{name}.xlsx")]
    if unit.parent:
        outs.append(Out(unit.parent, label, for_wards(world.units), f"{unit.name} - {name}.xlsx"))
    return Wanted(
        key,
        handoff.form,
        children,
        tuple(outs) if children else (),
        {"made_by": "card-requests", "unit": unit.id, "form": handoff.form},
        tells=False,
        replaces=() if children else (key,),
        retires=() if children else tuple(outs),
    )


# --- H9: allocation --------------------------------------------------------------------------


def _allocation(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> Iterator[Wanted]:
    """Costs of H1 charged to the hospital of first registration, once the final list is out.

    `made_from` names the cost list, the two lists of carded children, and the unverified ones.
    """
    costs, at_once, later, doubtful = handoff.made_from
    last = [r for r in inputs.accepted([later]) if not r.is_draft]
    carded = [*inputs.accepted([at_once]), *last]
    uncarded = [r for r in inputs.accepted([doubtful]) if not r.is_draft]
    visits = inputs.of([costs])
    if not visits or not last:
        return
    sources = {"carded": _refs(carded), "uncarded": _refs(uncarded)}
    before, now, none = inputs.of([at_once]), inputs.rows(last), inputs.rows(uncarded)
    yield Wanted(
        ListKey(handoff.id, inputs.round, handoff.sender, handoff.receiver),
        "allocation",
        _charge(visits, before, now, none, world.units),
        (Out(handoff.receiver, label_of(handoff.made_by, world.units.authority)),),
        {"made_by": "allocation", **sources},
        extra=json.dumps(sources),
    )


def _charge(
    visits: Children, before: Children, now: Children, uncarded: Children, units: Units
) -> Children:
    """The visits, each with the hospital it is charged to and whether its child had a card before:
    so the ledger tells of every child to whose account its costs went."""
    from bhyt_filedrop.domain.derive.allocate import allocate

    found = allocate(visits, (*before, *now), units, uncarded=uncarded)
    had = {id(child) for child in before}
    return tuple(
        replace(one.visit, facility=one.hospital, category=_account(one, had))
        for one in found.charged
    )


def _account(one: Charged, had: Set[int]) -> Category:
    if not one.hospital:
        return "uncarded"
    return "carded-before" if id(one.child) in had else "carded-now"


# --- H1 → drafts of H2a, H2b ------------------------------------------------------------------


def _card_drafts(handoff: HandOff, inputs: Inputs, world: World, final: bool) -> Iterator[Wanted]:
    """Forms 1 and 2 drafted for CNTT, which confirms them by dropping them as its own."""
    costs, exports = handoff.made_from
    visits = inputs.of([costs])
    register = card_register(inputs.register(), inputs.of([exports]))
    if not visits or not register:
        return
    found = drafts(visits, register, world.gazetteer)
    shares = {
        "form-1": found.carded,
        "form-2": found.uncarded,
        "doubts": tuple(doubt.child for doubt in found.doubtful),
    }
    told = next(kind for kind, children in shares.items() if children)
    sources = {
        "costs": _refs(inputs.accepted([costs])),
        "exports": _refs(inputs.accepted([exports])),
    }
    had = {r.key.part for r in inputs.accepted([handoff.id]) if r.rows}
    for part, (kind, children) in enumerate(shares.items()):
        # An empty draft is only put where it has to take the place of one that was not.
        goes = bool(children) or part in had
        name = f"{DRAFT_LABELS[kind]} - {inputs.round.folder} - bản nháp.xlsx"
        yield Wanted(
            ListKey(handoff.id, inputs.round, handoff.sender, handoff.receiver, part),
            kind,
            children,
            (Out(handoff.receiver, kind, "Bản nháp", stable_name=name),) if goes else (),
            {"made_by": "card-drafts", "kind": kind, **sources},
            tells=kind == told,
            note="Bản nháp mẫu 1, mẫu 2 nằm trong thư mục «Bản nháp».",
        )


def card_register(
    database: Sequence[RegisterRow], exports: Sequence[ListedChild]
) -> tuple[RegisterRow, ...]:
    """Return the register's rows: those of the database, and those of exports that were dropped."""
    dropped = (
        RegisterRow(
            name=child.name,
            birth=child.birth,
            parent=child.parent,
            card=child.card,
            facility=child.facility,
            facility_name=child.facility_name,
            address=child.address,
            sex=child.sex,
            id_number=child.id_number,
        )
        for child in exports
    )
    return (*database, *dropped)


DRAFT_LABELS = {
    "form-1": "Mẫu 1, trẻ đã có thẻ",
    "form-2": "Mẫu 2, trẻ chưa có thẻ",
    "doubts": "Trẻ cần xác nhận thẻ",
}


def _refs(records: Sequence[ListRecord]) -> list[list[Any]]:
    return [[r.drop, r.seq] for r in records]


MAKERS: Mapping[str, Maker] = {
    "split": split_shares,
    "carded-final": _final,
    "unverified": _doubtful,
    "draft": _draft,
    "card-requests": _card_requests,
    "allocation": _allocation,
    "card-drafts": _card_drafts,
}
"""Word of `made_by` (`process/made.py`) → what makes its lists."""
