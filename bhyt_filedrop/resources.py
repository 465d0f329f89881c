"""Finds what ships with the product: configuration, documents, templates, systemd files.

In a checkout they lie beside the package; in a wheel they travel inside it, in `_shipped`.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(name: str) -> Path:
    """Return the shipped folder `config`, `docs`, `templates` or `systemd`.

    Raises FileNotFoundError where the installation lacks it.
    """
    for place in (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(f"this installation lacks its {name} folder; install it again")


DEFAULT_CITY = "hcmc-2015"
"""The city of a site that names none: what the product served before there were several."""


def config_dir(city: str = DEFAULT_CITY) -> Path:
    """Return the shipped configuration of a city, which serves until a site has its own.

    It holds what is the city's own and rests on what all cities share (`settings.layers`).
    """
    return shipped("config") / "cities" / city


def cities() -> tuple[str, ...]:
    """Return the names of the shipped cities."""
    return tuple(sorted(p.name for p in (shipped("config") / "cities").iterdir() if p.is_dir()))


def templates_dir() -> Path:
    """Return the folder with `mail/` and `web/`."""
    return shipped("templates")
