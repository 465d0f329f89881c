"""What a child gives up before it parses hostile bytes: every right beyond those of its account.

The service may hold capabilities (asking for leases, giving files away); a parser never needs
them. Where the kernel refuses a step, or there is no Linux below, the child runs as it is.
"""

from __future__ import annotations

import os
from contextlib import suppress

_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1 << 1


def give_up_rights() -> None:
    """Drop all capabilities of this thread and those it starts, for good; never raises."""
    # ctypes itself may be refused memory that can be run (MemoryDenyWriteExecute, old libffi).
    with suppress(ImportError, OSError, AttributeError, MemoryError):
        _give_up()


def _give_up() -> None:
    import ctypes

    libc = ctypes.CDLL(None)
    number = ctypes.c_ulong
    libc.prctl(_PR_SET_NO_NEW_PRIVS, number(1), number(0), number(0), number(0))
    # No ambient capability outlives the next program, even where capset is filtered.
    libc.prctl(_PR_CAP_AMBIENT, number(_PR_CAP_AMBIENT_CLEAR_ALL), number(0), number(0), number(0))
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: low words, high words
    if libc.capget(header, sets) == 0:
        kept = sets[1] & _rights_to_keep()
        libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0))


def _rights_to_keep() -> int:
    """Root keeps the way into other accounts' files: an admin may `check` what a clerk owns."""
    return _CAP_DAC_OVERRIDE if os.geteuid() == 0 else 0
