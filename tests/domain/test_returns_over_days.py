"""Whatever a ward hands in, in whatever order: no child is lost, doubled or invented on the way.

Each turn is decided as the journey decides it; what stands is kept as the ledger keeps it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bhyt_filedrop.domain.drops.decide import decide
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts, FilePart, Judged
from bhyt_filedrop.domain.drops.returns import Answered, reconcile_returns
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.handoffs import FolderRule
from tests.derived import ROUND, city, kids, listed
from tests.domain.test_returns import HANDOFF, KEY, WARD, rows
from tests.offices import a_process

SENT = tuple(listed(child) for child in kids(4))
FOLDERS = {
    kind: FolderRule(kind=kind, drop=f"{kind}/{{unit}}", inbox=f"{kind}/{{unit}}/Đến/{{round}}",
                     received=f"{kind}/{{unit}}/Đã nhận/{{round}}",
                     returned=f"{kind}/{{unit}}/Trả lại")
    for kind in ("city", "district", "ward")
}  # fmt: skip
ROUTES = Routes.of(replace(a_process(HANDOFF), folders=FOLDERS), city(), {})
START = datetime(2015, 6, 1, 9, tzinfo=ZONE)

Dealt = tuple[int, ...]
"""For each child: 0 = in form 4, 1 = in D03-TS, 2 = in neither."""


@dataclass
class Ledger:
    """The lists of one ward's return."""

    records: dict[str, ListRecord] = field(default_factory=dict)
    children: dict[str, tuple[ListedChild, ...]] = field(default_factory=dict)
    turns: int = 0

    def hand_in(self, parts: Sequence[tuple[int, tuple[ListedChild, ...]]]) -> str:
        """Judge one drop of one or two lists; return the state that it got."""
        self.turns += 1
        at = START + timedelta(days=self.turns)
        drop = Drop(
            f"D{self.turns:04}", "main", "ward/x/tệp.xlsx", WARD, 9, 1.0, "", at, sha256="5"
        )
        judged = tuple(self._judged(part, children) for part, children in parts)
        standing = tuple(
            r for r in self.records.values() if r.state in ("accepted", "held", "amending")
        )
        known = tuple((r, self.children[f"{r.drop}/{r.seq}"]) for r in standing)
        came = reconcile_returns(judged, {KEY: Answered(KEY, SENT, known)}, ())
        facts = Facts(
            drop, city()[WARD], (FilePart("tệp.xlsx", "5", "xlsx"),), judged, came.findings,
            standing, accounted=came.accounted, pieces=came.pieces,
        )  # fmt: skip
        plan = decide(facts, ROUTES)
        for name, seq in plan.supersedes:
            self._mark(name, seq, "superseded")
        for name, seq in plan.promotes:
            self._mark(name, seq, "accepted")
        for record in plan.lists:
            key = f"{record.drop}/{record.seq}"
            self.records[key] = record
            self.children[key] = plan.rolls.get(record.seq, ())
        return plan.state.value

    def _judged(self, part: int, children: tuple[ListedChild, ...]) -> Judged:
        form = "d03-ts-1111" if part else "form-4"
        return Judged(
            "tệp.xlsx", "5", form, "Mẫu", len(children), HANDOFF, city()[WARD], city()["760"],
            ROUND, part, children=children,
        )  # fmt: skip

    def _mark(self, drop: str, seq: int, state: str) -> None:
        key = f"{drop}/{seq}"
        assert self.records[key].state in ("accepted", "held", "amending")
        self.records[key] = replace(self.records[key], state=state)

    def accepted(self) -> Counter[str]:
        """How often each child stands in the accepted lists."""
        found = (k for k, r in self.records.items() if r.state == "accepted")
        return Counter(child.name for key in found for child in self.children[key])

    def says(self) -> set[tuple[int, str]]:
        """The part and name of each child in the accepted lists."""
        found = {k: r for k, r in self.records.items() if r.state == "accepted"}
        return {(r.key.part, c.name) for k, r in found.items() for c in self.children[k]}


def lists_of(dealt: Dealt) -> list[tuple[int, tuple[ListedChild, ...]]]:
    """The form 4 and the D03-TS of one way to deal the children; an empty list is none."""
    both = [(part, [c for c, n in zip(SENT, dealt, strict=True) if n == part]) for part in (0, 1)]
    return [(part, rows(children, part)) for part, children in both if children]


WHOLE = st.tuples(*[st.integers(0, 1)] * len(SENT))
ANY = st.tuples(*[st.integers(0, 2)] * len(SENT))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ANY, st.sampled_from(["both", "form 4", "D03"])), min_size=1, max_size=7))
def test_what_was_accepted_once_stays_whole_and_holds_each_child_once(turns):
    ledger, whole = Ledger(), False
    for dealt, which in turns:
        lists = [x for x in lists_of(dealt) if which == "both" or x[0] == (which == "D03")]
        if lists:
            ledger.hand_in(lists)
        found = ledger.accepted()
        assert not found or set(found.values()) == {1}, found
        assert not found or len(found) == len(SENT), found
        assert not whole or found
        whole = bool(found)


@settings(max_examples=60, deadline=None)
@given(st.lists(WHOLE, max_size=3), WHOLE, st.booleans(), st.booleans())
def test_a_right_correction_is_never_sent_back_and_stands_when_its_last_part_has_come(
    before, right, one_by_one, turned
):
    """In one drop or in two, form 4 first or D03-TS first, whatever whole returns it corrects."""
    ledger = Ledger()
    for dealt in before:
        ledger.hand_in(lists_of(dealt))
    lists = lists_of(right)[:: -1 if turned else 1]
    states = [ledger.hand_in([x]) for x in lists] if one_by_one else [ledger.hand_in(lists)]

    assert "returned" not in states
    assert states[-1] == "accepted"
    assert ledger.says() == {(part, c.name) for part, children in lists for c in children}


@settings(max_examples=60, deadline=None)
@given(st.lists(ANY, max_size=4), WHOLE)
def test_a_right_return_in_one_drop_is_accepted_whatever_came_before(before, right):
    ledger = Ledger()
    for dealt in before:
        for one in lists_of(dealt):
            ledger.hand_in([one])

    assert ledger.hand_in(lists_of(right)) == "accepted"
    assert ledger.says() == {(p, c.name) for p, children in lists_of(right) for c in children}
