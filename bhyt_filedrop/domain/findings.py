"""Findings: what the product says about a workbook, and the public list of their codes.

A finding is a value, never an exception. Codes are a public contract: once published, a code
is never reused for something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase


class Severity(StrEnum):
    """What a finding does to its file."""

    BLOCKS = "blocks"
    """The file goes back whole."""
    WARNS = "warns"
    """Travels with the file."""
    NOTES = "notes"
    """Was repaired, or is only told."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say about one place.

    `cell` is A1 style and `row` 1-based; both are None for a whole file or sheet. `value` is the
    offending text: it may go into the annotated copy and the sender's letter, never into a log.
    `message` is one Vietnamese sentence a clerk understands, `remedy` what to do now. `file` is
    the member of an archive it belongs to ("" for a drop of one file).
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    sheet: str | None = None
    cell: str | None = None
    row: int | None = None
    field: str | None = None
    value: str | None = None
    file: str = ""


_B, _W, _N = Severity.BLOCKS, Severity.WARNS, Severity.NOTES

CODES: Mapping[str, Severity] = {
    "file.empty": _B,
    "file.too-large": _B,
    "file.not-a-workbook": _B,
    "file.damaged": _B,
    "file.encrypted": _B,
    "file.unsafe": _B,
    "file.active-content": _W,
    "file.disguised": _N,
    "file.repeated": _N,
    "file.rejected": _B,
    "form.unrecognised": _B,
    "form.not-expected": _B,
    "form.column-missing": _B,
    "form.section-missing": _B,
    "form.no-rows": _B,
    "form.round-missing": _W,
    "form.round-wrong": _B,
    "form.sender-wrong": _B,
    "form.receiver-unclear": _B,
    "form.sheet-ignored": _W,
    "form.hidden-rows": _W,
    "form.total-wrong": _W,
    "row.number-gap": _W,
    "row.name-missing": _B,
    "row.name-invalid": _B,
    "row.name-placeholder": _N,
    "row.birth-date-missing": _B,
    "row.birth-date-unreadable": _B,
    "row.birth-date-incomplete": _W,
    "row.birth-date-future": _B,
    "row.birth-date-after-round": _B,
    "row.over-age": _B,
    "row.sex-missing": _W,
    "row.sex-invalid": _B,
    "row.card-missing": _B,
    "row.card-invalid": _B,
    "row.card-not-child": _B,
    "row.card-unexpected": _B,
    "row.card-repeated": _B,
    "row.facility-missing": _B,
    "row.facility-invalid": _B,
    "row.facility-unknown": _W,
    "row.parent-missing": _B,
    "row.id-number-invalid": _W,
    "row.id-number-repaired": _N,
    "row.address-missing": _B,
    "row.address-unplaced": _W,
    "row.address-elsewhere": _B,
    "row.reason-missing": _B,
    "row.status-missing": _B,
    "row.status-invalid": _B,
    "row.repeated": _B,
    "row.legacy-text": _N,
    "row.error-value": _B,
    "row.contribution-wrong": _W,
    "row.validity-wrong": _W,
    "list.child-missing": _B,
    "list.child-unknown": _B,
    "list.child-in-two-lists": _B,
    "list.child-changed": _W,
    "list.child-named": _N,
    "list.person-carded-before": _W,
    "list.card-of-another": _B,
    "list.incomplete": _N,
    "list.overtaken": _N,
}
"""Every published code with its default severity (FINDINGS.md)."""


def finding(code: str, message: str, remedy: str, **place: str | int | None) -> Finding:
    """Make a finding of a published code at its default severity.

    Raises KeyError for a code that was never published: that is a programming error.
    """
    return Finding(code, CODES[code], message, remedy, **place)  # type: ignore[arg-type]


def with_severities(
    findings: Iterable[Finding], overrides: Mapping[str, Severity]
) -> tuple[Finding, ...]:
    """Apply a hand-off's own severities, e.g. `{"row.*": WARNS}`.

    A pattern only ever lowers what blocks by default or raises what it names exactly: `row.*` =
    warns leaves notes alone, or a repaired number would suddenly look like a fault.
    """
    return tuple(_with_severity(f, overrides) for f in findings)


def _with_severity(found: Finding, overrides: Mapping[str, Severity]) -> Finding:
    if found.code in overrides:
        return replace(found, severity=overrides[found.code])
    for pattern, severity in overrides.items():
        if found.severity is Severity.BLOCKS and fnmatchcase(found.code, pattern):
            return replace(found, severity=severity)
    return found


def blocked(findings: Iterable[Finding]) -> bool:
    """True where at least one finding sends the file home."""
    return any(f.severity is Severity.BLOCKS for f in findings)
