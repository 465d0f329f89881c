"""What a unit is told of the children that a corrected list adds to the one it had."""

from __future__ import annotations

from collections.abc import Sequence

from bhyt_filedrop.domain.derive.changes import changes
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.said import birth_text

MAX_NAMED = 10
"""A letter names so many children; the sheet of changes has them all."""


def additions_note(before: Sequence[ListedChild], after: Sequence[ListedChild]) -> str:
    """Name the children added since the version before, and ask for their answer; "" = none."""
    added = changes(before, after).added if before else ()
    if not added:
        return ""
    named = "; ".join(who(child) for child in added[:MAX_NAMED])
    more = "; …" if len(added) > MAX_NAMED else ""
    return (
        f"Bản này thêm {len(added)} trẻ so với bản trước: {named}{more}. Nếu đơn vị đã nộp kết quả "
        "thì nộp bổ sung kết quả của các trẻ mới thêm; phần đã nộp không phải nộp lại."
    )


def who(child: ListedChild) -> str:
    """Name a child in a letter: `Nguyễn An (sinh 05/03/2014)`."""
    born = birth_text(child.birth)
    return f"{child.name} (sinh {born})" if born else child.name
