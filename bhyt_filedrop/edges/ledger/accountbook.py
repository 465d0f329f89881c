"""Accounts, sessions and the access log of the status page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from bhyt_filedrop.domain.access.accounts import Access, Account, AccountRole, SignedIn
from bhyt_filedrop.edges.ledger import schema
from bhyt_filedrop.edges.ledger.store import reading

_ACCOUNT = schema.accounts.c
_SESSION = schema.sessions.c
_ACCESS = schema.accesses.c


class LedgerAccounts:
    """Fills `AccountBook`, `SessionBook` and `AccessBook`; each writing call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- accounts ----------------------------------------------------------------------------

    def account(self, name: str) -> Account | None:
        """Return one account, whether it is active or not."""
        query = select(schema.accounts).where(_ACCOUNT.name == name)
        with reading(self._engine) as connection:
            found = connection.execute(query).first()
        return _account(found) if found else None

    def accounts(self) -> list[Account]:
        """Return all accounts, by name."""
        query = select(schema.accounts).order_by(_ACCOUNT.name)
        with reading(self._engine) as connection:
            return [_account(one) for one in connection.execute(query)]

    def add(self, account: Account) -> bool:
        """Write an account down; False where the name is taken."""
        values = {name: getattr(account, name) for name in Account.__slots__}
        values |= {"role": account.role.value, "invited": ""}
        with self._engine.begin() as tx:
            known = select(_ACCOUNT.name).where(_ACCOUNT.name == account.name)
            if tx.execute(known).first():
                return False
            tx.execute(insert(schema.accounts).values(values))
        return True

    def invite(self, name: str, digest: str, until: datetime) -> None:
        """Note the digest of the one link by which a password is chosen."""
        with self._engine.begin() as tx:
            _change(tx, name, invited=digest, invited_until=until)

    def invited(self, digest: str, now: datetime) -> Account | None:
        """Return whose link it is, None where it is unknown, used or too old."""
        query = select(schema.accounts).where(
            _ACCOUNT.invited == digest, _ACCOUNT.invited_until > now, _ACCOUNT.active
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).first()
        return _account(found) if digest and found else None

    def set_password(self, name: str, password: str) -> None:
        """Take a new password's hash; links and sessions of before end with that."""
        with self._engine.begin() as tx:
            _change(tx, name, password=password, invited="", invited_until=None)
            tx.execute(delete(schema.sessions).where(_SESSION.account == name))

    def set_one_time(self, name: str, key: str) -> None:
        """Take the key of one-time codes; "" takes it away."""
        with self._engine.begin() as tx:
            _change(tx, name, one_time=key)

    def set_active(self, name: str, active: bool) -> None:
        """Let an account in again, or end it with all its sessions."""
        with self._engine.begin() as tx:
            _change(tx, name, active=active, invited="", invited_until=None)
            if not active:
                tx.execute(delete(schema.sessions).where(_SESSION.account == name))

    # --- sessions ----------------------------------------------------------------------------

    def begin_session(self, digest: str, session: SignedIn) -> None:
        """Write a session down."""
        values = {name: getattr(session, name) for name in SignedIn.__slots__}
        with self._engine.begin() as tx:
            tx.execute(insert(schema.sessions).values(values | {"digest": digest}))

    def session(self, digest: str) -> tuple[SignedIn, Account] | None:
        """Return a session with its account as it is now; None where either is gone or ended."""
        query = (
            select(schema.sessions, schema.accounts)
            .join(schema.accounts, _SESSION.account == _ACCOUNT.name)
            .where(_SESSION.digest == digest, _ACCOUNT.active)
        )
        with reading(self._engine) as connection:
            found = connection.execute(query).first()
        if found is None:
            return None
        told = {name: found._mapping[schema.sessions.c[name]] for name in SignedIn.__slots__}
        return SignedIn(**told), _account(found)

    def seen(self, digest: str, at: datetime) -> None:
        """Note that a session is in use."""
        with self._engine.begin() as tx:
            tx.execute(update(schema.sessions).where(_SESSION.digest == digest).values(seen_at=at))

    def end_session(self, digest: str) -> None:
        """End one session."""
        with self._engine.begin() as tx:
            tx.execute(delete(schema.sessions).where(_SESSION.digest == digest))

    def end_idle(self, before: datetime) -> int:
        """End the sessions that were last used before a moment."""
        with self._engine.begin() as tx:
            return tx.execute(delete(schema.sessions).where(_SESSION.seen_at < before)).rowcount

    # --- who looked at what ------------------------------------------------------------------

    def note(self, access: Access) -> None:
        """Write one look down."""
        values = {name: getattr(access, name) for name in Access.__slots__}
        with self._engine.begin() as tx:
            tx.execute(insert(schema.accesses).values(values))

    def accesses(
        self, since: datetime, until: datetime, account: str = "", unit: str = ""
    ) -> list[Access]:
        """Return what was looked at from a moment up to another, the oldest first."""
        query = (
            select(schema.accesses)
            .where(_ACCESS.at >= since, _ACCESS.at < until)
            .order_by(_ACCESS.id)
        )
        if account:
            query = query.where(_ACCESS.account == account)
        if unit:
            query = query.where(_ACCESS.unit == unit)
        with reading(self._engine) as connection:
            return [_access(one) for one in connection.execute(query)]

    def forget(self, before: datetime) -> int:
        """Delete what is older than a moment; return how much."""
        with self._engine.begin() as tx:
            return tx.execute(delete(schema.accesses).where(_ACCESS.at < before)).rowcount


def _account(row: Row[Any]) -> Account:
    found = {name: row._mapping[schema.accounts.c[name]] for name in Account.__slots__}
    return Account(**found | {"role": AccountRole(found["role"])})


def _access(row: Row[Any]) -> Access:
    return Access(**{name: row._mapping[name] for name in Access.__slots__})


def _change(tx: Connection, name: str, **values: Any) -> None:
    tx.execute(update(schema.accounts).where(_ACCOUNT.name == name).values(**values))
