"""Names in a tree: how long one may be, which two are the same.

File servers count a name in bytes (255 on every usual file system), clerks write it in Vietnamese,
and a Mac spells `Quận` with other code points than Windows does. The rules for all of that are here
and are the same for each kind of tree.
"""

from __future__ import annotations

import hashlib
import unicodedata

from bhyt_filedrop.ports import NeverWorks

NAME_LIMIT = 255
"""Bytes in one file name: ext4, XFS, NTFS (in its own units) and what FTP servers sit on."""


def nfc(text: str) -> str:
    """Return the composed spelling, in which two names are compared."""
    return unicodedata.normalize("NFC", text)


def split(path: str) -> tuple[str, ...]:
    """Return the parts of a relative path; `""` is the root and has none.

    Raises NeverWorks for a path that is absolute, climbs (`..`) or holds a NUL: such a path is a
    fault of the configuration or an attack, and no later attempt makes it good.
    """
    if not path:
        return ()
    parts = tuple(path.split("/"))
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise NeverWorks("a path in a tree must be relative, without empty parts, '.' or '..'")
    return parts


def parent_of(path: str) -> str:
    """Return the folder of a path, `""` at the root."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def join(folder: str, name: str) -> str:
    """Put a name below a folder; the root is `""`."""
    return f"{folder}/{name}" if folder else name


def byte_length(name: str) -> int:
    """Count the bytes a server counts; undecodable bytes of a listing count as one each."""
    return len(name.encode("utf-8", "surrogateescape"))


def fit_name(stem: str, suffix: str, limit: int = NAME_LIMIT) -> str:
    """Return `stem + suffix`, the stem cut so that the whole takes at most `limit` bytes.

    The cut falls between characters and never between a letter and its tone mark; spaces and dots
    left hanging at the cut go too. Raises ValueError where the suffix alone is too long.
    """
    room = limit - byte_length(suffix)
    if room < 0:
        raise ValueError(f"the suffix alone takes more than {limit} bytes")
    if byte_length(stem) <= room:
        return stem + suffix
    kept = len(stem)
    while byte_length(stem[:kept]) > room or _splits_letter(stem, kept):
        kept -= 1
    return stem[:kept].rstrip(" .") + suffix


def _splits_letter(text: str, at: int) -> bool:
    return 0 < at < len(text) and unicodedata.combining(text[at]) != 0


def partial_name(name: str, limit: int = NAME_LIMIT) -> str:
    """Return the name under which a file grows before it is shown as `name`.

    Always the same for the same name, so that a repeated put meets its own remains. It is hidden
    and ends in `.part`, so that neither this product nor a usual FTP client takes it for a file.
    """
    plain = f".{name}.part"
    if byte_length(plain) <= limit:
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return fit_name(f".{name}", f"~{digest}.part", limit)


def folder_mode(mode: int) -> int:
    """Return the mode of a folder whose files have `mode`: whoever may read may also enter."""
    return mode | ((mode & 0o444) >> 2)
