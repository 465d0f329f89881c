"""Kill a daemon before each durable change it makes, start it again, and look what became of it.

Run as `python -m tests.journey.killing DIR SCENE:STEP…`: the imports, one uninterrupted run and the
reading child are had once; every killed run is a fork. A durable change is a commit of the
ledger, anything that creates, renames or removes a name on disk, or a request to a file server that
changes something there. Nothing lasting happens between two of them, so being killed before each
and after the last is being killed anywhere. STEP 0 takes a sample instead: the first and the last
request of each manner; STEP -n takes n of all requests, spread evenly, from a place that differs
from scene to scene. The tree is local unless the environment names a server.
"""

from __future__ import annotations

import ftplib
import functools
import gc
import hashlib
import json
import math
import os
import shutil
import signal
import socket
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bhyt_filedrop import service
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts
from bhyt_filedrop.domain.findings import Finding
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.edges.archive.folder import FolderArchive
from bhyt_filedrop.edges.trees.ftp import control as ftp_control
from bhyt_filedrop.edges.trees.ftp import session as ftp_session
from bhyt_filedrop.edges.trees.local import tree as local
from bhyt_filedrop.edges.trees.sftp import wire as sftp_wire
from bhyt_filedrop.edges.trees.sftp import wire as w
from bhyt_filedrop.edges.workbooks.marking.annotator import WorkbookAnnotator
from bhyt_filedrop.settings import Settings
from bhyt_filedrop.site.mastery import MARK
from bhyt_filedrop.wiring import journeys, mail, workbooks
from bhyt_filedrop.wiring.books import Books, open_books
from bhyt_filedrop.wiring.declared import world_of
from bhyt_filedrop.work.arrival.judging import Judging
from tests.journey.remote_site import handed_on
from tests.journey.scenes import SCENES, Scene
from tests.journey.site import MORNING, Clock, SharedReader, Site, copied, lay_out


class Counter:
    """Counts durable changes once armed; kills its own process before the one that it was given."""

    def __init__(self) -> None:
        self.far: dict[str, list[int]] = {}
        self.count = 0
        self.kill_at: int | None = None
        self.armed = False

    def arm(self, kill_at: int | None) -> None:
        """Begin to count; None counts only."""
        self.count, self.kill_at, self.armed, self.far = 0, kill_at, True, {}

    def change(self, asked: str = "") -> None:
        """One durable change is about to be made, or asked for at a server."""
        if not self.armed:
            return
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        if asked:
            self.far.setdefault(asked, []).append(self.count)
        self.count += 1

    def kills(self, step: int, scene: str) -> list[int]:
        """Before which changes to kill: every `step`-th, or a sample of what a server was asked."""
        if step > 0:
            return list(range(0, self.count + 1, step))
        if step < 0:
            asked = sorted(n for manner in self.far.values() for n in manner)
            first = zlib.crc32(scene.encode()) % 1000 / 1000
            return sorted({asked[int((n + first) * len(asked) / -step)] for n in range(-step)})
        ends = {n for asked in self.far.values() for n in (asked[0], asked[-1])}
        return sorted(ends | {self.count})

    def listen(self) -> None:
        """Hear of every change that this process makes from now on."""
        sys.addaudithook(self._audit)
        event.listen(Engine, "commit", lambda _connection: self.change())
        renaming = local.move

        def move(source: int, name: str, target_folder: int, target: str) -> None:
            self.change()
            renaming(source, name, target_folder, target)

        local.move = move
        self._listen_to_requests()

    def _listen_to_requests(self) -> None:
        sending, saying = sftp_wire.Wire.send, ftp_control._send_line
        giving = ftp_session.FtpSession._sent

        def send(wire: sftp_wire.Wire, kind: int, body: bytes) -> int:
            if _changes_over_sftp(kind, body):
                self.change(_request(kind, body))
            return sending(wire, kind, body)

        def say(ftp: ftplib.FTP, line: str) -> None:
            verb = line.partition(" ")[0]
            if verb in _FTP_CHANGES:
                self.change(verb)
            saying(ftp, line)

        def give(session: ftp_session.FtpSession, line: socket.socket, block: bytes) -> None:
            self.change("data")
            giving(session, line, block)

        sftp_wire.Wire.send = send  # type: ignore[method-assign]
        ftp_control._send_line = say
        ftp_session.FtpSession._sent = give  # type: ignore[method-assign]

    def _audit(self, what: str, args: tuple[Any, ...]) -> None:
        if what == "open" and _creates(*args):
            self.change()
        elif what in ("os.mkdir", "os.remove", "os.rmdir"):
            if _is_there(args[0], args[-1]) != (what == "os.mkdir"):
                self.change()
        elif what in ("os.rename", "os.link"):
            self.change()


_FTP_CHANGES = frozenset({"STOR", "DELE", "MKD", "RNTO", "SITE"})
_SFTP_CHANGES = frozenset({w.WRITE, w.SETSTAT, w.FSETSTAT, w.REMOVE, w.MKDIR, w.RENAME, w.EXTENDED})


