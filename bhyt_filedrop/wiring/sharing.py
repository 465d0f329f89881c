"""How several daemons share a ledger, asked without being one of them."""

from __future__ import annotations

from dataclasses import replace

from bhyt_filedrop.edges.ledger.leasebook import LedgerLeases
from bhyt_filedrop.edges.ledger.store import HEAD, version
from bhyt_filedrop.ports import LedgerAway, Sharing
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.wiring.books import engine_of


def sharing_of(settings: Settings) -> Sharing | None:
    """Return who does what on a ledger that is shared; None where it is not, or is none of this
    program's. Changes nothing."""
    if not settings.shares_ledger:
        return None
    from bhyt_filedrop.edges.ledger.queue import DropJobs

    engine = engine_of(settings)
    try:
        if version(engine) != HEAD:
            return None
        leases = LedgerLeases(engine, "")
        return replace(DropJobs(engine).standing(leases.standing()), site=leases.named())
    except LedgerAway:
        return None
    finally:
        engine.dispose()
