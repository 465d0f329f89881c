"""Lists whose children are kept in mind: so many children, whatever the number of lists."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from bhyt_filedrop.domain.lists.children import ListedChild

Roll = tuple[ListedChild, ...]


class KeptLists:
    """Reads the children of lists; the lists that were asked for last are not read again."""

    def __init__(self, read: Callable[[str, int], Roll], most: int) -> None:
        """`read` reads the children of a drop's list, `most` are kept."""
        self._read = read
        self._most = most
        self._kept: OrderedDict[tuple[str, int], Roll] = OrderedDict()
        self._count = 0

    def __call__(self, drop: str, seq: int) -> Roll:
        """Return the children of one list, in its order."""
        found = self._kept.get((drop, seq))
        if found is None:
            found = self._kept[drop, seq] = self._read(drop, seq)
            self._count += _size(found)
            while self._count > self._most:
                self._count -= _size(self._kept.popitem(last=False)[1])
        else:
            self._kept.move_to_end((drop, seq))
        return found


def _size(roll: Roll) -> int:
    """An empty list takes room as well."""
    return len(roll) + 1
