"""Letters (thư): what the product has to write to a unit, as values stored with their cause.

A letter has a unique key, so that storing it twice makes one. It carries plain JSON, and the
template of its kind turns that into a mail; no letter holds anything that only lives in memory.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.process.calendar import moment_text
from bhyt_filedrop.domain.process.units import Unit, Units

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

ARRIVAL_KINDS = frozenset({"receipt", "returned", "delivered", "held", "sent-for"})
"""Kinds that come in floods, when many files arrive at once."""

MAX_FINDINGS = 50

ALONG = "file.returned-along"
"""A letter shows so many findings; the annotated copy has them all."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter: its name for people, its SHA-256 in the archive."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one unit. `context` holds only what JSON holds (lists, never tuples)."""

    key: str
    kind: str
    unit: str
    context: Mapping[str, Json]
    attachments: tuple[Attachment, ...] = ()

    def to_json(self) -> str:
        """Write as one line of JSON, keys sorted."""
        value = {
            "key": self.key,
            "kind": self.kind,
            "unit": self.unit,
            "context": self.context,
            "attachments": [{"name": a.name, "sha256": a.sha256} for a in self.attachments],
        }
        return json.dumps(value, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Letter:
        """Read what `to_json` wrote. Raises ValueError, KeyError or TypeError for other text."""
        value: dict[str, Any] = json.loads(text)
        files = tuple(Attachment(**one) for one in value["attachments"])
        return cls(value["key"], value["kind"], value["unit"], value["context"], files)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the letters about one drop tell of it.

    `unit` is the sender's id, `sender_name` its name. `file_name` is the name the sender gave.
    `handoff_name` and `round_title` are "" where they could not be told. `due_text` is
    `Deadline.text` ("" = no date). `rows` counts the children (None = not a list).
    """

    drop_id: str
    unit: str
    sender_name: str
    file_name: str
    received_at: datetime
    handoff_name: str = ""
    round_title: str = ""
    late: bool = False
    due_text: str = ""
    rows: int | None = None
    is_scan: bool = False
    """True for a scan or a text that came without its list: it stands for no list."""
    visits: bool = False
    """True where the rows are visits, of which a child may have several."""

    def context(self) -> dict[str, Json]:
        """The part of the context that every letter about a drop has."""
        return {
            "drop_id": self.drop_id,
            "sender_name": self.sender_name,
            "file_name": one_line(self.file_name),
            "received_at": moment_text(self.received_at),
            "handoff_name": self.handoff_name,
            "round_title": self.round_title,
            "late": self.late,
            "due_text": self.due_text,
            "rows": self.rows,
            "is_scan": self.is_scan,
            "visits": self.visits,
        }


@dataclass(frozen=True, slots=True)
class Enclosed:
    """One of the files that a letter tells of; `rows` as in `Arrival`."""

    name: str
    rows: int | None = None
    visits: bool = False

    def context(self) -> dict[str, Json]:
        """The file in a letter's context."""
        return {"name": one_line(self.name), "rows": self.rows, "visits": self.visits}


