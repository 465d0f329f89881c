"""Which unit and folder a path in a tree belongs to, and which folders belong to a unit.

Clerks write folder names with the Unicode forms their programs choose, and make folders anew with
other capitals or blanks: a name that differs from a declared one by nothing else is that one,
unless it is another's. The deepest drop folder wins: a ward's folder lies inside its district's.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import takewhile

from bhyt_filedrop.domain.process.handoffs import (
    ApprovalFolders,
    FolderRule,
    HandOff,
    Process,
)
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units

Parts = tuple[str, ...]


def nfc_parts(path: str) -> Parts:
    """Split a `/`-path into NFC parts; empty parts are dropped."""
    return tuple(part for part in unicodedata.normalize("NFC", path).split("/") if part)


GUIDE = "Hướng dẫn.html"
"""What a unit's guide is called."""


def is_guide(path: str) -> bool:
    """Tell whether a file is a guide by its name: of a unit that is gone, or of a folder that was
    called otherwise, it stays where it was put."""
    return nfc_parts(path)[-1:] == (GUIDE,)


def alike(name: str) -> str:
    """Return what two names have in common that differ only by form, case or blanks."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _alike_parts(parts: Iterable[str]) -> Parts:
    return tuple(alike(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path lies: in whose drop folder, and how deep below it.

    `subfolder` is the folder between the drop folder and the file (NFC, "" directly in it).
    `own` names the product's own folder it lies in (`inbox`, `received`, `returned`, `approval`);
    "" = a drop.
    """

    tree: str
    unit: Unit
    subfolder: str
    name: str
    own: str = ""

    @property
    def top(self) -> str:
        """The first folder below the drop folder, "" where there is none."""
        return self.subfolder.split("/", 1)[0]


