"""Children as lists tell of them: the values that the ledger keeps of every list that stands.

Reconciliation, derived lists, balances and reports all work on these; none of them opens a
workbook again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bhyt_filedrop.domain.forms.answers import read_answer
from bhyt_filedrop.domain.forms.child import COSTS, Child, children
from bhyt_filedrop.domain.forms.spec import Carded, Category, FormSpec
from bhyt_filedrop.domain.forms.submission import Submission
from bhyt_filedrop.domain.places.gazetteer import Gazetteer


@dataclass(frozen=True, slots=True)
class ListedChild:
    """One child in one list.

    `carded` says whether the list (or its section) tells that the child has a card; `category`
    which of a return's three lists the child stands in. `birth` is an ISO date, `2014-03` or `2014`
    where only so much is known, "" where nothing is. `ward` and `district` are unit ids, "" where
    the address does not tell; `outside` says that the columns of ward, district and city name a
    place outside the city. `code` is the reply kit's Mã đối chiếu. `costs` are amounts in đồng
    by field name. `sheet`, `row` and `cell` (the name's, A1 style) say where the child stands in
    its file; `cells` where some other fields do (`birth`, `parent`, `card`).
    """

    section: str = ""
    carded: Carded = ""
    code: str = ""
    name: str = ""
    birth: str = ""
    sex: str = ""
    parent: str = ""
    id_number: str = ""
    address: str = ""
    ward: str = ""
    district: str = ""
    card: str = ""
    facility: str = ""
    facility_name: str = ""
    note: str = ""
    status: str = ""
    costs: Mapping[str, int] = field(default_factory=dict)
    file: str = ""
    sheet: str = ""
    row: int = 0
    cell: str = ""
    category: Category = ""
    cells: Mapping[str, str] = field(default_factory=dict)
    outside: bool = False


def list_children(
    submission: Submission, form: FormSpec, gazetteer: Gazetteer
) -> tuple[ListedChild, ...]:
    """Return the children of a recognised list, in order."""
    return tuple(_list_child(child, gazetteer) for child in children(submission, form))


def _list_child(child: Child, gazetteer: Gazetteer) -> ListedChild:
    columns = child.text("ward"), child.text("district"), child.text("city")
    placed = gazetteer.place_parts(*columns, child.text("address"))
    return ListedChild(
        section=child.row.section,
        carded=child.carded,
        code=child.code,
        name=child.name.text,
        birth=_birth(child),
        sex=child.sex.value,
        parent=child.text("parent"),
        id_number=child.id_number.text,
        address=child.address,
        ward=placed.ward,
        district=placed.district,
        card=child.card.number,
        facility=child.facility.code,
        facility_name=child.text("facility_name"),
        note=child.text("note"),
        status=child.text("status"),
        costs={name: child.amount(name).dong for name in COSTS if child.has_column(name)},
        file=child.file,
        sheet=child.row.sheet,
        row=child.row.row,
        cell=child["name"].cell or "",
        category=_category(child),
        cells=_cells(child),
        outside=gazetteer.place_parts(*columns).how == "elsewhere",
    )


def _category(child: Child) -> Category:
    """The section's or form's own list; in the reply kit, the one that was chosen in Kết quả."""
    if child.form.rules.answered:
        return read_answer(child.text("status"))
    return child.form.category(child.row.section)


def _cells(child: Child) -> dict[str, str]:
    found = {
        "birth": child.birth_field.cell,
        "parent": child["parent"].cell,
        "card": child["card"].cell,
    }
    return {name: cell for name, cell in found.items() if cell}


def _birth(child: Child) -> str:
    birth = child.birth
    if birth.date:
        return birth.date.isoformat()
    if birth.year and birth.month:
        return f"{birth.year:04}-{birth.month:02}"
    return f"{birth.year:04}" if birth.year else ""
