"""Who is let in, for how long, and what a stranger, a guesser or another site's page achieves."""

from __future__ import annotations

import contextlib
import http.client
from contextlib import closing
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from bhyt_filedrop.domain.access.accounts import Account, AccountRole
from bhyt_filedrop.web.one_time import STEP, code_at, new_key, step_of
from bhyt_filedrop.web.signing_in import FREE_TRIES, INVITED_FOR, digest_of, hash_password, invite
from bhyt_filedrop.wiring.page import accounts_of
from tests.web.played import PASSWORD, ROUND_PAGE, SIGNED_UP, PlayedPage


def test_a_stranger_is_led_to_the_door_and_back_to_where_he_wanted(page: PlayedPage):
    visitor = page.visitor()
    asked = visitor.get(ROUND_PAGE)
    signed = visitor.post("/login", {"name": "phong-thu", "password": PASSWORD, "back": ROUND_PAGE})

    assert (asked.status, asked.headers["location"]) == (303, f"/login?back={ROUND_PAGE}")
    assert signed.headers["location"] == ROUND_PAGE
    assert visitor.get(ROUND_PAGE).status == 200


def test_the_cookie_is_kept_from_scripts_and_other_sites_and_the_ledger_has_its_digest_alone(
    page: PlayedPage,
):
    visitor = page.visitor()
    answer = visitor.post("/login", {"name": "phong-thu", "password": PASSWORD})
    told = answer.headers["set-cookie"].lower()
    cookie = visitor.cookies["bhyt_session"]

    assert "httponly" in told and "samesite=lax" in told
    with page.books.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT digest FROM sessions").scalars().all()
    assert digest_of(cookie) in rows and cookie not in rows


def test_over_https_the_cookie_goes_no_other_way(own_page: PlayedPage):
    settings = own_page.server.office.settings
    object.__setattr__(settings.web, "public_url", "https://bhyt.example")
    answer = own_page.visitor().post("/login", {"name": "phong-thu", "password": PASSWORD})

    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("name", "password"), [("phong-thu", "khác"), ("không có", PASSWORD), ("phong-thu", "")]
)
def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    own_page: PlayedPage, name: str, password: str
):
    answer = own_page.visitor().post("/login", {"name": name, "password": password})

    assert answer.status == 403
    assert "Tên, mật khẩu hoặc mã xác thực không đúng." in answer.text


def test_who_guesses_has_to_wait_ever_longer_and_is_let_in_again_later(own_page: PlayedPage):
    visitor = own_page.visitor()
    for _ in range(FREE_TRIES):
        assert visitor.post("/login", {"name": "phong-thu", "password": "sai"}).status == 403
    right = {"name": "phong-thu", "password": PASSWORD}
    waits = visitor.post("/login", right)
    own_page.real.now += timedelta(minutes=16)

    assert waits.status == 429 and int(waits.headers["retry-after"]) >= 1
    assert visitor.post("/login", right).status == 303


def test_a_session_that_is_not_used_is_over(own_page: PlayedPage):
    visitor = own_page.visitor("phong-thu")
    own_page.real.now += timedelta(hours=11)
    assert visitor.get(ROUND_PAGE).status == 200
    own_page.real.now += timedelta(hours=13)

    assert visitor.get(ROUND_PAGE).status == 303


def test_a_page_that_is_left_open_does_not_keep_its_session_for_ever(own_page: PlayedPage):
    visitor = own_page.visitor("phong-thu")
    for _ in range(16):
        assert visitor.get(ROUND_PAGE).status == 200
        own_page.real.now += timedelta(hours=11)

    assert visitor.get(ROUND_PAGE).status == 303


@pytest.mark.parametrize("told", [True, False])
def test_a_form_that_is_bigger_than_any_of_ours_is_not_read(page: PlayedPage, told: bool):
    host, port = page.server.address
    body = (b"name=" + b"x" * 1000 for _ in range(200))
    with closing(http.client.HTTPConnection(host, port, timeout=60)) as line:
        headers = {"Content-Length": str(1005 * 200)} if told else {}
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            line.request("POST", "/login", body, headers, encode_chunked=not told)
        assert line.getresponse().status == 413


def test_signing_out_ends_the_session_also_for_a_copy_of_the_cookie(own_page: PlayedPage):
    visitor, copy = own_page.visitor("phong-thu"), own_page.visitor()
    copy.cookies = dict(visitor.cookies)
    visitor.get(ROUND_PAGE)
    visitor.post("/logout", {})

    assert copy.get(ROUND_PAGE).status == 303


def test_an_account_that_is_ended_is_out_at_once(own_page: PlayedPage):
    visitor = own_page.visitor("phong-thu")
    accounts = accounts_of(own_page.books)
    accounts.set_active("phong-thu", False)

    assert visitor.get(ROUND_PAGE).status == 303
    accounts.set_active("phong-thu", True)
    assert visitor.get(ROUND_PAGE).status == 303, "its sessions are gone for good"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": ""},
    ],
)
def test_a_form_of_another_site_does_nothing(page: PlayedPage, headers: dict[str, str]):
    visitor = page.visitor("phong-thu")
    visitor.get(ROUND_PAGE)
    answer = visitor.post("/logout", {}, **headers)

    assert answer.status == 403
    assert visitor.get(ROUND_PAGE).status == 200


