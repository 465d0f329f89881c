"""Which child of a cost list (H1) stands on forms 1 and 2 (H2), and which rows there are nobody's.

A hospital writes less than an office: small letters, the year of birth, an address that was cut;
and a row a visit. So a row is taken for a child's by what drafts and reconciliation hold certain,
from the surest to the least sure, and each row once; what is merely likely is told as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bhyt_filedrop.domain.cells.card_spellings import CardIndex, are_two_cards, numbers_of
from bhyt_filedrop.domain.cells.people import read_name
from bhyt_filedrop.domain.cells.text import fold, tone_blind
from bhyt_filedrop.domain.derive.visits import Children, treated_key
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.keys import births_agree, full_birth, gather_by
from bhyt_filedrop.domain.reconcile import Came, reconcile
from bhyt_filedrop.domain.reconcile.faces import Face, parents_agree, parents_fit


@dataclass(slots=True)
class Sought:
    """One child of the cost list, by numbers: its `visits`, and the `rows` it was found in (twice
    is once too often). `likely` are rows of nobody that may be it, where it was not found."""

    visits: list[int]
    rows: list[int] = field(default_factory=list)
    likely: list[int] = field(default_factory=list)


def sort_out(visits: Sequence[ListedChild], rows: Sequence[ListedChild]) -> tuple[Sought, ...]:
    """Find the children of a cost list in the rows of the lists that it was sorted into.

    In the order of the first visits. A row that no child has, be it as likely, was never sent.
    """
    search = _Search(visits, rows)
    search.pair(search.by_card)
    search.pair(search.by_name_and_home)
    search.pair(search.as_drafts_do)
    search.pair(search.as_returns_do)
    search.join_spellings()
    search.find_again()
    search.note_likely()
    return tuple(sorted(search.sought, key=lambda one: one.visits[0]))


@dataclass
class _Search:
    visits: Sequence[ListedChild]
    rows: Sequence[ListedChild]

    def __post_init__(self) -> None:
        numbers = range(len(self.visits))
        groups = gather_by(numbers, lambda n: treated_key(self.visits[n])).values()
        self.sought = [Sought(group) for group in groups]
        self._open = dict.fromkeys(range(len(self.rows)))

    @property
    def _unfound(self) -> list[Sought]:
        return [one for one in self.sought if not one.rows]

    def _visit(self, one: Sought) -> ListedChild:
        return self.visits[one.visits[0]]

    @cached_property
    def _named(self) -> dict[str, list[int]]:
        return gather_by(range(len(self.rows)), lambda n: fold(self.rows[n].name))

    def _alike(self, visit: ListedChild) -> Iterator[int]:
        """Open rows of that name and birth, nothing told of the sex against it."""
        for n in self._named.get(fold(visit.name), ()):
            if n in self._open and _fits(visit, self.rows[n]):
                yield n

    # --- passes ------------------------------------------------------------------------------

    def pair(self, pairs: Callable[[], Iterable[tuple[Sought, int]]]) -> None:
        """Let a pass pair children with rows, each row and each child once."""
        for one, row in pairs():
            if not one.rows and row in self._open:
                one.rows.append(row)
                del self._open[row]

    def by_card(self) -> Iterator[tuple[Sought, int]]:
        """The hospital noted the card's number."""
        cards = CardIndex[int]()
        for n in self._open:
            said = self.rows[n]
            cards.add_all(numbers_of(said.card, said.id_number, said.birth), n)
        for one in self._unfound:
            for row in cards.find(self._visit(one).card)[-1:]:
                yield one, row

    def by_name_and_home(self) -> Iterator[tuple[Sought, int]]:
        """Name, birth as far as it is told, and the address as written; then the ward."""
        for same_home in (_same_address, _same_ward):
            for one in self._unfound:
                visit = self._visit(one)
                found = [n for n in self._alike(visit) if same_home(visit, self.rows[n])]
                if found:
                    yield one, self._spelt_so(visit, found)

    def _spelt_so(self, visit: ListedChild, found: Sequence[int]) -> int:
        """The first of several rows that bears the same marks on its letters, else the first."""
        name = tone_blind(visit.name)
        return next((n for n in found if tone_blind(self.rows[n].name) == name), found[0])

    def as_drafts_do(self) -> list[tuple[Sought, int]]:
        """What makes a child's card certain when form 1 is drafted."""
        numbers = list(self._open)
        known = Children([self.rows[n] for n in numbers])
        found = [(one, known.match(self._visit(one)).child) for one in self._unfound]
        return [(one, numbers[n]) for one, n in found if n is not None]

    def as_returns_do(self) -> Iterator[tuple[Sought, int]]:
        """What makes a pair certain when returns are reconciled, unless they live elsewhere."""
        for one, row in self._reconcile(likely=False):
            if _may_live_there(self._visit(one), self.rows[row]):
                yield one, row

    def _reconcile(self, *, likely: bool) -> list[tuple[Sought, int]]:
        left, numbers = self._unfound, list(self._open)
        if not (left and numbers):
            return []
        of_child = {id(self._visit(one)): one for one in left}
        result = reconcile(
            [self._visit(one) for one in left], [Came(self.rows[n], "", str(n)) for n in numbers]
        )
        pairs: Iterable[tuple[ListedChild, Came]] = [(p.sent, p.came) for p in result.pairs]
        hints = [(hint.sent, hint.came) for hint in result.uncertain]
        told = [*pairs, *hints] if likely else pairs
        return [(of_child[id(sent)], int(came.source)) for sent, came in told]

    # --- what is left over ---------------------------------------------------------------------

    def join_spellings(self) -> None:
        """Two hospitals may spell one child's home so differently that it looked like two."""
        owners = [(one, row) for one in self.sought for row in one.rows]
        known = Children([self.rows[row] for _, row in owners])
        for one in self._unfound:
            match = known.match(self._visit(one))
            if match.child is not None:
                owners[match.child][0].visits.extend(one.visits)
                one.visits.clear()
        self.sought = [one for one in self.sought if one.visits]
        for one in self.sought:
            one.visits.sort()

    def find_again(self) -> None:
        """Rows left over that are a found child once more, or its neighbour of the same name."""
        owners: dict[str, list[Sought]] = {}
        for one in self.sought:
            for row in one.rows:
                owners.setdefault(fold(self.rows[row].name), []).append(one)
        for row in list(self._open):
            for one in owners.get(fold(self.rows[row].name), ()):
                if self._is_taken_in(one, row):
                    del self._open[row]
                    break

    def _is_taken_in(self, one: Sought, row: int) -> bool:
        """A child twice is two rows of it; two children whom H1 tells apart by nothing have a visit
        each."""
        if _is_same(self.rows[one.rows[0]], self.rows[row]):
            one.rows.append(row)
            return True
        visit = self._visit(one)
        if len(one.visits) < 2 or not _fits(visit, self.rows[row]):
            return False
        if not (_same_ward(visit, self.rows[row]) or _same_address(visit, self.rows[row])):
            return False
        self.sought.append(Sought([one.visits.pop()], [row]))
        return True

    def note_likely(self) -> None:
        """Name for each child not found the rows of nobody that it may be."""
        numbers = list(self._open)
        known = Children([self.rows[n] for n in numbers])
        for one in self._unfound:
            one.likely = [numbers[n] for n in known.match(self._visit(one)).likely]
        for one, row in self._reconcile(likely=True):
            if row not in one.likely:
                one.likely.append(row)


