"""What must be true when a burst is over: each file in one closed state, nothing twice or lost.

The audit reads the ledger, the archive, the tree and the letters, and knows only what was dropped.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from burst_files import RETURNED, Sent
from sqlalchemy import select

from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Role
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.books import Books

WINDOW = timedelta(minutes=10)
MAILS_A_WINDOW = 7
"""Five as they come, one that joins the rest, and one more where the daemon was started anew."""


@dataclass
class Audit:
    """One site after its burst."""

    settings: Settings
    books: Books
    routes: Routes
    sent: Sequence[Sent]

    def problems(self) -> Iterator[str]:
        """Yield whatever is not as it must be."""
        arrived = [d for d in self.books.drops.arrivals(limit=10**6) if not d.is_own]
        by_path = {drop.path: drop for drop in arrived}
        for one in self.sent:
            unit = self.settings.units[one.unit]
            drop = by_path.pop(f"{self.routes.drop_folder(unit)}/{one.name}", None)
            if drop is None:
                yield f"{one.kind}: never taken"
            else:
                yield from (f"{drop.id} ({one.kind}): {what}" for what in self._of(one, drop))
        if len(by_path) != len(arrived) - len(self.sent):
            yield "a file was taken twice"
        yield from self._tree()
        yield from self._letters()

    # --- one file ----------------------------------------------------------------------------

    def _of(self, one: Sent, drop: Drop) -> Iterator[str]:
        wanted = "returned" if one.kind in RETURNED else "accepted"
        if drop.state != wanted:
            yield f"is {drop.state}, wanted is {wanted}"
        kept = self.books.archive.path(one.sha256)
        if drop.sha256 != one.sha256 or _sha256(kept) != one.sha256:
            yield "the archive does not hold its bytes"
        yield from self._findings(one, drop)
        yield from self._deliveries(one, drop)

    def _findings(self, one: Sent, drop: Drop) -> Iterator[str]:
        """Only what was planted, and nothing that a sound file must not earn."""
        found = self.books.drops.findings(drop.id)
        codes = {f.code for f in found if f.severity is not Severity.NOTES}
        planted = {RETURNED[one.kind]} if one.kind in RETURNED else set()
        if codes != planted:
            yield f"earned {sorted(codes)}, wanted is {sorted(planted)}"
        repeats = "file.repeated" in {f.code for f in found}
        if repeats != (one.kind == "again"):
            yield "the same bytes again were not known for that, or others were taken for them"

    def _deliveries(self, one: Sent, drop: Drop) -> Iterator[str]:
        made = self.books.drops.deliveries(drop.id)
        roles = Counter(delivery.role for delivery, _ in made)
        if any(at is None for _, at in made):
            yield "a delivery was not made"
        for role, counts in self._wanted(one, drop).items():
            if roles[role] not in counts:
                yield f"{roles[role]} × {role}"

    def _wanted(self, one: Sent, drop: Drop) -> dict[Role, tuple[int, ...]]:
        if one.kind in RETURNED:
            # The good half of a zip comes back too, beside the marked copy of the bad one.
            return {Role.ANNOTATED: (1,), Role.FORWARD: (0,)}
        if one.kind == "again":
            return {Role.ANNOTATED: (0,), Role.FORWARD: (0,), Role.ORIGINAL: (1,)}
        return {Role.ANNOTATED: (0,), Role.ORIGINAL: (1,)}

    # --- the tree ----------------------------------------------------------------------------

    def _tree(self) -> Iterator[str]:
        """What lies in the tree is what the ledger delivered, to the byte, and nothing else. (A
        draft is put over the one before it: the newest counts.)"""
        root = Path(self.settings.trees[0].root)
        wanted = {d.path: d.sha256 for d in self._delivered()}
        found = {p.relative_to(root).as_posix(): p for p in root.rglob("*") if p.is_file()}
        for path in found.keys() - wanted.keys():
            yield f"nobody delivered a file in {Path(path).parent.name}"
        for path, sha256 in wanted.items():
            if path not in found or _sha256(found[path]) != sha256:
                yield f"a delivered file is not there, or another: {Path(path).name[-24:]}"
        yield from self._forwards()

    def _forwards(self) -> Iterator[str]:
        """Each accepted list went to its receiver once, whoever's plan it was in the end."""
        forwarded = Counter(d.source for d in self._delivered() if d.role is Role.FORWARD)
        twice = sum(1 for times in forwarded.values() if times > 1)
        if twice:
            yield f"{twice} lists were sent on twice"
        row = schema.lists.c
        query = select(row.sha256).where(row.state == "accepted", row.basis == "")
        with self.books.engine.connect() as connection:
            standing = set(connection.execute(query).scalars())
        if standing - forwarded.keys():
            yield f"{len(standing - forwarded.keys())} accepted lists were sent to nobody"

    def _delivered(self) -> list[Delivery]:
        """Every delivery, the oldest drop's first."""
        drops = self.books.drops
        oldest = reversed(drops.arrivals(limit=10**6))
        return [d for one in oldest for d, _ in drops.deliveries(one.id)]

    # --- letters -----------------------------------------------------------------------------

    def _letters(self) -> Iterator[str]:
        row = schema.letters.c
        query = select(row.drop_id, row.kind, row.unit, row.state, row.sent_at, row.message_id)
        with self.books.engine.connect() as connection:
            letters = list(connection.execute(query))
        unsent = Counter(one.state for one in letters if one.state != "sent")
        if unsent:
            yield f"letters that did not leave: {dict(unsent)}"
        mails = {(one.unit, one.sent_at, one.message_id) for one in letters if one.sent_at}
        kept = sum(1 for _ in (self.settings.mail.maildir / "new").iterdir())
        if len({mail[2] for mail in mails}) != kept:
            yield f"{kept} mails were handed over, the ledger knows {len(mails)}"
        answers = Counter(
            one.drop_id for one in letters if one.kind in ("receipt", "held", "returned")
        )
        asked = {d.id for d in self.books.drops.arrivals(limit=10**6) if not d.is_own}
        if answers != dict.fromkeys(asked, 1):
            yield "a file was answered twice or never"
        yield from _floods(mails)


def _floods(mails: set[tuple[str, object, str]]) -> Iterator[str]:
    """However much one office sent, it gets no more than a handful of mails in a while."""
    by_unit: dict[str, list[object]] = {}
    for unit, at, _ in mails:
        by_unit.setdefault(unit, []).append(at)
    for unit, moments in by_unit.items():
        times = sorted(moments)
        most = max(sum(1 for t in times if at <= t < at + WINDOW) for at in times)
        if most > MAILS_A_WINDOW:
            yield f"{unit} got {most} mails within ten minutes"


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
