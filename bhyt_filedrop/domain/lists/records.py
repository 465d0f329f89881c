"""A list as the ledger keeps it: what it stands for, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bhyt_filedrop.domain.lists.states import COUNTED, ListState
from bhyt_filedrop.domain.process.rounds import Round


@dataclass(frozen=True, slots=True)
class ListKey:
    """What a list stands for: the same key again means a corrected list."""

    handoff: str
    round: Round
    sender: str
    receiver: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class ListRecord:
    """One recognised list of one drop, as the ledger keeps it.

    `version` counts corrected lists of the same key from 1; `sha256` are the bytes of the file it
    came in.
    """

    drop: str
    seq: int
    key: ListKey
    form: str
    rows: int
    sha256: str
    state: ListState
    version: int
    at: datetime
    late: bool = False
    file: str = ""
    basis: str = ""
    """For a derived list: a digest of what it was made from. "" = somebody dropped it."""
    completed_at: datetime | None = None
    """When the hand-off was complete with it; None while it is held."""

    def as_json(self) -> dict[str, str | int]:
        """As the command line and the page's JSON tell it."""
        return {
            "handoff": self.key.handoff,
            "round": str(self.key.round),
            "sender": self.key.sender,
            "receiver": self.key.receiver,
            "part": self.key.part,
            "form": self.form,
            "rows": self.rows,
            "state": str(self.state),
            "version": self.version,
        }

    @property
    def is_accepted(self) -> bool:
        """True where it is the list that its receiver has to work with."""
        return self.state == ListState.ACCEPTED

    @property
    def is_proposal(self) -> bool:
        """True for a derived list that waits for approval: it has reached nobody, and the one
        before it stands."""
        return self.state == ListState.HELD and bool(self.basis)

    @property
    def is_draft(self) -> bool:
        """True for a derived list that is only offered to the office that has to give it."""
        return bool(self.basis) and self.key.sender == self.key.receiver

    @property
    def counts(self) -> bool:
        """True where its children count in balances and figures."""
        return self.state in COUNTED
