"""Approve by moving a file: for offices that live in folders.

A list that waits lies in “Chờ duyệt” of the office in whose name it goes; of what a person dropped
and somebody has to look at, a summary lies there of the office that leads the process. Moved to
“Đồng ý” it is sent, in “Không gửi” it is held back. Nothing is remembered that the folders and the
ledger do not say: each look compares them and does what is missing, so a crash between two steps is
made good by the next look. Only the very bytes that were offered are an answer; what was changed is
told and never sent, and the file of one office means nothing in the folder of another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.letters.letter import Letter, notice
from bhyt_filedrop.domain.process.file_names import delivered_name, id_in_name, is_clutter, legible
from bhyt_filedrop.domain.process.handoffs import ApprovalFolders, HandOff
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import (
    ActRefused,
    Archive,
    Clock,
    LostRace,
    NeverWorks,
    NoticeBook,
    OfferBook,
    Sighting,
    Tree,
    TryLater,
)
from bhyt_filedrop.work.arrival.deciding import Deciding

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _InFolder:
    """A file in one of the three folders, and of which drop it is the very offer ("" = of none)."""

    sighting: Sighting
    offer: str


def approving_office(drop: Drop, world: World) -> str:
    """Return who approves a drop that waits: of what is sent in an office's name that office, of
    what somebody dropped whoever leads the process."""
    return drop.unit if drop.is_own else world.process.digest_to or world.process.admin


def is_approved_by_leader(handoff: HandOff) -> bool:
    """True where a list that somebody dropped waits for nothing but a person's word."""
    return handoff.release == "approve" and not handoff.made_by and len(handoff.parts) == 1


