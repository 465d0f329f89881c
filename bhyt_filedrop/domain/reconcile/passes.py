"""How children are found again: one pass after the other, from proof to well-founded belief.

Every pass sees only whom the passes before it left open, and pairs only where nobody else fits as
well. What two of three facts (name, birth, parent) do not settle is left to `hints`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from bhyt_filedrop.domain.reconcile.faces import (
    Face,
    births_agree,
    births_fit,
    births_near,
    names_near,
    parents_agree,
    parents_fit,
    same_name,
    sexes_fit,
    spelling,
    swap_day_and_month,
    wards_fit,
)
from bhyt_filedrop.domain.reconcile.table import (
    Found,
    Group,
    MatchTable,
    group_faces,
    lone_pairs,
    one_category,
    told_apart,
)


def _code(face: Face) -> str:
    return face.code


def _sex(face: Face) -> str:
    return face.child.sex


def _id_number(face: Face) -> str:
    return face.child.id_number


def _address(face: Face) -> str:
    return face.address


def _parent(face: Face) -> str:
    return face.parent


# --- name, birth and parent ------------------------------------------------------------------


def by_code(table: MatchTable) -> Found:
    """The kit's code, and the same child in the row: a code may be pasted on another's row."""
    of_code = {code: face for face in table.sent for code in face.codes if code}
    for came in table.came:
        sent = of_code.get(came.code)
        if sent and same_name(sent, came) and births_fit(sent.birth, came.birth):
            yield sent, came


def by_letters(table: MatchTable) -> Found:
    """Name, birth and parent letter by letter but for case: nearly everybody, and cheap."""
    return _by_all(table, _letters)


def _letters(face: Face) -> str | None:
    """One text, for a hundred thousand of them are made: no name holds an end of line."""
    child = face.child
    if child.name and (child.birth or child.parent):
        return f"{child.name}\n{child.birth}\n{child.parent}".casefold()
    return None


def by_all(table: MatchTable) -> Found:
    """Name, birth and parent, be it without diacritics or with the tone elsewhere."""
    return _by_all(table, _all)


def _all(face: Face) -> tuple[str, str, str] | None:
    told = face.key and (face.birth or face.parent)
    return (face.key, face.birth, face.parent) if told else None


def _by_all(table: MatchTable, key: Callable[[Face], Hashable | None]) -> Found:
    told = {face.code for face in table.open_came} - {""}
    for group in table.groups(key):
        if _is_one_to_one(group):
            yield group[0][0], group[1][0]
            continue
        yield from told_apart(group, (_code, spelling, _sex, _id_number, _address))
        # Of twins that nothing else tells apart, one whose code another row bears is in that row.
        group[0].sort(key=lambda face: not told.isdisjoint(face.codes))
        yield from _either_way(group)


def _is_one_to_one(group: Group) -> bool:
    return len(group[0]) == len(group[1]) == 1


def _either_way(group: Group) -> Found:
    """Pair in order where no order can be wrong; else nobody."""
    sent, came = group
    alike = len(sent) == 1 or len({(spelling(face), face.child.sex) for face in sent}) == 1
    if alike or (len(sent) == len(came) and one_category(came)):
        yield from zip(sent, came, strict=False)


def by_name_and_birth(table: MatchTable) -> Found:
    """Name and full birth; the parent is not told (D03-TS has none), or is another one now."""

    def key_of(face: Face) -> tuple[str, str] | None:
        return (face.key, face.birth) if face.key and face.full_birth else None

    for group in table.groups(key_of):
        if not _is_one_to_one(group):
            attributes = (_parent, _code, spelling, _id_number, _sex, _address)
            yield from told_apart(group, attributes, parents_fit)
        yield from _named_alike(table, group)


def _named_alike(table: MatchTable, group: Group) -> Iterator[tuple[Face, Face]]:
    sent, came = group
    if len(sent) == 1 and (len(came) == 1 or len({face.parent for face in came}) == 1):
        if parents_fit(sent[0], came[0]) or _other_parent(table, sent[0], came[0]):
            yield sent[0], came[0]
        return
    yield from lone_pairs(group, parents_fit)
    if len(sent) == len(came) and one_category(came):
        pairs = list(zip(sent, came, strict=True))
        yield from pairs if all(parents_fit(s, c) for s, c in pairs) else ()


def _other_parent(table: MatchTable, sent: Face, came: Face) -> bool:
    """The father where the mother stood: only where there is but one such child in its ward."""
    if sent.nameless or not sexes_fit(sent, came) or not wards_fit(sent, came):
        return False
    return table.is_lone_name(sent, came)


# --- one of the three is changed -------------------------------------------------------------


def by_code_against_odds(table: MatchTable) -> Found:
    """The kit's code on a row in which something was changed: two things against it are too many.

    A row that has another sent child's name and birth only carries a misplaced code.
    """
    of_code = {code: face for face in table.open_sent for code in face.codes if code}
    rows = group_faces(table.open_came, lambda face: face.code if face.code in of_code else None)
    for code, faces in rows.items():
        sent = of_code[str(code)]
        fitting = [c for c in faces if _speaks_for(sent, c) and not table.bears_name(c)]
        if len(fitting) == 1:
            yield sent, fitting[0]


def _speaks_for(sent: Face, came: Face) -> bool:
    told = (_names_speak(sent, came), _births_speak(sent, came), _parents_speak(sent, came))
    return told.count(True) >= 1 and told.count(False) <= 1


def _names_speak(a: Face, b: Face) -> bool | None:
    if names_near(a.key, b.key):
        return True
    return None if not (a.key and b.key) or a.nameless or b.nameless else False


def _births_speak(a: Face, b: Face) -> bool | None:
    if not (a.birth and b.birth):
        return None
    return births_agree(a.birth, b.birth) or births_near(a.birth, b.birth)


def _parents_speak(a: Face, b: Face) -> bool | None:
    if parents_agree(a, b):
        return True
    return None if not (a.parents and b.parents) else False


def by_name_and_parent(table: MatchTable) -> Found:
    """Name and parent; of the birth only the year is told, or a slip was put right."""

    def key_of(face: Face) -> tuple[str, str] | None:
        return (face.key, face.parent) if face.key and face.parent else None

    for group in table.groups(key_of):
        yield from lone_pairs(group, lambda s, c: births_agree(s.birth, c.birth))
        if _is_one_to_one(group):
            yield from lone_pairs(group, _births_slipped)


def _births_slipped(sent: Face, came: Face) -> bool:
    """A mother's placeholders of two years are two children, so only a swap is a slip there."""
    if births_fit(sent.birth, came.birth):
        return True
    if sent.nameless:
        return swap_day_and_month(sent.birth) == came.birth
    return births_near(sent.birth, came.birth)


def by_name_and_year(table: MatchTable) -> Found:
    """Name and part of a birth, where the parent is not told on one side."""

    def key_of(face: Face) -> str | None:
        return face.key if face.key and not (face.nameless and not face.name.mother) else None

    def fits(sent: Face, came: Face) -> bool:
        return births_agree(sent.birth, came.birth) and parents_fit(sent, came)

    for group in table.groups(key_of):
        yield from lone_pairs(group, fits)


def by_birth_and_parent(table: MatchTable) -> Found:
    """Birth and parent, the name a slip away: not where the mother has twins in either list, nor
    where another child that was sent, and is not found yet, has the row's very name and birth."""
    named = {(face.birth, face.key) for face in table.open_sent}

    def key_of(face: Face) -> tuple[str, str] | None:
        return (face.birth, face.parent) if face.full_birth and face.parent else None

    for group in table.groups(key_of):
        for sent, came in lone_pairs(group, lambda s, c: names_near(s.key, c.key)):
            alone = table.is_lone_of_parent(sent, came)
            if (came.birth, came.key) in named or sent.nameless or came.nameless:
                continue
            if alone and sexes_fit(sent, came):
                yield sent, came
