"""Maildirs as a mail server fills them."""

from __future__ import annotations

import itertools
import os
from datetime import datetime
from pathlib import Path

_count = itertools.count(1)


def delivered(folder: Path, data: bytes, at: datetime) -> Path:
    """Deliver one mail, whole, as it came at a moment."""
    for part in ("tmp", "new", "cur"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    name = f"{int(at.timestamp())}.M{next(_count):06}P1.mail.bhxh.example"
    (folder / "tmp" / name).write_bytes(data)
    os.utime(folder / "tmp" / name, (at.timestamp(), at.timestamp()))
    return (folder / "tmp" / name).rename(folder / "new" / name)


def new(folder: Path) -> list[Path]:
    """The mails that nobody touched."""
    return sorted((folder / "new").iterdir())


def seen(folder: Path) -> list[Path]:
    """The mails that were marked as read."""
    return sorted(path for path in (folder / "cur").iterdir() if path.name.endswith("S"))
