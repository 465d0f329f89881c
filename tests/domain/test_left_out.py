"""What a configuration leaves out means what it always meant: no site may change by an upgrade."""

from __future__ import annotations

from dataclasses import fields

import pytest

from bhyt_filedrop.domain.forms.printed import PrintColumn
from bhyt_filedrop.domain.forms.spec import Column, Rules, Section
from bhyt_filedrop.domain.process.entitlement import Entitlement
from bhyt_filedrop.domain.process.handoffs import (
    Due,
    FileAccess,
    HandOff,
    ProcessHead,
    Reminders,
)
from bhyt_filedrop.domain.process.numbers import NumberRules


@pytest.mark.parametrize(
    ("table", "meant"),
    [
        (Column, {"required": False}),
        (Section, {"required": False, "reason_required": False, "outside_city": False}),
        (
            Rules,
            {
                "states_round": True, "facility_with_card": True, "parent": True, "address": True,
                "visits": False, "answered": False, "contribution": False, "validity": False,
            },
        ),
        (PrintColumn, {"hidden": False}),
        (Due, {"month": 0, "day": 0, "before": False, "roll": "none"}),
        (Reminders, {"before": (7, 3, 1), "on_day": True, "after_daily": True}),
        (
            HandOff,
            {
                "optional": False, "drop_in": ("sender",), "release": "auto",
                "heading_unit": "sender", "active_content": "defuse",
            },
        ),
        (FileAccess, {"mode": None, "acl": False}),
        (ProcessHead, {"open_from_month": 1, "open_days_after_last_due": 90}),
        (Entitlement, {"months": 72, "school_month": 9, "school_day": 30}),
        (NumberRules, {"personal": False, "personal_from": None}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)  # fmt: skip
def test_what_a_table_leaves_out_means_what_it_always_meant(table: type, meant: dict[str, object]):
    assert {f.name: f.default for f in fields(table) if f.name in meant} == meant
