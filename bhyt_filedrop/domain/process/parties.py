"""Who gives a hand-off, and to whom: from the process and the units alone."""

from __future__ import annotations

from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.units import Unit, Units


def senders(handoff: HandOff, units: Units) -> tuple[Unit, ...]:
    """Return the units that give a hand-off: one by id, or all of a kind."""
    if handoff.sender in units:
        return (units[handoff.sender],)
    return units.of_kind(handoff.sender)


def receivers(handoff: HandOff, sender: Unit, units: Units) -> tuple[Unit, ...]:
    """Return the units that one sender's hand-off goes to; one for each unit below for `child`."""
    if handoff.receiver == "child":
        return units.below(sender)
    name = sender.parent if handoff.receiver == "parent" else handoff.receiver
    return (units[name],) if name in units else ()
