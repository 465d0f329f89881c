"""Who may open the status page, who has it open, and who looked at what, as the ledger keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bhyt_filedrop.domain.access.accounts import Access, Account, AccountRole, SignedIn
from bhyt_filedrop.domain.process.calendar import ZONE
from bhyt_filedrop.edges.ledger import schema, store
from bhyt_filedrop.edges.ledger.accountbook import LedgerAccounts

NOW = datetime(2015, 6, 12, 9, tzinfo=ZONE)
SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(hours=1)
OF_THU = Account("thu", AccountRole.DEPARTMENT, "thu", "Phòng Thu", NOW, True, "băm", "khoá")
OF_760 = Account("q1", AccountRole.UNIT, "760", "BHXH Quận 1", NOW)


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[LedgerAccounts]:
    opened = store.open_engine(f"sqlite:///{tmp_path / 'ledger.db'}")
    schema.metadata.create_all(opened)
    yield LedgerAccounts(opened)
    opened.dispose()


@pytest.fixture
def both(accounts: LedgerAccounts) -> LedgerAccounts:
    assert accounts.add(OF_THU)
    assert accounts.add(OF_760)
    return accounts


def signed_in(account: Account, seen_at: datetime = NOW) -> SignedIn:
    return SignedIn(account.name, f"token of {account.name}", "10.0.0.7", NOW, seen_at)


def test_an_account_comes_back_as_it_was_made_and_all_of_them_by_name(both: LedgerAccounts):
    assert both.account("thu") == OF_THU
    assert both.account("ai") is None
    assert both.accounts() == [OF_760, OF_THU]


def test_a_name_is_given_once(both: LedgerAccounts):
    assert not both.add(replace(OF_760, title="Quận khác"))
    assert both.account("q1") == OF_760


def test_a_link_is_its_accounts_until_it_is_used_or_too_old(both: LedgerAccounts):
    assert both.invited("", NOW) is None
    both.invite("q1", "tóm lược", LATER)

    assert both.invited("tóm lược", SOON) == OF_760
    assert both.invited("tóm lược khác", SOON) is None
    assert both.invited("tóm lược", LATER) is None

    both.set_password("q1", "băm mới")

    assert both.invited("tóm lược", SOON) is None
    assert both.account("q1") == replace(OF_760, password="băm mới")


def test_a_link_to_an_account_that_was_ended_opens_nothing_also_when_it_lives_again(
    both: LedgerAccounts,
):
    both.invite("q1", "tóm lược", LATER)
    both.set_active("q1", False)
    assert both.invited("tóm lược", SOON) is None

    both.set_active("q1", True)

    assert both.account("q1") == OF_760
    assert both.invited("tóm lược", SOON) is None


def test_a_key_of_one_time_codes_is_set_and_taken_away(both: LedgerAccounts):
    both.set_one_time("q1", "khoá mới")
    assert [one.one_time for one in both.accounts()] == ["khoá mới", "khoá"]

    both.set_one_time("q1", "")
    assert both.account("q1") == OF_760


def test_a_session_is_found_with_its_account_and_when_it_was_last_used(both: LedgerAccounts):
    both.begin_session("s1", signed_in(OF_760))
    both.begin_session("s2", signed_in(OF_THU))
    both.seen("s1", SOON)

    assert both.session("s1") == (signed_in(OF_760, SOON), OF_760)
    assert both.session("s2") == (signed_in(OF_THU), OF_THU)
    assert both.session("s3") is None


def test_a_session_ends_by_itself_alone(both: LedgerAccounts):
    both.begin_session("s1", signed_in(OF_760))
    both.begin_session("s2", signed_in(OF_760))
    both.end_session("s1")

    assert both.session("s1") is None
    assert both.session("s2")


def test_a_new_password_and_the_end_of_an_account_end_all_its_sessions_and_no_others(
    both: LedgerAccounts,
):
    def begin() -> None:
        for digest, account in (("s1", OF_760), ("s2", OF_760)):
            both.begin_session(digest, signed_in(account))

    both.begin_session("s3", signed_in(OF_THU))
    begin()
    both.set_password("q1", "băm mới")
    assert [bool(both.session(one)) for one in ("s1", "s2", "s3")] == [False, False, True]

    begin()
    both.set_active("q1", True)
    assert both.session("s1")

    both.set_active("q1", False)
    both.set_active("q1", True)
    assert [bool(both.session(one)) for one in ("s1", "s2", "s3")] == [False, False, True]


def test_who_is_shut_out_has_no_session_from_that_moment(both: LedgerAccounts):
    both.set_active("q1", False)
    both.begin_session("s1", signed_in(OF_760))

    assert both.session("s1") is None


def test_only_sessions_that_nobody_used_lately_are_ended(both: LedgerAccounts):
    both.begin_session("s1", signed_in(OF_760, NOW))
    both.begin_session("s2", signed_in(OF_760, SOON))

    assert both.end_idle(SOON) == 1
    assert (both.session("s1"), bool(both.session("s2"))) == (None, True)
    assert both.end_idle(SOON) == 0


def test_looks_are_told_oldest_first_from_a_moment_up_to_another_of_one_account_or_unit(
    accounts: LedgerAccounts,
):
    def a_look(at: datetime, account: str, unit: str) -> Access:
        return Access(at, account, "10.0.0.7", "opened", unit, "D150612-AAAAAA", "tệp gốc")

    early, soon = a_look(NOW, "thu", "760"), a_look(SOON, "q1", "760")
    late = a_look(LATER, "thu", "thu")
    for one in (early, soon, late):
        accounts.note(one)

    assert accounts.accesses(NOW, LATER) == [early, soon]
    assert accounts.accesses(SOON, LATER + timedelta(seconds=1)) == [soon, late]
    assert accounts.accesses(NOW, LATER, account="thu") == [early]
    assert accounts.accesses(NOW, LATER, unit="760") == [early, soon]
    assert accounts.accesses(NOW, LATER, account="q1", unit="thu") == []

    assert accounts.forget(SOON) == 1
    assert accounts.accesses(NOW, LATER) == [soon]
