"""Secrets: from the environment or systemd, never from the files."""

from __future__ import annotations

from bhyt_filedrop.ports import (
    NeverWorks,
)
from bhyt_filedrop.settings import (
    secret,
    variable,
)


def password(name: str) -> str:
    """Return a secret. Raises NeverWorks where it is not to be had, with what to set."""
    found = secret(name)
    if found is None:
        raise NeverWorks(
            f"the credential {name!r} is missing: set {variable(name)} or systemd's LoadCredential"
        )
    return found
