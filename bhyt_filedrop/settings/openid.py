"""`[web.openid]`: who else may say who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from bhyt_filedrop.settings.fields import Positive, ShortName, StrictTable

_OWN = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class OpenIdSettings(StrictTable):
    """A provider that signs people in (OpenID Connect); "" as `issuer` = none.

    `claim` of its token is the account's name. `credential` is the name of the client's secret.
    Roles are our accounts' own, whatever it says. Times in seconds.
    """

    issuer: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    client_id: str = ""
    credential: ShortName = "openid"
    claim: Annotated[str, Field(pattern=r"^[A-Za-z0-9_:./-]+$")] = "preferred_username"
    title: str = ""
    """What the page calls it ("" = OpenID Connect)."""
    timeout_seconds: Positive = 10.0

    @property
    def host(self) -> str:
        """Where it is asked; "" = nowhere."""
        return urlsplit(self.issuer).hostname or ""

    @property
    def is_in_the_open(self) -> bool:
        """True where its answers could be changed on their way."""
        return self.issuer.startswith("http://") and self.host not in _OWN
