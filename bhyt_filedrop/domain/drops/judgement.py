"""The judgement of a drop, once its files are read: the daemon and `check` both call it.

Findings come from three places: reading and recognising (which know no hand-off), the checks of
each list (which do), and what is held against what was sent. Here they meet, at the severities of
the hand-off that the first list is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bhyt_filedrop.domain.declared import Given, World
from bhyt_filedrop.domain.drops.facts import Facts, FilePart, Judged, Pieces
from bhyt_filedrop.domain.drops.others_children import without_others
from bhyt_filedrop.domain.drops.returns import Answered, reconcile_returns, return_of
from bhyt_filedrop.domain.drops.sizes import odd_sizes
from bhyt_filedrop.domain.findings import ACTIVE, Finding, Severity, finding, with_severities
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.reconcile import Pair, as_it_was_sent, join_findings
from bhyt_filedrop.domain.reconcile.other_cards import Persons, known_card


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows beside a drop.

    `standing` are the lists of the same returns, `answered` each return with what was sent,
    `elsewhere` carded children of other units and rounds, `repeated` an earlier drop of the very
    same bytes that still stands ("" = none), `visits` the rows of the cost lists behind a list.
    """

    standing: tuple[ListRecord, ...] = ()
    answered: Mapping[ListKey, Answered] | None = None
    elsewhere: tuple[tuple[ListRecord, ListedChild], ...] = ()
    repeated: str = ""
    visits: Mapping[ListKey, int] = field(default_factory=dict)
    active: frozenset[tuple[str, str]] = frozenset()
    """Drop and file of the standing lists that hold what may run or reach out."""
    given: frozenset[Given] = frozenset()
    """What the receivers gave already of what they owe once they have these lists."""


def own_findings(
    read: Iterable[Finding], checked: Iterable[Finding], handoff: HandOff | None
) -> tuple[Finding, ...]:
    """Return what is wrong in the files themselves: `read` at the severities of the hand-off that
    the first list is, `checked` as the checks of the lists, which know theirs, gave it. Of the rows
    of a wrong form nothing is said."""
    found = tuple(checked)
    wrong = {one.file for one in found if one.code in _WRONG_FORM}
    mine = (one for one in read if one.file not in wrong or not one.code.startswith("row."))
    said = (_say_what_goes_on(one, handoff) if one.code == ACTIVE else one for one in mine)
    return (*_as_rated(_ease_empty(said, handoff), handoff), *found)


_WRONG_FORM = frozenset({"form.not-expected", "form.unrecognised"})


def _say_what_goes_on(found: Finding, handoff: HandOff | None) -> Finding:
    """Say what the receiver gets of a workbook that may run something or reach out."""
    if handoff is None:
        return found
    said = {
        "defuse": "Nơi nhận được bản chỉ có số liệu, không có phần này; bản gốc vẫn được lưu.",
        "keep": "Tệp được chuyển đi nguyên như đã nộp.",
    }
    return replace(found, remedy=f"{said[handoff.active_content]} {found.remedy}")


def _ease_empty(read: Iterable[Finding], handoff: HandOff | None) -> Iterable[Finding]:
    """A part of a return may be empty: nobody to be issued a card now, or nobody but those
    (1331/BHXH-THU, 5.2.4). Whether somebody is missing, the parts together tell."""
    if handoff is None or not handoff.answers or len(handoff.parts) < 2:
        return read
    return [_as_a_note(one) if one.code == "form.no-rows" else one for one in read]


def _as_a_note(found: Finding) -> Finding:
    remedy = (
        "Không cần làm gì nếu đúng là không có trẻ nào; nếu chọn nhầm tệp thì nộp lại tệp đúng."
    )
    return replace(found, severity=Severity.NOTES, remedy=remedy)


def all_findings(
    own: Iterable[Finding],
    pairs: Iterable[Pair],
    between: Iterable[Finding],
    handoff: HandOff | None,
) -> tuple[Finding, ...]:
    """Return `own` findings, eased where a row (of `pairs`) says just what it was sent as, and
    those `between` lists behind them; nothing is said twice."""
    return join_findings(as_it_was_sent(own, pairs), _as_rated(between, handoff))


