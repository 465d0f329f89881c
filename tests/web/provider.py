"""A small provider of OpenID Connect on this machine, which can be told to lie."""

from __future__ import annotations

import json
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "bhyt-filedrop", "bí mật: của trang%"


@dataclass
class Provider:
    """What it signs with, and how it lies: `claims` are put over those of a right token."""

    issuer: str = ""
    now: datetime | None = None
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    published: RSAKey | None = None
    """The key that it says is its own, where that is not the one it signs with."""
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    token: str | None = None
    """Given in the place of one that is signed."""
    failing: bool = False
    asked: list[Mapping[str, str]] = field(default_factory=list)
    """The logins that were begun."""

    def about(self) -> dict[str, Any]:
        """Its discovery document."""
        places = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        return {"issuer": self.issuer} | {name: f"{self.issuer}/{name}" for name in places}

    def code_for(self, url: str) -> str:
        """Sign somebody in at the page that a browser was sent to; return what comes back."""
        self.asked.append(dict(parse_qsl(urlsplit(url).query)))
        return str(len(self.asked) - 1)

    def exchanged(self, form: Mapping[str, str], authorization: str) -> dict[str, Any] | None:
        """Give a token for a code; None where who asks cannot prove to be its client."""
        login = self.asked[int(form["code"])]
        who = b64decode(authorization.removeprefix("Basic ")).decode().split(":")
        digest = sha256(form["code_verifier"].encode()).digest()
        proven = urlsafe_b64encode(digest).decode().rstrip("=") == login["code_challenge"]
        if [unquote(part) for part in who] != [CLIENT, SECRET] or not proven:
            return None
        if form["redirect_uri"] != login["redirect_uri"]:
            return None
        at = int((self.now or datetime.now().astimezone()).timestamp())
        claims = {
            "iss": self.issuer, "aud": CLIENT, "sub": "17", "exp": at + 300, "iat": at,
            "nonce": login["nonce"], "preferred_username": "Phong-Thu", "role": "admin",
        } | self.claims  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "1"} | self.header
        return {"id_token": self.token or jwt.encode(header, claims, self.key)}


@contextmanager
def provider() -> Iterator[Provider]:
    """Serve a provider until the block ends."""
    told = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self._say(200, told.about())
            elif self.path == "/jwks_uri":
                key = told.published or told.key
                self._say(200, {"keys": [key.as_dict(private=False)]})
            else:
                self._say(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            given = told.exchanged(form, self.headers.get("Authorization", ""))
            self._say(200 if given else 401, given or {"error": "invalid_client"})

        def _say(self, status: int, answer: dict[str, Any]) -> None:
            self.send_response(500 if told.failing else status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_args: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