@dataclass(frozen=True)
class Routes:
    """All folders of all units, worked out once from the process and the units."""

    process: Process
    units: Units
    labels: Mapping[str, str]
    _drops: Mapping[tuple[str, Parts], Unit]
    _own: Mapping[tuple[str, Parts], str]

    @classmethod
    def of(cls, process: Process, units: Units, labels: Mapping[str, str] | None = None) -> Routes:
        """Work out every unit's folders; a unit whose kind has no rule has no folder.

        `labels` is how people call each form, by form id (`form-3` → `Mẫu 3`).
        """
        drops: dict[tuple[str, Parts], Unit] = {}
        own: dict[tuple[str, Parts], str] = {}
        for unit in units:
            rule = process.folders_of(unit.id, unit.kind, unit.valid_to)
            if rule is None:
                continue
            drops[rule.tree, nfc_parts(_fill(rule.drop, unit, units))] = unit
            for what, pattern in rule.own():
                own[rule.tree, nfc_parts(_static(pattern, unit, units))] = what
        return cls(process, units, labels or {}, drops, own)

    def at(self, units: Units) -> Routes:
        """Return the same folders with the units of a day: who is there, and who took over."""
        return self if units is self.units else replace(self, units=units)

    def locate(self, tree: str, path: str) -> Place | None:
        """Return where a file's path lies, or None outside every drop folder.

        The folder of a unit that is gone is that of the one that took over from it; where that is
        nobody, or several did, it stays the old one's.
        """
        place = self._place(tree, path)
        heirs = self.units.heirs(place.unit.id) if place else ()
        is_one = len(heirs) == 1 and self.has_folders(heirs[0])
        return replace(place, unit=heirs[0]) if place and is_one else place

    def _place(self, tree: str, path: str) -> Place | None:
        *folders, name = nfc_parts(path) or ("",)
        for depth in range(len(folders), 0, -1):
            here = tuple(folders[:depth])
            unit = self._drop_at(tree, here)
            if unit is not None:
                return Place(tree, unit, "/".join(folders[depth:]), name)
            what = self._own.get((tree, here)) or self._alike[1].get((tree, _alike_parts(here)))
            if what is not None:
                owner = self._owner(tree, here)
                return Place(tree, owner, "/".join(folders[depth:]), name, what) if owner else None
        return None

    def _owner(self, tree: str, folder: Parts) -> Unit | None:
        above = (self._drop_at(tree, folder[:n]) for n in range(len(folder) - 1, 0, -1))
        return next((unit for unit in above if unit), None)

    def _drop_at(self, tree: str, folder: Parts) -> Unit | None:
        exact = self._drops.get((tree, folder))
        return exact or self._alike[0].get((tree, _alike_parts(folder)))

    @cached_property
    def _alike(self) -> tuple[dict[tuple[str, Parts], Unit], dict[tuple[str, Parts], str]]:
        """Drop folders and own folders by what is alike; what means two units means none."""
        keys = Counter((tree, _alike_parts(parts)) for tree, parts in self._drops)
        drops = {(tree, _alike_parts(parts)): unit for (tree, parts), unit in self._drops.items()}
        own = {(tree, _alike_parts(parts)): what for (tree, parts), what in self._own.items()}
        return {key: unit for key, unit in drops.items() if keys[key] == 1}, own

    def sweep_folders(self, tree: str) -> tuple[str, ...]:
        """Return the folders to walk in one tree: drop folders that lie in no other's."""
        mine = {parts for where, parts in self._drops if where == tree}
        tops = (p for p in mine if not any(p[:n] in mine for n in range(1, len(p))))
        return tuple(sorted("/".join(parts) for parts in tops))

    def base(self, tree: str) -> str:
        """Return the folder in which all drop folders of a tree lie, "" = the root: nobody else
        files anything below it."""
        above = [parts[:-1] for where, parts in self._drops if where == tree]
        levels = zip(*above, strict=False)
        common = takewhile(lambda names: len(set(names)) == 1, levels)
        return "/".join(names[0] for names in common)

    def own_folders(
        self,
        tree: str,
        which: Container[str] = frozenset({"inbox", "received", "returned", "approval"}),
    ) -> tuple[str, ...]:
        """Return the product's own folders in one tree, which a walk for drops need not enter."""
        mine = ((parts, what) for (where, parts), what in self._own.items() if where == tree)
        return tuple("/".join(parts) for parts, what in mine if what in which)

    def rule(self, unit: Unit) -> FolderRule:
        """Return the folder rule of a unit. Raises KeyError where neither it nor its kind has
        one."""
        rule = self.process.folders_of(unit.id, unit.kind, unit.valid_to)
        if rule is None:
            raise KeyError(unit.kind)
        access = rule.access.of_unit(unit.id)
        return rule if access is rule.access else replace(rule, access=access)

    def has_folders(self, unit: Unit) -> bool:
        """True where a unit has folders at all."""
        return self.process.folders_of(unit.id, unit.kind, unit.valid_to) is not None

    def drop_folder(self, unit: Unit) -> str:
        """Return the folder that a unit drops into."""
        return _fill(self.rule(unit).drop, unit, self.units)

    def inbox(self, unit: Unit, round_: Round, giver: Unit | None = None) -> str:
        """Return the folder in which a unit finds what was delivered to it (by `giver`)."""
        rule = self.rule(unit)
        pattern = rule.inbox_from.get(giver.kind, rule.inbox) if giver else rule.inbox
        return _fill(pattern, unit, self.units, round_)

    def received(self, unit: Unit, round_: Round | None) -> str:
        """Return the folder for a unit's accepted originals; without a round, the one above it."""
        return _in_round(self.rule(unit).received, unit, self.units, round_)

    def returned(self, unit: Unit) -> str:
        """Return the folder for what goes back to a unit."""
        return _fill(self.rule(unit).returned, unit, self.units)

    def approval(self, unit: Unit) -> ApprovalFolders | None:
        """Return the folders in which a unit approves what goes in its name, None = it has none."""
        rule = self.process.folders_of(unit.id, unit.kind)
        if rule is None or rule.approval is None:
            return None
        waiting, agreed, refused = (
            _fill(pattern, unit, self.units) for pattern in rule.approval.patterns()
        )
        return ApprovalFolders(waiting=waiting, agreed=agreed, refused=refused)

    def label(self, form: str) -> str:
        """Return how people call a form; its id where it has no name."""
        return self.labels.get(form, form)

    def part_label(self, forms: tuple[str, ...]) -> str:
        """Return how people call one part of a return: its forms, each name once."""
        return " hoặc ".join(dict.fromkeys(self.label(form) for form in forms))

    def forms_text(self, handoff: HandOff) -> str:
        """Say with which forms a hand-off is given: `Mẫu 4 hoặc Phiếu trả lời, cùng D03-TS`."""
        return ", cùng ".join(self.part_label(forms) for forms in handoff.parts)

    def folder_for(self, sender: Unit, handoff: HandOff) -> str:
        """Return the folder that a sender drops a hand-off into; "" where it has none."""
        if not self.has_folders(sender):
            return ""
        return "/".join(filter(None, (self.drop_folder(sender), handoff.subfolder)))

    def own_of(self, unit: Unit) -> Iterator[tuple[str, str]]:
        """Yield `(inbox | inbox_from | received | returned | waiting | agreed | refused, folder)`
        of what the product keeps in a unit's folder, as it is called below that."""
        rule, top = self.rule(unit), f"{self.drop_folder(unit)}/"
        patterns = [("inbox", rule.inbox)]
        patterns += [("inbox_from", pattern) for pattern in rule.inbox_from.values()]
        patterns += [("received", rule.received), ("returned", rule.returned)]
        if rule.approval:
            patterns += zip(("waiting", "agreed", "refused"), rule.approval.patterns(), strict=True)
        for what, pattern in patterns:
            yield what, _static(pattern, unit, self.units).removeprefix(top)

    def guide_path(self, unit: Unit) -> str:
        """Return where a unit finds its guide: above what is delivered to it round by round."""
        return f"{_static(self.rule(unit).inbox, unit, self.units)}/{GUIDE}"

    def drop_folders(self, tree: str) -> tuple[str, ...]:
        """Return the drop folder of every unit that has one in a tree."""
        return tuple("/".join(parts) for where, parts in self._drops if where == tree)

    def names_of_own(self, tree: str) -> frozenset[str]:
        """Return how the product's own folders in a tree are called."""
        return frozenset(parts[-1] for where, parts in self._own if where == tree)

    def every_folder(self, today: date | None = None) -> Iterator[tuple[str, str, FolderRule]]:
        """Yield `(tree, folder, rule)` of every folder that a fresh tree is laid out with: those
        of the rules, and the sub-folders that hand-offs are dropped into; of units that are gone by
        `today` none."""
        there = (u for u in self.units if today is None or not u.is_over(today))
        for unit in filter(self.has_folders, there):
            rule = self.rule(unit)
            drop = _fill(rule.drop, unit, self.units)
            yield rule.tree, drop, rule
            for name in self.subfolders(unit):
                yield rule.tree, f"{drop}/{name}", rule
            for _, pattern in rule.own():
                yield rule.tree, _static(pattern, unit, self.units), rule

    def subfolders(self, unit: Unit) -> Iterator[str]:
        """Yield the folders below a unit's drop folder into which some hand-off is dropped."""
        for handoff in self.process.handoffs.values():
            gives = "sender" in handoff.drop_in and handoff.sender in (unit.id, unit.kind)
            gets = "receiver" in handoff.drop_in and _giver(handoff, self.units, unit) is not None
            if handoff.subfolder and (gives or gets):
                yield handoff.subfolder


