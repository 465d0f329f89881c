"""Another configuration that somebody looks at before it is in force: one file changed, a whole
folder in a zip, or a version of before. It is kept in memory alone, until it is used or forgotten.

The machine's own file is never among what is proposed: what it names (folders, servers, the page
itself) is changed on the machine, and no page shows it.
"""

from __future__ import annotations

import io
import secrets
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from bhyt_filedrop.ports import ActRefused
from bhyt_filedrop.settings import Settings, layers, load

MACHINE = "bhyt-filedrop.toml"
"""What is of the machine, and not of the process."""

MAX_BYTES = 8 * 1024 * 1024
"""Bytes of all files of a configuration that is sent, unpacked."""

_KEPT, _BOM = 20, "\ufeff"

Files = Mapping[str, str]
"""Name → text."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A configuration that `by` proposes in the place of the one of then; `source` says in a word
    what it comes from."""

    id: str
    files: Files
    over: Files
    by: str
    source: str


class Proposals:
    """The last few proposals; a restart forgets them."""

    def __init__(self) -> None:
        self._kept: dict[str, Proposal] = {}

    def keep(self, files: Files, over: Files, by: str, source: str) -> Proposal:
        """Remember a proposal; the oldest is forgotten."""
        made = Proposal(secrets.token_urlsafe(9), files, over, by, source)
        self._kept = dict([*self._kept.items(), (made.id, made)][-_KEPT:])
        return made

    def find(self, proposal_id: str, by: str) -> Proposal | None:
        """Return somebody's own proposal."""
        found = self._kept.get(proposal_id)
        return found if found and found.by == by else None

    def forget(self, proposal: Proposal) -> None:
        """It is in force now."""
        self._kept.pop(proposal.id, None)


def with_file(over: Files, name: str, text: str) -> Files:
    """Return a configuration with one file's text changed, as a browser sends it."""
    if name == MACHINE or name not in over:
        raise ActRefused(f"Không sửa tệp {name} ở đây được.", f"{name} cannot be changed here.")
    plain = text.removeprefix(_BOM).replace("\r\n", "\n").replace("\r", "\n")
    mark = _BOM if over[name].startswith(_BOM) else ""
    return {**over, name: mark + plain}


def from_version(over: Files, files: Files) -> Files:
    """Return a version of before, with the machine's file of now."""
    return _with_machine(over, files)


def from_upload(over: Files, name: str, data: bytes) -> Files:
    """Return a configuration from what was sent: a zip of the folder, which then is the whole of
    it, or one file by its name."""
    if zipfile.is_zipfile(io.BytesIO(data)):
        return _with_machine(over, _unpacked(data))
    known = [one for one in over if PurePosixPath(one).name == PurePosixPath(name).name]
    if len(known) != 1:
        raise ActRefused(
            f"Cấu hình không có tệp {name}: gửi tệp có trong cấu hình, hoặc zip cả thư mục.",
            f"The configuration has no file {name}: send one that it has, or a zip of the folder.",
        )
    return with_file(over, known[0], _text(name, data))


def _unpacked(data: bytes) -> Files:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = [one for one in packed.infolist() if not one.is_dir()]
            if sum(one.file_size for one in entries) > MAX_BYTES:
                raise _unreadable()
            found = {one.filename: packed.read(one) for one in entries}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        raise _unreadable() from None
    above = _common_folder(found)
    named = {name[len(above) :]: body for name, body in found.items()}
    return {name: _text(name, body) for name, body in named.items() if layers.is_kept(name)}


def _common_folder(names: Mapping[str, bytes]) -> str:
    """The folder that process.toml lies in: a zip of `config` has it as `config/process.toml`."""
    found = [name for name in names if PurePosixPath(name).name == "process.toml"]
    return min(found, key=len, default="").removesuffix("process.toml")


def _text(name: str, data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise ActRefused(f"{name} không phải UTF-8.", f"{name} is not UTF-8.") from None


def _unreadable() -> ActRefused:
    return ActRefused("Tệp zip này không mở được.", "This zip cannot be opened.")


def _with_machine(over: Files, files: Files) -> Files:
    mine = {MACHINE: over[MACHINE]} if MACHINE in over else {}
    return {name: text for name, text in files.items() if name != MACHINE} | mine


@contextmanager
def laid_out(files: Files) -> Iterator[Settings]:
    """Load a configuration from files that are not in force, for as long as the body takes. Raises
    ConfigError with all that is wrong in it."""
    with TemporaryDirectory() as folder:
        trial = Path(folder) / "config"
        for name, text in files.items():
            path = trial / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        yield load(trial)
