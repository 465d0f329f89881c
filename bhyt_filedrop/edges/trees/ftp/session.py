"""One FTP connection as the steps of a remote tree.

Files are named by their whole path and folders are listed after changing into them, because many
servers take options and wildcards out of LIST's argument. Where the line is not encrypted nothing
protects the bytes on the way, so each transfer is read a second time and compared.
"""

from __future__ import annotations

import contextlib
import errno
import ftplib
import hashlib
import socket
import ssl
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import BinaryIO

from bhyt_filedrop.domain.process.handoffs import FileAccess
from bhyt_filedrop.edges.trees.ftp.control import Farewells, close_data, decoded
from bhyt_filedrop.edges.trees.ftp.helpers import Helpers
from bhyt_filedrop.edges.trees.ftp.listing import parse_facts, parse_line, size_told
from bhyt_filedrop.edges.trees.names import folder_mode, name_of, nfc, parent_of
from bhyt_filedrop.edges.trees.remote.session import Kind, Listed, Lost, RemoteEntry, Stalled
from bhyt_filedrop.ports import NeverWorks, TryLater
from bhyt_filedrop.whole_files import CHUNK

_FRESH = 1.0
"""Seconds for which a LIST answers questions about single files."""

LONGEST_LISTING = 2**28
"""Bytes: over a million names in one folder. One that never ends would else fill our memory."""

_UNREADABLE = "failed to open directory"
"""vsftpd lists a folder that may be entered and not read as an empty one, and adds these words."""

_REFUSED = {
    "450": errno.EBUSY,
    "452": errno.ENOSPC,
    "500": errno.ENOTSUP,
    "502": errno.ENOTSUP,
    "530": errno.EACCES,
    "532": errno.EACCES,
    "552": errno.EDQUOT,
    "553": errno.EACCES,
}
"""Replies → errno; 550 means whatever the step makes of it, all others mean later (EIO)."""


