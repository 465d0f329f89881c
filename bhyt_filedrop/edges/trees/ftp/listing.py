"""Reading what FTP servers say of their files: MLSD's facts, and `ls`-like or Windows-like lines.

LIST was never specified; two styles cover the servers in use. Its times lack the year or the
time of day and are in the server's own zone, which does not matter: they are only compared with
themselves.
"""

from __future__ import annotations

import calendar
import re
import time
import zlib

from bhyt_filedrop.edges.trees.remote.session import Kind, RemoteEntry
from bhyt_filedrop.ports.trees import NO_YEAR

_UNIX = re.compile(
    r"""(?P<kind>[-bcdlps])[-rwxsStTlL]{9}[+.@]?\s+\d+\s   # mode, number of links
        .*?(?:\d+,\s*)?(?P<size>\d+)\s+                    # owner and group, then the size
        (?P<when>[^\W\d]{3,}\.?\s+\d{1,2}\s+(?:\d{4}|\d{1,2}:\d{2})
              |\d{4}-\d{2}-\d{2}\s+\d{2}:\d{2}(?::\d{2})?)
        [ ](?P<name>.+)""",
    re.VERBOSE,
)
_WINDOWS = re.compile(
    r"(?P<when>\d\d-\d\d-(?:\d\d){1,2}\s+\d\d:\d\d(?:[AP]M)?)\s+"
    r"(?:(?P<folder><\w+>)\s+|(?P<size>\d+) )(?P<name>.+)"
)
_FORMS = ("%b %d %H:%M", "%b %d %Y", "%Y-%m-%d %H:%M", "%m-%d-%y %I:%M%p", "%m-%d-%Y %I:%M%p")


def parse_facts(line: str) -> RemoteEntry | None:
    """Read one line of MLSD or MLST (RFC 3659); None for the folder itself and its parent."""
    facts, name = _split_facts(line.lstrip(" "))
    known = {key.lower(): value for key, _, value in (f.partition("=") for f in facts.split(";"))}
    kind = _FACT_KINDS.get(known.get("type", "").lower(), Kind.OTHER)
    if not name or known.get("type", "").lower() in ("cdir", "pdir"):
        return None
    return RemoteEntry(name, kind, _number(known.get("size", "0")), _utc(known.get("modify", "")))


def _split_facts(line: str) -> tuple[str, str]:
    """Split at the first `; `: a value may hold blanks (ProFTPD before 1.3.8: `domain users`).
    A server that leaves out the last semicolon is split at its first blank."""
    whole = _FACTS.fullmatch(line)
    facts, _, name = line.partition(" ")
    return (whole[1], whole[2]) if whole else (facts, name)


_FACTS = re.compile(r"((?:[^\s;=]+=[^;]*;)+) (.+)", re.DOTALL)
_FACT_KINDS = {"file": Kind.FILE, "dir": Kind.FOLDER, "cdir": Kind.FOLDER, "pdir": Kind.FOLDER}


def parse_line(line: str) -> RemoteEntry | None:
    """Read one line of LIST in either style; None for a line that is no file (`total 12`)."""
    unix = _UNIX.fullmatch(line)
    if unix:
        return _unix(unix)
    windows = _WINDOWS.fullmatch(line)
    if windows is None:
        return None
    kind = Kind.FILE if windows["folder"] is None else _WINDOWS_KINDS.get(windows["folder"])
    size = _number(windows["size"] or "0")
    return RemoteEntry(windows["name"], kind or Kind.OTHER, size, _moment(windows["when"]))


_WINDOWS_KINDS = {"<DIR>": Kind.FOLDER}


def _unix(found: re.Match[str]) -> RemoteEntry:
    kind = {"-": Kind.FILE, "d": Kind.FOLDER}.get(found["kind"], Kind.OTHER)
    name = found["name"]
    if found["kind"] == "l":
        name = name.partition(" -> ")[0]
    return RemoteEntry(name, kind, _number(found["size"]), _moment(found["when"]))


def size_told(reply: str) -> int:
    """Return the bytes that a reply to SIZE tells (`213 5120`)."""
    return _number(reply.rpartition(" ")[2].strip())


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() else 0


def _utc(text: str) -> float:
    """Read `YYYYMMDDHHMMSS[.sss]`; what cannot be read is a number of its own all the same."""
    try:
        whole, _, part = text.partition(".")
        return calendar.timegm(time.strptime(whole, "%Y%m%d%H%M%S")) + float(f"0.{part or 0}")
    except (ValueError, OverflowError):
        return float(zlib.crc32(text.encode("utf-8", "surrogateescape")))


def _moment(text: str) -> float:
    """Turn a listing's time into a number that changes when the text does."""
    plain = " ".join(text.split())
    for form in _FORMS:
        try:
            # A leap year stands in for the year that `ls` leaves out: 29 February must be readable.
            with_year = (
                (f"{NO_YEAR} {plain}", f"%Y {form}") if "%y" not in form.lower() else (plain, form)
            )
            return float(calendar.timegm(time.strptime(*with_year)))
        except ValueError:
            continue
    return float(zlib.crc32(plain.encode("utf-8", "surrogateescape")))
