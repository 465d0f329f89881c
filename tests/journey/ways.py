"""A drop's way whose steps are the test's own: what is done is noted in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from bhyt_filedrop.domain.drops.drop import Drop
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.letters.letter import Letter
from bhyt_filedrop.work.arrival.journey import Journey
from tests.journey.keeping_up import a_city
from tests.offices import moment

NOW = moment(6, 12, 9)
DROP = Drop("D1", "main", "Quận 1/a.xlsx", "760", 1, 1.0, ".work/D1", NOW, state=State.CLAIMED)
KEPT = replace(DROP, sha256="5" * 64)


@dataclass
class Way:
    """Everything on a drop's way; `did` is what was done, in order."""

    error: Exception | None = None
    attempts: int = 0
    begun: int = 2
    ahead: int = 0
    takes_none: tuple[str, ...] = ()
    blamed: bool = False
    did: list[str] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    again: list[datetime | None] = field(default_factory=list)
    until: list[float] = field(default_factory=list)
    stands: Drop | None = None
    holds: bool = False

    def journey(self, **more: Any) -> Journey:
        gathering = SimpleNamespace(
            ahead=SimpleNamespace(count_ahead=lambda _count: self.ahead),
            begin=lambda drop: self.did.append(f"read {drop.id} ahead"),
            facts=lambda drop: self.did.append(f"read {drop.id}"),
            unread=lambda drop: self.did.append(f"not read {drop.id}"),
            with_what_stands=self._with_what_stands,
            lists=SimpleNamespace(together=nullcontext),
            ends_a_process=lambda _drop: self.blamed,
        )
        claiming = SimpleNamespace(
            take=self._take, clear=lambda drop: self.did.append(f"cleared {drop.id}")
        )
        delivering = SimpleNamespace(apply=self._apply)
        return Journey(
            claiming, gathering, delivering, self, a_city(), lambda: NOW,  # type: ignore[arg-type]
            deciding=self._deciding, **more,
        )  # fmt: skip

    @contextmanager
    def _deciding(self) -> Iterator[None]:
        self.holds = True
        yield
        self.holds = False

    def _with_what_stands(self, _drop: Drop, facts: object) -> object:
        assert self.holds
        return facts

    def _take(self, drop: Drop) -> Drop | None:
        if drop.id in self.takes_none:
            return None
        self.did.append(f"took {drop.id}")
        return replace(drop, sha256="5" * 64)

    def _apply(self, drop: Drop) -> State:
        if self.error:
            raise self.error
        self.did.append(f"put {drop.id}")
        return State.ACCEPTED

    # what the ledger is told

    def plan(self, drop: Drop, _plan: object, _at: datetime) -> None:
        assert self.holds, "two halves of a return must not overlook each other"
        self.did.append(f"planned {drop.id}")

    def begin(self, drop: str) -> int:
        self.did.append(f"began {drop}")
        return self.begun

    def get(self, _drop: str) -> Drop | None:
        return self.stands

    def resume(self, drop: str, _at: datetime) -> Drop:
        self.did.append(f"resumed {drop}")
        return KEPT

    def postpone(self, _drop: str, at: datetime, until: datetime, reason: str) -> int:
        self.did.append(f"put off: {reason}")
        self.until.append((until - at).total_seconds())
        return self.attempts + 1

    def set_aside(
        self, _drop: str, _at: datetime, reason: str, letters: Sequence[Letter],
        again_at: datetime | None = None,
    ) -> None:  # fmt: skip
        self.did.append(f"set aside: {reason}")
        self.letters += letters
        self.again.append(again_at)
