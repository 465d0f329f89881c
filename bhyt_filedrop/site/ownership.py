"""Whose a site is: files that another account leaves in it are closed to its service.

What root makes in the archive or the trees belongs to root, and the service, which has no right to
pass over that, fails on it an hour later with nobody at the keyboard.
"""

from __future__ import annotations

import os
import pwd
import shlex
import sys
from pathlib import Path

from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks


def must_be_ours(state_dir: Path) -> None:
    """Raise NeverWorks, with the line to type, where the site is another account's."""
    owner = owner_of(state_dir)
    if owner is None or owner == os.geteuid():
        return
    if os.geteuid() and os.access(state_dir, os.R_OK | os.W_OK | os.X_OK):
        return  # shared with us on purpose, by its group
    name = _name_of(owner)
    line = shlex.join(["sudo", "-u", name if name else f"#{owner}", *_call()])
    raise NeverWorks(
        say(
            f"Nơi làm việc này ({state_dir}) là của tài khoản {name or owner}; tệp do tài khoản "
            f"khác tạo ra thì dịch vụ không dùng được. Hãy chạy: {line}",
            f"This site ({state_dir}) belongs to the account {name or owner}; files that another "
            f"account makes are closed to its service. Run: {line}",
        )
    )


def owner_of(state_dir: Path) -> int | None:
    """Return the uid that a site belongs to, None where it is not made yet."""
    try:
        return state_dir.stat().st_uid
    except OSError:
        return None


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return ""


def _call() -> list[str]:
    """The call as it was made; sudo may not know our PATH."""
    program = Path(sys.argv[0])
    return [str(program.absolute()) if program.name == program.stem else "bhyt-filedrop",
            *sys.argv[1:]]  # fmt: skip
