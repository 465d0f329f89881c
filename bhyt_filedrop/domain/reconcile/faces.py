"""A child as matching sees it: what is compared, and when two values agree, may agree, or do not.

Names and parents are compared without diacritics, case and tone placement; a value that is not told
speaks neither for nor against a match.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

from bhyt_filedrop.domain.cells.parents import read_parent
from bhyt_filedrop.domain.cells.people import PersonName, read_name
from bhyt_filedrop.domain.cells.text import fold, tone_blind
from bhyt_filedrop.domain.forms.spec import Category
from bhyt_filedrop.domain.lists.children import ListedChild

_FULL = len("2015-01-01")


class Face:
    """One child of one side; `number` is its place there.

    What is compared is worked out when it is asked for, and kept: a hundred thousand children are
    mostly found by their codes or letters alone.
    """

    __slots__ = (
        "_address", "_key", "_name", "_nameless", "_parent", "_parents", "also", "birth",
        "category", "child", "code", "number",
    )  # fmt: skip

    def __init__(self, child: ListedChild, number: int, category: Category = "") -> None:
        self.child = child
        self.number = number
        self.category = category
        self.birth = child.birth
        self.code = child.code
        self.also: tuple[str, ...] = ()
        """Codes of rows in which the list sent it once more."""
        self._key: str | None = None
        self._parent: str | None = None
        self._address: str | None = None
        self._name: PersonName | None = None
        self._nameless: bool | None = None
        self._parents: frozenset[str] | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code that it was sent with."""
        return (self.code, *self.also) if self.code else self.also

    @property
    def key(self) -> str:
        """The name for comparing."""
        if self._key is None:
            self._key = fold(self.child.name)
        return self._key

    @property
    def parent(self) -> str:
        """The parent's name for comparing."""
        if self._parent is None:
            self._parent = fold(read_parent(self.child.parent))
        return self._parent

    @property
    def address(self) -> str:
        """The address for comparing."""
        if self._address is None:
            self._address = fold(self.child.address)
        return self._address

    @property
    def name(self) -> PersonName:
        """The name as read: a newborn's placeholder or not."""
        if self._name is None:
            self._name = read_name(self.child.name)
        return self._name

    @property
    def nameless(self) -> bool:
        """True for a placeholder, and where the child is listed under its mother's own name."""
        if self._nameless is None:
            own = self.key and self.key == self.parent
            self._nameless = self.name.placeholder or bool(own)
        return self._nameless

    @property
    def parents(self) -> frozenset[str]:
        """The parent as told in its column and within a newborn's placeholder."""
        if self._parents is None:
            self._parents = frozenset({self.parent, fold(self.name.mother)} - {""})
        return self._parents

    @property
    def mothers(self) -> frozenset[str]:
        """Names under which the mother is found on the other side.

        A hospital may write the mother's name where the child's should stand, and leave its own
        column empty.
        """
        return self.parents or frozenset({self.key} - {""})

    @property
    def full_birth(self) -> bool:
        """True where day, month and year of birth are known."""
        return len(self.birth) == _FULL


# --- births ----------------------------------------------------------------------------------


def births_agree(a: str, b: str) -> bool:
    """True where both are told, and the shorter is the beginning of the longer (`2014`)."""
    return bool(a and b) and (a.startswith(b) or b.startswith(a))


def births_fit(a: str, b: str) -> bool:
    """True where nothing speaks against one day of birth."""
    return not (a and b) or births_agree(a, b)


def births_near(a: str, b: str) -> bool:
    """True where a slip makes one of the other: day and month swapped, or one of the three off."""
    if len(a) != _FULL or len(b) != _FULL:
        return False
    alike = (a[:4] == b[:4]) + (a[5:7] == b[5:7]) + (a[8:] == b[8:])
    return alike == 2 or swap_day_and_month(a) == b


def swap_day_and_month(birth: str) -> str:
    """Return a full birth date with day and month swapped, else ""."""
    year, _, rest = birth.partition("-")
    month, _, day = rest.partition("-")
    return f"{year}-{day}-{month}" if day else ""


# --- names -----------------------------------------------------------------------------------


def names_near(a: str, b: str) -> bool:
    """True where one folded name is a slip of the other.

    Two letters off, words in another order, or middle names left out: never enough by itself,
    because brothers are called Gia An and Gia Anh.
    """
    if not (a and b):
        return False
    if a == b:
        return True
    if OSA.distance(a, b, score_cutoff=2) <= (2 if min(len(a), len(b)) >= 10 else 1):
        return True
    return sorted(a.split()) == sorted(b.split()) or _is_shortened(a, b) or _is_shortened(b, a)


def _is_shortened(short: str, long: str) -> bool:
    """`nguyen khang` for `nguyen minh khang`."""
    few, many = short.split(), long.split()
    if not 2 <= len(few) < len(many):
        return False
    rest = iter(many)
    return few[0] == many[0] and few[-1] == many[-1] and all(word in rest for word in few)


def same_name(a: Face, b: Face) -> bool:
    """True where the names are one but for case, spacing, diacritics."""
    if a.child.name == b.child.name:
        return bool(a.child.name)
    return bool(a.key) and a.key == b.key


def parents_agree(a: Face, b: Face) -> bool:
    """True where both tell one mother (father), be it within a newborn's placeholder."""
    if a.child.parent == b.child.parent != "" or a.parent == b.parent != "":
        return True
    return bool(a.parents & b.parents) or names_near(a.parent, b.parent)


def parents_fit(a: Face, b: Face) -> bool:
    """True where nothing speaks against one parent."""
    return not (a.child.parent and b.child.parent) or parents_agree(a, b)


def sexes_fit(a: Face, b: Face) -> bool:
    """True where nothing speaks against one sex."""
    one, other = a.child.sex, b.child.sex
    return not (one and other) or one == other


def wards_fit(a: Face, b: Face) -> bool:
    """True where nothing speaks against one ward."""
    one, other = a.child.ward, b.child.ward
    return not (one and other) or one == other


def spelling(face: Face) -> str:
    """The name with its diacritics, blind to case and tone placement only."""
    return tone_blind(face.child.name)