@dataclass
class FolderApproval:
    """The approval folders of one tree."""

    tree: Tree
    offers: OfferBook
    deciding: Deciding
    archive: Archive
    publish: Callable[[Drop, Path], None]
    """Writes the workbook of a drop that waits."""
    letters: NoticeBook
    declared: World
    clock: Clock
    _busy: set[str] | None = None
    """Units in whose folders something may lie; None = not looked since the start."""
    _digests: dict[str, tuple[Sighting, str]] = field(default_factory=dict)
    _seen: dict[str, Sighting] = field(default_factory=dict)
    """What was no offer at the last look: told once it stands still."""

    def look(self) -> None:
        """Compare folders and ledger, and do what is missing. What fails is tried at the next
        look."""
        waiting: dict[str, list[Drop]] = {}
        world = self.declared.at(self.clock())
        asked = [id_ for id_, one in world.process.handoffs.items() if is_approved_by_leader(one)]
        for drop in (*self.offers.waiting(self.tree.id), *self.offers.held_for_a_look(asked)):
            waiting.setdefault(approving_office(drop, world), []).append(drop)
        units = self._units(world) if self._busy is None else self._busy | waiting.keys()
        still_busy = set(waiting)
        for unit_id in units:
            unit = world.units.by_id.get(unit_id)
            folders = world.routes.approval(unit) if unit else None
            if unit is None or folders is None or world.routes.rule(unit).tree != self.tree.id:
                continue
            try:
                if self._of_unit(unit, folders, waiting.get(unit_id, []), world):
                    still_busy.add(unit_id)
            except (TryLater, NeverWorks, OSError) as error:
                still_busy.add(unit_id)
                log.warning(
                    "approval.failed", extra={"unit": unit_id, "error": type(error).__name__}
                )
        self._busy = still_busy

    def _units(self, world: World) -> set[str]:
        """After a start something may be left in any office's folders."""
        return {unit.id for unit in world.units if world.routes.approval(unit)}

    def _of_unit(
        self, unit: Unit, folders: ApprovalFolders, waiting: list[Drop], world: World
    ) -> bool:
        """Serve one office; return whether anything is left in its folders."""
        there = {
            name: list(self._files(getattr(folders, name), unit, world))
            for name in ("waiting", "agreed", "refused")
        }
        for drop in waiting:
            self._serve(drop, unit, there, folders, world)
        open_drops = {drop.id for drop in waiting if self._still_waits(drop)}
        every = [one for found in there.values() for one in found]
        for one in every:
            if one.offer and one.offer not in open_drops:
                self.tree.remove(one.sighting.path)
        for one in every:
            if not one.offer:
                self._tell(one.sighting, unit, folders, world)
        return bool(every)

    def _still_waits(self, drop: Drop) -> bool:
        return self.deciding.find(drop.id).state is drop.state

    def _serve(
        self,
        drop: Drop,
        unit: Unit,
        there: Mapping[str, list[_InFolder]],
        folders: ApprovalFolders,
        world: World,
    ) -> None:
        """Do what the place of one offer says; a no goes before a yes."""
        mine = {
            name: [one for one in found if one.offer == drop.id] for name, found in there.items()
        }
        name = world.units.full_name(unit)
        if mine["refused"]:
            if not self.offers.is_withheld(drop.id):
                self.offers.withhold(drop.id, name, self.clock())
                log.info("approval.withheld", extra={"drop": drop.id})
        elif mine["agreed"]:
            self._release(drop, name, folders)
        elif not mine["waiting"]:
            self._put(drop, unit, folders, world)

    def _release(self, drop: Drop, by: str, folders: ApprovalFolders) -> None:
        why = f"chuyển tệp vào thư mục “{folders.agreed.rpartition('/')[2]}”"
        try:
            self.deciding.release(drop.id, why, by, self.clock())
        except (ActRefused, LostRace):
            log.info("approval.overtaken", extra={"drop": drop.id})
        else:
            log.info("approval.agreed", extra={"drop": drop.id})

    def _put(self, drop: Drop, unit: Unit, folders: ApprovalFolders, world: World) -> None:
        """Lay the list where it waits, the same bytes however often."""
        digest = self.offers.offered(drop.id)
        if not digest or not self.archive.has(digest):
            digest = self._make(drop)
            self.offers.offer(drop.id, digest, self.clock())
        handoff, round_ = world.process.handoffs[drop.handoff], drop.round
        assert round_ is not None, "a list has a round"
        label = f"{handoff.number} {handoff.name}".strip()
        sender = world.units[drop.unit]
        name = delivered_name(sender, round_, label, 1, drop.id, "", ".xlsx")
        access = world.routes.rule(unit).access
        self.tree.put(self.archive.path(digest), f"{folders.waiting}/{name}", access)

    def _make(self, drop: Drop) -> str:
        copy = self.archive.new_file()
        try:
            self.publish(drop, copy)
            return self.archive.keep(copy)[0]
        finally:
            copy.unlink(missing_ok=True)

    # --- what lies there ----------------------------------------------------------------------

    def _files(self, folder: str, unit: Unit, world: World) -> Iterator[_InFolder]:
        for sighting in self.tree.walk(folder):
            if not is_clutter(sighting.path):
                yield _InFolder(sighting, self._offer_of(sighting, unit, world))

    def _offer_of(self, sighting: Sighting, unit: Unit, world: World) -> str:
        """The drop whose very offer a file is: its bytes, its name, and its office."""
        drop = id_in_name(sighting.path)
        offered = self.offers.offered(drop) if drop else ""
        found = self.offers.find(drop) if offered else None
        if found is None or approving_office(found, world) != unit.id:
            return ""
        if sighting.size != self.archive.size(offered):
            return ""
        return drop if self._digest(sighting) == offered else ""

    def _digest(self, sighting: Sighting) -> str:
        known = self._digests.get(sighting.path)
        if known and known[0] == sighting:
            return known[1]
        copy = self.archive.new_file()
        try:
            self.tree.fetch(sighting.path, copy)
            digest = sha256(copy.read_bytes()).hexdigest()
        except FileNotFoundError:
            return ""
        finally:
            copy.unlink(missing_ok=True)
        self._digests[sighting.path] = (sighting, digest)
        return digest

    def _tell(self, sighting: Sighting, unit: Unit, folders: ApprovalFolders, world: World) -> None:
        """Say once that a file is no answer; not of one that is still being written."""
        if self._seen.get(sighting.path) != sighting:
            self._seen[sighting.path] = sighting
            return
        self.letters.put_letters((_letter(sighting, unit, folders, world),), self.clock())


def _letter(sighting: Sighting, unit: Unit, folders: ApprovalFolders, world: World) -> Letter:
    mark = sha256(f"{sighting.path}\n{sighting.size}\n{sighting.mtime}".encode()).hexdigest()[:16]
    agreed = folders.agreed.rpartition("/")[2]
    return notice(
        f"approval-odd/{unit.id}/{mark}",
        unit.id,
        "Tệp trong thư mục duyệt không phải danh sách đang chờ duyệt, chưa gửi gì",
        [
            f"Tệp: {legible(sighting.path)}",
            "Tệp này không đúng từng chữ như danh sách hệ thống đã lập cho quý đơn vị (đã sửa, đã "
            "lưu lại, hoặc của đơn vị khác) nên hệ thống không gửi tệp này và không coi là duyệt.",
            f"Muốn duyệt thì chuyển chính tệp trong thư mục {folders.waiting} sang “{agreed}”. "
            "Muốn gửi danh sách đã sửa thì nộp vào thư mục nộp của đơn vị: "
            f"{world.routes.drop_folder(unit)}.",
        ],
    )
