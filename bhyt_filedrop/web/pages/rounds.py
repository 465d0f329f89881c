"""The round: what is to be done today, then who owes what, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.domain.owed.board import Board, BoardCell, BoardRow, board_of, unit_of
from bhyt_filedrop.domain.owed.faces import DONE_FACES, DebtFace, days_over, face_of
from bhyt_filedrop.domain.owed.obligations import Entry, RoundStatus
from bhyt_filedrop.domain.owed.todo import is_overdue, to_do
from bhyt_filedrop.domain.owed.wants import want_text
from bhyt_filedrop.language import say
from bhyt_filedrop.web.asking import Asking, round_named
from bhyt_filedrop.web.links import link
from bhyt_filedrop.web.rendering import days_text, face_text, not_found, show


@dataclass(frozen=True, slots=True)
class RoundFilter:
    """What is shown of a round, as the address says it."""

    show: str = ""
    handoff: str = ""
    text: str = ""
    sort: str = ""
    opened: frozenset[str] = frozenset()

    @property
    def is_narrow(self) -> bool:
        """True where rows are left out: then those that stay are shown opened."""
        return bool(self.show or self.text)


FILTERS: dict[str, Callable[[Entry, DebtFace], bool]] = {
    "overdue": lambda entry, face: is_overdue(entry),
    "sent-back": lambda entry, face: face is DebtFace.SENT_BACK,
    "part": lambda entry, face: face is DebtFace.PART,
    "soon": lambda entry, face: face is DebtFace.SOON,
    "owing": lambda entry, face: face not in DONE_FACES,
    "late": lambda entry, face: face is DebtFace.LATE,
}


def filter_names() -> dict[str, str]:
    """Return what may be shown of a round, as people call it."""
    return {
        "": say("tất cả", "all"),
        "owing": say("còn nợ", "owing"),
        "overdue": say("quá hạn", "overdue"),
        "sent-back": face_text(DebtFace.SENT_BACK).lower(),
        "part": face_text(DebtFace.PART).lower(),
        "soon": face_text(DebtFace.SOON).lower(),
        "late": say("nộp trễ", "delivered late"),
    }


def round_page(asked: Asking) -> Response:
    """Show a round."""
    round_ = round_named(asked.names["round"])
    if round_ is None:
        return not_found(asked)
    found = asked.office.status(round_, asked.now)
    narrow = filter_of(asked)
    board = board_for(asked, found, narrow)
    sees = asked.sight.sees
    return show(
        asked,
        "round.html.j2",
        found=found,
        board=board,
        narrow=narrow,
        filters=filter_names(),
        todo=to_do(found, sees),
        cell=lambda row, one: cell_view(asked, row.cells.get(one.handoff.id)),
        entry=lambda one: entry_view(asked, one),
        link=lambda **changes: link(asked, **changes),
        toggled=lambda unit: ",".join(sorted(narrow.opened ^ {unit})),
        faces=list(DebtFace),
        in_rows=[one.handoff for one in board.columns],
        excel=link(asked, path=f"/rounds/{round_}/excel", open=""),
        previous=round_.previous,
        following=round_.next,
        longest=lambda row: longest_text(asked, row),
        waiting=waiting(asked),
    )


def waiting(asked: Asking) -> list[tuple[str, int, str, str]]:
    """Return what waits for a person besides what is owed: path, how many, in two languages."""
    if not asked.sight.sees_city:
        return []
    counts, lying = asked.office.drops.counts(), len(asked.office.lying())
    found = [
        ("/drops?state=held", counts.get("held", 0), "tệp, danh sách đang giữ", "held"),
        ("/drops?state=set-aside", counts.get("set-aside", 0), "tệp chờ quản trị", "set aside"),
        (
            "/drops#lying",
            lying,
            "tệp nằm đó mà chưa nhận được",
            "files lie there and are not taken",
        ),
    ]
    return [one for one in found if one[1]]


def filter_of(asked: Asking) -> RoundFilter:
    """Read from the address what is to be shown; what it does not know is no filter."""
    show_, opened = asked.query.get("show", ""), asked.query.get("open", "")
    return RoundFilter(
        show_ if show_ in FILTERS else "",
        asked.query.get("handoff", ""),
        asked.query.get("q", "").strip(),
        asked.query.get("sort", ""),
        frozenset(filter(None, opened.split(","))),
    )


def board_for(asked: Asking, found: RoundStatus, narrow: RoundFilter) -> Board:
    """Return a round's table as it was asked for, of what the account may see."""
    board = board_of(found, asked.office.world.units, asked.sight.sees, _is_wanted(asked, narrow))
    if narrow.sort != "owing":
        return board
    rows = sorted(board.rows, key=lambda row: -row.longest[0])
    return Board(board.round, board.now, board.columns, board.city, tuple(rows))


def _is_wanted(asked: Asking, narrow: RoundFilter) -> Callable[[Entry], bool]:
    words, units = fold(narrow.text), asked.office.world.units

    def is_wanted(entry: Entry) -> bool:
        if narrow.handoff and narrow.show and entry.owed.handoff.id != narrow.handoff:
            return False
        unit = unit_of(entry)
        if words and words not in fold(f"{unit.id} {units.full_name(unit)}"):
            return False
        return not narrow.show or FILTERS[narrow.show](entry, face_of(entry, asked.now))

    return is_wanted


@dataclass(frozen=True, slots=True)
class EntryView:
    """One obligation as it is shown: face, words, days over, what is wanted."""

    face: DebtFace
    text: str
    days: int
    wanted: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell as it is shown: its own obligations, and shares of those below, in per mille."""

    own: tuple[EntryView, ...]
    shares: tuple[tuple[DebtFace, int, int, int], ...]
    """Face, how many, where its bar begins and how wide it is (0–1000)."""
    done: int
    total: int
    overdue: int


def cell_view(asked: Asking, cell: BoardCell | None) -> CellView | None:
    """Return how a cell is shown; None for one in which nothing is owed."""
    if cell is None:
        return None
    total, at, shares = len(cell.below), 0, []
    for face, count in reversed(cell.faces):
        end = at + count
        shares.append((face, count, at * 1000 // total, (end - at) * 1000 // total + 1))
        at = end
    own = tuple(entry_view(asked, one) for one in cell.own)
    return CellView(own, tuple(shares), cell.done, total, cell.overdue)


def entry_view(asked: Asking, entry: Entry) -> EntryView:
    """Return how an obligation is shown."""
    face, days = face_of(entry, asked.now), days_over(entry, asked.now)
    wanted = want_text(entry, asked.office.world.routes.labels)
    return EntryView(face, face_text(face), days, wanted, entry)


def longest_text(asked: Asking, row: BoardRow) -> str:
    """Say for how long a row's oldest debt is overdue, and whose it is; "" where none is."""
    days, entry = row.longest
    if entry is None:
        return ""
    unit = unit_of(entry)
    whose = f"{unit.name}, " if unit.id != row.unit.id else ""
    return whose + days_text(days)
