"""The small bridge to pandas, which is loaded only where a report is really made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a frame that has all its columns, even without any row."""
    import pandas as pd

    return pd.DataFrame(list(rows), columns=list(columns))


def lines(found: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield each row as plain Python values: whole numbers as int, nothing as None."""
    names = [str(name) for name in found.columns]
    for row in found.itertuples(index=False, name=None):
        yield {name: _plain(value) for name, value in zip(names, row, strict=True)}


def _plain(value: Any) -> Any:
    """Counts that met an empty cell on their way became floats; give them back whole."""
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        if value != value:  # NaN, the only value that differs from itself
            return None
        return int(value) if value.is_integer() else value
    return value


def count_of(found: pd.DataFrame, column: str) -> int:
    """Return a column's sum as a whole number; 0 of nothing."""
    return int(found[column].sum()) if len(found) else 0
