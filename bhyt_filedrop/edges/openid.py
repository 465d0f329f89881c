"""OpenID Connect: the authorization code flow with PKCE, state and nonce (OpenID Connect Core 3.1).

The token is believed only with a signature of the provider's own keys, for us, fresh, and with the
nonce of this very login. joserfc (the extra `[oidc]`) reads keys and tokens; it is loaded when the
page starts with a provider, and not before.
"""

from __future__ import annotations

import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from bhyt_filedrop.ports import ActRefused, LoginBegun, TryLater
from bhyt_filedrop.settings import OpenIdSettings

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA"]
"""Signatures by a key that only the provider has; never a shared secret, never none."""

LEEWAY = 60
"""Seconds by which its clock may differ from ours."""

MOST = 1 << 20
"""Bytes of an answer."""


class _NoRedirects(HTTPRedirectHandler):
    """Keys and secrets are asked of nobody but the provider itself."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirects)


@dataclass
class OpenIdProvider:
    """One provider. What it says of itself is asked once, its keys again when one is new."""

    settings: OpenIdSettings
    secret: str
    _about: Mapping[str, Any] = field(default_factory=dict)
    _keys: KeySet | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.settings.title or "OpenID Connect"

    def begin(self, redirect: str) -> LoginBegun:
        """Begin a login that comes back to `redirect`."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": redirect,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": _challenge(verifier),
            "code_challenge_method": "S256",
        }
        place = self._place("authorization_endpoint")
        joined = "&" if "?" in place else "?"
        return LoginBegun(f"{place}{joined}{urlencode(asked)}", state, nonce, verifier)

    def name_of(
        self, begun: LoginBegun, redirect: str, answer: Mapping[str, str], now: datetime
    ) -> str:
        """Return the account's name that an answer stands for."""
        code = answer.get("code", "")
        given = answer.get("state", "")
        if not code or not secrets.compare_digest(given.encode(), begun.state.encode()):
            raise _unproven("the answer is not to this login")
        if answer.get("iss", self.settings.issuer) != self.settings.issuer:
            raise _unproven("another issuer")
        claims = self._claims(self._token(code, redirect, begun.verifier), begun.nonce, now)
        name = claims.get(self.settings.claim)
        if not isinstance(name, str) or not name.strip():
            raise _unproven(f"the token has no {self.settings.claim}")
        return name.strip().lower()

    def _token(self, code: str, redirect: str, verifier: str) -> str:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "client_id": self.settings.client_id,
            "code_verifier": verifier,
        }
        who = f"{quote(self.settings.client_id, '')}:{quote(self.secret, '')}"
        asked = Request(self._place("token_endpoint"), urlencode(fields).encode())
        asked.add_header("Authorization", f"Basic {b64encode(who.encode()).decode()}")
        token = self._asked(asked).get("id_token")
        if not isinstance(token, str):
            raise _unproven("no id_token was given")
        return token

    def _claims(self, token: str, nonce: str, now: datetime) -> Mapping[str, Any]:
        wanted = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.settings.issuer},
            aud={"essential": True, "value": self.settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = self._read(token).claims
            wanted.validate(claims)
        except (JoseError, ValueError) as error:
            raise _unproven(type(error).__name__) from error
        if claims.get("azp", self.settings.client_id) != self.settings.client_id:
            raise _unproven("the token is another client's")
        return claims

    def _read(self, token: str) -> jwt.Token:
        """Read a token by the keys that are known; by those of now where these do not fit."""
        if self._keys is not None:
            try:
                return jwt.decode(token, self._keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError):
                pass  # the provider may have changed its keys
        found = self._asked(Request(self._place("jwks_uri")))
        self._keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
        return jwt.decode(token, self._keys, algorithms=ALGORITHMS)

    def _place(self, name: str) -> str:
        if not self._about:
            base = self.settings.issuer.rstrip("/")
            about = self._asked(Request(f"{base}/.well-known/openid-configuration"))
            if about.get("issuer") != self.settings.issuer:
                raise TryLater("the provider calls itself otherwise than issuer says")
            self._about = about
        place = self._about.get(name)
        if not isinstance(place, str) or not place.startswith(("https://", "http://")):
            raise TryLater(f"the provider has no {name}")
        if self.settings.issuer.startswith("https://") and not place.startswith("https://"):
            raise TryLater(f"{name} is not https")
        return place

    def _asked(self, request: Request) -> Mapping[str, Any]:
        request.add_header("Accept", "application/json")
        try:
            with _OPENER.open(request, timeout=self.settings.timeout_seconds) as answer:
                told = json.loads(answer.read(MOST))
        except HTTPError as error:
            if error.code in (400, 401, 403) and request.data:
                raise _unproven("the code was refused") from error
            raise TryLater(f"the provider answered {error.code}") from error
        except (OSError, HTTPException, ValueError) as error:
            raise TryLater(f"the provider cannot be asked: {type(error).__name__}") from error
        if not isinstance(told, dict):
            raise TryLater("the provider answered something else")
        return told


def _challenge(verifier: str) -> str:
    """RFC 7636, S256."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")


def _unproven(why: str) -> ActRefused:
    return ActRefused(
        "Đăng nhập chưa được xác nhận. Xin đăng nhập lại.", f"The login is not proven: {why}."
    )
