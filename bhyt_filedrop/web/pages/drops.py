"""Drops: what arrived, and one drop with its way, its files, and its sheet beside the findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import FileResponse, Response

from bhyt_filedrop.domain.cells.grid import Sheet
from bhyt_filedrop.domain.drops.drop import Delivery, Drop
from bhyt_filedrop.domain.drops.handed_in import HandedIn
from bhyt_filedrop.domain.drops.lateness import LATENESS, Lateness, lateness
from bhyt_filedrop.domain.drops.lying import SAID, Lying
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Finding, Severity, title
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.file_names import legible, mark_in_name
from bhyt_filedrop.domain.words import DROP_EVENTS, LIST_STATES, ROLES_OF_FILES, SEVERITIES, STATES
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking
from bhyt_filedrop.web.links import link
from bhyt_filedrop.web.rendering import not_found, show
from bhyt_filedrop.web.sheets import ShownSheet, show_sheet
from bhyt_filedrop.work.arrival.deciding import WAITING

A_PAGE = 100
"""Drops or letters on one page."""


def page_number(asked: Asking) -> int:
    """Return which page of a list is asked for, the first being 0."""
    given = asked.query.get("page", "0")
    return int(given) if given.isdecimal() and len(given) < 6 else 0


def drops_page(asked: Asking) -> Response:
    """Show what arrived, the newest first."""
    state, text, page = asked.query.get("state", ""), asked.query.get("q", ""), page_number(asked)
    known = state if state in {one.value for one in State} else ""
    found = asked.office.page.arrived(
        asked.seen_units, known, text.strip(), A_PAGE + 1, page * A_PAGE
    )
    return show(
        asked,
        "drops.html.j2",
        drops=found[:A_PAGE],
        lying=[(one, say(SAID[one.why], str(one.why))) for one in lying(asked)] if not page else [],
        more=len(found) > A_PAGE,
        page=page,
        state=known,
        text=text,
        states={one.value: state_text(one) for one in State},
        state_text=state_text,
        late_text=lambda drop: late_text(asked, drop),
        handoff_number=lambda drop: handoff_number(asked, drop),
        link=lambda **changes: link(asked, **changes),
    )


def lying(asked: Asking) -> list[Lying]:
    """Return what lies in the folders of the units that may be seen and was not taken."""
    return [one for one in asked.office.lying() if asked.sight.sees(one.unit)]


def state_text(state: State) -> str:
    """Return a state as people say it."""
    return say(STATES[state], str(state))


def late_text(asked: Asking, drop: Drop) -> str:
    """Say how a drop came where it was not plainly in time: late, or in time as extended."""
    return say(*LATENESS[came(asked, drop)])


def came(asked: Asking, drop: Drop) -> Lateness:
    """Tell how a drop came."""
    return lateness(drop, lambda: asked.office.page.lists_in(drop.id), asked.office.world)


def handoff_number(asked: Asking, drop: Drop) -> str:
    """Return the number of the hand-off that a drop is ("" = nobody knows)."""
    handoff = asked.office.world.process.handoffs.get(drop.handoff)
    return handoff.number if handoff else ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Findings of one code in one sheet: one cause is one line."""

    code: str
    title: str
    severity: Severity
    message: str
    remedy: str
    numbered: Mapping[int, Finding]


def drop_page(asked: Asking) -> Response:
    """Show one drop."""
    drop = asked.drop
    if drop is None:
        return not_found(asked)
    found = dict(enumerate(asked.office.drops.findings(drop.id), start=1))
    lists = asked.office.page.lists_in(drop.id)
    files = files_of(drop, lists)
    opened = asked.query.get("file", first_opened(found, files))
    sheets = _sheets_of(asked, drop, opened, files.get(opened, ""))
    actions = actions_on(asked, drop, lists)
    balanced = asked.now if asked.query.get("balance") else None
    return show(
        asked,
        "drop.html.j2",
        drop=drop,
        handed_in=_handed_in(asked, drop),
        brief=asked.office.brief(drop, balanced) if actions and lists else None,
        balanced=bool(balanced),
        state=state_text(drop.state),
        late=late_text(asked, drop),
        events=[(at, event_text(kind)) for at, kind, _ in asked.office.drops.history(drop.id)],
        lists=[(one, asked.office.world.process.handoffs.get(one.key.handoff)) for one in lists],
        list_state=lambda state: say(LIST_STATES[state], str(state)),
        deliveries=[
            (seq, one, at, role_text(one))
            for seq, (one, at) in enumerate(asked.office.drops.deliveries(drop.id))
            if asked.sight.sees(one.unit) or asked.sight.sees_city
        ],
        letters=asked.office.page.letters(asked.seen_units, drop=drop.id),
        causes=causes_of(found),
        severity_text=lambda one: say(SEVERITIES[one], str(one)),
        files=[name for name in files if name],
        opened=opened,
        sheets=shown_sheets(sheets, found, opened, whole=bool(asked.query.get("whole"))),
        whole=bool(asked.query.get("whole")),
        link=lambda **changes: link(asked, **changes),
        name=legible,
        actions=actions,
        offices=_offices_of_drafts(asked, lists),
        done=asked.query.get("done", ""),
    )


