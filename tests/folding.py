"""Names sought in whole pages: the product folds cells, and of a long text takes the start."""

from __future__ import annotations

from bhyt_filedrop.domain.cells.text import fold


def fold_whole(text: str) -> str:
    """Fold a text of any length, word by word."""
    return " ".join(filter(None, map(fold, text.split())))