def held_against(facts: Facts, known: Known, world: World) -> Facts:
    """Return the facts of one drop with all that follows from what is known beside it."""
    answered = {key: told for key, told in (known.answered or {}).items() if told.sent}
    facts = without_others(facts, answered)
    came = reconcile_returns(facts.judged, answered, facts.findings)
    between = (*came.findings, *_of_persons(facts, known, world, came.pairs))
    first = facts.judged[0].handoff if facts.judged else None
    # What a person releases was looked at.
    released = (facts.drop.override or {}).get("action") == "release"
    odd = {} if released else odd_sizes(facts.judged, known.standing, known.visits)
    return replace(
        facts,
        odd_sizes=odd,
        judged=tuple(_with_step(one, known, world) for one in facts.judged),
        findings=all_findings(facts.findings, came.pairs, between, first),
        standing=known.standing,
        active_before=known.active,
        repeated=known.repeated,
        accounted=came.accounted,
        to_ask_for=came.to_ask_for,
        kits_to_come=came.kits_to_come,
        pieces=came.pieces | _instead(facts, known, odd),
    )


def _instead(facts: Facts, known: Known, odd: Mapping[ListKey, str]) -> Pieces:
    """A list of odd size leaves what it would replace in force, and gives way to the next one."""
    plain = {one.key for one in facts.judged if not one.handoff.answers}
    waited = (r for r in known.standing if r.state == ListState.AMENDING and r.key in plain)
    return Pieces(
        replaced=frozenset((r.drop, r.seq) for r in waited),
        amended=frozenset(replace(r.key, part=0) for r in known.standing if r.key in odd),
    )


def _with_step(judged: Judged, known: Known, world: World) -> Judged:
    step = world.next_step(judged.handoff, judged.receiver, judged.round, known.given)
    late = judged.late and not _was_in_time(judged, known.standing)
    return replace(judged, next_step=step, late=late)


def _was_in_time(judged: Judged, standing: Iterable[ListRecord]) -> bool:
    """True where all of the hand-off was there in time: a later correction makes it no later."""
    whole = [
        one for one in standing if one.is_accepted and return_of(one.key) == return_of(judged.key)
    ]
    return bool(whole) and not any(one.late for one in whole)


def sound_beside_faulty(parts: Sequence[FilePart], found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Name the files of an archive that goes back only because of others in it, and which these
    are: who sent it has to correct only those."""
    faulty = {one.file for one in found if one.severity is Severity.BLOCKS}
    books = [part.name for part in parts if not part.is_scan]
    sound = [name for name in books if name not in faulty]
    wrong = [name for name in books if name in faulty]
    if not (sound and wrong) or "" in faulty:
        return ()
    said = finding(
        "file.returned-along",
        f"{_list_names(sound)} không có lỗi, chỉ được trả lại vì nằm chung tệp nén.",
        f"Chỉ cần sửa {_list_names(wrong)}, rồi nén lại cùng nhau và nộp lại.",
    )
    return (said,)


def _list_names(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def may_be_known(judged: Judged) -> tuple[ListedChild, ...]:
    """Return the children of a list who may have a card of another list: those of a return, and
    those of whom a list says that they have none (form 2)."""
    if judged.handoff.answers:
        return judged.children
    return tuple(child for child in judged.children if child.carded == "no")


def _of_persons(
    facts: Facts, known: Known, world: World, pairs: Iterable[Pair]
) -> tuple[Finding, ...]:
    """Compare children and their cards with those that other units and rounds told of."""
    sent = {_row(pair.came.child): pair.sent for pair in pairs}
    children = tuple(
        _with_parent(c, sent.get(_row(c))) for one in facts.judged for c in may_be_known(one)
    )
    if not children:
        return ()
    names = {unit.id: world.units.full_name(unit) for unit in world.units}
    elsewhere = [known_card(record, child) for record, child in known.elsewhere]
    return Persons.of(elsewhere, names, world.leader).findings(children)


def _with_parent(child: ListedChild, sent: ListedChild | None) -> ListedChild:
    """D03-TS has no column for the mother: the child that was sent knows her."""
    return child if child.parent or sent is None else replace(child, parent=sent.parent)


def _row(child: ListedChild) -> tuple[str, str, int]:
    return child.file, child.sheet, child.row


def _as_rated(found: Iterable[Finding], handoff: HandOff | None) -> tuple[Finding, ...]:
    return with_severities(found, handoff.severities if handoff else {})
