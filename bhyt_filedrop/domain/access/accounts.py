"""Accounts of the status page: who, in which role, for which office."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountRole(StrEnum):
    """What an account is for; each may do what the ones before it may, but for a unit's."""

    UNIT = "unit"
    """A district or ward: sees itself and the units below it, and nobody else."""
    VIEWER = "viewer"
    """Sees the whole city and changes nothing."""
    DEPARTMENT = "department"
    """A city department: sees the whole city and acts in the name of its office."""
    ADMIN = "admin"
    """Sees and does everything, the accounts included."""


CITY_WIDE = frozenset({AccountRole.VIEWER, AccountRole.DEPARTMENT, AccountRole.ADMIN})
"""Who sees the whole city."""

ROLE_NAMES = {
    AccountRole.UNIT: "đơn vị",
    AccountRole.VIEWER: "chỉ xem",
    AccountRole.DEPARTMENT: "phòng của BHXH tỉnh, thành phố",
    AccountRole.ADMIN: "quản trị",
}
"""How people call the roles."""

NEEDS_UNIT = frozenset({AccountRole.UNIT, AccountRole.DEPARTMENT})
"""Whose accounts belong to an office."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `title` is what the page calls it; `password` its hash ("" = none chosen yet);
    `one_time` the key of its one-time codes ("" = it signs in without)."""

    name: str
    role: AccountRole
    unit: str
    title: str
    created_at: datetime
    active: bool = True
    password: str = ""
    one_time: str = ""

    @property
    def sees_city(self) -> bool:
        """True where it may see every office."""
        return self.role in CITY_WIDE


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session: whose, since when, from where, and the token that its forms carry."""

    account: str
    token: str
    address: str
    began_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Access:
    """One look: who opened or downloaded (`did`) what of whom, when and from where."""

    at: datetime
    account: str
    address: str
    did: str
    unit: str = ""
    drop_id: str = ""
    what: str = ""


def is_account_name(text: str) -> bool:
    """True for 2 to 64 small letters, digits, `.`, `_`, `@`, `-`."""
    return _NAME.fullmatch(text) is not None