def _changes_over_sftp(kind: int, body: bytes) -> bool:
    if kind != w.OPEN:
        return kind in _SFTP_CHANGES
    name = 4 + int.from_bytes(body[:4], "big")
    return bool(body[name + 3] & w.OPEN_CREATE)


def _request(kind: int, body: bytes) -> str:
    """What is asked for; an extension by its own name."""
    name = body[4 : 4 + int.from_bytes(body[:4], "big")] if kind == w.EXTENDED else b""
    return f"{kind} {name.decode()}"


def _is_there(path: str | Path, folder: int) -> bool:
    at = Path(f"/proc/self/fd/{folder}", path) if folder >= 0 else Path(path)
    return os.path.lexists(at)


def _creates(path: object, _mode: object, flags: int) -> bool:
    return bool(flags & os.O_CREAT) and path != os.devnull


class RememberingAnnotator(WorkbookAnnotator):
    """The real annotator; the same copy of the same file is only made once in a process."""

    made: dict[tuple[bytes, str, tuple[Finding, ...]], bytes] = {}  # noqa: RUF012

    def annotate(self, source: Path, name: str, findings: Sequence[Finding], to: Path) -> str:
        """Make the copy, or write the bytes it had the first time."""
        wanted = (source.read_bytes(), name, tuple(findings))
        if wanted not in self.made:
            way = super().annotate(source, name, findings, to)
            self.made[wanted] = to.read_bytes()
            return way
        partial = to.with_name(f".{to.name}.part")
        partial.write_bytes(self.made[wanted])
        partial.replace(to)
        return "in-place"


class JudgedAtOnce:
    """Judges ahead as the processes do, here and now: a fork cannot take them along."""

    def __init__(
        self, settings: Settings, _extensions: object, _take_in: object, _count: int | None = None
    ) -> None:
        self._settings = settings
        self._judged: dict[str, Facts] = {}

    def count_ahead(self, waiting: int) -> int:
        """As many as there are."""
        return waiting

    def begin(self, drop: Drop, place: Place, at: datetime) -> None:
        """Judge it."""
        archive = FolderArchive(self._settings.archive_dir)
        judging = Judging(archive, workbooks.reader_of(self._settings))
        world = world_of(self._settings).at(at)
        self._judged[drop.id] = judging.judge(drop, place, world, math.inf)

    def begin_beside(self, _drop: Drop, _place: Place, _at: datetime) -> bool:
        """Nothing takes long here."""
        return False

    def ends_a_process(self, _drop: Drop, _place: Place, _at: datetime) -> bool:
        """Nobody can tell."""
        return True

    def is_under_way(self, _drop: Drop) -> bool:
        """It is done at once."""
        return False

    def facts(self, drop: Drop) -> Facts | None:
        """What came of it."""
        return self._judged.pop(drop.id, None)

    def close(self) -> None:
        """Nothing is held."""


def main(directory: Path, wanted: Sequence[str]) -> None:
    """Kill each wanted scene (`name:step`) before every `step`-th change; one line of JSON each."""
    counter = Counter()
    counter.listen()
    with prepared(directory):
        for one in wanted:
            name, _, step = one.rpartition(":")
            home = home_of(SCENES[name], directory)
            print(json.dumps({"scene": name} | played(name, int(step), home, counter)))


@contextmanager
def prepared(directory: Path) -> Iterator[None]:
    """Have once what every run needs: the imports, a reading child, the sites to copy."""
    reader = SharedReader()
    workbooks.WorkbookReader = lambda _limits: reader  # type: ignore[assignment,misc]
    workbooks.WorkbookAnnotator = RememberingAnnotator  # type: ignore[misc]
    if "JUDGED_AHEAD" in os.environ:
        journeys.Judges = JudgedAtOnce  # type: ignore[assignment,misc]
    mail.MailTemplates = functools.cache(mail.MailTemplates)  # type: ignore[assignment,misc]
    tempfile.tempdir = str(fresh(directory / "tmp"))
    for derived in (False, True):
        lay_out(_home(directory, derived) / "template", derived=derived)
    yield
    super(SharedReader, reader).close()


def home_of(scene: Scene, directory: Path) -> Path:
    """The folder that holds the site which a scene begins with."""
    return _home(directory, scene.derived)


def _home(directory: Path, derived: bool) -> Path:
    return directory / "derived" if derived else directory


def played(name: str, step: int, directory: Path, counter: Counter) -> dict[str, Any]:
    """What a scene comes to when nothing happens, and at which kills it came to something else."""
    start = before(SCENES[name], directory)
    _left_alone(start, directory, counter)  # the first run also warms what is kept warm
    expected, total = _left_alone(start, directory, counter)
    gc.freeze()
    wrong: dict[int, Any] = {}
    kills = counter.kills(step, name)
    for n in kills:
        site = copied_afresh(start.directory, directory / "killed")
        difference = _killed(site, n, counter, expected, total)
        if difference:
            wrong[n] = difference
    return {
        "changes": total,
        "asked": sorted(counter.far),
        "kills": len(kills),
        "outcome": expected,
        "wrong": wrong,
    }


