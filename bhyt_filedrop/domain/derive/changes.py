"""What is new in a corrected list: children added, removed and changed since the version before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bhyt_filedrop.domain.cells.text import same_text
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.keys import exact_key, gather_by, loose_key

TOLD: Mapping[str, str] = {
    "name": "Họ và tên",
    "birth": "Ngày sinh",
    "sex": "Giới tính",
    "parent": "Họ tên mẹ (cha)",
    "id_number": "Số CMND",
    "address": "Địa chỉ",
    "card": "Mã số thẻ",
    "facility": "Mã BV",
    "facility_name": "Tên bệnh viện",
    "section": "Mục",
    "status": "Kết quả",
    "note": "Ghi chú",
}
"""The fields whose change a receiver is told of, with the Vietnamese name of each."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One child that both versions have, told differently; `fields` are names in `TOLD`."""

    before: ListedChild
    after: ListedChild
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that a receiver of the version before has to know."""

    added: tuple[ListedChild, ...] = ()
    removed: tuple[ListedChild, ...] = ()
    changed: tuple[Changed, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


def changes(before: Sequence[ListedChild], after: Sequence[ListedChild]) -> Changes:
    """Compare two versions of a list.

    A child is the same by its code, else by name, birth and parent, else by name and birth where
    only one on each side has them. Another order, case, spacing or tone placement is no change.
    """
    pairs = _Pairs(before, after)
    still = frozenset(pairs.old_of.values())
    return Changes(
        tuple(child for n, child in enumerate(after) if n not in pairs.old_of),
        tuple(child for n, child in enumerate(before) if n not in still),
        tuple(
            Changed(before[old], after[new], fields)
            for new, old in sorted(pairs.old_of.items())
            if (fields := _different(before[old], after[new]))
        ),
    )


def _different(before: ListedChild, after: ListedChild) -> tuple[str, ...]:
    return tuple(f for f in TOLD if not same_text(getattr(before, f), getattr(after, f)))


class _Pairs:
    """Number in `after` → number in `before`, paired by the surest key first."""

    def __init__(self, before: Sequence[ListedChild], after: Sequence[ListedChild]) -> None:
        self.before, self.after = before, after
        self.old_of: dict[int, int] = {}
        self._pair(lambda child: child.code, only=True)
        self._pair(exact_key, only=False)
        self._pair(loose_key, only=True)

    def _pair(self, key: Callable[[ListedChild], str], *, only: bool) -> None:
        taken = frozenset(self.old_of.values())
        new = gather_by(
            (n for n in range(len(self.after)) if n not in self.old_of),
            lambda n: key(self.after[n]),
        )
        old = gather_by(
            (n for n in range(len(self.before)) if n not in taken), lambda n: key(self.before[n])
        )
        for found in new.keys() & old.keys() - {""}:
            if not only or len(new[found]) == len(old[found]) == 1:
                self.old_of.update(zip(new[found], old[found], strict=False))
