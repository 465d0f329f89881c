"""Whose a tree is: one site serves it, and a second one is refused.

Two sites on one tree (an old server that was forgotten) would share out the files of a round:
each sees half of it, and everybody gets two letters. So the site that serves a tree first leaves
its mark beside the work area, and looks from time to time whether the mark is still its own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path

from bhyt_filedrop.domain.drops.ids import OURS
from bhyt_filedrop.domain.process.file_names import legible
from bhyt_filedrop.ports import NeverWorks, NotOurs, Sighting, Tree, TryLater
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.whole_files import sync_folder_of

log = logging.getLogger(__name__)

MARK = f"{OURS}/master.json"
LOOK_AGAIN = 60.0
"""Seconds for which a mark that was ours is believed to be."""

START_WAIT = 20.0
"""Seconds that a start waits for servers to say whose their trees are; systemd waits for us."""

_LONGEST = 64 * 1024
"""Bytes of a mark that are read; ours take some hundred."""
_SITE_ID = "site-id"
_DAEMON_ID = "daemon-id"
_MACHINE = Path("/etc/machine-id")


@dataclass(frozen=True, slots=True)
class Master:
    """A site that serves a tree. `host` and `folder` are for people, the others tell it apart.

    The site's id lies beside its archive and goes with it into a backup; so the machine counts too,
    or a copy that was restored elsewhere would be taken for the one that still runs. Where several
    machines share a ledger, it is the ledger that the trees belong to, and no machine counts.
    """

    site: str
    machine: str
    host: str
    folder: str

    def is_same(self, other: Master) -> bool:
        """Tell whether both are one site; a machine without a name of its own is any machine.

        The same folder of the same machine is one site whose archive, and its id with it, was lost.
        """
        same_machine = not self.machine or not other.machine or self.machine == other.machine
        same_folder = (self.host, self.folder) == (other.host, other.folder)
        return same_machine and (self.site == other.site or same_folder)


def this_site(settings: Settings, of_ledger: Callable[[str], str] | None = None) -> Master:
    """Return who serves these settings; a site without an id is given one. A ledger that is shared
    has its id itself: `of_ledger` returns it, given the one that it begins with."""
    id = _id_in(settings.archive_dir / _SITE_ID)
    return _site(settings, of_ledger(id) if of_ledger else id)


def this_daemon(settings: Settings) -> str:
    """Return the name of the daemon that serves this state folder, for people and among those that
    share a ledger."""
    return f"{socket.gethostname()}-{_id_in(settings.state_dir / _DAEMON_ID)}"


def _id_in(file: Path) -> str:
    """Return the id that a file holds; it is made where it is missing.

    It is written where it is to stand: machines that share an archive may start at once, and under
    a name of its own it would lie about after a kill. What a power cut leaves of it is no id.
    """
    if not (id := _id_at(file)):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600), "wb") as out:
            out.write(secrets.token_hex(8).encode())
            out.flush()
            os.fsync(out.fileno())
        sync_folder_of(file)
        id = _id_at(file)
    return id


def _id_at(file: Path) -> str:
    return file.read_text(encoding="ascii").strip("\0\n ") if file.exists() else ""


def is_ours(settings: Settings, master: Master, of_ledger: str = "") -> bool:
    """Tell whether a mark is that of these settings' site, or of the ledger that it shares; gives
    nobody an id."""
    id = of_ledger or _id_at(settings.archive_dir / _SITE_ID)
    return bool(id) and master.is_same(_site(settings, id))


def _site(settings: Settings, id: str) -> Master:
    try:
        machine = hashlib.sha256(_MACHINE.read_bytes().strip()).hexdigest()[:16]
    except OSError:
        machine = ""
    machine = "" if settings.shares_ledger else machine
    return Master(id, machine, socket.gethostname(), str(settings.config_dir))


def master_of(tree: Tree) -> Master | None:
    """Read whose mark a tree bears, None where it bears none. Raises TryLater."""
    if tree.stat(MARK) is None:
        return None
    try:
        told = json.loads(tree.read_range(MARK, 0, _LONGEST))
        return Master(*(str(told[key]) for key in ("site", "machine", "host", "folder")))
    except (NeverWorks, ValueError, LookupError, TypeError):
        return None


def refusal(tree: str, master: Master) -> NotOurs:
    """Return the error that says whose a tree is, and what to do."""
    host, folder = legible(master.host), legible(master.folder)
    command = "bhyt-filedrop run --once --take-over"
    return NotOurs(
        f"the tree {tree} is served by another site, {folder} on {host}; two would share out its "
        f"files between them. Stop that one; if it is gone for good, run: {command}",
        f"Cây thư mục {tree} đang do nơi khác phục vụ: {folder} trên máy {host}; hai nơi cùng phục "
        f"vụ thì chia nhau các tệp. Hãy dừng nơi kia; nếu nơi đó đã bỏ hẳn, chạy: {command}",
    )


def must_not_be_another_s(tree: Tree, me: Master) -> Master | None:
    """Return whose mark a tree bears; raise NotOurs where it is another site's. Marks nothing."""
    there = master_of(tree)
    if there and not there.is_same(me):
        raise refusal(tree.id, there)
    return there


class Mastery:
    """Keeps one tree ours. Threads may share it."""

    def __init__(
        self,
        tree: Tree,
        me: Master,
        workspace: Path,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`workspace` is a folder for what is needed for a moment."""
        self._tree = tree
        self._me = me
        self._workspace = workspace
        self._steady = steady
        self._sure_until = float("-inf")
        self._seen: Sighting | None = None

    def must_be_ours(self) -> None:
        """Raise NotOurs where another site serves the tree; mark one that nobody serves.

        Raises TryLater where the tree does not say.
        """
        if self._steady() < self._sure_until:
            return
        seen = self._tree.stat(MARK)
        if seen is None or seen != self._seen:
            self._verify()
        self._sure_until = self._steady() + LOOK_AGAIN

    def take_over(self) -> None:
        """Make the tree ours, whosever it was. Raises TryLater, NeverWorks."""
        with tempfile.TemporaryDirectory(dir=self._workspace) as folder:
            mark = Path(folder) / "mark"
            mark.write_text(json.dumps(asdict(self._me), ensure_ascii=False), encoding="utf-8")
            self._tree.put(mark, MARK)
        self._seen = self._tree.stat(MARK)

    def _verify(self) -> None:
        if must_not_be_another_s(self._tree, self._me):
            self._seen = self._tree.stat(MARK)
            return
        try:
            self.take_over()
        except (TryLater, NeverWorks):
            # A server that lets nobody make a folder has no work area either: files are then taken
            # where they lie, and nothing can be marked.
            log.warning("tree.unmarked", extra={"tree": self._tree.id})


def hold(
    trees: Sequence[Tree], me: Master, workspace: Path, *, take_over: bool = False
) -> dict[str, Mastery]:
    """Make sure that trees are ours before anything is begun; all are asked at the same time.

    Raises NotOurs. A tree that does not answer in time is asked again before it is first used; to
    be taken over it must answer.
    """
    found = {tree.id: Mastery(tree, me, workspace) for tree in trees}
    asking = ThreadPoolExecutor(max_workers=len(found), thread_name_prefix="mastery")
    asked = [
        asking.submit(one.take_over if take_over else one.must_be_ours) for one in found.values()
    ]
    asking.shutdown(wait=False)
    for answer in wait(asked, None if take_over else START_WAIT).done:
        try:
            answer.result()
        except NotOurs:
            raise
        except TryLater:
            if take_over:
                raise
    return found