def _fill(pattern: str, unit: Unit, units: Units, round_: Round | None = None) -> str:
    above = units.by_id.get(unit.parent)
    return pattern.format(
        unit=unit.folder or unit.name,
        parent=(above.folder or above.name) if above else "",
        round=round_.folder if round_ else "",
    ).strip("/")


def _in_round(pattern: str, unit: Unit, units: Units, round_: Round | None) -> str:
    return _fill(pattern, unit, units, round_) if round_ else _static(pattern, unit, units)


def _static(pattern: str, unit: Unit, units: Units) -> str:
    """Fill the part of a pattern before the first folder that varies with the round."""
    fixed: list[str] = []
    for part in pattern.split("/"):
        if "{round}" in part:
            break
        fixed.append(part)
    return _fill("/".join(fixed), unit, units)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hand-off that a form dropped at a place may be, and who gives it.

    `receiver` is None where only the rows can tell which of several units gets it.
    """

    handoff: HandOff
    sender: Unit
    receiver: Unit | None


def candidates(process: Process, units: Units, place: Place, form: str) -> tuple[Candidate, ...]:
    """Return every hand-off that takes `form` at `place`."""
    named = {alike(h.subfolder) for h in process.handoffs.values() if h.subfolder}
    found: list[Candidate] = []
    for handoff in process.handoffs.values():
        if form not in handoff.forms or not _in_subfolder(handoff, place, named):
            continue
        if "sender" in handoff.drop_in and handoff.sender in (place.unit.id, place.unit.kind):
            found.append(Candidate(handoff, place.unit, receiver_of(handoff, units, place)))
        if "receiver" in handoff.drop_in and (giver := _giver(handoff, units, place.unit)):
            found.append(Candidate(handoff, giver, place.unit))
    return tuple(found)


def expected_forms(process: Process, units: Units, place: Place) -> tuple[str, ...]:
    """Return the forms that some hand-off takes at a place, in the process's order."""
    every = dict.fromkeys(form for h in process.handoffs.values() for form in h.forms)
    return tuple(form for form in every if candidates(process, units, place, form))


def _in_subfolder(handoff: HandOff, place: Place, named: set[str]) -> bool:
    top = alike(place.top)
    return alike(handoff.subfolder) == top if handoff.subfolder else top not in named


def _giver(handoff: HandOff, units: Units, receiver: Unit) -> Unit | None:
    above = units.by_id.get(receiver.parent)
    fits = above is not None and handoff.sender in (above.id, above.kind)
    return above if fits and handoff.receiver == "child" else None


def receiver_of(handoff: HandOff, units: Units, place: Place) -> Unit | None:
    """Return who gets what a place's unit drops there; None where only the rows can tell."""
    if handoff.receiver == "parent":
        return units.by_id.get(place.unit.parent)
    if handoff.receiver == "child":
        return _named_child(units, place)
    return units.by_id.get(handoff.receiver)


def _named_child(units: Units, place: Place) -> Unit | None:
    """A city clerk may say by a sub-folder whom a list is for: `Phòng Thu/Quận 1/…`."""
    folders = _alike_parts(nfc_parts(place.subfolder))
    fits = (u for u in units.below(place.unit) if alike(u.folder or u.name) in folders)
    return next(fits, None)
