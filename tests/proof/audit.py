"""What must have become of each file that was sent, whatever happened meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.site.mastery import MARK
from bhyt_filedrop.wiring.books import Books, open_books
from tests.journey.site import Site
from tests.proof.writers import Sent

DONE = (State.ACCEPTED, State.RETURNED, State.HELD)
"""Half a return is held: it waits for its other half, or for a person."""


def problems(site: Site, sent: Sequence[Sent]) -> Iterator[str]:
    """Everything lost, doubled, set aside or left behind."""
    books = open_books(site.settings)
    try:
        drops = [one for one in books.drops.arrivals(limit=1_000_000) if not one.is_own]
        yield from _files(sent, drops)
        yield from _deliveries(site, books, drops)
        yield from _letters(site, books)
    finally:
        books.close()
    yield from (f"left in the work area: {name}" for name in site.left_in_work())
    yield from (f"half made: {path}" for path in site.half_made())


def letters_to_send(site: Site) -> int:
    """How many letters wait to go."""
    books = open_books(site.settings)
    try:
        return books.letters.counts().get("due", 0)
    finally:
        books.close()


def _files(sent: Sequence[Sent], drops: Sequence[Drop]) -> Iterator[str]:
    taken = Counter((one.unit, one.sha256 or "") for one in drops)
    for one in sent:
        times = taken.pop((one.unit, one.sha256), 0)
        if times == 0 and not one.replaced:
            yield f"lost: {one.name}"
        if times > 1:
            yield f"taken {times} times: {one.name}"
    yield from (f"taken and never sent: {sha256[:8]}" for _, sha256 in taken)
    for drop in drops:
        if drop.state not in DONE:
            yield f"{drop.state.value}: {drop.name}"


def _deliveries(site: Site, books: Books, drops: Sequence[Drop]) -> Iterator[str]:
    named = Counter(
        delivery.path
        for drop in drops
        for delivery, made in books.drops.deliveries(drop.id)
        if made
    )
    yield from (f"delivered {n} times: {path}" for path, n in named.items() if n > 1)
    lying = {
        str(path.relative_to(site.root))
        for path in site.root.rglob("*")
        if path.is_file() and path != site.root / MARK and path.suffix != ".html"
    }
    yield from (f"told as delivered and not there: {path}" for path in named if path not in lying)
    yield from (f"lies there and was never told: {path}" for path in lying - set(named))


def _letters(site: Site, books: Books) -> Iterator[str]:
    mails = Counter(str(mail["Message-ID"]) for mail in site.mails())
    yield from (f"mailed {n} times: {mail}" for mail, n in mails.items() if n > 1)
    unsent = {state: n for state, n in books.letters.counts().items() if state != "sent"}
    if unsent:
        yield f"letters not sent: {unsent}"
