"""Finds what ships with the product: configuration, templates, systemd files.

In a checkout they lie beside the package; in a wheel they travel inside it, in `_shipped`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the shipped folder `config`, `templates` or `systemd`.

    Raises FileNotFoundError where the installation lacks it.
    """
    for place in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"this installation lacks its {name} folder; install it again")


def config_dir() -> Path:
    """Return the shipped configuration (HCMC 2015), which serves until a site has its own."""
    return shipped("config")


def templates_dir() -> Path:
    """Return the folder with `mail/` and `web/`."""
    return shipped("templates")
