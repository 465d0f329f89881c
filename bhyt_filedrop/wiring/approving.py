"""Lists that wait for approval: what a person sees of them, the folders in which they lie, and what
decides about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bhyt_filedrop.domain.conservation.alarms import alarms
from bhyt_filedrop.domain.conservation.balance import Hop
from bhyt_filedrop.domain.conservation.brief import Brief, brief_of
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.approval import offer_of
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.letters.letter import one_line
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.paper.approval import approval_sheet
from bhyt_filedrop.domain.paper.layout import Row
from bhyt_filedrop.edges.ledger.approvals import LedgerApprovals
from bhyt_filedrop.edges.ledger.offerbook import LedgerOffers
from bhyt_filedrop.ports import Clock, Tree
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.books import Books, extensions_of
from bhyt_filedrop.wiring.declared import with_extensions, world_of
from bhyt_filedrop.wiring.told import traced
from bhyt_filedrop.work.arrival.deciding import Deciding
from bhyt_filedrop.work.derived.approve import Approving
from bhyt_filedrop.work.derived.in_folders import FolderApproval, approving_office
from bhyt_filedrop.work.derived.publish import Publisher


def brief_for(world: World, books: Books, drop: Drop, balanced_at: datetime | None = None) -> Brief:
    """Return what a person should see before the lists of a drop go; with the balance of the round
    at a moment (aware), where that is asked for: it reads every list of the round."""
    records = [_as_sent(one, world) for one in books.facts.lists_of(drop.id)]
    lists = [(one, _children_as_sent(one, world, books)) for one in records]
    stand = _standing(books, records)
    return brief_of(
        drop.id,
        lists,
        {one.key: books.facts.children(one.drop, one.seq) for one in stand},
        [d.recipe for d, _ in books.drops.deliveries(drop.id) if d.recipe],
        books.drops.history(drop.id),
        _alarms(world, books, drop, balanced_at) if balanced_at else (),
        world.process,
        world.units,
    )


def _as_sent(record: ListRecord, world: World) -> ListRecord:
    """A draft as the list that it becomes once it is approved: that has a receiver, and a version
    before it."""
    offer = offer_of(record, world)
    return replace(record, key=offer.key) if offer else record


def _children_as_sent(record: ListRecord, world: World, books: Books) -> tuple[ListedChild, ...]:
    """A list's children; of one whose form prints no sections the kind of a row's source is none,
    though the draft keeps it."""
    children = books.facts.children(record.drop, record.seq)
    form = world.forms_by_id.get(record.form)
    if form and not form.sections:
        return tuple(replace(child, section="") for child in children)
    return children


def _standing(books: Books, records: Sequence[ListRecord]) -> Iterable[ListRecord]:
    """The accepted lists in whose place some stand, or would."""
    keys, mine = {one.key for one in records}, {one.drop for one in records}
    rounds = {(str(key.round), key.handoff) for key in keys}
    found = (r for round_, handoff in rounds for r in books.facts.of_round(round_, [handoff]))
    return (r for r in found if r.key in keys and r.is_accepted and r.drop not in mine)


def _alarms(world: World, books: Books, drop: Drop, now: datetime) -> Iterable[Hop]:
    return alarms(traced(books, world, drop.round, now)) if drop.round else ()


def folder_approval(
    tree: Tree, books: Books, world: World, publisher: Publisher, clock: Clock
) -> Callable[[], None]:
    """Return what sees to the approval folders of a tree."""

    def publish(drop: Drop, to: Path) -> None:
        _write_offer(drop, to, books, publisher)

    return FolderApproval(
        tree,
        LedgerOffers(books.engine),
        deciding_of(books),
        books.archive,
        publish,
        books.letters,
        world,
        clock,
    ).look


def _write_offer(drop: Drop, to: Path, books: Books, publisher: Publisher) -> None:
    """Write one workbook of all lists of a drop that waits, a summary before them."""
    world = publisher.world
    brief = brief_for(world, books, drop)
    rows: list[Row] = [
        {
            "receiver": one.name,
            "rows": one.rows,
            "added": one.added,
            "removed": one.removed,
            "changed": one.changed,
            "told": "Bản đầu tiên" if one.is_first else "",
        }
        for one in brief.lines
    ]
    unit, round_ = world.units[approving_office(drop, world)], drop.round
    folders = world.routes.approval(unit)
    assert round_ is not None and folders is not None, "offered in the folders of a round"
    handoff = world.process.handoffs[drop.handoff]
    names = folders.agreed.rpartition("/")[2], folders.refused.rpartition("/")[2]
    notes = brief.notes if drop.is_own else (*_why_held(drop, books, world), *brief.notes)
    first = approval_sheet(handoff.name, rows, notes, unit, round_, world.units, names)
    recipes = {tuple(d.recipe["list"]): d.recipe for d, _ in books.drops.deliveries(drop.id)
               if d.recipe}  # fmt: skip
    publisher.write([first, *(s for r in recipes.values() for s in publisher.layouts(r))], to)


def _why_held(drop: Drop, books: Books, world: World) -> Iterator[str]:
    """Whose file waits, and what for. Its rows are not told: it is not for who approves it."""
    sender = world.units.full_name(world.units[drop.unit])
    yield f"{sender} nộp {one_line(drop.name)}, mã {drop.id}."
    waits = ("list.size-odd", "list.incomplete")
    yield from (one.message for one in books.drops.findings(drop.id) if one.code in waits)


def deciding_of(books: Books) -> Deciding:
    """Return what lets drops that wait go on, go back, or be handled again."""
    return Deciding(books.drops, books.facts)


def approving_of(settings: Settings, books: Books, clock: Clock) -> Approving:
    """Return what takes drafts for lists that their offices dropped."""
    from bhyt_filedrop.edges.workbooks.write import write_layouts

    world = with_extensions(world_of(settings), extensions_of(books))
    return Approving(
        books.facts,
        books.drops,
        LedgerApprovals(books.engine),
        books.archive,
        Publisher(world, books.facts.children, write_layouts, clock),
        world.at(clock()),
    )
