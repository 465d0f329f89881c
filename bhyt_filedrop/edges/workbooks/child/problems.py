"""Why a file gave no workbook: raised inside the child process, told to the parent as two words.

Only the codes and reasons listed here ever leave the child, so nothing that a hostile file made
the child say can reach a letter.
"""

from __future__ import annotations

from lxml import etree

DAMAGED = "file.damaged"
ENCRYPTED = "file.encrypted"
UNSAFE = "file.unsafe"
NOT_A_WORKBOOK = "file.not-a-workbook"

MACHINE = "machine"
"""Not the file's fault: its bytes could not be had, or the disk is full."""
MEMORY = "memory"
"""The parser asked for more memory than one file may have."""


class UnreadableError(Exception):
    """A file that cannot be taken: the finding's code and one of the known reasons."""

    def __init__(self, code: str, why: str = "") -> None:
        super().__init__(f"{code} {why}".rstrip())
        self.code = code
        self.why = why


def damaged(why: str = "") -> UnreadableError:
    """The file is a workbook by its first bytes, but does not hold together."""
    return UnreadableError(DAMAGED, why)


def unsafe(why: str) -> UnreadableError:
    """The file would cost more than a file may: `cells`, `unpacked`, `time`, `paths`, `links` …."""
    return UnreadableError(UNSAFE, why)


def is_want_of_memory(err: BaseException | None) -> bool:
    """Tell whether an error, or one behind it, is lxml's way to say that memory ran out."""
    while err is not None:
        if isinstance(err, MemoryError):
            return True
        code = getattr(err, "code", None)
        if isinstance(err, etree.XMLSyntaxError) and code == etree.ErrorTypes.ERR_NO_MEMORY:
            return True
        err = err.__cause__
    return False
