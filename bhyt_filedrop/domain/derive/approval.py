"""Whether a draft that the product offered to an office may be confirmed, and as which hand-off.

An office confirms a draft by dropping it as its own list; approving it is the same without the
file going by hand (1331/BHXH-THU, 5.2.2: the lists remain CNTT's). So a draft is approved only
where it is still what the office would drop, and never twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bhyt_filedrop.domain.cells.text import tone_blind
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.folders import Place, candidates

Reason = Literal[
    "no-draft", "several-units", "overtaken", "confirmed", "other-list", "unanswered", "uncertain"
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a draft is not approved: `drop` is what stands in its place, `count` so many children,
    `units` the offices that the drop has drafts for."""

    reason: Reason
    drop: str = ""
    count: int = 0
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A drafted list, and what it stands for once its office confirms it."""

    record: ListRecord
    key: ListKey


@dataclass(frozen=True, slots=True)
class Approved:
    """A drop that an approval made of a draft, in whichever state it is now."""

    drop: str
    state: State

    @property
    def stands(self) -> bool:
        """True unless the list was sent back: then the draft may be approved once more."""
        return self.state not in (State.RETURNED, State.VOID)


@dataclass(frozen=True)
class Shelf:
    """What the ledger knows of the drafts of a round: `records` are all lists that stand, drafts
    and others; `approved` the approvals of a list, by drop and seq, the oldest first."""

    records: Sequence[ListRecord]
    approved: Mapping[tuple[str, int], Sequence[Approved]]
    children: Callable[[str, int], tuple[ListedChild, ...]]


def offer_of(record: ListRecord, world: World) -> Offer | None:
    """Return what a draft becomes when its office drops it; None for one that nobody drops."""
    unit = world.units.by_id.get(record.key.sender)
    if unit is None or not record.is_draft:
        return None
    place = Place("", unit, "", "")
    found = candidates(world.process, world.units, place, record.form)
    if len(found) != 1 or found[0].receiver is None:
        return None
    receiver = found[0].receiver.id
    return Offer(record, ListKey(found[0].handoff.id, record.key.round, unit.id, receiver))


def choose(
    named: Sequence[ListRecord], unit: str, shelf: Shelf, world: World, *, with_uncertain: bool
) -> tuple[Offer, ...] | Refusal:
    """Return what is confirmed when somebody approves the drafts of one drop, or why nothing is.

    `named` are the drop's lists. An office's drafts of one hand-off belong together (form 1 and
    form 2), though a later drop may hold only the one that changed; so all that stand are
    confirmed, but for those that are already. Children that may be on the other list
    (`uncertain`) stay marked as such on the list that they were drafted for.
    """
    mine = [r for r in named if r.is_draft and (not unit or r.key.sender == unit)]
    units = tuple(dict.fromkeys(r.key.sender for r in mine))
    if len(units) > 1:
        return Refusal("several-units", units=units)
    together = [r for r in shelf.records if mine and _belongs(r, mine[0])]
    offers = [o for r in together if r.rows and (o := offer_of(r, world))]
    if overtaken := _overtaken(mine, together):
        return overtaken
    if not offers:
        return Refusal("no-draft")
    return _still_open(offers, together, shelf, world, with_uncertain)


def _belongs(record: ListRecord, draft: ListRecord) -> bool:
    one, other = record.key, draft.key
    same = (one.handoff, one.round, one.sender) == (other.handoff, other.round, other.sender)
    return same and record.is_draft and record.is_accepted


def _overtaken(mine: Sequence[ListRecord], together: Sequence[ListRecord]) -> Refusal | None:
    standing = {(r.drop, r.seq) for r in together}
    if all((r.drop, r.seq) in standing for r in mine):
        return None
    newest = max(together, key=lambda r: (r.at, r.drop), default=None)
    return Refusal("overtaken", drop=newest.drop if newest else "")


def _still_open(
    offers: Iterable[Offer],
    together: Iterable[ListRecord],
    shelf: Shelf,
    world: World,
    with_uncertain: bool,
) -> tuple[Offer, ...] | Refusal:
    left: list[Offer] = []
    done: list[str] = []
    for offer in offers:
        confirmed = _find_confirmation(offer, shelf)
        if isinstance(confirmed, Refusal):
            return confirmed
        if confirmed:
            done.append(confirmed)
        else:
            left.append(offer)
    if not left:
        return Refusal("confirmed", drop=done[0])
    return _doubts(left, together, shelf, world, with_uncertain) or tuple(left)


def _find_confirmation(offer: Offer, shelf: Shelf) -> str | Refusal:
    """The drop that confirmed a draft already, "" where none did.

    A list that the office typed after it had the draft is its word: it is not written over.
    """
    record = offer.record
    approved = [a for a in shelf.approved.get((record.drop, record.seq), ()) if a.stands]
    if approved:
        return approved[-1].drop
    given = [r for r in shelf.records if r.key == offer.key and r.at >= record.at]
    if not given:
        return ""
    last = given[-1]
    same = _who(shelf.children(last.drop, last.seq)) == _who(
        shelf.children(record.drop, record.seq)
    )
    return last.drop if same else Refusal("other-list", drop=last.drop)


def _who(children: Iterable[ListedChild]) -> Counter[tuple[str, str, str]]:
    return Counter((tone_blind(c.name), c.birth, c.card) for c in children)


def _doubts(
    left: Iterable[Offer],
    together: Iterable[ListRecord],
    shelf: Shelf,
    world: World,
    with_uncertain: bool,
) -> Refusal | None:
    """What a person has to settle first: children without an answer, and uncertain ones."""
    unanswered = sum(_count_unanswered(offer.record, shelf, world) for offer in left)
    if unanswered:
        return Refusal("unanswered", count=unanswered)
    uncertain = sum(r.rows for r in together if not offer_of(r, world))
    return Refusal("uncertain", count=uncertain) if uncertain and not with_uncertain else None


def _count_unanswered(record: ListRecord, shelf: Shelf, world: World) -> int:
    """Children whom a drafted return leaves out, because nobody answered for them yet."""
    if not world.forms_by_id[record.form].sections:
        return 0
    return sum(not child.section for child in shelf.children(record.drop, record.seq))
