"""Hold a return against the list that it answers: H5 against H4, H6 against H3.

A return may come in pieces over days. What came before is taken together with what came now; only
when everything is there is a child called missing, and when every child is accounted for nothing
more is waited for, whatever part has not come (1331/BHXH-THU, 5.2.4: the three lists together must
equal what was sent). A corrected part that fits only once another part is corrected too waits for
it, and the return that was accepted stands meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bhyt_filedrop.domain.drops.facts import Judged, Pieces
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.reconcile import (
    Pair,
    Remark,
    can_reconcile,
    remarks,
    requests_missing,
    wanted_cards,
)
from bhyt_filedrop.domain.reconcile.pieces import HERE, Children, Piece, ReturnReading, take_return


def is_elsewhere(known: ListKey, child: ListedChild, mine: ListKey, process: Process) -> bool:
    """True for a child of an earlier round, of another unit that gives the same hand-off, or of a
    list of those who have a card (form 1), of whom no answer may tell.

    A child's card stands in its ward's return, its district's and the city's final list of one
    round; that is its way, not a second registration.
    """
    if known.round != mine.round:
        return known.round < mine.round
    if known.handoff == mine.handoff:
        return known.sender != mine.sender
    answer, other = process.handoffs.get(mine.handoff), process.handoffs.get(known.handoff)
    if answer is None or other is None or not answer.answers:
        return False
    return child.carded == "yes" and not (other.answers or other.made_by)


@dataclass(frozen=True, slots=True)
class Answered:
    """One return and what the ledger holds of it: what was sent, and the lists that came before."""

    key: ListKey
    sent: Children
    earlier: tuple[tuple[ListRecord, Children], ...] = ()
    kits: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Unit that is gone, some of whose children this one took over → the codes of those on the kit
    that it had: it may come back as it is, one kit after the other."""

    @property
    def others(self) -> frozenset[str]:
        """The codes of the children on those kits who are not this unit's to answer for."""
        every = frozenset().union(*self.kits.values())
        return every - {child.code for child in self.sent}

    def kits_to_come(self, pairs: Iterable[Pair]) -> tuple[str, ...]:
        """Return the units of whose kits no child has come."""
        came, sent = {pair.sent.code for pair in pairs}, {child.code for child in self.sent}
        own = {unit: codes & sent for unit, codes in self.kits.items()}
        return tuple(unit for unit, codes in own.items() if codes and codes.isdisjoint(came))


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What reconciling found, the returns for which nothing more is waited for, and what becomes
    of their earlier lists."""

    findings: tuple[Finding, ...] = ()
    accounted: frozenset[ListKey] = frozenset()
    pieces: Pieces = field(default_factory=Pieces)
    to_ask_for: Mapping[ListKey, int] = field(default_factory=dict)
    """Return → for how many children D03-TS, which has not come, has to ask a card."""
    pairs: tuple[Pair, ...] = ()
    """The rows that came now, each with the child sent that it is."""
    kits_to_come: Mapping[ListKey, tuple[str, ...]] = field(default_factory=dict)
    """Return → the units that are gone whose kits it took over and of which nobody came yet."""


def return_of(key: ListKey) -> ListKey:
    """Return the key of the return that a list is a part of."""
    return ListKey(key.handoff, key.round, key.sender, key.receiver)


def reconcile_returns(
    judged: Sequence[Judged], answered: Mapping[ListKey, Answered], own: Iterable[Finding]
) -> Reconciliation:
    """Reconcile every return of one drop with what was sent.

    `own` are the findings of the files themselves: where a file could not be read for what it is,
    nothing more is said.
    """
    if not can_reconcile(own):
        return Reconciliation()
    findings: list[Finding] = []
    accounted: set[ListKey] = set()
    pieces, pairs = Pieces(), list[Pair]()
    to_ask_for: dict[ListKey, int] = {}
    to_come: dict[ListKey, tuple[str, ...]] = {}
    for key, facts in answered.items():
        mine = [Piece(j.key, j.children, j.file) for j in judged if return_of(j.key) == key]
        parts = next(len(j.handoff.parts) for j in judged if return_of(j.key) == key)
        reading = take_return(facts.sent, _earlier(facts), mine)
        lists = [piece.children for piece in (*reading.kept, *mine)]
        open_requests = reading.not_asked_for if parts > 1 else ()
        to_come[key] = facts.kits_to_come(reading.result.pairs)
        whole = not reading.result.missing or (is_kit_there(lists) and not to_come[key])
        done = not open_requests and whole
        every_part = _has_every_part(reading, mine, parts) and not to_come[key]
        complete = done or every_part
        said = (
            *remarks(reading.result, complete=complete or reading.corrects),
            *(requests_missing(open_requests, (HERE,)) if every_part else ()),
        )
        waits = reading.corrects_beside_others(mine) or (reading.corrects and not complete)
        amends = waits and _fits_otherwise(reading, said)
        findings += [_ease_amending(one.finding, amends) for one in said if _is_ours(one, amends)]
        pieces |= _pieces(reading, key, amends)
        pairs += [pair for pair in reading.result.pairs if pair.came.source == HERE]
        if done:
            accounted.add(key)
        rows = [row for piece in (*reading.kept, *mine) for row in piece.rows]
        to_ask_for[key] = sum(map(len, wanted_cards(reading.result, rows)))
    return Reconciliation(
        tuple(findings), frozenset(accounted), pieces, to_ask_for, tuple(pairs), to_come
    )


def _earlier(facts: Answered) -> list[Piece]:
    return [Piece(r.key, children, r.file, r) for r, children in facts.earlier]


def _pieces(reading: ReturnReading, key: ListKey, amends: bool) -> Pieces:
    def ids(pieces: Iterable[Piece]) -> frozenset[tuple[str, int]]:
        return frozenset((p.record.drop, p.record.seq) for p in pieces if p.record)

    return Pieces(
        kept=ids(reading.kept),
        replaced=ids(reading.replaced),
        amended=frozenset({key}) if amends else frozenset(),
    )


def _has_every_part(reading: ReturnReading, mine: Sequence[Piece], parts: int) -> bool:
    there = {piece.key.part for piece in (*reading.kept, *mine)}
    return there >= set(range(parts))


def is_kit_there(lists: Iterable[Sequence[ListedChild]]) -> bool:
    """True where a reply kit is among the lists: it is the whole list by itself, so that nobody
    else can be in another part; D03-TS follows it only for those whose cards are being issued."""
    return any(_is_kit(children) for children in lists)


def _is_kit(children: Sequence[ListedChild]) -> bool:
    """Only a kit's rows have a status."""
    return bool(children) and all(child.status for child in children)


def _fits_otherwise(reading: ReturnReading, said: Sequence[Remark]) -> bool:
    """True for a correction whose only fault is that it does not fit to other lists of the return:
    these may be corrected next. Until then what was accepted stands."""
    ours = [one.finding for one in said if one.source in (None, HERE)]
    faults = {one.code for one in ours if one.severity is Severity.BLOCKS}
    return reading.misfits and faults <= _MISFITS


def _is_ours(one: Remark, amends: bool) -> bool:
    """What is told: what is wrong in this drop; of a correction that waits, whatever misfits."""
    return one.source in (None, HERE) or (amends and one.finding.code in _MISFITS)


_MISFITS = frozenset({"list.child-missing", "list.child-in-two-lists", "list.card-not-asked-for"})
"""What the correction of another part can put right."""


def _ease_amending(found: Finding, amends: bool) -> Finding:
    """What only waits for another correction sends nothing home."""
    lowered = amends and found.code in _MISFITS
    return replace(found, severity=Severity.WARNS) if lowered else found
