"""Judge one drop by what it holds: read it, recognise its lists, check them.

Nothing is asked of the ledger and nothing is decided here, so several drops may be judged at the
same time, ahead of their turn and in processes of their own (`ports.JudgedAhead`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path

from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.facts import Facts
from bhyt_filedrop.domain.drops.judge import judge, scan_route, scans_without_a_way
from bhyt_filedrop.domain.drops.judgement import own_findings
from bhyt_filedrop.domain.findings import Finding, finding
from bhyt_filedrop.domain.process.folders import Place
from bhyt_filedrop.ports import Archive, Reader
from bhyt_filedrop.work.arrival.examine import Examined, examine
from bhyt_filedrop.work.arrival.pace import Allowance


@dataclass
class Judging:
    """Reads what was dropped and judges it."""

    archive: Archive
    reader: Reader
    drop_seconds: float = inf
    """Seconds that all files of one drop may be read."""
    step: Callable[[], None] = lambda: None
    """Called before each of them, as a sign of life."""

    def judge(self, drop: Drop, place: Place, world: World, turn: float) -> Facts:
        """Return what a drop that came to a place holds; what stood before is asked when it is
        decided.

        Raises TryLater or NeverWorks where it cannot be read for a reason of this machine;
        TakesLong where it takes longer than `turn` seconds.
        """
        sha256 = drop.sha256 or ""
        examined = examine(
            self.archive.path(sha256),
            drop.name,
            sha256,
            self.reader,
            world,
            self._keep,
            self.archive.workspace,
            Allowance(self.drop_seconds, turn, self.step),
        )
        judgement = judge(examined.found, place, world, drop.arrived_at)
        scans = scan_route(judgement.judged, place, world, drop.arrived_at)
        owner = judgement.judged[0].sender if judgement.judged else place.unit
        first = judgement.judged[0].handoff if judgement.judged else None
        return Facts(
            drop=drop,
            owner=owner,
            parts=examined.parts,
            judged=judgement.judged,
            findings=(
                *_incomplete(drop, examined),
                *own_findings(examined.findings, judgement.findings, first),
                *(() if scans else scans_without_a_way(examined.parts)),
            ),
            scans=scans,
            access=world.routes.rule(owner).access,
        )

    def _keep(self, member: Path) -> str:
        copy = self.archive.new_file()
        copy.write_bytes(member.read_bytes())
        return self.archive.keep(copy)[0]


class NotAhead:
    """Judges nothing ahead: each drop is judged when it is its turn."""

    def count_ahead(self, waiting: int) -> int:
        """See `ports.JudgedAhead.count_ahead`."""
        return 0

    def begin(self, drop: Drop, place: Place, at: datetime) -> None:
        """See `ports.JudgedAhead.begin`."""

    def begin_beside(self, drop: Drop, place: Place, at: datetime) -> bool:
        """See `ports.JudgedAhead.begin_beside`."""
        return False

    def ends_a_process(self, drop: Drop, place: Place, at: datetime) -> bool:
        """See `ports.JudgedAhead.ends_a_process`."""
        return True

    def is_under_way(self, drop: Drop) -> bool:
        """See `ports.JudgedAhead.is_under_way`."""
        return False

    def facts(self, drop: Drop) -> Facts | None:
        """See `ports.JudgedAhead.facts`."""
        return None


def _incomplete(drop: Drop, examined: Examined) -> tuple[Finding, ...]:
    """A file that never ended may still be read in part; then children are missing from it."""
    if not drop.incomplete or any(f.code.startswith("file.") for f in examined.findings):
        return ()
    return (
        finding(
            "file.damaged",
            "Tệp bị cắt ngang, có thể do đường truyền đứt khi đang gửi, nên thiếu phần cuối.",
            "Mở tệp trên máy để kiểm tra, rồi gửi lại trọn vẹn.",
        ),
    )
