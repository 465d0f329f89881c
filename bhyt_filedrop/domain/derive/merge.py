"""Join what came back: the city's list of carded children (H7), the children whose status nobody
verified (H8), and a district's form 3 drafted from its wards' returns (H5 → H6).

Each gives the rows of one list, in printing order, `section` set; so the workbook can be made again
from the rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bhyt_filedrop.domain.cells.text import uncapitalised
from bhyt_filedrop.domain.derive.reasons import is_plain_reason
from bhyt_filedrop.domain.derive.split import is_settled_outside
from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.authority import Authority
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.domain.reconcile import Came, came_of, reconcile

Children = tuple[ListedChild, ...]

SECTION_OF: Mapping[Category, str] = {"carded-before": "I", "carded-now": "II", "uncarded": "III"}
"""Form 3's section for each of a return's lists."""

UNVERIFIABLE, MISSING, UNREPORTED, UNPLACED, AWAY, REASONED = "I", "II", "III", "IV", "V", "VI"
"""Sections of the list of unverified children; see `own_prints.UNVERIFIED_SECTIONS`."""

LEFT = frozenset({UNPLACED, AWAY})
"""Those of them whose children reached no unit."""

WAITS_FOR_NUMBER = "Chờ số thẻ"
NEVER_SENT = "Không có trong danh sách đã gửi"


@dataclass(frozen=True, slots=True)
class Merged:
    """The city-wide list so far: sections I and II, in each district by district."""

    children: Children
    reported: tuple[str, ...]
    missing: tuple[str, ...]


def carded_final(
    returns: Mapping[str, Sequence[ListedChild]], units: Units, expected: Sequence[str]
) -> Merged:
    """Merge the carded children of all districts' returns (H7; form 3, I and II).

    `expected` are the districts that owe a return. A child stands under the district that returned
    it, whatever its address says.
    """
    rows = [
        replace(child, section=SECTION_OF[child.category], district=district)
        for district in units.in_order(returns)
        for child in returns[district]
        if child.category in ("carded-before", "carded-now")
    ]
    rows.sort(key=lambda child: child.section)
    return Merged(
        tuple(rows),
        tuple(d for d in expected if d in returns),
        tuple(d for d in expected if d not in returns),
    )


def unverified(
    sent: Mapping[str, Sequence[ListedChild]],
    returns: Mapping[str, Sequence[ListedChild]],
    units: Units,
) -> Children:
    """Return every child sent that is not known to be carded (H8).

    Sections I and VI came back without a card: in I nobody could verify anything, as the note says
    or because it says nothing; in VI the note gives a plain reason. II was sent and did not come
    back; III is everybody of a district that has not reported. `sent` and `returns` by district.
    """
    rows = [
        replace(child, section=section, district=district)
        for district in units.in_order(sent)
        for section, child in _unverified(sent[district], returns.get(district))
    ]
    rows.sort(key=lambda child: child.section)
    return tuple(rows)


def _unverified(
    sent: Sequence[ListedChild], came: Sequence[ListedChild] | None
) -> Iterator[tuple[str, ListedChild]]:
    if came is None:
        yield from ((UNREPORTED, child) for child in sent)
        return
    found = reconcile(sent, came_of(came))
    for pair in found.pairs:
        if pair.came.category not in ("carded-before", "carded-now"):
            section = REASONED if is_plain_reason(pair.came.child.note) else UNVERIFIABLE
            yield section, fill(pair.sent, [pair.came.child])
    yield from ((MISSING, child) for child in found.missing)


def passed_to_nobody(children: Sequence[ListedChild]) -> Children:
    """Return the children who reached no unit as rows of the same list (H8).

    In IV those whom nobody could place (1331/BHXH-THU, 5.2.2: "không xác minh được"), in V those
    outside the city.
    """
    rows = [replace(c, section=AWAY if is_settled_outside(c) else UNPLACED) for c in children]
    rows.sort(key=lambda child: child.section)
    return tuple(rows)


def count_left(children: Sequence[ListedChild]) -> tuple[int, int]:
    """Count the children who reached no unit: those still to be placed, those outside the city."""
    outside = sum(map(is_settled_outside, children))
    return len(children) - outside, outside


def left_text(unplaced: int, outside: int, authority: Authority) -> str:
    """Say how many children reached no unit; "" where there are none."""
    told = [
        f"{unplaced} trẻ chưa xác định địa bàn" if unplaced else "",
        f"{outside} trẻ {uncapitalised(authority.outside)}" if outside else "",
    ]
    said = ", ".join(filter(None, told))
    return f"Chưa chuyển được cho đơn vị nào: {said}." if said else ""


def district_draft(returned: Sequence[ListedChild], sent: Sequence[ListedChild]) -> Children:
    """Draft a district's form 3 from its wards' accepted returns.

    Sections I to III; children that no ward answered for stand last, without a section. The rows
    tell what the wards said, completed by the list sent (D03-TS has no parent). A child whose card
    is being issued stands in II and waits for its number.
    """
    found = reconcile(sent, came_of(returned))
    again: dict[int, list[ListedChild]] = {}
    for double in found.doubled:
        again.setdefault(id(double.first), []).append(double.again.child)
    rows = [
        _draft_child(pair.came, fill(pair.sent, [pair.came.child, *again.get(id(pair.came), ())]))
        for pair in found.pairs
        if pair.how != "sent-twice"
    ]
    rows += [_draft_child(came, _add_note(came.child, NEVER_SENT)) for came in found.unknown]
    rows += [replace(child, section="") for child in found.missing]
    rows.sort(key=lambda child: child.section or "~")
    return tuple(rows)


def one_row_each(returned: Sequence[ListedChild], sent: Sequence[ListedChild]) -> Children:
    """Return what a unit answered in several lists with a row for each child: its D03-TS asks for
    cards that its reply kit says are being issued, and has no parent, which the list sent has."""
    return tuple(child for child in district_draft(returned, sent) if child.section)


def _draft_child(came: Came, child: ListedChild) -> ListedChild:
    waits = came.category == "carded-now" and not child.card
    section = SECTION_OF.get(came.category, "")
    drafted = replace(child, section=section, category=came.category)
    return _add_note(drafted, WAITS_FOR_NUMBER) if waits else drafted


def _add_note(child: ListedChild, note: str) -> ListedChild:
    return replace(child, note="; ".join(filter(None, (note, child.note))))


_TOLD = ("name", "birth", "sex", "parent", "id_number", "address", "ward", "district", "card",
         "facility", "facility_name", "note")  # fmt: skip


def fill(sent: ListedChild, came: Sequence[ListedChild]) -> ListedChild:
    """Return what came back, the first that tells a field, else what was sent."""
    told = {
        name: next((value for child in came if (value := getattr(child, name))), None)
        for name in _TOLD
    }
    return replace(came[0], code=sent.code, **{n: v or getattr(sent, n) for n, v in told.items()})
