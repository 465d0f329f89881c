"""Approve a draft: a person's word instead of the file that an office would drop by hand.

The list is made once more as the office would send it (without the line that asks to look at it),
kept in the archive, and written down as a drop of the office's own whose bytes were taken already.
From there it goes the way of every drop: the same checks, deliveries, letters and corrections.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.approval import Offer, Refusal, Shelf, choose
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.ids import repeatable_id, work_path
from bhyt_filedrop.domain.lists.records import ListRecord
from bhyt_filedrop.ports import ApprovalBook, Archive, DraftReader, DropBook
from bhyt_filedrop.work.derived.refusals import refused


@dataclass(frozen=True)
class Approving:
    """Turns drafts into drops of the office that they were made for."""

    lists: DraftReader
    drops: DropBook
    approvals: ApprovalBook
    archive: Archive
    publish: Callable[[Mapping[str, Any], Path], None]
    world: World

    def approve(
        self,
        drop_id: str,
        why: str,
        at: datetime,
        *,
        by: str = "",
        unit: str = "",
        with_uncertain: bool = False,
    ) -> tuple[Drop, ...]:
        """Confirm the drafts of a drop; return the drops that this made.

        Raises ActRefused where there is nothing to confirm, or not as things stand; LostRace where
        a draft was replaced or approved meanwhile, TryLater where the archive takes no file.
        """
        named = self.lists.lists_of(drop_id)
        if not named:
            raise refused(drop_id, Refusal("no-draft"))
        shelf = self._shelf(named)
        chosen = choose(named, unit, shelf, self.world, with_uncertain=with_uncertain)
        if isinstance(chosen, Refusal):
            raise refused(drop_id, chosen)
        made = [(offer.record, self._drop(offer, shelf, why, at)) for offer in chosen]
        self.approvals.approve(made, why, at, by)
        return tuple(drop for _, drop in made)

    def _shelf(self, named: Sequence[ListRecord]) -> Shelf:
        records = self.lists.of_round(str(named[0].key.round), self.world.process.handoffs)
        approved = self.approvals.of({r.drop for r in records if r.basis})
        return Shelf(records, approved, self.lists.children)

    def _drop(self, offer: Offer, shelf: Shelf, why: str, at: datetime) -> Drop:
        record, world = offer.record, self.world
        unit = world.units[record.key.sender]
        digest, size = self._keep(record)
        times = len(shelf.approved.get((record.drop, record.seq), ()))
        name = repeatable_id(at, f"{record.drop}/{record.seq}/{times}")
        label = world.routes.label(record.form)
        return Drop(
            id=name,
            tree=world.routes.rule(unit).tree,
            path=f"{world.routes.drop_folder(unit)}/{label} - {record.key.round.folder}.xlsx",
            unit=unit.id,
            size=size,
            mtime=0.0,
            work_path=work_path(name),
            arrived_at=at,
            sha256=digest,
            override={"action": "approve", "why": why, "draft": f"{record.drop}/{record.seq}"},
        )

    def _keep(self, record: ListRecord) -> tuple[str, int]:
        """Make the list as its office would send it, and keep it."""
        where = [record.drop, record.seq]
        recipes = (d.recipe for d, _ in self.drops.deliveries(record.drop) if d.recipe)
        recipe = next(recipe for recipe in recipes if recipe.get("list") == where)
        copy = self.archive.new_file()
        try:
            self.publish({**recipe, "approved": True}, copy)
            return self.archive.keep(copy)
        finally:
            copy.unlink(missing_ok=True)
