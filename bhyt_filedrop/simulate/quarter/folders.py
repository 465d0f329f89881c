"""What lies in each party's folders at the end: everything that the process owes it, nothing else.

Every delivered list is read as its receiver would read it. What was only passed on is compared by
its bytes with what the sender dropped.
"""

from __future__ import annotations

import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from bhyt_filedrop.domain.cells.text import capitalised
from bhyt_filedrop.domain.drops.drop import Role
from bhyt_filedrop.domain.process.folders import GUIDE
from bhyt_filedrop.simulate.quarter.city import UNPLACED
from bhyt_filedrop.simulate.quarter.population import Key, Person, Population, TrueFate
from bhyt_filedrop.simulate.quarter.stage import MARK, Dropped, Stage
from bhyt_filedrop.simulate.quarter.tables import SheetTable, read_table

DRAFT, CITY_DRAFT = "bản nháp", "bản tạm"

FINAL, DOUBTFUL, COSTS = "đã được cấp thẻ", "chưa xác minh được", "Phân bổ chi phí"

Children = frozenset[Key]


def problems(stage: Stage, population: Population) -> Iterator[str]:
    """Yield in one line each what is wrong with the folders."""
    books = DeliveredBooks(stage, population)
    yield from _tree(stage)
    for ward in population.units.of_level("ward"):
        yield from books.ward(ward.id)
    for district in population.offices:
        yield from books.district(district.id)
    yield from books.city()
    yield from _given_back(stage)


def count_misplaced(stage: Stage, population: Population) -> int:
    """Count the children who stand on the newest list of a ward that they do not live in."""
    books, units = DeliveredBooks(stage, population), population.units
    newest = ((u.id, stage.inbox(u.id)[-1:]) for u in units.of_level("ward"))
    told = ((unit, _children(read_table(path))) for unit, paths in newest for path in paths)
    return sum(len(children - books.own(unit)) for unit, children in told)


@dataclass(frozen=True)
class DeliveredBooks:
    """The delivered workbooks, and what should stand in them."""

    stage: Stage
    population: Population

    # --- who belongs where ---------------------------------------------------------------------

    def own(self, unit: str) -> Children:
        """Return the children of a ward or district, by what the sent lists call them."""
        people = (
            self.population.by_ward.get(unit, ())
            if self.population.units.kind_of(self.population.units[unit]).level == "ward"
            else self.population.of_district(unit)
        )
        return frozenset(person.key for person in people)

    def at_last(self, *fates: TrueFate) -> Children:
        """Return the children of form 2 by what was found out in the end, under their names."""
        return frozenset(p.real_key for p in self.population.sent if self._fate(p) in fates)

    def _fate(self, person: Person) -> TrueFate:
        return TrueFate.NOW if person.real_key in self.stage.carded_late else person.fate

    def real(self, keys: Children) -> Children:
        """Return children under their real names, however a list called them."""
        known = self.population.by_key
        return frozenset(known[key].real_key if key in known else key for key in keys)

    # --- wards and districts -------------------------------------------------------------------

    def ward(self, unit: str) -> Iterator[str]:
        """A ward has its list, and nobody else's children in any version of it."""
        yield from self._lists(unit, self.stage.inbox(unit), self.own(unit))

    def district(self, unit: str) -> Iterator[str]:
        """A district has its list, its wards' lists, what they returned, and one draft."""
        files = self.stage.inbox(unit)
        wards = [ward.id for ward in self.population.units.children(unit)]
        passed_on = self.forwarded(iter(wards))
        drafts = [p for p in files if DRAFT in p.name]
        yield from self._lists(unit, [p for p in files if p not in drafts], self.own(unit))
        theirs = self.stage.inbox(unit, giver=wards[0])
        yield from _same(f"{unit}: what its wards returned", _digests(theirs), passed_on)
        if len(drafts) > 1 or (passed_on and not drafts):
            yield f"{unit} has {len(drafts)} drafts of form 3"
        for draft in drafts:
            strangers = self.real(_children(read_table(draft))) - self.real(self.own(unit))
            if strangers:
                yield f"{unit}: {len(strangers)} strangers in its draft"
        yield from self._copies(unit)

    def _copies(self, district: str) -> Iterator[str]:
        """The wards' lists that lie with their district, for wards that never open a folder."""
        found = Counter(
            digest(p) for p in self.stage.inbox(district, capitalised(self.population.units.wards))
        )
        wards = self.population.units.children(district)
        wanted = Counter(digest(p) for ward in wards for p in self.stage.inbox(ward.id))
        if found != wanted:
            yield f"{district}: {found.total()} copies of wards' lists, not {wanted.total()}"

    def _lists(self, unit: str, files: list[Path], own: Children) -> Iterator[str]:
        if bool(files) != bool(own):
            yield f"{unit} has {len(own)} children and {len(files)} lists"
        for path in files:
            strangers = _children(read_table(path)) - own
            if strangers:
                yield f"{unit}: {len(strangers)} strangers in a list"
        if files and (lost := own - _children(read_table(files[-1]))):
            yield f"{unit}: {len(lost)} children are not on its list"
        if len(files) > 2:
            yield f"{unit} has {len(files)} versions of its list"

    # --- what is passed on as it came ------------------------------------------------------------

    def forwarded(self, units: Iterator[str]) -> Counter[str]:
        """Count the files that some units' sound drops consist of, by their bytes.

        What waited for another list and was sent once more as it is, is delivered for that.
        """
        wanted = frozenset(units)
        again = {(d.unit, d.sha256) for d in self.stage.dropped if d.repeats}
        mine = (d for d in self.stage.dropped if d.unit in wanted)
        sound = (d for d in mine if not (d.returned or d.repeats))
        kept = (d for d in sound if not d.replaced or (d.unit, d.sha256) in again)
        return Counter(name for one in kept for name in self._members(one))

    def _members(self, one: Dropped) -> list[str]:
        if not one.path.endswith(".zip"):
            return [one.sha256]
        data = self.stage.running.books.archive.path(one.sha256).read_bytes()
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return [sha256(packed.read(name)).hexdigest() for name in packed.namelist()]

    # --- the city ----------------------------------------------------------------------------

    @cached_property
    def _reporters(self) -> list[str]:
        """The units whose answers go to the office on top."""
        units = self.population.offices or self.population.units.of_level("ward")
        return [unit.id for unit in units]

    def city(self) -> Iterator[str]:
        """The departments have what the round gives them, final and complete."""
        roles = self.stage.roles
        yield from self._department(roles.finder, self.forwarded(iter([roles.costs])), 0)
        given = Counter(d.sha256 for d in self.stage.dropped if "mau 2" in d.path)
        own = [
            p
            for p in self.stage.inbox(roles.splitter)
            if UNPLACED in p.name or CITY_DRAFT in p.name
        ]
        unplaced = [p for p in own if UNPLACED in p.name]
        returns = self.forwarded(iter(self._reporters)) + given
        yield from self._department(roles.splitter, returns, len(own))
        if any(CITY_DRAFT in path.name for path in own):
            yield f"{roles.splitter}: a draft lies beside the lists that went out"
        if bool(unplaced) != bool(self.stage.unplaced):
            yield f"{roles.splitter}: the list of the unplaced is not where it should be"
        yield from self._final(roles.charger, FINAL, self.at_last(TrueFate.BEFORE, TrueFate.NOW))
        yield from self._final(roles.board, DOUBTFUL, self.at_last(TrueFate.NONE))

    def _department(self, unit: str, wanted: Counter[str], own: int) -> Iterator[str]:
        """What came from others, and so many lists of the product's own."""
        files = self.stage.inbox(unit)
        yield from _same(f"{unit}: what came", _digests(files), wanted)
        left = [p for p in files if digest(p) not in wanted]
        if len(left) != own:
            yield f"{unit} has {len(left)} lists of the product's own, not {own}"

    def _final(self, unit: str, label: str, wanted: Children) -> Iterator[str]:
        lists = [p for p in self.stage.inbox(unit) if label in p.name]
        if not lists:
            yield f"{unit} has no list «{label}»"
            return
        found = self.real(_children(read_table(lists[-1])))
        if found != wanted:
            lacks, more = len(wanted - found), len(found - wanted)
            yield f"{unit}: «{label}» lacks {lacks}, has {more} too many"