# --- two rows ---------------------------------------------------------------------------------


def _fits(a: ListedChild, b: ListedChild) -> bool:
    return births_agree(a.birth, b.birth) and not (a.sex and b.sex and a.sex != b.sex)


def _same_address(a: ListedChild, b: ListedChild) -> bool:
    same = a.address == b.address
    return bool(a.address) and (same or fold(a.address) == fold(b.address))


def _same_ward(a: ListedChild, b: ListedChild) -> bool:
    return bool(a.ward) and a.ward == b.ward


def _may_live_there(a: ListedChild, b: ListedChild) -> bool:
    if a.ward and b.ward:
        return a.ward == b.ward
    return not (a.district and b.district) or a.district == b.district


def _is_same(first: ListedChild, again: ListedChild) -> bool:
    """One child in two rows: something speaks for it and nothing against.

    Newborns without a name on one list are twins; on two lists they are one child twice.
    """
    if not _fits(first, again):
        return False
    if are_two_cards(first.card, again.card):
        return False
    one, other = Face(first, 0), Face(again, 1)
    if not parents_fit(one, other) or not _may_live_there(first, again):
        return False
    if read_name(again.name).placeholder and first.category == again.category:
        return False
    born = full_birth(first.birth) and first.birth == again.birth
    return born or parents_agree(one, other) or _same_ward(first, again)
