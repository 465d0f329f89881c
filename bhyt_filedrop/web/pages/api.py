"""The same as JSON: what the pages show, for programs; `/api/openapi.json` describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.lateness import Lateness
from bhyt_filedrop.domain.owed.board import unit_of
from bhyt_filedrop.domain.owed.faces import days_over, face_of
from bhyt_filedrop.domain.owed.obligations import Entry
from bhyt_filedrop.domain.process.calendar import ZONE, home_round, local_day
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import ShownLetter
from bhyt_filedrop.web.asking import Asking, round_named
from bhyt_filedrop.web.pages.drops import A_PAGE, came, page_number


def _missing() -> Response:
    return JSONResponse({"error": "not found"}, 404)


def _round(asked: Asking) -> Round | None:
    return round_named(asked.names["round"])


def round_json(asked: Asking) -> Response:
    """A round: each hand-off with the obligations of the units that may be seen."""
    round_ = _round(asked)
    if round_ is None:
        return _missing()
    found = asked.office.status(round_, asked.now)
    told = []
    for one in found.handoffs:
        entries = [e for e in one.entries if asked.sight.sees(unit_of(e).id)]
        told.append(
            {
                "id": one.handoff.id,
                "number": one.handoff.number,
                "name": one.handoff.name,
                "due": one.deadline.last_day.isoformat() if one.deadline else None,
                "units": [_entry(asked, entry) for entry in entries],
            }
        )
    return JSONResponse(
        {"round": str(round_), "title": round_.title, "now": _at(found.now), "handoffs": told}
    )


def _entry(asked: Asking, entry: Entry) -> Mapping[str, Any]:
    face, days = face_of(entry, asked.now), days_over(entry, asked.now)
    return {**entry.as_json(), "face": str(face), "days_over": days}


def calendar_json(asked: Asking) -> Response:
    """The due dates of a round, and who was given a later day."""
    round_ = _round(asked)
    if round_ is None:
        return _missing()
    dates = [one.seen_by(asked.seen_units) for one in asked.office.dates(round_)]
    told = [{"id": one.handoff.id, **one.as_json()} for one in dates]
    return JSONResponse({"round": str(round_), "handoffs": told})


def units_json(asked: Asking) -> Response:
    """The units that may be seen."""
    return JSONResponse({"units": [_unit(one) for one in asked.sight.visible()]})


def _unit(unit: Unit) -> Mapping[str, Any]:
    return {
        "id": unit.id,
        "name": unit.name,
        "kind": unit.kind,
        "parent": unit.parent,
        "email": list(unit.email),
        "phone": unit.phone,
    }


def unit_json(asked: Asking) -> Response:
    """A unit, and what it owes and gets in the round that is handled now."""
    unit = asked.unit
    if unit is None:
        return _missing()
    round_ = home_round(local_day(asked.now))
    (state,) = asked.office.rounds_of(unit, [round_], asked.now)
    entries = [entry for one in state.handoffs for entry in one.entries]
    told = [
        {"handoff": e.owed.handoff.id, "number": e.owed.handoff.number, **_entry(asked, e)}
        for e in entries
    ]
    return JSONResponse({**_unit(unit), "round": str(round_), "obligations": told})


def drops_json(asked: Asking) -> Response:
    """What arrived, the newest first; `state`, `q`, `page` as on the page."""
    state, text = asked.query.get("state", ""), asked.query.get("q", "").strip()
    found = asked.office.page.arrived(
        asked.seen_units, state, text, A_PAGE, page_number(asked) * A_PAGE
    )
    return JSONResponse({"drops": [_drop(asked, one) for one in found]})


def _drop(asked: Asking, drop: Drop) -> dict[str, Any]:
    how = came(asked, drop)
    return {
        "id": drop.id,
        "state": str(drop.state),
        "arrived_at": _at(drop.arrived_at),
        "closed_at": _at(drop.closed_at),
        "unit": drop.unit,
        "file": drop.name,
        "size": drop.size,
        "sha256": drop.sha256,
        "handoff": drop.handoff,
        "round": str(drop.round) if drop.round else None,
        "late": how is Lateness.LATE,
        "extended": how is Lateness.EXTENDED,
        "reason": drop.reason,
    }


def drop_json(asked: Asking) -> Response:
    """One drop with its lists, findings, files and letters."""
    drop = asked.drop
    if drop is None:
        return _missing()
    office = asked.office
    return JSONResponse(
        {
            **_drop(asked, drop),
            "lists": [one.as_json() for one in office.page.lists_in(drop.id)],
            "findings": [one.as_json() for one in office.drops.findings(drop.id)],
            "files": [
                {"role": str(one.role), "unit": one.unit, "path": one.path, "done_at": _at(at)}
                for one, at in office.drops.deliveries(drop.id)
                if asked.sight.sees(one.unit)
            ],
            "events": [
                {"at": _at(at), "kind": kind} for at, kind, _ in office.drops.history(drop.id)
            ],
            "letters": [_letter(x) for x in office.page.letters(asked.seen_units, drop=drop.id)],
        }
    )


def letters_json(asked: Asking) -> Response:
    """Letters, the newest first; `state`, `page` as on the page."""
    found = asked.office.page.letters(
        asked.seen_units,
        asked.query.get("state", ""),
        limit=A_PAGE,
        offset=page_number(asked) * A_PAGE,
    )
    return JSONResponse({"letters": [_letter(one) for one in found]})


def letter_json(asked: Asking) -> Response:
    """One letter with what it is written from."""
    if asked.letter is None:
        return _missing()
    shown, letter = asked.letter
    return JSONResponse({**_letter(shown), "context": letter.context})


def _letter(one: ShownLetter) -> dict[str, Any]:
    return {
        "key": one.key,
        "kind": one.kind,
        "unit": one.unit,
        "drop": one.drop or None,
        "state": one.state,
        "attempts": one.attempts,
        "next_at": _at(one.next_at),
        "created_at": _at(one.created_at),
        "sent_at": _at(one.sent_at),
        "error": one.error,
    }


def _at(moment: Any) -> str | None:
    return moment.astimezone(ZONE).isoformat() if moment else None
