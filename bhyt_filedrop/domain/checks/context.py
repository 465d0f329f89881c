"""What the checks know besides the list itself: the day, the round, the units, the hand-off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit, Units


@dataclass(frozen=True, slots=True)
class Context:
    """Everything outside a list that its findings depend on.

    `today` is the day of arrival. `round` is the round whose rules apply: the list's own where it
    names one, else the one assumed; None switches the rules on a quarter off. Without `handoff`
    nothing is checked that only the folder can know. `open_rounds` and `facilities` empty mean
    "not known": then no round is wrong and no hospital unknown.
    """

    today: date
    units: Units
    gazetteer: Gazetteer
    forms: Mapping[str, FormSpec]
    round: Round | None = None
    sender: Unit | None = None
    receiver: Unit | None = None
    handoff: HandOff | None = None
    open_rounds: frozenset[Round] = field(default_factory=frozenset)
    facilities: frozenset[str] = field(default_factory=frozenset)

    @property
    def place_unit(self) -> Unit | None:
        """The unit in whose area every address must lie; None where that is not checked."""
        return self._party(self.handoff.place_of if self.handoff else "")

    @property
    def heading_unit(self) -> Unit | None:
        """The unit that the heading must name; None where any may stand there."""
        return self._party(self.handoff.heading_unit if self.handoff else "")

    @property
    def is_answer(self) -> bool:
        """True for a return: no child that was sent may be left out of it."""
        return bool(self.handoff and self.handoff.answers)

    def asks_for_cards_beside(self, form: FormSpec) -> bool:
        """True where another part of the hand-off is the list that asks for cards (D03-TS)."""
        parts = self.handoff.parts if self.handoff else ()
        others = (f for part in parts if form.id not in part for f in part)
        return any(self.forms[f].asks_for_cards for f in others if f in self.forms)

    def _party(self, word: str) -> Unit | None:
        return {"sender": self.sender, "receiver": self.receiver}.get(word)


def by_id(forms: Iterable[FormSpec]) -> dict[str, FormSpec]:
    """Index forms by id, as `Context.forms` wants them."""
    return {form.id: form for form in forms}
