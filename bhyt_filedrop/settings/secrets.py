"""Secrets by name: from systemd's credentials or the environment, never from `config/`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

PREFIX = "BHYT_FILEDROP_"
"""Start of the environment variables that hold secrets."""


def variable(name: str) -> str:
    """Return the environment variable of a secret: `smtp-main` → `BHYT_FILEDROP_SMTP_MAIN`."""
    return PREFIX + re.sub(r"[^A-Za-z0-9]", "_", name).upper()


def secret(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """Return a secret, or None where nobody gave it.

    systemd's `$CREDENTIALS_DIRECTORY/<name>` comes first (only the service can read it), then the
    environment variable. One newline at the end is not part of it.
    """
    env = os.environ if environ is None else environ
    folder = env.get("CREDENTIALS_DIRECTORY")
    if folder and re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        try:
            return Path(folder, name).read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError):
            pass
    return env.get(variable(name))
