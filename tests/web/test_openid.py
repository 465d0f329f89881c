"""Signing in by a provider of OpenID Connect: it proves who somebody is, and nothing else."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from joserfc.jwk import RSAKey

from bhyt_filedrop.settings import ConfigError, load
from tests.journey.site import Site
from tests.web.played import SIGNED_UP, Answer, PlayedPage, Visitor, fresh, served
from tests.web.provider import CLIENT, SECRET, Provider, provider


@pytest.fixture(scope="module")
def beside(
    played: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[PlayedPage, Provider]]:
    """The page with a provider beside it."""
    with provider() as told, pytest.MonkeyPatch.context() as patch:
        site = fresh(played, tmp_path_factory.mktemp("openid"))
        named(site, f'issuer = "{told.issuer}"\nclient_id = "{CLIENT}"\ntitle = "BHXH"\n')
        patch.setenv("BHYT_FILEDROP_OPENID", SECRET)
        told.now = SIGNED_UP
        with served(site) as page:
            yield page, told


@pytest.fixture
def office(beside: tuple[PlayedPage, Provider]) -> Iterator[tuple[PlayedPage, Provider]]:
    """The same, and afterwards the provider tells the truth again and time is as before."""
    page, told = beside
    before = {one.name: getattr(told, one.name) for one in fields(told)}
    yield page, told
    for name, value in before.items():
        setattr(told, name, value)
    page.real.now = SIGNED_UP


def named(site: Site, text: str) -> None:
    machine = site.config / "bhyt-filedrop.toml"
    machine.write_text(machine.read_text(encoding="utf-8") + f"\n[web.openid]\n{text}", "utf-8")


def sent(visitor: Visitor, back: str = "") -> str:
    """Begin a login; return where the browser is sent."""
    answer = visitor.get("/login/openid" + (f"?back={back}" if back else ""))
    assert answer.status == 303, answer.text
    return answer.headers["location"]


def come_back(visitor: Visitor, url: str, code: str, **more: str) -> Answer:
    """Come back from the provider with what it said."""
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    return visitor.get("/login/openid/answer?" + urlencode({"code": code, "state": state} | more))


def sign_in(page: PlayedPage, told: Provider, back: str = "", **more: str) -> Answer:
    """Go the whole way as one browser does."""
    visitor = page.visitor()
    url = sent(visitor, back)
    return come_back(visitor, url, told.code_for(url), **more)


def test_whom_the_provider_names_is_let_in_with_the_role_of_our_account(
    office: tuple[PlayedPage, Provider],
):
    """Whatever role the token claims."""
    page, told = office
    visitor = page.visitor()
    assert "Đăng nhập bằng BHXH" in visitor.get("/login").text
    url = sent(visitor, "/drops")
    asked = dict(parse_qsl(urlsplit(url).query))
    assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
    assert asked["redirect_uri"].endswith("/login/openid/answer")
    answer = come_back(visitor, url, told.code_for(url))

    assert (answer.status, answer.headers["location"]) == (303, "/drops")
    assert visitor.get("/drops").status == 200
    assert visitor.get("/config").status == 404, "the department's account is no admin's"


LIES: dict[str, dict[str, object]] = {
    "nonce": {"nonce": "of another login"},
    "no nonce": {"nonce": None},
    "audience": {"aud": "another-page"},
    "no audience": {"aud": None},
    "issuer": {"iss": "https://elsewhere.example"},
    "another client's": {"aud": [CLIENT, "x"], "azp": "x"},
    "over": {"exp": int((SIGNED_UP - timedelta(minutes=5)).timestamp())},
    "without an end": {"exp": None},
    "of tomorrow": {"iat": int((SIGNED_UP + timedelta(days=1)).timestamp())},
    "no name": {"preferred_username": None},
    "a name that is none": {"preferred_username": 17},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_proves_nothing_lets_nobody_in(office: tuple[PlayedPage, Provider], lie: str):
    page, told = office
    told.claims = dict(LIES[lie])
    answer = sign_in(page, told)

    assert answer.status == 403
    assert "chưa được xác nhận" in answer.text
    assert "bhyt_session" not in str(answer.headers)


def test_a_signature_of_another_key_is_refused(office: tuple[PlayedPage, Provider]):
    page, told = office
    told.published, told.key = told.key, RSAKey.generate_key(2048, {"kid": "1"})

    assert sign_in(page, told).status == 403


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


@pytest.mark.parametrize("header", ["none", "HS256"])
def test_a_token_that_nobody_signed_or_anybody_could_have_is_refused(
    office: tuple[PlayedPage, Provider], header: str
):
    """The published key must not be taken for a shared secret."""
    page, told = office
    visitor = page.visitor()
    url = sent(visitor)
    asked = dict(parse_qsl(urlsplit(url).query))
    at = int(SIGNED_UP.timestamp())
    claims = {"iss": told.issuer, "aud": CLIENT, "sub": "1", "exp": at + 60, "iat": at,
              "nonce": asked["nonce"], "preferred_username": "quan-tri"}  # fmt: skip
    text = ".".join(b64(json.dumps(one).encode()) for one in ({"alg": header}, claims))
    signed = hmac.digest(told.key.as_pem(private=False), text.encode(), "sha256")
    told.token = f"{text}.{b64(signed) if header == 'HS256' else ''}"

    assert come_back(visitor, url, told.code_for(url)).status == 403


def test_keys_that_the_provider_changed_are_asked_for_again(office: tuple[PlayedPage, Provider]):
    page, told = office
    assert sign_in(page, told).status == 303
    told.key, told.header = RSAKey.generate_key(2048, {"kid": "2"}), {"kid": "2"}

    assert sign_in(page, told).status == 303


def test_a_login_comes_back_once_to_the_browser_it_began_in_and_in_time(
    office: tuple[PlayedPage, Provider],
):
    page, told = office
    first, other = page.visitor(), page.visitor()
    url = sent(first)
    code = told.code_for(url)
    sent(other)
    assert come_back(other, url, code).status == 403, "another browser"
    assert first.get(f"/login/openid/answer?code={code}&state=made-up").status == 403
    assert come_back(first, url, code).status == 303
    assert come_back(first, url, code).status == 403, "a second time"

    late = sent(first)
    page.real.now += timedelta(minutes=11)
    assert come_back(first, late, told.code_for(late)).status == 403


@pytest.mark.parametrize("name", ["nguoi-la", "quan-9"])
def test_who_has_no_account_here_stays_outside(office: tuple[PlayedPage, Provider], name: str):
    page, told = office
    told.claims = {"preferred_username": name}
    answer = sign_in(page, told)

    assert (answer.status, "Chưa có tài khoản" in answer.text) == (403, True)


def test_an_account_that_was_ended_stays_outside(office: tuple[PlayedPage, Provider]):
    page, told = office
    accounts = page.server.office.accounts
    accounts.set_active("phong-thu", active=False)
    try:
        assert sign_in(page, told).status == 403
    finally:
        accounts.set_active("phong-thu", active=True)


def test_a_provider_that_refuses_or_is_away_is_told_in_one_sentence(
    office: tuple[PlayedPage, Provider],
):
    page, told = office
    page.server.office.provider._about = {}  # type: ignore[union-attr]
    answer = page.visitor().get("/login/openid/answer?error=access_denied&state=x")
    assert answer.status == 403
    told.failing = True
    answer = page.visitor().get("/login/openid")

    assert (answer.status, "thử lại sau ít phút" in answer.text) == (503, True)


def test_nobody_is_led_elsewhere_afterwards(office: tuple[PlayedPage, Provider]):
    page, told = office

    assert sign_in(page, told, "//evil.example/").headers["location"] == "/"


def test_an_answer_of_another_issuer_is_refused(office: tuple[PlayedPage, Provider]):
    page, told = office

    assert sign_in(page, told, iss="https://elsewhere.example").status == 403


def test_without_a_provider_there_is_no_such_login(page: PlayedPage):
    assert page.visitor().get("/login/openid").status == 404
    assert "/login/openid" not in page.visitor().get("/login").text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('issuer = "http://sso.example"\nclient_id = "x"\n', "https://"),
        ('issuer = "https://sso.example"\n', "đủ issuer và client_id"),
        ('client_id = "x"\n', "đủ issuer và client_id"),
        (
            'issuer = "https://sso.example"\nclient_id = "x"\nclient_secret = "s"\n',
            "LoadCredential",
        ),
    ],
)
def test_a_provider_that_cannot_be_believed_is_a_problem_of_the_configuration(
    played: Site, tmp_path: Path, text: str, problem: str
):
    site = fresh(played, tmp_path)
    named(site, text)
    with pytest.raises(ConfigError) as refused:
        load(site.config)

    assert problem in str(refused.value)
