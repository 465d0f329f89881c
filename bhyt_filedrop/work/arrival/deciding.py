"""What a person decides of a drop that waits: handle it again, let it go on, send it back.

Each is one event with its reason and who did it; the tree's worker acts on it at its next turn.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.words import STATES
from bhyt_filedrop.ports import ActRefused, DecisionBook, DraftReader

WAITING = frozenset({State.HELD, State.SET_ASIDE})


@dataclass(frozen=True)
class Deciding:
    """Each act raises ActRefused, and changes nothing, where the drop is in no state for it."""

    drops: DecisionBook
    lists: DraftReader

    def find(self, drop_id: str) -> Drop:
        """Return a drop by its id."""
        drop = self.drops.get(drop_id)
        if drop is None:
            raise ActRefused(
                f"Không có tệp nộp nào mang mã {drop_id}.", f"There is no drop {drop_id}."
            )
        return drop

    def retry(self, drop_id: str, why: str, by: str, at: datetime) -> None:
        """Handle what was set aside again, from the start."""
        self._decide(drop_id, "retry", why, by, at, frozenset({State.SET_ASIDE}))

    def reject(self, drop_id: str, why: str, by: str, at: datetime) -> None:
        """Send what waits back to its sender."""
        self._decide(drop_id, "reject", why, by, at, WAITING)

    def release(self, drop_id: str, why: str, by: str, at: datetime) -> tuple[str, ...]:
        """Let what waits go on as it is; return what kept it from that, in the words of its
        findings."""
        drop = self.find(drop_id)
        self._must_be(drop, WAITING)
        if not self.lists.lists_of(drop_id):
            raise ActRefused(
                f"{drop_id} chưa đọc được danh sách nào nên chưa biết chuyển cho ai; hãy dùng "
                "retry hoặc reject.",
                f"no list was recognised in {drop_id}, so there is nobody to release it to; "
                "use retry or reject.",
            )
        despite = self._despite(drop_id)
        self._decide(drop_id, "release", why, by, at, WAITING)
        return despite

    def _despite(self, drop_id: str) -> tuple[str, ...]:
        return tuple(
            one.message
            for one in self.drops.findings(drop_id)
            if one.severity is Severity.BLOCKS or one.code in ("list.incomplete", "list.size-odd")
        )

    def _decide(
        self, drop_id: str, action: str, why: str, by: str, at: datetime, allowed: Set[State]
    ) -> None:
        self._must_be(self.find(drop_id), allowed)
        if not why.strip():
            raise ActRefused("Phải ghi lý do.", "A reason is needed.")
        self.drops.override(drop_id, action, why, at, by)

    def _must_be(self, drop: Drop, allowed: Set[State]) -> None:
        if drop.state not in allowed:
            raise ActRefused(
                f"{drop.id} đang ở trạng thái «{STATES[drop.state]}», không dùng lệnh này.",
                f"{drop.id} is {drop.state}; this command does not apply.",
            )