def one_line(text: str) -> str:
    """Flatten a name that a stranger chose: no line breaks, no control characters."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


def addressed(unit: Unit, units: Units) -> str:
    """Return how a letter addresses a unit: `BHXH Quận 1`, `UBND Phường Bến Nghé, Quận 1`.

    A name that already begins so (`BHXH cơ sở …`) is left as it is.
    """
    pattern = units.kind_of(unit).addressed
    if unit.name.casefold().startswith(pattern.split("{")[0].strip().casefold() or "\0"):
        return unit.name
    return units.worded(pattern, unit)


def contact_of(unit: Unit, units: Units) -> str:
    """Return whom to call about a letter: the office, its phone and first address; "" where the
    table of units has neither."""
    ways = [f"ĐT {unit.phone}"] if unit.phone else []
    ways += [f"thư {unit.email[0]}"] if unit.email else []
    return ", ".join([addressed(unit, units), *ways]) if ways else ""


def findings_context(findings: Iterable[Finding], limit: int = MAX_FINDINGS) -> dict[str, Json]:
    """Return `findings` (what blocks first, cut at `limit`), `findings_total` and `counts`.

    Which files of an archive need no correction stands apart, in `along`: it says what to do, and
    must not be cut off below the faults of the others ("" = nothing to say).
    """
    order, every = list(Severity), list(findings)
    along = [f"{one.message} {one.remedy}" for one in every if one.code == ALONG]
    ranked = sorted(
        (one for one in every if one.code != ALONG), key=lambda f: order.index(f.severity)
    )
    counts = {str(s): sum(f.severity is s for f in ranked) for s in order}
    shown: list[Json] = [_finding_line(f) for f in ranked[:limit]]
    return {
        "findings": shown,
        "findings_total": len(ranked),
        "counts": dict(counts),
        "along": " ".join(along),
    }


def _finding_line(found: Finding) -> dict[str, Json]:
    return {**found.as_json(), "file": one_line(found.file)}


def receipt(
    arrival: Arrival,
    findings: Iterable[Finding] = (),
    *,
    delivered_to: Sequence[str] = (),
    corrects: bool = False,
    replaced: Sequence[str] = (),
    waits_for_approval: bool = False,
    files: Sequence[str] = (),
) -> Letter:
    """To the sender: accepted. `delivered_to` names the receivers, `corrects` says that it takes
    the place of an earlier list, `replaced` names the files of those that people dropped."""
    return Letter(
        f"receipt/{arrival.drop_id}",
        "receipt",
        arrival.unit,
        arrival.context()
        | findings_context(findings)
        | {
            "delivered_to": list(delivered_to),
            "corrects": corrects,
            "replaced": list(replaced),
            "waits_for_approval": waits_for_approval,
            "files": [one_line(file) for file in files],
        },
    )


def returned(
    arrival: Arrival,
    findings: Iterable[Finding],
    *,
    folder: str,
    annotated_name: str = "",
    attachment: Attachment | None = None,
    drop_folder: str = "",
) -> Letter:
    """To the sender: wrong, goes back. `folder` is where the annotated copy lies, under
    `annotated_name`; `attachment` the same copy, where it is small enough to go along.
    `drop_folder` is where the corrected file is to be dropped ("" = the findings say it)."""
    return Letter(
        f"returned/{arrival.drop_id}",
        "returned",
        arrival.unit,
        arrival.context()
        | findings_context(findings)
        | {
            "folder": folder,
            "annotated_name": one_line(annotated_name),
            "drop_folder": drop_folder,
        },
        (attachment,) if attachment else (),
    )


def delivered(
    arrival: Arrival,
    receiver: str,
    *,
    folder: str,
    stored_name: str,
    files: Sequence[Enclosed] = (),
    by_system: bool = False,
    findings: Iterable[Finding] = (),
    corrects: bool = False,
    replaced: Sequence[str] = (),
    next_step: str = "",
) -> Letter:
    """To a receiver: a file lies in `folder` under `stored_name`; `files` are all that were put
    there. `by_system` says that the product made it for the receiver itself.

    `next_step` says in one sentence what the receiver now owes and by when ("" = nothing)."""
    return Letter(
        f"delivered/{arrival.drop_id}/{receiver}",
        "delivered",
        receiver,
        arrival.context()
        | findings_context(findings)
        | {
            "folder": folder,
            "stored_name": one_line(stored_name),
            "files": [file.context() for file in files],
            "by_system": by_system,
            "corrects": corrects,
            "replaced": list(replaced),
            "next_step": next_step,
        },
    )


def held(
    arrival: Arrival,
    missing: Sequence[str],
    findings: Iterable[Finding] = (),
    *,
    reason: str = "",
    drop_folder: str = "",
) -> Letter:
    """To the sender: taken, but kept until `missing` (names of lists) has come too, in
    `drop_folder`.

    `reason` is one sentence for a file that waits for something else, an approval for instance.
    """
    return Letter(
        f"held/{arrival.drop_id}",
        "held",
        arrival.unit,
        arrival.context()
        | findings_context(findings)
        | {"missing": list(missing), "reason": reason, "drop_folder": drop_folder},
    )


def sent_for(
    arrival: Arrival, lists: Sequence[tuple[str, Enclosed]], *, folder: str, note: str = ""
) -> Letter:
    """To the office in whose name lists went out: which, to whom (`lists`: receiver and file), and
    the folder where it has copies."""
    return Letter(
        f"sent-for/{arrival.drop_id}/{arrival.unit}",
        "sent-for",
        arrival.unit,
        arrival.context()
        | {
            "lists": [{"receiver": receiver, **file.context()} for receiver, file in lists],
            "delivered_to": [receiver for receiver, _ in lists],
            "folder": folder,
            "note": note,
        },
    )


def set_aside(
    arrival: Arrival, admin: str, *, reason: str, attempts: int, tries_on: bool = False
) -> Letter:
    """To the admin: one drop cannot be handled and waits for a person; `tries_on` where it goes on
    being tried, for a machine is the reason."""
    return Letter(
        f"set-aside/{arrival.drop_id}/{attempts}",
        "set-aside",
        admin,
        arrival.context()
        | {"reason": one_line(reason), "attempts": attempts, "tries_on": tries_on},
    )


def notice(key: str, unit: str, title: str, paragraphs: Sequence[str]) -> Letter:
    """A free letter, to an admin as a rule; `key` makes it unique: `notice/<key>`."""
    return Letter(f"notice/{key}", "notice", unit, {"title": title, "paragraphs": list(paragraphs)})
