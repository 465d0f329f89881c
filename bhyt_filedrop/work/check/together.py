"""Hold checked files against each other and against the list that was sent, without a site.

What the journey does with a drop and the ledger, `check --together --against FILE` does with files
alone: the same matching, the same findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.judgement import all_findings
from bhyt_filedrop.domain.drops.returns import is_kit_there
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.lists.children import ListedChild, list_children
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.reconcile import (
    Came,
    Pair,
    Reconciled,
    Remark,
    came_of,
    can_reconcile,
    not_asked_for,
    reconcile,
    remarks,
    repeats,
    requests_missing,
)
from bhyt_filedrop.work.check.one_file import Checked, Wish, first_handoff


class NotAList(Exception):
    """The file that should hold the list sent holds no list of children."""


def children_of(checked: Checked, world: World) -> tuple[ListedChild, ...]:
    """Return the children of every list in a file. Raises NotAList where there is none."""
    found = _children(checked, world)
    if not found:
        raise NotAList("holds no list of children that can be read")
    return found


def held_against(
    files: Sequence[Checked], sent: Sequence[ListedChild] | None, wish: Wish, world: World
) -> tuple[Checked, ...]:
    """Reconcile files as one return with what was sent; None = only with each other.

    Each finding goes to the file of its row, a missing child to the first file; one file at fault
    brings all of them back. Lists still to come make the return held, unless every child that was
    sent is accounted for already.
    """
    if not can_reconcile(one for file in files for one in file.findings):
        return _one_verdict(files)
    rows = _rows(files, world)
    found = Reconciled((), (), (), repeats(rows)) if sent is None else reconcile(sent, rows)
    handoff = first_handoff((file.examined for file in files), wish, world)
    missing = _parts_to_come(files, handoff, world)
    lacks_some = sent is None or bool(found.missing)
    asks = not_asked_for(rows, found.doubled) if handoff and len(handoff.parts) > 1 else ()
    waits = bool(missing) and (bool(asks) or (lacks_some and not _has_kit(files, world)))
    said = (
        *remarks(found, complete=not waits),
        *(() if missing else requests_missing(asks, {row.source for row in asks})),
    )
    incomplete = _incomplete(missing) if waits else None
    return _one_verdict(_rate_together(files, found.pairs, said, incomplete, handoff))


def _children(checked: Checked, world: World) -> tuple[ListedChild, ...]:
    return tuple(
        child
        for found in checked.examined.found
        for child in list_children(
            found.submission, world.forms_by_id[found.submission.form], world.gazetteer
        )
    )


def _has_kit(files: Sequence[Checked], world: World) -> bool:
    return is_kit_there(_children(file, world) for file in files)


def _rows(files: Sequence[Checked], world: World) -> list[Came]:
    several = len(files) > 1
    return [
        row
        for n, file in enumerate(files)
        for row in came_of(_children(file, world), str(n), file.path.name if several else "")
    ]


def _parts_to_come(
    files: Sequence[Checked], handoff: HandOff | None, world: World
) -> tuple[str, ...]:
    """Name the parts of the return that none of the files is."""
    here = {one.submission.form for file in files for one in file.examined.found}
    parts = handoff.parts if handoff else ()
    return tuple(world.routes.part_label(forms) for forms in parts if here.isdisjoint(forms))


def _incomplete(missing: Sequence[str]) -> Finding:
    return finding(
        "list.incomplete",
        f"Chưa đủ danh sách của lần trả lời này; còn thiếu: {', '.join(missing)}.",
        "Nộp tiếp danh sách còn thiếu; các danh sách sẽ được xét và chuyển đi cùng nhau.",
    )


def _rate_together(
    files: Sequence[Checked],
    pairs: Sequence[Pair],
    said: Iterable[Remark],
    incomplete: Finding | None,
    handoff: HandOff | None,
) -> list[Checked]:
    mine: list[list[Finding]] = [[] for _ in files]
    for one in said:
        mine[int(one.source or 0)].append(one.finding)
    # What is still to come is no fault: no hand-off makes one of it, here or in the daemon.
    waiting = (incomplete,) if incomplete else ()
    return [
        replace(
            file,
            findings=(
                *all_findings(
                    file.findings,
                    (pair for pair in pairs if pair.came.source == str(n)),
                    more,
                    handoff,
                ),
                *(waiting if n == 0 else ()),
            ),
            held=incomplete is not None,
        )
        for n, (file, more) in enumerate(zip(files, mine, strict=True))
    ]


def _one_verdict(files: Sequence[Checked]) -> tuple[Checked, ...]:
    returned = any(file.returned for file in files)
    return tuple(replace(file, falls_with=returned) for file in files)