def _children(table: SheetTable) -> Children:
    return frozenset(line.key for line in table.lines)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return sha256(path.read_bytes()).hexdigest()


def _digests(files: list[Path]) -> Counter[str]:
    return Counter(digest(path) for path in files)


def _same(what: str, found: Counter[str], wanted: Counter[str]) -> Iterator[str]:
    lost = wanted - found
    again = Counter({name: n for name, n in found.items() if name in wanted}) - wanted
    if lost:
        yield f"{what}: {lost.total()} files did not arrive"
    if again:
        yield f"{what}: {again.total()} files arrived twice"


def _nfc(path: str) -> str:
    return unicodedata.normalize("NFC", path)


# --- the tree as a whole -----------------------------------------------------------------------


def _tree(stage: Stage) -> Iterator[str]:
    """Each file in the tree is a delivery of the ledger, and each delivery is a file."""
    books = stage.running.books
    drops = books.drops.arrivals(limit=10**6)
    every = [d for drop in drops for d, _ in books.drops.deliveries(drop.id)]
    retired = {_nfc(d.path) for d in every if d.role is Role.RETIRED}
    made = {_nfc(d.path) for d in every} - retired
    there = {
        _nfc(p.relative_to(stage.root).as_posix()) for p in stage.root.rglob("*") if p.is_file()
    }
    hidden = {path for path in there if path.startswith(".") or path.endswith(f"/{GUIDE}")}
    if made - there:
        yield f"{len(made - there)} deliveries are not in the tree"
    if there - made - hidden:
        yield f"{len(there - made - hidden)} files in the tree are nobody's delivery"


def _given_back(stage: Stage) -> Iterator[str]:
    """Each returned file came back marked, each accepted one lies among those received."""
    wanted = Counter(one.unit for one in stage.dropped if one.returned)
    for unit, count in wanted.items():
        marked = sum(MARK in path.name for path in stage.returned(unit))
        if marked < count:
            yield f"{unit}: {marked} marked copies of {count} returned files"
