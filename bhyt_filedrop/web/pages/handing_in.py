"""Hand files in for a unit, and see what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.handed_in import HandedIn
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.domain.process.file_names import mark_in_name
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import ActRefused, NeverWorks, TryLater
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.forms import MAX_FILES
from bhyt_filedrop.web.links import path_to
from bhyt_filedrop.web.noting import note
from bhyt_filedrop.web.pages.acts import reason_of
from bhyt_filedrop.web.pages.drops import state_text
from bhyt_filedrop.web.parcels import Parcel
from bhyt_filedrop.web.rendering import go, not_found, problem, show
from bhyt_filedrop.work.arrival.handing_in import Hands

_UNDER_WAY = frozenset({State.CLAIMED, State.PLANNED})


def send_page(asked: Asking) -> Response:
    """Let somebody choose for which unit to hand in."""
    mine = [one for one in asked.sight.visible() if may_drop(asked, one)]
    wanted = asked.query.get("unit", "")
    if wanted in {one.id for one in mine}:
        return go(path_to("units", wanted, "send"))
    return show(
        asked,
        "send.html.j2",
        units=[(one.id, asked.office.world.units.full_name(one)) for one in mine],
    )


def may_drop(asked: Asking, unit: Unit) -> bool:
    """True where a unit is there and has a folder to drop into."""
    today = local_day(asked.now)
    return asked.office.world.routes.has_folders(unit) and not unit.is_over(today)


def send_unit_page(asked: Asking) -> Response:
    """Show the form by which files of a unit are checked and handed in."""
    unit = asked.unit
    if unit is None or not may_drop(asked, unit):
        return not_found(asked)
    return show(
        asked,
        "send_unit.html.j2",
        unit=unit,
        full_name=asked.office.world.units.full_name(unit),
        subfolders=list(asked.office.world.routes.subfolders(unit)),
        most_files=MAX_FILES,
        most_bytes=asked.office.settings.limits.max_bytes // 2**20,
    )


def take_files(asked: Asking) -> Response:
    """Take files in: to check them first, or to hand them in at once."""
    unit, action = asked.unit, asked.form.get("action", "")
    if unit is None or not may_drop(asked, unit):
        return not_found(asked)
    given = [one for one in asked.files if one.name]
    wrong = _wrong_wish(asked, action, len(given))
    if wrong:
        return problem(asked, 400, wrong)
    office, subfolder = asked.office, asked.form.get("subfolder", "")
    try:
        parcel = office.parcels.keep(
            asked.token,
            unit.id,
            given,
            lambda name: office.handing_in.path_for(unit, subfolder, name, asked.now),
        )
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    except (OSError, TryLater):
        return problem(asked, 503, say("Máy chủ không còn chỗ lưu tệp.", "The disk is full."))
    if action == "send":
        return hand_in(asked, unit, parcel)
    office.parcels.look(parcel, unit)
    return go(path_to("units", unit.id, "checked", parcel.id))


def _wrong_wish(asked: Asking, action: str, files: int) -> str:
    if action not in ("check", "send"):
        return say("Chưa chọn việc nào.", "Choose what to do.")
    if not files:
        return say("Chưa chọn tệp nào.", "Choose a file.")
    if action == "send" and not reason_of(asked):
        return say("Phải ghi lý do.", "A reason is needed.")
    return ""


def hand_in(asked: Asking, unit: Unit, parcel: Parcel) -> Response:
    """Hand the files of a parcel in, and lead to what becomes of them; the parcel is gone then."""
    hands = Hands(asked.who.name, reason_of(asked), asked.address, asked.now)
    done: list[HandedIn] = []
    try:
        for one in parcel.files:
            file = parcel.shelf.path(one.sha256)
            done.append(
                asked.office.handing_in.hand_in(unit, one.path, file, one.sha256, one.size, hands)
            )
    except ActRefused as refusal:
        return problem(asked, 409, _so_far(parcel, done) + say(refusal.told, str(refusal)))
    except (TryLater, NeverWorks):
        text = say(
            "Thư mục nộp không nhận tệp lúc này. Xin nộp lại sau ít phút.",
            "The drop folder takes no file now. Please try again in some minutes.",
        )
        return problem(asked, 503, _so_far(parcel, done) + text)
    finally:
        asked.office.parcels.drop(parcel)
        if done:
            note(asked, "changed", "hand-in")
    marks = ",".join(mark_in_name(one.path.rpartition("/")[2]) for one in done)
    return go(f"{path_to('units', unit.id, 'sent')}?marks={marks}")


def _so_far(parcel: Parcel, done: list[HandedIn]) -> str:
    """Say which files of several are handed in and which is not."""
    if len(parcel.files) == 1:
        return ""
    here = ", ".join(one.name for one in parcel.files[: len(done)]) or say(
        "chưa có tệp nào", "none"
    )
    stuck = parcel.files[len(done)].name
    return say(f"Đã nộp: {here}. Chưa nộp từ tệp “{stuck}”. ",
               f"Handed in: {here}. Not handed in from “{stuck}” on. ")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentRow:
    """One file that was handed in, and its drop once it was taken."""

    given: HandedIn
    name: str
    drop: Drop | None
    state: str


def sent_page(asked: Asking) -> Response:
    """Show what became of files that were just handed in."""
    unit = asked.unit
    if unit is None:
        return not_found(asked)
    marks = asked.query.get("marks", "").split(",")[:MAX_FILES]
    rows = [row for mark in marks if mark and (row := _sent_row(asked, unit, mark))]
    return show(
        asked,
        "sent.html.j2",
        unit=unit,
        rows=rows,
        waits=any(row.drop is None or row.drop.state in _UNDER_WAY for row in rows),
    )


def _sent_row(asked: Asking, unit: Unit, mark: str) -> SentRow | None:
    given = asked.office.hand_ins.of_mark(mark)
    if given is None or given.unit != unit.id:
        return None
    came = asked.office.page.arrived(asked.seen_units, text=mark)
    drop = next(
        (one for one in reversed(came) if given.is_of(one.tree, one.path, one.sha256)), None
    )
    name = given.path.rpartition("/")[2]
    return SentRow(given, name, drop, state_text(drop.state) if drop else "")
