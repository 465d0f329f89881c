"""The login of a demo: a new password each time, for a page that shows made-up people."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from bhyt_filedrop.domain.access.accounts import Account, AccountRole
from bhyt_filedrop.web.office import PageAccounts
from bhyt_filedrop.web.signing_in import hash_password

NAME = "admin"


def new_login(accounts: PageAccounts) -> tuple[str, str]:
    """Return name and password of the demo's admin; the password before ends."""
    password = "-".join(secrets.token_hex(2) for _ in range(3))
    accounts.add(Account(NAME, AccountRole.ADMIN, "", "Quản trị", datetime.now(UTC)))
    accounts.set_password(NAME, hash_password(password))
    return NAME, password
