"""What people do in the ledger: arrange, decide, approve, send again; each writing call is one
transaction with its event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from bhyt_filedrop.domain.drops.drop import Drop
    from bhyt_filedrop.domain.drops.handed_in import HandedIn
    from bhyt_filedrop.domain.findings import Finding
    from bhyt_filedrop.domain.letters.letter import Letter
    from bhyt_filedrop.domain.owed.arrangements import Arrangement
    from bhyt_filedrop.domain.owed.papers import PaperTick
    from bhyt_filedrop.domain.process.rounds import Round


class ArrangementBook(Protocol):
    """Extensions, appointments and acknowledgements about lists that are owed."""

    def arrange(self, wanted: Arrangement) -> Arrangement:
        """Write an arrangement down; return it with its number."""
        ...

    def undo(self, number: int, why: str, by: str, at: datetime) -> Arrangement | None:
        """End an arrangement; return it, None where it does not stand."""
        ...

    def of_round(self, round_: Round) -> Sequence[Arrangement]:
        """Return every arrangement of a round, undone or not, the oldest first."""
        ...

    def extensions(self) -> Sequence[Arrangement]:
        """Return the extensions that stand, the oldest first."""
        ...


class PaperBook(Protocol):
    """Which paper copies came to whom."""

    def of_round(self, round_: Round) -> Sequence[PaperTick]:
        """Return the ticks of a round."""
        ...

    def tick(self, tick: PaperTick) -> bool:
        """Note that copies came; False where that is noted already."""
        ...

    def untick(self, tick: PaperTick, why: str) -> bool:
        """Take a note back (by whom, when: as `tick` says); False where there is none."""
        ...


class OfferBook(Protocol):
    """Lists that wait for approval, and what was offered of them in a folder."""

    def waiting(self, tree: str) -> Sequence[Drop]:
        """Return the own drops of a tree that wait for approval."""
        ...

    def held_for_a_look(self, handoffs: Collection[str]) -> Sequence[Drop]:
        """Return what people dropped and a person has to look at: lists of odd size, and those of
        some hand-offs."""
        ...

    def offered(self, drop: str) -> str:
        """Return the SHA-256 of what was offered of a drop, "" = nothing was."""
        ...

    def is_withheld(self, drop: str) -> bool:
        """True where somebody said that a drop is not to be sent."""
        ...

    def find(self, drop: str) -> Drop | None:
        """Return a drop by its id."""
        ...

    def offer(self, drop: str, sha256: str, at: datetime) -> None:
        """Note what is offered of a drop."""
        ...

    def withhold(self, drop: str, by: str, at: datetime) -> None:
        """Note that a drop is not to be sent, and who said so."""
        ...


class DecisionBook(Protocol):
    """What a person decides of a drop."""

    def get(self, drop: str) -> Drop | None:
        """Return one drop by its id."""
        ...

    def findings(self, drop: str) -> Sequence[Finding]:
        """Return what was found in one drop."""
        ...

    def override(self, drop: str, action: str, why: str, at: datetime, by: str = "") -> None:
        """Send a drop round again under a person's decision; `by` is who decided."""
        ...


class HandInBook(Protocol):
    """What people handed in without the folder."""

    def note(self, given: HandedIn) -> None:
        """Write down what is about to be put."""
        ...

    def failed(self, given: HandedIn, error: str) -> None:
        """Write down that it could not be put, with the kind of the trouble."""
        ...

    def of_mark(self, mark: str) -> HandedIn | None:
        """Return what was put under a name with a mark, None where nothing was."""
        ...


class ResendBook(Protocol):
    """Letters that a person sends once more. Each call is one transaction with its event."""

    def send_again(
        self, letters: Mapping[str, Sequence[str]], at: datetime, why: str = "", by: str = ""
    ) -> int:
        """Make set-aside letters due: key → addresses still to be served (() = all)."""
        ...

    def sent_letter(self, key: str) -> Letter | None:
        """Return a letter that left, None where there is none of that key."""
        ...

    def send_copy(self, sent: Letter, why: str, by: str, at: datetime) -> str:
        """Queue a copy of a letter that left; return its key."""
        ...
