"""What people do on the page: each act has its reason, is one event, and is the very service that
the command of the same name calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.responses import Response

from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import ActRefused, LostRace, TryLater
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.links import path_to
from bhyt_filedrop.web.noting import note
from bhyt_filedrop.web.rendering import go, not_found, problem, show
from bhyt_filedrop.work.rounds.arranging import OwedBy

Act = Callable[[], object]


def decide(asked: Asking) -> Response:
    """Let a drop that waits go on, send it back, handle it again; or approve a draft."""
    drop, action = asked.drop, asked.form.get("action", "")
    if drop is None:
        return not_found(asked)
    why, by, now = _why(asked), asked.who.name, asked.now
    acts: dict[str, Act] = {
        "retry": lambda: asked.office.deciding.retry(drop.id, why, by, now),
        "reject": lambda: asked.office.deciding.reject(drop.id, why, by, now),
        "release": lambda: asked.office.deciding.release(drop.id, why, by, now),
        "approve": lambda: asked.office.approving().approve(
            drop.id, why, now, by=by, unit=asked.form.get("unit", "")
        ),
    }
    return _do(asked, action, acts, path_to("drops", drop.id))


def send_again(asked: Asking) -> Response:
    """Send a letter once more."""
    if asked.letter is None:
        return not_found(asked)
    shown, _ = asked.letter
    why, by, now = _why(asked), asked.who.name, asked.now
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

    return _do(asked, "again", {"again": again}, path_to("letters", shown.key))


def arrange(asked: Asking) -> Response:
    """Extend, snooze or acknowledge what a unit owes."""
    unit = asked.unit
    if unit is None:
        return not_found(asked)
    round_ = _round(asked.form.get("round", ""))
    if round_ is None:
        return not_found(asked)
    debt = OwedBy(asked.form.get("handoff", ""), round_, unit.id, asked.form.get("receiver", ""))
    arranging, why, by, now = asked.office.arranging, _why(asked), asked.who.name, asked.now
    acts: dict[str, Act] = {
        "extend": lambda: arranging.extend(debt, _until(asked), why, by, now),
        "snooze": lambda: arranging.snooze(debt, _until(asked), why, by, now),
        "acknowledge": lambda: arranging.acknowledge(debt, why, by, now),
    }
    return _do(asked, asked.form.get("action", ""), acts, path_to("units", unit.id))


def undo(asked: Asking) -> Response:
    """End an arrangement about a unit."""
    unit, number = asked.unit, asked.form.get("number", "")
    if unit is None or not number.isdecimal():
        return not_found(asked)
    why, by = _why(asked), asked.who.name
    acts: dict[str, Act] = {
        "undo": lambda: asked.office.arranging.undo(int(number), why, by, asked.now)
    }
    return _do(asked, "undo", acts, path_to("units", unit.id))


def papers_page(asked: Asking) -> Response:
    """Show where the paper copies of a round are."""
    round_ = _round(asked.names["round"])
    if round_ is None:
        return not_found(asked)
    ways = [one for one in asked.office.papers.ways(round_) if asked.sight.sees(one.unit.id)]
    return show(
        asked,
        "papers.html.j2",
        round=round_,
        missing=[one for one in ways if one.tick is None],
        came=[one for one in ways if one.tick],
        done=asked.query.get("done", ""),
    )


def papers_came(asked: Asking) -> Response:
    """Note that the paper copies came to a unit, or that they did not."""
    unit, round_ = asked.unit, _round(asked.form.get("round", ""))
    if unit is None or round_ is None:
        return not_found(asked)
    handoff, why, by, now = asked.form.get("handoff", ""), _why(asked), asked.who.name, asked.now
    papers = asked.office.papers
    acts: dict[str, Act] = {
        "came": lambda: papers.came(round_, handoff, [unit.id], why, by, now),
        "not-there": lambda: papers.not_there(round_, handoff, unit.id, why, by, now),
    }
    return _do(asked, asked.form.get("action", ""), acts, path_to("papers", str(round_)))


def _round(text: str) -> Round | None:
    try:
        return Round.parse(text)
    except ValueError:
        return None


def _why(asked: Asking) -> str:
    return " ".join(asked.form.get("why", "").split())


def _until(asked: Asking) -> date:
    try:
        return date.fromisoformat(asked.form.get("until", ""))
    except ValueError:
        raise ActRefused("Phải ghi đến ngày nào.", "Say until which day.") from None


def _do(asked: Asking, action: str, acts: dict[str, Act], back: str) -> Response:
    """Do one of some acts, and lead back to what it was about; or say in one sentence why not."""
    if action not in acts:
        return problem(asked, 400, say("Chưa chọn việc nào.", "Choose what to do."))
    if not _why(asked):
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
