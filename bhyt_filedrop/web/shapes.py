"""What the answers of the JSON API look like, as JSON Schema: every field, and nothing else.

A test asks the real API for each of them, and fails where an answer is not as it is told here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.findings import Severity
from bhyt_filedrop.domain.lists.states import ListState
from bhyt_filedrop.domain.owed.arrangements import ArrangementKind
from bhyt_filedrop.domain.owed.faces import DebtFace
from bhyt_filedrop.domain.owed.obligations import Standing, Want

Shape: TypeAlias = Mapping[str, Any]

TEXT: Shape = {"type": "string"}
COUNT: Shape = {"type": "integer", "minimum": 0}
TRUTH: Shape = {"type": "boolean"}
DAY: Shape = {"type": "string", "format": "date"}
MOMENT: Shape = {"type": "string", "format": "date-time"}
ROUND: Shape = {"type": "string", "pattern": r"^[12][0-9]{3}Q[1-4]$"}


def some(shape: Shape) -> Shape:
    """A list of such things."""
    return {"type": "array", "items": shape}


def maybe(shape: Shape) -> Shape:
    """Such a thing, or null."""
    return {"anyOf": [shape, {"type": "null"}]}


def of(words: Any) -> Shape:
    """One of the words of an enumeration."""
    return {"type": "string", "enum": [str(word) for word in words]}


def thing(**fields: Shape) -> Shape:
    """An object that has all of some fields, and no other."""
    return {
        "type": "object",
        "required": list(fields),
        "properties": fields,
        "additionalProperties": False,
    }


ARRANGEMENT = thing(
    id=COUNT, kind=of(ArrangementKind), handoff=TEXT, round=ROUND, unit=TEXT, receiver=TEXT,
    until=maybe(DAY), why=TEXT, by=TEXT, at=MOMENT, undone_at=maybe(MOMENT),
)  # fmt: skip

_DEBT: Mapping[str, Shape] = {
    "sender": TEXT, "sender_name": TEXT, "receiver": maybe(TEXT), "receiver_name": maybe(TEXT),
    "standing": of(Standing), "at": maybe(MOMENT), "missing": some(some(TEXT)), "added": COUNT,
    "unplaced": COUNT, "want": maybe(of(Want)), "sent_back": maybe(MOMENT), "due": maybe(DAY),
    "extension": maybe(ARRANGEMENT), "saved_by_extension": TRUTH, "arranged": maybe(ARRANGEMENT),
    "face": of(DebtFace), "days_over": COUNT,
}  # fmt: skip

_UNIT: Mapping[str, Shape] = {
    "id": TEXT, "name": TEXT, "kind": TEXT, "parent": TEXT, "email": some(TEXT), "phone": TEXT,
}  # fmt: skip

_DROP: Mapping[str, Shape] = {
    "id": TEXT, "state": of(State), "arrived_at": MOMENT, "closed_at": maybe(MOMENT), "unit": TEXT,
    "file": TEXT, "size": COUNT, "sha256": maybe(TEXT), "handoff": TEXT, "round": maybe(ROUND),
    "late": TRUTH, "extended": TRUTH, "reason": TEXT,
}  # fmt: skip

_LETTER: Mapping[str, Shape] = {
    "key": TEXT, "kind": TEXT, "unit": TEXT, "drop": maybe(TEXT), "state": TEXT, "attempts": COUNT,
    "next_at": maybe(MOMENT), "created_at": MOMENT, "sent_at": maybe(MOMENT), "error": TEXT,
}  # fmt: skip

LATER = thing(last_day=DAY, late_from=MOMENT, units=some(TEXT))

ANSWERS: Mapping[str, Shape] = {
    "api-round": thing(
        round=ROUND, title=TEXT, now=MOMENT,
        handoffs=some(
            thing(id=TEXT, number=TEXT, name=TEXT, due=maybe(DAY), units=some(thing(**_DEBT)))
        ),
    ),
    "api-calendar": thing(
        round=ROUND,
        handoffs=some(
            thing(id=TEXT, number=TEXT, name=TEXT, last_day=maybe(DAY), late_from=maybe(MOMENT),
                  due_text=TEXT, extended=some(LATER))
        ),
    ),
    "api-units": thing(units=some(thing(**_UNIT))),
    "api-unit": thing(
        **_UNIT, round=ROUND, obligations=some(thing(handoff=TEXT, number=TEXT, **_DEBT))
    ),
    "api-drops": thing(drops=some(thing(**_DROP))),
    "api-drop": thing(
        **_DROP,
        lists=some(
            thing(handoff=TEXT, round=ROUND, sender=TEXT, receiver=TEXT, part=COUNT, form=TEXT,
                  rows=COUNT, state=of(ListState), version=COUNT)
        ),
        findings=some(
            thing(code=TEXT, severity=of(Severity), file=TEXT, sheet=maybe(TEXT), cell=maybe(TEXT),
                  row=maybe(COUNT), message=TEXT, remedy=TEXT)
        ),
        files=some(thing(role=TEXT, unit=TEXT, path=TEXT, done_at=maybe(MOMENT))),
        events=some(thing(at=MOMENT, kind=TEXT)),
        letters=some(thing(**_LETTER)),
    ),
    "api-letters": thing(letters=some(thing(**_LETTER))),
    "api-letter": thing(**_LETTER, context={"type": "object"}),
}  # fmt: skip
"""Route → what it answers."""
