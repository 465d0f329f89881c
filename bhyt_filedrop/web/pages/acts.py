"""What people do on the page: each act has its reason, is one event, and is the very service that
the command of the same name calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.responses import Response

from bhyt_filedrop.language import say
from bhyt_filedrop.ports import ActRefused, LostRace, TryLater
from bhyt_filedrop.web.asking import Asking, round_named
from bhyt_filedrop.web.links import path_to
from bhyt_filedrop.web.noting import note
from bhyt_filedrop.web.rendering import go, not_found, problem
from bhyt_filedrop.work.rounds.arranging import OwedBy

Act = Callable[[], object]


def decide(asked: Asking) -> Response:
    """Let a drop that waits go on, send it back, handle it again; or approve a draft."""
    drop, action = asked.drop, asked.form.get("action", "")
    if drop is None:
        return not_found(asked)
    why, by, now = reason_of(asked), asked.who.name, asked.now
    acts: dict[str, Act] = {
        "retry": lambda: asked.office.deciding.retry(drop.id, why, by, now),
        "reject": lambda: asked.office.deciding.reject(drop.id, why, by, now),
        "release": lambda: asked.office.deciding.release(drop.id, why, by, now),
        "approve": lambda: asked.office.approving().approve(
            drop.id,
            why,
            now,
            by=by,
            unit=asked.form.get("unit", ""),
            with_uncertain=bool(asked.form.get("uncertain")),
        ),
    }
    return do_act(asked, action, acts, path_to("drops", drop.id))


def send_again(asked: Asking) -> Response:
    """Send a letter once more."""
    if asked.letter is None:
        return not_found(asked)
    shown, _ = asked.letter
    why, by, now = reason_of(asked), asked.who.name, asked.now
    resending = asked.office.resending

    def again() -> object:
        waiting = [one for one in asked.office.set_aside() if one.key == shown.key]
        if not waiting:
            return resending.copy(shown.key, why, by, now)
        if not resending.again(waiting, why, by, now):
            raise ActRefused(
                "Thư nhắc của ngày đã qua, hoặc đơn vị không còn: không gửi lại được.",
                "It speaks of a day that is over, or its unit is gone: it cannot go again.",
            )
        return None

    return do_act(asked, "again", {"again": again}, path_to("letters", shown.key))


def arrange(asked: Asking) -> Response:
    """Extend, snooze or acknowledge what a unit owes."""
    unit = asked.unit
    if unit is None:
        return not_found(asked)
    round_ = round_named(asked.form.get("round", ""))
    if round_ is None:
        return not_found(asked)
    debt = OwedBy(asked.form.get("handoff", ""), round_, unit.id, asked.form.get("receiver", ""))
    arranging, why, by, now = asked.office.arranging, reason_of(asked), asked.who.name, asked.now
    acts: dict[str, Act] = {
        "extend": lambda: arranging.extend(debt, _until(asked), why, by, now),
        "snooze": lambda: arranging.snooze(debt, _until(asked), why, by, now),
        "acknowledge": lambda: arranging.acknowledge(debt, why, by, now),
    }
    return do_act(asked, asked.form.get("action", ""), acts, path_to("units", unit.id))


def undo(asked: Asking) -> Response:
    """End an arrangement about a unit."""
    unit, number = asked.unit, asked.form.get("number", "")
    if unit is None or not number.isdecimal():
        return not_found(asked)
    why, by = reason_of(asked), asked.who.name
    acts: dict[str, Act] = {
        "undo": lambda: asked.office.arranging.undo(int(number), why, by, asked.now)
    }
    return do_act(asked, "undo", acts, path_to("units", unit.id))


def reason_of(asked: Asking) -> str:
    """Return the reason that a form gives, on one line."""
    return " ".join(asked.form.get("why", "").split())


def _until(asked: Asking) -> date:
    try:
        return date.fromisoformat(asked.form.get("until", ""))
    except ValueError:
        raise ActRefused("Phải ghi đến ngày nào.", "Say until which day.") from None


def do_act(asked: Asking, action: str, acts: dict[str, Act], back: str) -> Response:
    """Do one of some acts, and lead back to what it was about; or say in one sentence why not."""
    if action not in acts:
        return problem(asked, 400, say("Chưa chọn việc nào.", "Choose what to do."))
    if not reason_of(asked):
        return problem(asked, 400, say("Phải ghi lý do.", "A reason is needed."))
    try:
        acts[action]()
    except ActRefused as refusal:
        return problem(asked, 409, say(refusal.told, str(refusal)))
    except (LostRace, TryLater):
        text = say(
            "Vừa có thay đổi khác. Xin tải lại trang rồi xem lại.",
            "Something else changed meanwhile. Load the page again and look.",
        )
        return problem(asked, 409, text)
    note(asked, "changed", action)
    return go(f"{back}?done={action}")
