"""A site after five years: how long the daemon's turns and an admin's questions take then.

Twenty rounds of every ward's and district's return stand in the ledger, with their children,
deliveries, letters and a dozen reminders for each office and round, all written through the
ledger's own calls.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import ROUND, median_of, spent
from sqlalchemy import event

from bhyt_filedrop.domain.drops.drop import Delivery, Drop, Plan, Role
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.domain.letters.mailing import Taken
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.lists.records import ListKey, ListRecord
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.simulate.people import InventedChild, children
from bhyt_filedrop.site.lay_out import init
from bhyt_filedrop.wiring.books import Books, open_books
from bhyt_filedrop.wiring.daemon import Running, wired
from bhyt_filedrop.wiring.rounds import status_of
from bhyt_filedrop.wiring.trees import open_tree

NOW = datetime(2015, 6, 10, 9, tzinfo=ZONE)
PER_WARD = 10
REMINDERS = 12
"""Reminders to each office in each round."""


def rounds(count: int) -> list[Round]:
    """The last rounds up to the one that is open, the oldest first."""
    found = [ROUND]
    while len(found) < count:
        found.insert(0, found[0].previous)
    return found


def fill(
    settings: Settings, books: Books, count: int, known: int = 0, per_ward: int = PER_WARD
) -> None:
    """Write down rounds until there are so many; so many of the last ones are there already."""
    for age, round_ in list(enumerate(reversed(rounds(count))))[known:]:
        at, first = NOW - timedelta(days=1 + 91 * age), age * len(settings.units.by_id)
        for drop, plan in _returns(settings, round_, at, first, per_ward):
            books.drops.claim([drop])
            books.drops.archived(drop.id, drop.id.ljust(64, "0"), 20_000, at)
            books.drops.plan(drop, plan, at)
            for seq in range(len(plan.deliveries) - 1):
                books.drops.delivered(drop.id, (seq,), at)
            books.drops.close(drop.id, at, (len(plan.deliveries) - 1,))
        books.letters.put_letters(_reminders(settings, at), at)
    keys = [one.letter.key for one in books.letters.due_letters(NOW, 10**7)]
    for start in range(0, len(keys), 500):
        mail = Taken(f"<{start}@bhyt>", NOW, ("unit@bhyt.example",))
        books.letters.letter_sent(keys[start : start + 500], mail, {})


def _returns(
    settings: Settings, round_: Round, at: datetime, first: int, per_ward: int
) -> Iterator[tuple[Drop, Plan]]:
    """What every ward and district was sent and sent back, by round."""
    units = settings.units
    wards = units.of_kind("ward")
    group = children(units, per_ward * len(wards), round=round_, seed=round_.year)
    by_unit: dict[str, list[InventedChild]] = {}
    for child in group:
        by_unit.setdefault(child.ward, []).append(child)
        by_unit.setdefault(units[child.ward].parent, []).append(child)
    for n, unit in enumerate((*wards, *units.of_kind("district"))):
        # The age stands before the number: the same child has another card in another round.
        told_of = [_listed(child, first) for child in by_unit[unit.id]]
        yield _return(settings, unit, round_, at, first + n, told_of)


def _listed(child: InventedChild, first: int) -> ListedChild:
    return ListedChild(
        section="I", carded="yes", name=f"{child.name} {first}", birth=str(child.birth_date),
        sex="girl" if child.girl else "boy", parent=child.mother, address=child.address,
        ward=child.ward, card=f"TE179{first:05}{child.card[10:]}", facility=child.facility,
        category="carded",
    )  # fmt: skip


def _return(
    settings: Settings, unit: Unit, round_: Round, at: datetime, n: int, told_of: list[ListedChild]
) -> tuple[Drop, Plan]:
    of_ward = unit.kind == "ward"
    drop_id, sender = f"D{at:%y%m%d}-{n:06}", unit.id
    receiver = unit.parent if of_ward else "thu"
    handoff, form = ("ward-return", "form-4") if of_ward else ("district-return", "form-3")
    drop = Drop(drop_id, "main", f"nop/{sender}/{n}.xlsx", sender, 20_000, 1.0,
                f".bhyt-filedrop/work/{drop_id}", at)  # fmt: skip
    keys = [ListKey(handoff, round_, sender, receiver, part) for part in range(1 + of_ward)]
    lists = tuple(
        ListRecord(drop_id, seq, key, form, len(told_of), drop_id.ljust(64, "0"), "accepted", 1, at,
                   completed_at=at)
        for seq, key in enumerate(keys)
    )  # fmt: skip
    deliveries = tuple(
        Delivery(role, who, "main", f"{role}/{who}/{drop_id}.xlsx", drop_id.ljust(64, "0"),
                 drop_id.ljust(64, "0"))
        for role, who in ((Role.FORWARD, receiver), (Role.ORIGINAL, sender))
    )  # fmt: skip
    letters = tuple(
        Letter(f"{kind}/{drop_id}", kind, who, {"text": "x" * 600})
        for kind, who in (("receipt", sender), ("delivered", receiver))
    )
    plan = Plan(State.ACCEPTED, lists=lists, deliveries=deliveries, letters=letters,
                rolls={0: tuple(told_of)})  # fmt: skip
    return drop, plan


def _reminders(settings: Settings, at: datetime) -> Sequence[Letter]:
    days = [(at - timedelta(days=n)).date() for n in range(REMINDERS)]
    return [
        Letter(f"reminder/{unit.id}/{day}", "reminder", unit.id, {"text": "x" * 900})
        for unit in settings.units
        for day in days
    ]


def questions(running: Running) -> dict[str, Callable[[], object]]:
    """What the daemon does at each turn, and what people ask it."""
    books, daemon = running.books, running.daemon
    worker = daemon.workers["main"]
    last = books.drops.arrivals(limit=1)[0].id
    asked = books.facts.children(last, 0)
    return {
        "an idle turn of the tree's worker": worker.work,
        "the clock's turn (whom to remind)": lambda: daemon.reminding.owed_at(NOW),
        "the clock's turn on a Sunday": lambda: daemon.reminding.owed_at(NOW + timedelta(days=4)),
        "an idle turn of the outbox": daemon.post,
        "status": lambda: _status(running),
        "arrivals": lambda: books.drops.arrivals(limit=50),
        "arrivals of one state": lambda: books.drops.arrivals(state="returned", limit=50),
        "show": lambda: (books.drops.get(last), books.letters.of_drop(last)),
        "a return's persons among all rounds": lambda: books.facts.known_cards(asked, "-"),
        "has this file come before": lambda: books.facts.repeated("0" * 64, "760", [], "-"),
    }


def _status(running: Running) -> None:
    books = running.books
    status_of(running.world, books, ROUND, NOW)
    books.drops.counts(), books.letters.counts()
    books.letters.trouble(5)
    books.letters.refused(NOW - timedelta(days=92))


def idle(running: Running, seconds_: float) -> float:
    """Return the processor seconds of a daemon that has nothing to do, a minute."""
    before, until = time.process_time(), time.monotonic() + seconds_
    worker = running.daemon.workers["main"]
    next_turn = next_post = 0.0
    while (now := time.monotonic()) < until:
        if now >= next_turn:
            worker.work()
            next_turn = now + worker.interval
        if now >= next_post:
            running.daemon.post()
            next_post = now + running.daemon.post_seconds
        time.sleep(0.05)
    return (time.process_time() - before) / seconds_ * 60


def main() -> None:
    """Print how long each question takes."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--idle", type=float, default=0, help="seconds to watch an idle daemon for")
    asked.add_argument("--keep", type=Path, help="a folder that the site is left in")
    chosen = asked.parse_args()
    with TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch)
        settings = init(folder, open_tree).settings
        books = open_books(settings)
        event.listen(books.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF"))
        books.engine.dispose()
        taken = spent(lambda: fill(settings, books, chosen.rounds))
        print(f"{books.drops.counts()} drops, {books.letters.counts()} letters, {taken:.0f} s")
        books.close()
        size = (settings.state_dir / "ledger.sqlite3").stat().st_size
        print(f"  ledger {size / 2**20:.0f} MiB")
        with wired(settings, lambda: NOW) as running:
            running.daemon.workers["main"].work()
            for label, ask in questions(running).items():
                taken = median_of([spent(ask) for _ in range(4)][1:])
                print(f"  {label:44} {taken * 1000:9.1f} ms of processor")
            if chosen.idle:
                print(f"  idle: {idle(running, chosen.idle):.2f} s of processor a minute")


if __name__ == "__main__":
    main()