def actions_on(asked: Asking, drop: Drop, lists: Sequence[ListRecord]) -> list[tuple[str, str]]:
    """Return what this account may decide of a drop now, as people say it."""
    if not asked.may_act:
        return []
    if drop.is_own and drop.state in (State.ACCEPTED, State.RETURNED):
        draft = any(record.is_draft for record in lists)
        return [("approve", say("Duyệt bản nháp", "Approve the draft"))] if draft else []
    waits = drop.state in WAITING
    found = [
        (drop.state is State.SET_ASIDE, "retry", say("Xử lý lại từ đầu", "Handle it again")),
        (waits and bool(lists), "release", say("Cho đi tiếp", "Let it go on")),
        (waits, "reject", say("Trả lại đơn vị nộp", "Send it back")),
    ]
    return [(action, text) for may, action, text in found if may]


def _offices_of_drafts(asked: Asking, lists: Sequence[ListRecord]) -> list[tuple[str, str]]:
    """The offices whose drafts a drop holds, by id and name."""
    units = asked.office.world.units
    mine = dict.fromkeys(one.key.sender for one in lists if one.is_draft)
    return [(id_, units.full_name(units[id_])) for id_ in mine if id_ in units]


def files_of(drop: Drop, lists: Sequence[ListRecord]) -> dict[str, str]:
    """Return the files of a drop that hold lists, as findings name them ("" = the drop itself)."""
    members = {one.file: one.sha256 for one in lists if one.sha256 != drop.sha256}
    return members or ({"": drop.sha256} if drop.sha256 else {})


def event_text(kind: str) -> str:
    """Return an event as people say it; one that has no words yet by its own name."""
    return say(DROP_EVENTS.get(kind, kind), kind)


def role_text(delivery: Delivery) -> str:
    """Return what a file that was put somewhere is for."""
    return say(ROLES_OF_FILES[delivery.role], str(delivery.role))


def _handed_in(asked: Asking, drop: Drop) -> HandedIn | None:
    """Who handed it in on the page; a file that came by the folder may bear an old name."""
    mark = mark_in_name(drop.name)
    given = asked.office.hand_ins.of_mark(mark) if mark else None
    return given if given and given.is_of(drop.tree, drop.path, drop.sha256) else None


def first_opened(found: Mapping[int, Finding], files: Mapping[str, str]) -> str:
    """Return the file that is shown first: one with findings where there is one."""
    faulty = (one.file for one in found.values() if one.file in files)
    return next(faulty, next(iter(files), ""))


def _sheets_of(asked: Asking, drop: Drop, name: str, sha256: str) -> tuple[Sheet, ...]:
    if not sha256:
        return ()
    path = asked.office.archive.path(sha256)
    return asked.office.sheets.sheets(path, name or drop.name, sha256) if path.exists() else ()


def shown_sheets(
    sheets: Sequence[Sheet], found: Mapping[int, Finding], file: str, *, whole: bool
) -> list[ShownSheet]:
    """Return the sheets of a file with findings, or the first where there are none."""
    mine = {n: one for n, one in found.items() if one.file == file}
    by_sheet = {
        sheet.name: {n: one for n, one in mine.items() if one.sheet == sheet.name}
        for sheet in sheets
    }
    shown = [sheet for sheet in sheets if by_sheet[sheet.name]] or list(sheets[:1])
    return [show_sheet(sheet, by_sheet[sheet.name], whole=whole) for sheet in shown]


def causes_of(found: Mapping[int, Finding]) -> list[Cause]:
    """Gather findings of one code in one sheet, what blocks first."""
    grouped: dict[tuple[str, str, str], dict[int, Finding]] = {}
    for number, one in found.items():
        grouped.setdefault((one.code, one.file, one.sheet or ""), {})[number] = one
    order = list(Severity)
    causes = []
    for (code, _, _), some in grouped.items():
        first = next(iter(some.values()))
        causes.append(Cause(code, title(code), first.severity, first.message, first.remedy, some))
    return sorted(causes, key=lambda cause: order.index(cause.severity))


# --- files ---------------------------------------------------------------------------------------


def original(asked: Asking) -> Response:
    """Hand out the bytes as they were dropped."""
    drop = asked.drop
    if drop is None or drop.sha256 is None:
        return not_found(asked)
    return _file(asked, drop.sha256, drop.name)


def delivered_file(asked: Asking) -> Response:
    """Hand out one of the files that were made or passed on of a drop."""
    drop, seq = asked.drop, asked.names["seq"]
    if drop is None or not seq.isdecimal():
        return not_found(asked)
    found = asked.office.drops.deliveries(drop.id)
    if int(seq) >= len(found):
        return not_found(asked)
    delivery, _ = found[int(seq)]
    if not delivery.sha256 or not asked.sight.sees(delivery.unit):
        return not_found(asked)
    return _file(asked, delivery.sha256, legible(delivery.path.rsplit("/", 1)[-1]))


def _file(asked: Asking, sha256: str, name: str) -> Response:
    """Hand out bytes as a download: nothing that a stranger sent is opened by the browser."""
    path = asked.office.archive.path(sha256)
    if not path.exists():
        return not_found(asked)
    kept = {"Content-Security-Policy": "sandbox; default-src 'none'"}
    return FileResponse(path, 200, kept, "application/octet-stream", filename=name)
