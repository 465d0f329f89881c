"""Reconcile what came back with what was sent: each child in exactly one list, or named as missing.

`reconcile` matches, `findings` says what a clerk has to know about it, `balance` counts it.
"""

from __future__ import annotations

from bhyt_filedrop.domain.reconcile.as_sent import as_it_was_sent
from bhyt_filedrop.domain.reconcile.matching import reconcile, repeats, sent_twice
from bhyt_filedrop.domain.reconcile.said import (
    Remark,
    can_reconcile,
    findings,
    join_findings,
    remarks,
    requests_missing,
)
from bhyt_filedrop.domain.reconcile.values import (
    Came,
    Doubled,
    HopBalance,
    How,
    Pair,
    Reconciled,
    Uncertain,
    balance,
    came_of,
    not_asked_for,
    wanted_cards,
)

__all__ = [
    "Came",
    "Doubled",
    "HopBalance",
    "How",
    "Pair",
    "Reconciled",
    "Remark",
    "Uncertain",
    "as_it_was_sent",
    "balance",
    "came_of",
    "can_reconcile",
    "findings",
    "join_findings",
    "not_asked_for",
    "reconcile",
    "remarks",
    "repeats",
    "requests_missing",
    "sent_twice",
    "wanted_cards",
]
