"""Wards that think again: two files in one look, a correction before the first is delivered.

What they believed at first is sound in itself and not so, so that whoever holds the older file, or
judges by what was delivered instead of what was decided, holds the wrong children.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from bhyt_filedrop.simulate.quarter.answering import ChildAnswer
from bhyt_filedrop.simulate.quarter.folders import digest
from bhyt_filedrop.simulate.quarter.mails import sent_letters
from bhyt_filedrop.simulate.quarter.own_faults import JOINING, as_fate
from bhyt_filedrop.simulate.quarter.population import TrueFate
from bhyt_filedrop.simulate.quarter.stage import Dropped, Stage
from bhyt_filedrop.simulate.quarter.tables import read_table
from bhyt_filedrop.simulate.quarter.wards import Ward, save_as

WHILE_IT_LASTS = timedelta(seconds=30)
"""So long after the first correction the second one comes."""

OLDER, NEWER = timedelta(minutes=20), timedelta(minutes=10)


def overlook_one(answers: Sequence[ChildAnswer]) -> list[ChildAnswer]:
    """The same children, but of one who gets its card now nothing was found."""
    one = next(a for a in answers if a.fate is TrueFate.NOW)
    return [as_fate(a, TrueFate.NONE) if a is one else a for a in answers]


def hand_in_both(ward: Ward) -> None:
    """Having found a slip, save the list under another name and hand both in at once: the right
    one was written later, and its name comes first."""
    older = ward.hand_in(0, "", says=overlook_one, age=OLDER)
    if older:
        ward.hand_in(0, "", prefix="a sua ", age=NEWER, replaces=older.path)


def answer_hastily(ward: Ward) -> None:
    """Say of one child what is not so."""
    ward.hand_in(0, "", says=overlook_one)


def put_right(ward: Ward) -> None:
    """Send both lists anew in one workbook, on a day on which nothing can be delivered."""
    ward.stage.is_full = True
    ward.hand_in(0, "", prefix="sua lai ", more=True)


def put_right_again(ward: Ward) -> None:
    """A moment later send D03-TS once more, while the workbook still lies with nobody."""
    first, source = ward.stage.dropped[-1], ward.sent()
    if any(first.sha256 == digest(path) for path in _given(ward.stage, ward.unit.id)):
        ward.stage.overlooked.append(f"{ward.unit.id}: nothing kept its correction back")
    if source:
        joining = ward.sheets(ward.answers(read_table(source)), "")[JOINING]
        ward.stage.drop(
            ward.unit.id, "D03-TS.xlsx", lambda path: save_as([joining], path, "xlsx"), more=True
        )


def make_room(ward: Ward) -> None:
    """The disk has room again."""
    ward.stage.is_full = False


# --- what must come of it ----------------------------------------------------------------------


def problems(stage: Stage) -> Iterator[str]:
    """Yield in one line each where an older file stands, or nobody is told which one it was."""
    by_path = {one.path: one for one in stage.dropped}
    for newer in (one for one in stage.dropped if one.replaces):
        older = by_path[newer.replaces]
        lie = [digest(path) for path in _given(stage, newer.unit)]
        order = [name for name in lie if name in (older.sha256, newer.sha256)]
        if order != [older.sha256, newer.sha256]:
            yield f"{newer.unit}: of two files in one look the older one was delivered last"
        yield from _unnamed(stage, newer, older)


def _given(stage: Stage, ward: str) -> list[Path]:
    """What the office above was given of a ward, oldest first."""
    return stage.inbox(stage.above(ward), giver=ward)


def _unnamed(stage: Stage, newer: Dropped, older: Dropped) -> Iterator[str]:
    said = f"Thay cho: {older.path.rpartition('/')[2]} "
    for unit, kind in ((newer.unit, "receipt"), (stage.above(newer.unit), "delivered")):
        addresses = stage.unit(unit).email
        mails = (m for m in sent_letters(stage) if m.kind == kind and m.address in addresses)
        if not any(said in mail.text for mail in mails):
            yield f"{unit}: no letter says which file the one of {newer.unit} replaced"