class FtpSession:
    """`Session` over FTP. `root` is a folder on the server, "" its starting folder."""

    def __init__(
        self,
        ftp: ftplib.FTP,
        root: str,
        *,
        verify: bool,
        farewells: Farewells,
        helpers: Helpers | None = None,
    ) -> None:
        """Take over a connection that is logged in, in binary mode; none helps unless given."""
        self.in_step = True
        self._farewells = farewells
        self._lacked_farewell = False
        self._helpers = helpers or Helpers(_nobody, 0)
        self._ftp = ftp
        self._verify = verify
        self._features = self._ask_features()
        self._root = self._absolute(root)
        self._recent: dict[str, tuple[float, dict[str, RemoteEntry]]] = {}

    def _ask_features(self) -> frozenset[str]:
        try:
            lines = self._say("FEAT").splitlines()
        except OSError:
            return frozenset()
        found = frozenset(words[0].upper() for line in lines if (words := line.split()))
        if "UTF8" in found:
            with contextlib.suppress(OSError):  # some know it as always on
                self._say("OPTS UTF8 ON")
        return found

    def _absolute(self, root: str) -> str:
        """Return the root as an absolute path, so that no step depends on where we stand."""
        if root.startswith("/"):
            return root.rstrip("/")
        with self._spoken(errno.EIO):
            here = decoded(self._ftp.pwd())
        return f"{here.rstrip('/')}/{root}".rstrip("/")

    def root_is_there(self) -> bool:
        """Tell whether the root is a folder that we may enter."""
        return self._enters("")

    # --- looking ---------------------------------------------------------------------------------

    def look_anew(self) -> None:
        """See `Session`."""
        self._recent.clear()

    def depths(self, folders: Sequence[Sequence[str]]) -> list[int]:
        """See `Session`. FTP cannot tell a link to a folder from a folder here."""
        return [self._depth(parts) for parts in folders]

    def _depth(self, parts: Sequence[str]) -> int:
        if not parts or self._enters("/".join(parts)):
            return len(parts)
        for number in range(1, len(parts)):
            if not self._enters("/".join(parts[:number])):
                return number - 1
        return len(parts) - 1

    def _enters(self, folder: str) -> bool:
        try:
            self._say(f"CWD {self._at(folder)}", not_done=errno.ENOENT)
        except FileNotFoundError:
            return False
        return True

    def entries(self, folder: str) -> list[RemoteEntry]:
        """See `Session`."""
        if not self._enters(folder):
            raise self._why_not_entered(folder)
        if "MLSD" in self._features or "MLST" in self._features:
            return [entry for line in self._lines("MLSD") if (entry := parse_facts(line))]
        found = self._understood(self._listed())
        self._recent[folder] = (time.monotonic(), {entry.name: entry for entry in found})
        return found

    def entries_of(self, folders: Sequence[str]) -> list[Listed]:
        """See `Session`: FTP lists one folder after the other, with help where that takes long."""
        return self._helpers.entries_of(self, folders)

    def list_one(self, folder: str) -> Listed:
        """See `helpers.Lister`."""
        try:
            return self.entries(folder)
        except OSError as err:
            return err

    def _understood(self, lines: list[str]) -> list[RemoteEntry]:
        """A server whose every line is a riddle must not look like an empty one, nor may a single
        one hide a file: it is told."""
        lines = [line for line in lines if not line.startswith("total ")]
        found = [parse_line(line) or _riddle(line) for line in lines]
        if found and all(entry.kind is Kind.DENIED for entry in found):
            raise NeverWorks("the FTP server lists files in a manner that nobody here can read")
        return found

    def _why_not_entered(self, folder: str) -> OSError:
        """One reply stands for "is not there" and for "not for you"; the folder above knows."""
        if folder and self.look(folder) is not None:
            return PermissionError(errno.EACCES, "the server lets nobody into a folder")
        return FileNotFoundError(errno.ENOENT, "no such folder")

    def _listed(self) -> list[str]:
        """Return LIST's lines, hidden names too where the server knows `-a`.

        One that takes `-a` for a name finds nothing of that name, and says that all went well.
        """
        with contextlib.suppress(OSError):
            if lines := self._lines("LIST -a"):
                return lines
        return self._lines("LIST")

    def _lines(self, command: str) -> list[str]:
        with closing(self._incoming(command)) as blocks:
            text = _bounded(blocks).decode("utf-8", "surrogateescape")
        if text and not text.endswith("\n"):  # a shortened name would be somebody else's
            raise Lost("the FTP server's listing ends in the middle of a line")
        if self._lacked_farewell and self._farewells.are_said:  # half of it, or nothing at all
            raise Lost("the FTP server's listing was cut short")
        return [line.rstrip("\r") for line in text.split("\n") if line.strip("\r")]

    def look(self, path: str) -> RemoteEntry | None:
        """See `Session`."""
        if "MLST" not in self._features:
            return self._look_in_listing(path)
        try:
            reply = self._say(f"MLST {self._at(path)}", not_done=errno.ENOENT)
        except FileNotFoundError:
            return None
        facts = [line for line in decoded(reply).split("\n")[1:] if line.startswith(" ")]
        entry = parse_facts(facts[0].rstrip("\r")) if facts else None
        if entry is None:
            raise Lost("the FTP server's MLST makes no sense")
        return RemoteEntry(name_of(path), entry.kind, entry.size, entry.mtime)

    def _look_in_listing(self, path: str) -> RemoteEntry | None:
        folder, name = parent_of(path), name_of(path)
        taken, entries = self._recent.get(folder, (0.0, {}))
        if time.monotonic() - taken < _FRESH and name in entries:
            return entries[name]
        try:
            there = {found.name: found for found in self.entries(folder)}
        except FileNotFoundError:
            return None
        return there.get(name) or self._look_again(path, there)

    def _look_again(self, path: str, there: Mapping[str, RemoteEntry]) -> RemoteEntry | None:
        """That a listing lacks a file is no proof that it is gone: it may end too early, or spell
        the name in another Unicode form. SIZE asks for the file by its name."""
        if "SIZE" not in self._features:
            return None
        try:
            reply = self._say(f"SIZE {self._at(path)}", not_done=errno.ENOENT)
        except OSError:
            return None
        if name_of(path).startswith("."):  # vsftpd's hide_file={.*}; such names are our own
            return RemoteEntry(name_of(path), Kind.FILE, size_told(reply), 0.0)
        twins = [entry for found, entry in there.items() if nfc(found) == nfc(name_of(path))]
        if not twins:
            raise Lost("the FTP server's listing lacks a file that is there")
        return replace(twins[0], name=name_of(path))

    def free_bytes(self) -> int | None:
        """Return None: FTP has no such question."""
        return None

    # --- changing --------------------------------------------------------------------------------

    def make_folder(self, path: str, access: FileAccess) -> None:
        """See `Session`."""
        _no_owner(access)
        self._recent.pop(parent_of(path), None)
        try:
            self._say(f"MKD {self._at(path)}", not_done=errno.EACCES)
        except OSError:
            if not self._enters(path):
                raise
            return
        if access.mode is not None:
            self._set_mode(path, folder_mode(access.mode))

    def rename(self, path: str, target: str) -> None:
        """See `Session`. FTP's rename replaces on most servers, so it is looked first.

        Between the look and the rename lies one round trip: claims must go to names that nobody
        else would choose.
        """
        if self.look(target) is not None:
            raise FileExistsError(errno.EEXIST, "the target is taken")
        self._forget(path, target)
        self._rename(path, target)

    def _rename(self, path: str, target: str) -> None:
        self._say(f"RNFR {self._at(path)}", not_done=errno.ENOENT)
        try:
            self._say(f"RNTO {self._at(target)}", not_done=errno.EACCES)
        except OSError:  # 550, 553 or 451, as each server likes
            if self.look(path) is None:
                raise FileNotFoundError(errno.ENOENT, "renamed by somebody else") from None
            raise

    def replace(self, path: str, target: str) -> None:
        """See `Session`. A server that does not rename over a file is helped along."""
        self._forget(path, target)
        try:
            self._rename(path, target)
        except FileNotFoundError:
            raise
        except OSError:
            if self.look(target) is None:
                raise
            self.remove(target)
            self._rename(path, target)

    def remove(self, path: str) -> None:
        """See `Session`."""
        self._forget(path)
        self._say(f"DELE {self._at(path)}", not_done=errno.ENOENT)

    def _forget(self, *paths: str) -> None:
        """Let no listing taken before a change answer for after it."""
        for path in paths:
            self._recent.get(parent_of(path), (0.0, {}))[1].pop(name_of(path), None)

    def _set_mode(self, path: str, mode: int) -> None:
        try:
            self._say(f"SITE CHMOD {mode:o} {self._at(path)}")
        except OSError as err:
            raise NeverWorks(
                "the FTP server sets no modes: take the mode out of the folder rule, and set it "
                "on the server"
            ) from err

    # --- transfers -------------------------------------------------------------------------------

    def download(self, path: str, out: BinaryIO) -> int:
        """See `Session`."""
        digest, came = hashlib.sha256(), 0
        with closing(self._incoming(f"RETR {self._at(path)}")) as blocks:
            for block in blocks:
                digest.update(block)
                came += out.write(block)
        if self._verify:
            self._must_read_as(digest.digest(), path)
        return came

    def upload(self, source: BinaryIO, path: str, access: FileAccess) -> None:
        """See `Session`. FTP cannot ask a server to sync."""
        _no_owner(access)
        self._forget(path)
        digest = self._send_all(source, f"STOR {self._at(path)}")
        if access.mode is not None:
            self._set_mode(path, access.mode)
        if self._verify:
            self._must_read_as(digest, path)

    def _must_read_as(self, digest: bytes, path: str) -> None:
        again = hashlib.sha256()
        with closing(self._incoming(f"RETR {self._at(path)}")) as blocks:
            for block in blocks:
                again.update(block)
        if again.digest() != digest:
            raise TryLater("read twice, a file had different bytes: the line spoils them")

    def read_range(self, path: str, offset: int, length: int, size: int) -> bytes:
        """See `Session`."""
        got = bytearray()
        with closing(self._incoming(f"RETR {self._at(path)}", offset)) as blocks:
            while len(got) < length and (block := next(blocks, b"")):
                got += block
        return bytes(got[:length])

    def _incoming(self, command: str, offset: int = 0) -> Generator[bytes, None, None]:
        """Yield what a data connection brings; it may be left before its end."""
        line = self._data_line(command, offset)
        try:
            while block := self._received(line):
                yield block
        except GeneratorExit:
            self._break_off(line)
            raise
        except BaseException:
            line.close()
            raise
        close_data(line)
        if _UNREADABLE in self._final():
            raise PermissionError(errno.EACCES, "the server lets nobody read a folder")

    def _break_off(self, line: socket.socket) -> None:
        """Stop a transfer of which we have enough, and make sure that we are in step again."""
        line.close()
        with contextlib.suppress(OSError, Lost):
            with contextlib.suppress(OSError):  # 426 or 451, if not 226: each server likes another
                self._final()
            self.in_step = False
            self.in_step = self._say("NOOP").startswith("2")

    def _data_line(self, command: str, offset: int = 0) -> socket.socket:
        with self._spoken(errno.EACCES):
            line = self._ftp.transfercmd(command, offset or None)
        self.in_step = False
        return line

    def _received(self, line: socket.socket) -> bytes:
        try:
            block = line.recv(CHUNK)
        except ssl.SSLEOFError:
            self._lacked_farewell = True
            return b""
        except OSError as err:
            raise _lost(err) from err
        if not block and isinstance(line, ssl.SSLSocket):
            self._lacked_farewell, self._farewells.are_said = False, True
        return block

    def _send_all(self, source: BinaryIO, command: str) -> bytes:
        digest = hashlib.sha256()
        line = self._data_line(command)
        try:
            while block := source.read(CHUNK):
                digest.update(block)
                self._sent(line, block)
        except BaseException:
            line.close()
            raise
        close_data(line)
        self._final()
        return digest.digest()

    def _sent(self, line: socket.socket, block: bytes) -> None:
        rest = memoryview(block)
        try:
            while rest:  # `sendall` would hold a slow line to one timeout for the whole block
                rest = rest[line.send(rest) :]
        except TimeoutError as err:
            raise _lost(err) from err
        except OSError as err:  # cut by the server: it says why (disk full), if the line lives
            line.close()
            self._final()
            raise _lost(err) from err

    def _final(self) -> str:
        """Read the reply that ends a transfer; only a good one makes the transfer good."""
        try:
            with self._spoken(errno.EIO):
                reply = self._ftp.voidresp()
        except OSError:
            self.in_step = True
            raise
        self.in_step = True
        return reply

    # --- talking ---------------------------------------------------------------------------------

    def _say(self, command: str, *, not_done: int = errno.EIO) -> str:
        """Send a command and return the reply; `not_done` is what its 550 means."""
        with self._spoken(not_done):
            return self._ftp.sendcmd(command)

    @contextmanager
    def _spoken(self, not_done: int) -> Iterator[None]:
        try:
            yield
        except (ftplib.error_temp, ftplib.error_perm) as err:
            raise _refusal(str(err)[:3], not_done) from err
        except ValueError as err:
            raise NeverWorks("a name with a line break cannot be said in FTP") from err
        except (ftplib.Error, EOFError, OSError) as err:
            raise _lost(err) from err

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root or "/"

    def close(self) -> None:
        """See `Session`: a farewell could wait for a server that is gone, so none is said."""
        self._helpers.close()
        self._ftp.close()


def _nobody() -> FtpSession:
    raise AssertionError("nobody was to help")


def _riddle(line: str) -> RemoteEntry:
    """What a line names cannot be told from the rest of it, so that all of it is shown."""
    return RemoteEntry(line.replace("/", "|"), Kind.DENIED, 0, 0.0)


def _bounded(blocks: Iterable[bytes]) -> bytes:
    told = bytearray()
    for block in blocks:
        told += block
        if len(told) > LONGEST_LISTING:
            raise Lost("the FTP server's listing does not end")
    return bytes(told)


def _refusal(code: str, not_done: int) -> Exception:
    if code == "421":
        return Lost("the FTP server ends the connection")
    number = not_done if code == "550" else _REFUSED.get(code, errno.EIO)
    return OSError(number, f"the FTP server refuses with {code}")


def _lost(err: Exception) -> Lost:
    if isinstance(err, TimeoutError):
        return Stalled("the FTP server does not answer in time")
    return Lost(f"the connection to the FTP server broke ({type(err).__name__})")


def _no_owner(access: FileAccess) -> None:
    if access.owner or access.group:
        raise NeverWorks("FTP sets no owner and no group: take them out of the folder rule")
