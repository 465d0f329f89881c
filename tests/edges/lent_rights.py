"""Play the service as systemd runs it, another account with ambient capabilities; then give up.

A program of its own: `python -m tests.edges.lent_rights` prints `/proc/self/status` before and
after. It imports as root and changes its account afterwards, so that neither the interpreter nor
the checkout need be open to that account. Where the kernel lends none, it says so.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from pathlib import Path

from bhyt_filedrop.edges.workbooks.child.confine import give_up_rights

NOBODY = 65534
CHOWN, LEASE = 0, 28
"""The two that the unit file grants."""

_VERSION_3 = 0x20080522
_KEEP_CAPS = 8
_AMBIENT, _AMBIENT_RAISE = 47, 2


def main() -> None:
    if not _become_the_service():
        sys.exit("this kernel lends no capabilities here")
    before = Path("/proc/self/status").read_text(encoding="utf-8")
    give_up_rights()
    print(json.dumps([before, Path("/proc/self/status").read_text(encoding="utf-8")]))


def _become_the_service() -> bool:
    """Change the account, and hold the two capabilities in every set, ambient last."""
    libc = ctypes.CDLL(None)
    number = ctypes.c_ulong
    if libc.prctl(_KEEP_CAPS, number(1), number(0), number(0), number(0)):
        return False
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    lent = 1 << CHOWN | 1 << LEASE
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    if libc.capset(header, (ctypes.c_uint32 * 6)(lent, lent, lent, 0, 0, 0)):
        return False
    return not any(
        libc.prctl(_AMBIENT, number(_AMBIENT_RAISE), number(which), number(0), number(0))
        for which in (CHOWN, LEASE)
    )


if __name__ == "__main__":
    main()