def test_a_form_without_the_token_of_the_session_does_nothing(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    answers = [visitor.post("/logout", {"token": token}).status for token in ("", "x", "ạ")]

    assert answers == [403, 403, 403]
    assert visitor.get(ROUND_PAGE).status == 200


def test_a_browser_that_names_no_site_is_believed_by_its_origin(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    visitor.get(ROUND_PAGE)

    assert visitor.post("/logout", {}, Sec_Fetch_Site="", Origin=page.base).status == 303


def test_a_link_lets_its_owner_choose_a_password_once(own_page: PlayedPage):
    accounts = accounts_of(own_page.books)
    accounts.add(Account("moi", AccountRole.VIEWER, "", "Người mới", SIGNED_UP))
    path = f"/invitation/{invite(accounts, 'moi', SIGNED_UP)}"
    visitor = own_page.visitor()
    chosen = {"password": "một mật khẩu mới", "again": "một mật khẩu mới"}

    assert "Người mới" in visitor.get(path).text
    assert visitor.post(path, {"password": "ngắn", "again": "ngắn"}).status == 400
    assert visitor.post(path, {**chosen, "again": "khác hẳn thế này"}).status == 400
    assert visitor.post(path, chosen).status == 303
    assert visitor.get(ROUND_PAGE).status == 200
    assert own_page.visitor().get(path).status == 404
    assert own_page.visitor().post(path, chosen).status == 404


def test_a_link_is_worth_nothing_when_it_is_old_or_a_newer_one_was_made(own_page: PlayedPage):
    accounts = accounts_of(own_page.books)
    older = invite(accounts, "phong-thu", SIGNED_UP)
    newer = invite(accounts, "phong-thu", SIGNED_UP)

    assert own_page.visitor().get(f"/invitation/{older}").status == 404
    assert own_page.visitor().get(f"/invitation/{newer}").status == 200
    own_page.real.now += INVITED_FOR
    assert own_page.visitor().get(f"/invitation/{newer}").status == 404


def test_a_new_password_ends_all_other_sessions(own_page: PlayedPage):
    visitor, elsewhere = own_page.visitor("phong-thu"), own_page.visitor("phong-thu")
    new = {"password": "mật khẩu khác hẳn", "again": "mật khẩu khác hẳn"}
    visitor.get("/account")

    assert visitor.post("/account/password", {**new, "before": "sai"}).status == 400
    assert visitor.post("/account/password", {**new, "before": PASSWORD}).status == 303
    assert visitor.get(ROUND_PAGE).status == 200
    assert elsewhere.get(ROUND_PAGE).status == 303


def test_one_time_codes_are_asked_for_once_they_are_chosen_and_each_opens_once(
    own_page: PlayedPage,
):
    visitor, key = own_page.visitor("phong-thu"), new_key()
    step = int(own_page.real.now.timestamp()) // STEP
    visitor.get("/account")
    wrong = visitor.post("/account/one-time", {"key": key, "code": "000000"})
    right = visitor.post("/account/one-time", {"key": key, "code": code_at(key, step)})
    login = {"name": "phong-thu", "password": PASSWORD}
    with_code = {**login, "code": code_at(key, step)}

    assert (wrong.status, right.status) == (400, 303)
    assert own_page.visitor().post("/login", login).status == 403
    assert own_page.visitor().post("/login", with_code).status == 303
    assert own_page.visitor().post("/login", with_code).status == 403, "seen over a shoulder"


def test_one_time_codes_are_those_of_the_standard():
    """RFC 6238, appendix B: the last six of the eight digits for this key at these times."""
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

    assert [code_at(key, at // STEP) for at in (59, 1111111109, 2000000000)] == [
        "287082",
        "081804",
        "279037",
    ]
    assert step_of(key, "287 082", SIGNED_UP) is None


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_site(page: PlayedPage, back: str):
    visitor = page.visitor()
    signed = visitor.post("/login", {"name": "phong-thu", "password": PASSWORD, "back": back})
    spoken = visitor.get(f"/language/en?back={back}".replace("\\", "%5C"))

    assert (signed.headers["location"], spoken.headers["location"]) == ("/", "/")


def test_a_proxy_names_who_is_there_only_if_it_is_a_trusted_one(own_page: PlayedPage):
    web = own_page.server.office.settings.web
    object.__setattr__(web, "user_header", "X-Remote-User")
    untrusted = own_page.visitor().get(ROUND_PAGE, X_Remote_User="phong-thu")
    object.__setattr__(web, "trusted_proxies", ("127.0.0.1",))
    visitor = own_page.visitor()
    trusted = visitor.get(ROUND_PAGE, X_Remote_User="phong-thu")

    assert (untrusted.status, trusted.status) == (303, 200)
    assert visitor.post("/logout", {}, X_Remote_User="phong-thu").status == 303
    assert own_page.visitor().get(ROUND_PAGE, X_Remote_User="ai-do").status == 303
    swapped = visitor.get("/account", X_Remote_User="quan-1")
    assert "Quận 1" in swapped.text, "another person behind the same browser"


def test_every_answer_forbids_scripts_of_others_and_frames(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    for path in ("/login", ROUND_PAGE, "/nowhere", "/static/page.css", "/healthz"):
        headers = visitor.get(path).headers

        assert "script-src 'self'; style-src 'self'" in headers["content-security-policy"], path
        assert "unsafe" not in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["x-frame-options"] == "DENY", path


def test_a_password_is_kept_as_argon2_with_the_cost_that_its_authors_ask_for():
    """RFC 9106, 4: the second recommended option has 64 MiB and three passes."""
    kept = PasswordHasher()

    assert (kept.memory_cost, kept.time_cost, kept.type.name) == (65536, 3, "ID")
    assert hash_password(PASSWORD).startswith("$argon2id$")
