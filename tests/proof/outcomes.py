"""What became of a site once the trouble is over: the same, to the byte, as without it."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from tests.journey import killing
from tests.journey.site import Site

_PAUSES = frozenset({"postponed", "resumed", "set-aside", "left-there"})


def at_rest(
    site: Site,
    afterwards: Sequence[int] = (60, 120),
    run: Callable[[Site, int], None] = killing.run,
) -> dict[str, Any]:
    """Let the service do what is left, an hour later and once more; tell what there is then,
    without the pauses on the way and what an admin was told of them. A file that could not be moved
    is read where it lies and stays there: that is no difference either.
    """
    for minutes in afterwards:
        run(site, minutes)
    outcome = killing.outcome(site)
    drops = [
        [name, state, [kind for kind in kinds if kind not in _PAUSES], made]
        for name, state, kinds, made in outcome["drops"]
    ]
    letters = [letter for letter in outcome["letters"] if not letter.startswith("notice/")]
    left = {drop.path for drop in site.drops() if drop.lies_there}
    files = {path: digest for path, digest in outcome["files"].items() if path not in left}
    return outcome | {"drops": drops, "letters": letters, "files": files} | _integrity(site)


def _integrity(site: Site) -> dict[str, Any]:
    """SQLite's own check of the ledger, and archive files that are not what their name says."""
    state = site.directory / "state"
    ledger = state / "ledger.sqlite3"
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as connection:
        checked = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    connection.close()
    kept = (p for p in (state / "archive").glob("??/*"))
    spoilt = [p.name for p in kept if hashlib.sha256(p.read_bytes()).hexdigest() not in p.name]
    return {"ledger": checked, "spoilt": spoilt}