def before(scene: Scene, directory: Path) -> Site:
    """The site just before the run that is killed: earlier acts are over, the files lie there."""
    site = copied_afresh(directory / "template", directory / "before")
    for act in scene.earlier:
        act(site)
        run(site, 0)
    scene.last(site)
    return site


def _left_alone(start: Site, directory: Path, counter: Counter) -> tuple[dict[str, Any], int]:
    site = copied_afresh(start.directory, directory / "killed")
    counter.arm(None)
    run(site, 1)
    counter.armed = False
    return outcome(site), counter.count


def _killed(
    site: Site, n: int, counter: Counter, expected: dict[str, Any], total: int
) -> dict[str, Any]:
    with _forked() as ended:
        if ended is None:
            counter.arm(n)
            run(site, 1)
            os._exit(0)
    must = -signal.SIGKILL if n < total else 0
    if ended() != must:
        return {"ended": "the run was not killed where it should have been"}
    run(site, 60)
    found = outcome(site)
    return {key: found[key] for key in expected if found[key] != expected[key]}


@contextmanager
def _forked() -> Iterator[Callable[[], int] | None]:
    """Fork; None in the child, in the parent a function that waits for how it ended."""
    pid = os.fork()
    if pid == 0:
        try:
            yield None
        finally:
            os._exit(70)
    yield lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run(site: Site, minutes: int) -> None:
    """Handle everything that is there, so many minutes into the morning."""
    clock = Clock(MORNING + timedelta(minutes=minutes))
    service.run_once(site.settings, clock, lambda _seconds: None)


def copied_afresh(template: Path, directory: Path) -> Site:
    """A fresh copy of a site at a place of its own, its tree where the environment says."""
    site, far = copied(template, fresh(directory)), handed_on()
    return far.serve(site) if far else site


def fresh(directory: Path) -> Path:
    """An empty folder at a place."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


# --- what became of it -----------------------------------------------------------------------


def outcome(site: Site) -> dict[str, Any]:
    """Everything lasting about a site, without the ids that chance gave."""
    books = open_books(site.settings)
    try:
        with books.engine.connect() as connection:
            begun = connection.exec_driver_sql("SELECT drop_id, MIN(id) FROM events GROUP BY 1")
            order = dict(map(tuple, begun))
            drops = sorted(
                books.drops.arrivals(limit=1000),
                key=lambda d: (d.is_own, d.handoff if d.is_own else d.name, order[d.id]),
            )
            names = {drop.id: f"<{n}>" for n, drop in enumerate(drops)}
            letters = connection.exec_driver_sql("SELECT key, state FROM letters ORDER BY key")
            posted = connection.exec_driver_sql("SELECT message_id FROM letters").scalars()
            told_in = set(posted)
            lists = connection.exec_driver_sql(
                "SELECT drop_id, seq, state, version FROM lists ORDER BY drop_id, seq"
            )
            told = {
                "letters": sorted(_known(f"{key} {state}", names) for key, state in letters),
                "lists": sorted(_known(" ".join(map(str, row)), names) for row in lists),
            }
        told |= {
            "drops": [_drop(books, drop.id, drop.name) for drop in drops],
            "kept": all(books.archive.path(d.sha256 or "").exists() for d in drops),
        }
    finally:
        books.close()
    mails = [str(mail["Message-ID"]) for mail in site.mails()]
    return told | {
        "files": {_known(p, names): digest for p, digest in _files(site.root).items()},
        # Letters of one moment go in one mail; which those are, a kill may change.
        "mails twice": len(mails) - len(set(mails)),
        "mails of no letter": sorted(set(mails) - told_in),
        "letters of no mail": sorted(told_in - set(mails)),
        "left": [
            *site.left_in_work(),
            *site.half_made(),
            *map(str, Path(tempfile.gettempdir()).iterdir()),
        ],
    }


def _drop(books: Books, drop_id: str, name: str) -> list[Any]:
    found = books.drops.get(drop_id)
    assert found is not None
    # That nobody looked for a moment is so after a kill, and is all that tells the two apart.
    history = [kind for _, kind, _ in books.drops.history(drop_id)]
    kinds = [kind for kind in history if kind != "service-away"]
    made = [bool(at) for _, at in books.drops.deliveries(drop_id)]
    return [name, found.state.value, kinds, made]


def _known(text: str, names: dict[str, str]) -> str:
    for drop_id, name in names.items():
        text = text.replace(drop_id, name)
    return text


def _files(root: Path) -> dict[str, int]:
    """Every file of the tree with its bytes' hash; the mark alone tells one copy from another."""
    files = (p for p in root.rglob("*") if p.is_file() and p != root / MARK)
    return {str(p.relative_to(root)): _digest(p.read_bytes()) for p in sorted(files)}


def _digest(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest()[:6], "big")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
