"""File names: which are nobody's work, and those that the product gives.

Ours are readable, never over 255 bytes, never twice the same.

Every name carries the drop's id, so putting a file again after a crash meets only itself. No name
ever holds a child's data, and a delivered file's name holds nothing that a sender typed.
"""

from __future__ import annotations

import re
import unicodedata

from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit

MAX_BYTES = 255
"""What one name may take on the file systems and FTP servers in use (UTF-8)."""


_CLUTTER_FOLDER = re.compile(
    r"""
      @eadir | \.@__thumb | @recently-snapshot         # Synology, QNAP
    | \#recycle | \#snapshot
    | \$recycle\.bin | system\ volume\ information | __macosx
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Folders that file servers and office machines make beside people's files."""

_CLUTTER_FILE = re.compile(
    r"""
      \..*                      # hidden: `.in.*`, `.sftpgo-upload.*`, `.~lock.…#`, `._…`
    | ~\$.*                     # Excel's and Word's lock file beside an open document
    | .*\.(?:partial|filepart|part|tmp|crdownload)   # uploads and downloads that still run
    | .*:zone\.identifier | .*@synoeastream          # where a file came from, a NAS's notes on it
    | thumbs\.db | ehthumbs\.db | desktop\.ini       # Windows Explorer's own
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def is_clutter(path: str) -> bool:
    """Tell whether a file is never somebody's list: temporary, hidden, a lock, a machine's notes.

    `path` is relative, in a tree or in an archive alike; one clutter folder in it is enough. The
    names are those of servers, clients and machines seen in use (WinSCP's `.filepart`, FileZilla's
    `.part`, browsers' `.crdownload`, Synology's `@eaDir`); case does not count.
    """
    *folders, name = path.split("/")
    return _CLUTTER_FILE.fullmatch(name) is not None or any(
        _CLUTTER_FOLDER.fullmatch(folder) for folder in folders
    )


def is_left_over(path: str) -> bool:
    """Tell whether a name is one that a program gives to a file while it still sends or fetches it:
    where such a file stays, the sending was broken off. Hidden ones are the servers' own."""
    return _UNFINISHED.fullmatch(path.rpartition("/")[2]) is not None


_UNFINISHED = re.compile(
    r"[^.~].*\.(?:partial|filepart|part|crdownload)", re.IGNORECASE | re.DOTALL
)


def legible(path: str) -> str:
    """Return a path as people can read it: names whose bytes are no UTF-8 are read as cp1258.

    That is what Vietnamese Windows programs send where they know no UTF-8; Python carries such
    bytes as lone surrogates, which no mail, page or terminal takes. What cannot be seen is written
    as its code.
    """
    return visible("/".join(map(_legible, path.split("/"))))


def visible(text: str, keep: str = "") -> str:
    """Write what cannot be seen, moves a terminal or turns the text around it, as its code.

    A name may hold an escape sequence, a line break that begins a line of its own, or a mark that
    lets `gpj.exe` read `exe.jpg`. Characters of `keep` stay.
    """
    if text.isprintable():
        return text
    return "".join(f"\\u{ord(c):04x}" if _is_unseen(c) and c not in keep else c for c in text)


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, formats (marks of direction, blanks without width), surrogates, separators of lines."""


def _legible(name: str) -> str:
    raw = name.encode(errors="surrogateescape")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return unicodedata.normalize("NFC", raw.decode("cp1258", errors="replace"))


def fit(stem: str, tail: str, limit: int = MAX_BYTES) -> str:
    """Join `stem` and `tail` into at most `limit` bytes, cutting the stem between characters."""
    room = limit - len(tail.encode(errors="surrogateescape"))
    kept = stem.encode(errors="surrogateescape")[:room].decode(errors="ignore")
    return f"{kept.rstrip(' .')}{tail}"


def split_ending(name: str) -> tuple[str, str]:
    """Split `a.b.XLSX` into `("a.b", ".XLSX")`.

    An ending of more than 8 characters, or of others than letters and digits, is none. Spaces and
    dots behind it go: Windows can store neither there.
    """
    name = name.rstrip(" .")
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > 8 or not (ending.isascii() and ending.isalnum()):
        return name, ""
    return stem, f".{ending}"


def order_of_names(path: str) -> tuple[tuple[tuple[int, str], ...], str]:
    """Return what files are sorted by as people count and correct them.

    `lần 2` comes before `lần 10`, and `mẫu 3.xlsx` before `mẫu 3 (sửa).xlsx`, which the ending's
    dot would put behind it.
    """
    stem, ending = split_ending(unicodedata.normalize("NFC", path).casefold())
    pieces = _FIGURES.split(stem)
    return tuple((int(one), "") if n % 2 else (0, one) for n, one in enumerate(pieces)), ending


_FIGURES = re.compile("([0-9]+)")


def given_back_name(name: str, drop: str, *, mark: str = "", ending: str | None = None) -> str:
    """Name a sender's file in its received or returned folder: its own name, and the drop's id."""
    stem, own_ending = split_ending(_plain(name))
    tail = f" - {mark}" if mark else ""
    return fit(stem, f"{tail} - {drop}{own_ending if ending is None else ending}")


def read_given_back(name: str) -> tuple[str, str]:
    """Return the sender's name for a file that was given back, and its drop's id; "" = no such.

    >>> read_given_back("mẫu 3 - D150420-USQ67M.xlsx")
    ('mẫu 3.xlsx', 'D150420-USQ67M')
    """
    stem, ending = split_ending(name)
    found = _GIVEN_BACK.fullmatch(stem)
    return (f"{found[1]}{ending}", found[2]) if found else (name, "")


_GIVEN_BACK = re.compile(r"(.*) - (D\d{6}-[2-9A-HJ-NP-Z]{6})", re.DOTALL)
"""The id's shape: `domain/drops/ids.py`."""


def id_in_name(name: str) -> str:
    """Return the drop's id that a name of ours carries, wherever its copies were renamed to: the
    last one, "" where there is none.

    >>> id_in_name("mẫu 3 - CẦN SỬA - D150420-USQ67M (đã sửa).xlsx")
    'D150420-USQ67M'
    """
    found = _ID.findall(name)
    return str(found[-1]) if found else ""


_ID = re.compile(r"\bD\d{6}-[2-9A-HJ-NP-Z]{6}\b")


def handed_in_name(name: str, mark: str) -> str:
    """Name a file that somebody hands in by other ways than the folder: its own name, and a `mark`
    that no other file has; "" for a name under which no file is ever taken.

    >>> handed_in_name("C:\\\\Bảng\\\\mẫu 4.xlsx", "7K3FQX")
    'mẫu 4 - nộp 7K3FQX.xlsx'
    """
    own = _plain(re.split(r"[/\\]", name)[-1])
    if not own or is_clutter(own):
        return ""
    stem, ending = split_ending(own)
    return fit(_HANDED_IN.sub("", stem), f" - nộp {mark}{ending}")


def mark_in_name(name: str) -> str:
    """Return the mark of a file that was handed in, "" = it has none."""
    found = _HANDED_IN.search(split_ending(unicodedata.normalize("NFC", name))[0])
    return found[1] if found else ""


_HANDED_IN = re.compile(r" - nộp ([2-9A-HJ-NP-Z]{6})$")


def delivered_name(
    sender: Unit, round_: Round, label: str, version: int, drop: str, file: str, ending: str = ""
) -> str:
    """Name a file for the next party: who, which round, which form, which version, which drop."""
    again = f" - lần {version}" if version > 1 else ""
    known_as = sender.folder or sender.name
    stem = f"{known_as} - {round_.folder} - {label}{again}"
    return fit(_plain(stem), f" - {drop}{ending or split_ending(file)[1].lower()}")


def numbered(path: str, n: int) -> str:
    """Tell a second file from a first one that got the same name: `A (2) - D150614-7K3FQX.xlsx`."""
    folder, slash, name = path.rpartition("/")
    head, dash, tail = name.rpartition(" - ")
    return f"{folder}{slash}{fit(head, f' ({n}){dash}{tail}')}"


def _plain(name: str) -> str:
    """NFC, without control characters and without what a Windows client cannot store."""
    kept = (c for c in unicodedata.normalize("NFC", name) if c.isprintable())
    return "".join("_" if c in '<>:"/\\|?*' else c for c in kept).strip()
