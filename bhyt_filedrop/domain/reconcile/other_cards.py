"""One person, one card: compare children with the cards that other lists already tell of.

2118/BHXH-CNTT demands that nobody be registered twice (trùng nhân khẩu). Other lists are those of
earlier rounds and of other units; within one file and one return the other checks look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bhyt_filedrop.domain.cells.card_spellings import (
    CardIndex,
    are_two_cards,
    numbers_of,
    own_number,
    same_card,
)
from bhyt_filedrop.domain.cells.people import read_card
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reconcile.faces import (
    Face,
    births_agree,
    births_fit,
    births_near,
    names_near,
    parents_agree,
    parents_fit,
    same_name,
)


@dataclass(frozen=True, slots=True)
class KnownCard:
    """A card that another list tells of, and whose it is.

    `birth` is ISO as in `ListedChild`; `unit` the id of who gave that list, `round` its round;
    `list` says which list it is, for those who look it up (`D150614-7K3FQ/0`).
    """

    card: str
    name: str
    birth: str
    parent: str = ""
    unit: str = ""
    round: Round | None = None
    list: str = ""
    id_number: str = ""


def known_card(record: ListRecord, child: ListedChild) -> KnownCard:
    """Return the card of a child in a list that the ledger holds."""
    return KnownCard(
        child.card,
        child.name,
        child.birth,
        child.parent,
        record.key.sender,
        record.key.round,
        f"{record.drop}/{record.seq}",
        child.id_number,
    )


@dataclass(frozen=True)
class Persons:
    """Known cards, found by number and by person. `names` are what people call the units,
    `leader` the office that hears of a mistake in another list."""

    names: Mapping[str, str] = field(default_factory=dict)
    leader: str = "đơn vị chủ trì"
    _by_card: CardIndex[tuple[KnownCard, Face]] = field(default_factory=CardIndex)
    _by_name: dict[str, list[tuple[KnownCard, Face]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    @classmethod
    def of(
        cls,
        known: Iterable[KnownCard],
        names: Mapping[str, str] | None = None,
        leader: str = "đơn vị chủ trì",
    ) -> Persons:
        """Index known cards; those that are no card numbers tell nothing and are left out."""
        found = cls(names or {}, leader)
        for number, one in enumerate(known):
            if not read_card(one.card).problem:
                child = ListedChild(
                    name=one.name, birth=one.birth, parent=one.parent, id_number=one.id_number
                )
                face = Face(child, number)
                found._by_card.add_all(_numbers(child, one.card), (one, face))
                found._by_name[face.key].append((one, face))
        return found

    def findings(self, came: Sequence[ListedChild]) -> tuple[Finding, ...]:
        """Return what the known cards say against a list of children.

        At most one finding a child: a card that is another's is the graver word.
        """
        faces = (Face(child, number) for number, child in enumerate(came))
        return tuple(one for face in faces if face.key for one in self._of(face))

    def _of(self, face: Face) -> Iterator[Finding]:
        other = self._whose_card(face)
        if other:
            yield _card_of_another(face.child, other, self.names, self.leader)
        elif before := self._carded_before(face):
            yield _carded_before(face.child, before, self.names)

    def _whose_card(self, face: Face) -> KnownCard | None:
        """Whose the card is, if it is plainly another child's; a typing slip makes no other."""
        card = face.child.card
        if not card or read_card(card).problem:
            return None
        found = self._by_card.find(card)
        if any(not _is_another(face, known) for _, known in found):
            return None
        return next((one for one, _ in found), None)

    def _carded_before(self, face: Face) -> KnownCard | None:
        """The person's other card. The same number again is no news: it is the card it has."""
        mine = [one for one, known in self._by_name.get(face.key, ()) if _is_same(face, known)]
        if any(_may_be_one(face.child, one) for one in mine):
            return None
        return max(mine, key=_newest, default=None)


def _numbers(child: ListedChild, card: str) -> tuple[str, ...]:
    return numbers_of(card, child.id_number, child.birth)


def _may_be_one(child: ListedChild, known: KnownCard) -> bool:
    """True where a person's number may be the card it is known to have: the same however written,
    or its personal number in the card's stead, which nothing tells apart."""
    if not child.card:
        return False
    ours = _numbers(child, child.card)
    theirs = numbers_of(known.card, known.id_number, known.birth)
    if any(same_card(one, other) for one in ours for other in theirs):
        return True
    return not are_two_cards(child.card, known.card)


def _newest(known: KnownCard) -> tuple[int, int]:
    return (known.round.year, known.round.quarter) if known.round else (0, 0)


def _is_same(a: Face, b: Face) -> bool:
    """Name, full birth and parent, or the child's own number in the parent's stead: less does not
    make a person in a city of namesakes."""
    if not (a.full_birth and a.birth == b.birth and same_name(a, b)) or a.name.placeholder:
        return False
    numbers = [own_number(face.child.id_number, face.birth) for face in (a, b)]
    if all(numbers):
        return numbers[0] == numbers[1]
    return bool(a.parents and b.parents) and parents_agree(a, b)


def _is_another(a: Face, b: Face) -> bool:
    """True where two things told differ, or the name does although birth and mother are one
    (twins): a newborn's placeholder may be anybody's."""
    born = births_fit(a.birth, b.birth) or births_near(a.birth, b.birth)
    if a.nameless or b.nameless:
        return not (born and parents_fit(a, b))
    if same_name(a, b):
        return not born and not parents_fit(a, b)
    if names_near(a.key, b.key):
        return not (births_agree(a.birth, b.birth) and parents_fit(a, b))
    return True


# --- what is said ----------------------------------------------------------------------------


def _card_of_another(
    child: ListedChild, known: KnownCard, names: Mapping[str, str], leader: str
) -> Finding:
    return _at(
        child,
        "list.card-of-another",
        "card",
        child.card,
        f"Mã số thẻ {child.card} đã được ghi cho một trẻ khác trong {_where(known, names)}.",
        f"Tra lại mã số thẻ của trẻ này và ghi đúng; nếu danh sách kia sai thì báo {leader}.",
    )


def _carded_before(child: ListedChild, known: KnownCard, names: Mapping[str, str]) -> Finding:
    return _at(
        child,
        "list.person-carded-before",
        "name",
        child.name,
        f"Trẻ này (cùng họ tên, ngày sinh, mẹ/cha) đã có thẻ {known.card} trong "
        f"{_where(known, names)}.",
        "Kiểm tra trùng nhân khẩu: nếu đúng là một trẻ thì dùng thẻ đã có, không cấp thẻ mới.",
    )


def _where(known: KnownCard, names: Mapping[str, str]) -> str:
    of_unit = f" của {names.get(known.unit, known.unit)}" if known.unit else " khác"
    in_round = f", {known.round.title.replace('Đợt', 'đợt')}" if known.round else ""
    return f"danh sách{of_unit}{in_round}"


def _at(
    child: ListedChild, code: str, column: str, value: str, message: str, remedy: str
) -> Finding:
    cell = child.cells.get(column) or child.cell
    return finding(
        code,
        message,
        remedy,
        sheet=child.sheet or None,
        cell=cell or None,
        row=child.row or None,
        field=column,
        value=value,
        file=child.file,
    )
