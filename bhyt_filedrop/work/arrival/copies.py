"""What lies in the product's own folders: what it put there, what was changed since, what is new.

Three answers to one file: nothing to say of it, a word why it is not taken, or that it is a drop: a
copy that was given back to be put right, or a list to be answered, filled in where it lay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.drops.lying import Why
from bhyt_filedrop.domain.process.file_names import id_in_name
from bhyt_filedrop.domain.process.folders import Place, Routes, is_guide, nfc_parts
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.ports import Archive, DraftReader, GivenFile, LookBook, Sighting, Tree
from bhyt_filedrop.work.arrival.make_room import CHANGED_BY_HAND

LATER = timedelta(minutes=10)
"""A copy of the right size is compared where its time is so much later than when it was put."""

MOST_COMPARED = 20
"""Copies that one survey fetches to compare; the next goes on."""


_GIVEN_BACK = frozenset({Role.ANNOTATED, Role.ORIGINAL})
_MAY_BE_ANSWERED: Mapping[str, frozenset[Role]] = {
    "returned": _GIVEN_BACK,
    "inbox": frozenset({Role.DERIVED, Role.FORWARD}),
}
"""Folder of the product's own → what of it may come back from there."""


class Answer(Enum):
    """What is neither told nor left alone."""

    A_DROP = "a drop"


Verdict = Why | Answer | None


@dataclass
class Copies:
    """Tells of files in the product's own folders of one tree what they are."""

    tree: Tree
    looks: LookBook
    lists: DraftReader
    archive: Archive
    _same: dict[str, Sighting] = field(default_factory=dict)
    """Copies that were compared and are, byte for byte, what was put; those of this survey."""
    _before: dict[str, Sighting] = field(default_factory=dict)
    """Those of the last one: of a copy that is gone nothing is kept."""
    _left: int = 0
    """How many more may be fetched in this survey."""

    def begin(self) -> None:
        """Allow the comparisons of one survey."""
        self._left = MOST_COMPARED
        self._before, self._same = self._same, {}

    def verdicts(
        self, found: Sequence[tuple[Sighting, Place]], routes: Routes
    ) -> Iterator[tuple[Sighting, Place, Verdict]]:
        """Say what each of some files is."""
        paths = {one.path: "/".join(nfc_parts(one.path)) for one, _ in found}
        given = self.looks.given(self.tree.id, list(paths.values()))
        unknown = [one.path for one, _ in found if paths[one.path] not in given]
        named = self.looks.given_of({id_ for path in unknown if (id_ := id_in_name(path))})
        for sighting, place in found:
            put = given.get(paths[sighting.path])
            yield (
                sighting,
                place,
                (
                    self._of_ours(sighting, place, put, routes)
                    if put
                    else self._of_others(sighting, place, named, routes)
                ),
            )

    def of_strangers(self, found: Sequence[Sighting]) -> Iterator[Sighting]:
        """Yield the files outside every unit's folder that are nothing of ours: a folder that was
        renamed is full of what was."""
        named = self.looks.given_of({id_ for one in found if (id_ := id_in_name(one.path))})
        yield from (
            one for one in found if id_in_name(one.path) not in named and not is_guide(one.path)
        )

    def _of_ours(self, sighting: Sighting, place: Place, put: GivenFile, routes: Routes) -> Verdict:
        """A file that lies where we put one."""
        if not put.sha256 or self._is_unchanged(sighting, put):
            return None
        if self._is_answer(place, put, routes):
            return Answer.A_DROP
        return Why.CHANGED if place.own == "received" else None

    def _of_others(
        self,
        sighting: Sighting,
        place: Place,
        named: Mapping[str, Sequence[GivenFile]],
        routes: Routes,
    ) -> Verdict:
        """A file that lies where we put none: one of ours under another name, or anybody's."""
        if is_guide(sighting.path) or place.own == "approval":
            return None  # what lies there is told of by who looks for approvals
        given = named.get(id_in_name(sighting.path))
        if given is None:
            return Why.AMONG_OURS
        if CHANGED_BY_HAND in place.subfolder or any(
            put.sha256 and sighting.size == self.archive.size(put.sha256) for put in given
        ):
            return None
        answered = any(self._is_answer(place, put, routes) for put in given)
        return Answer.A_DROP if answered else None

    def _is_unchanged(self, sighting: Sighting, put: GivenFile) -> bool:
        try:
            if sighting.size != self.archive.size(put.sha256):
                return False
        except FileNotFoundError:
            return True
        written = datetime.fromtimestamp(max(0.0, min(sighting.mtime, 4e9)), UTC)
        if put.at is None or written <= put.at + LATER:
            return True
        if self._before.get(sighting.path) == sighting:
            self._same[sighting.path] = sighting
            return True
        if self._left <= 0:
            return True
        self._left -= 1
        same = self._digest(sighting) == put.sha256
        if same:
            self._same[sighting.path] = sighting
        return same

    def _digest(self, sighting: Sighting) -> str:
        copy = self.archive.new_file()
        try:
            self.tree.fetch(sighting.path, copy)
            return self.archive.keep(copy)[0]
        except FileNotFoundError:
            return ""
        finally:
            copy.unlink(missing_ok=True)

    def _is_answer(self, place: Place, put: GivenFile, routes: Routes) -> bool:
        """True for what was given back to be put right, and for a list that the unit has to answer.

        A draft is offered and no answer: what its office changes in it stands until it is approved.
        """
        if put.role not in _MAY_BE_ANSWERED.get(place.own, ()):
            return False
        if put.role in _GIVEN_BACK:
            return True
        answered = _answered_by(place.unit, routes.process)
        return any(
            one.key.receiver == place.unit.id
            and one.key.handoff in answered
            and not one.is_draft
            and (put.made_of is None or put.made_of == (one.drop, one.seq))
            for one in self.lists.lists_of(put.drop)
        )


def _answered_by(unit: Unit, process: Process) -> set[str]:
    """The hand-offs that a unit answers."""
    mine = (h for h in process.handoffs.values() if h.sender in (unit.id, unit.kind))
    return {handoff.answers for handoff in mine if handoff.answers}
