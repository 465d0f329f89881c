"""What an error of the operating system means for the work: later, never, or gone.

Texts name the tree, the step and the folder, never the file: clerks put children's names into the
names of their files, and these texts end up in logs.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from bhyt_filedrop.ports import NeverWorks, TryLater

_NEVER = frozenset(
    {
        errno.ENAMETOOLONG,
        errno.EINVAL,
        errno.EILSEQ,
        errno.ELOOP,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.EXDEV,
        errno.EPERM,
        errno.EFBIG,
        errno.EMLINK,
    }
)
"""A person must change something first. Everything else may pass by itself: a full disk (ENOSPC,
EDQUOT), a failing one (EIO), one that its kernel made read-only for that (EROFS), a stale mount,
too many open files, a folder whose rights an admin is just setting (EACCES)."""

WILL_NOT_MOVE = frozenset({errno.EACCES, errno.EPERM, errno.EXDEV, errno.ENOTSUP, errno.ENOSYS})
"""Nobody lets us rename: by right (a folder of its sender's own), or because the server has no such
command or the work area lies on another disk."""


def outcome(err: OSError, doing: str) -> TryLater | NeverWorks:
    """Return the port's exception for an error; `doing` says in which step it happened."""
    text = f"{doing}: {err.strerror or type(err).__name__}"
    return NeverWorks(text) if err.errno in _NEVER else TryLater(text)


@contextmanager
def told_as(doing: str) -> Iterator[None]:
    """Turn an OSError of the body into TryLater or NeverWorks; FileNotFoundError passes."""
    try:
        yield
    except FileNotFoundError as err:
        raise FileNotFoundError(errno.ENOENT, f"{doing}: not there any more") from err
    except OSError as err:
        raise outcome(err, doing) from err
