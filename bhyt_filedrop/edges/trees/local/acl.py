"""Access lists as Linux keeps them, in extended attributes of a file or folder.

A file of ours can let another account in beside us without being given away: that takes no right at
all, where a change of owner takes three. The layout is that of `posix_acl_xattr.h`.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable

from bhyt_filedrop.ports import NeverWorks

_VERSION = 2
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY = 0xFFFFFFFF
"""The id of entries that name no account."""

_HERE, _BELOW = "system.posix_acl_access", "system.posix_acl_default"
_ABSENT = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})


def let_in(fd: int, account: int, *, folder: bool = False) -> None:
    """Give an account (its number) what the owner of an open file or folder of ours may do; in a
    folder also of what will be made in it, whoever makes it, and us of what that account makes.

    Raises NeverWorks where the disk keeps no access lists.
    """
    mode = os.fstat(fd).st_mode & 0o777
    try:
        os.setxattr(fd, _HERE, _packed(mode, [account]))
        if folder:
            os.setxattr(fd, _BELOW, _packed(mode, sorted({account, os.geteuid()})))
    except OSError as err:
        if err.errno not in _ABSENT:
            raise
        why = "this disk keeps no access lists: take acl out of the folder rule"
        raise NeverWorks(f"{why} (docs/install.md)") from err


def _packed(mode: int, accounts: Iterable[int]) -> bytes:
    """An access list: what the mode says, and for some accounts what it says of the owner."""
    own, group, others = mode >> 6 & 7, mode >> 3 & 7, mode & 7
    entries = [
        (_OWNER, own, _NOBODY),
        *((_USER, own, account) for account in accounts),
        (_GROUP, group, _NOBODY),
        (_MASK, own | group, _NOBODY),
        (_OTHERS, others, _NOBODY),
    ]
    return struct.pack("<I", _VERSION) + b"".join(struct.pack("<HHI", *one) for one in entries)
