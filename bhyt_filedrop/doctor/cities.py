"""Whether a site still cites documents, or bears names, of a city that it is not.

An office makes its configuration of the shipped one that is nearest. What it forgot to change would
go out in letters under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict

from bhyt_filedrop.doctor.checks import Check, some, warn
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.resources import cities, config_dir
from bhyt_filedrop.settings import Settings, load

_DOCUMENT = re.compile(r"\b\d{1,5}(?:/\d{4})?/[A-ZĐ][A-ZĐ0-9-]+")
"""The number of an official document: `1331/BHXH-THU`, `188/2025/NĐ-CP`."""

_NATIONAL = re.compile(r"/(QH[0-9]*|[A-ZĐ]+-CP|TT(LT)?-[A-ZĐ-]+)$")


def foreign(settings: Settings) -> Iterator[Check]:
    """Yield a warning for documents, and for names and titles, that are another city's."""
    theirs = [load(config_dir(city)) for city in cities() if city != settings.city]
    own = load(config_dir(settings.city)) if settings.city in cities() else None
    documents = _cited(*theirs) - (_cited(own) if own else set())
    names = _called(*theirs) - (_called(own) if own else set())
    if wrong := sorted(_cited(settings) & documents):
        yield warn(
            "city",
            f"Còn trích dẫn văn bản của nơi khác: {some(wrong)}.",
            "Ghi số văn bản của đơn vị ở mục [sources] của city.toml và khóa source của từng bước.",
        )
    called = {kind.called for kind in settings.units.kinds.values()}
    own_heads = {name for name in names if any(name.endswith(word) for word in called)}
    if wrong := sorted(_called(settings) & (names - own_heads)):
        yield warn(
            "city",
            f"Còn tên gọi, chức danh của nơi khác: {some(wrong)}.",
            "Sửa ở mục [kinds.…] của city.toml và [authority] của process.toml.",
        )


def _cited(*sites: Settings) -> set[str]:
    texts = [text for site in sites for text in _sources(site)]
    return {found for text in texts for found in _DOCUMENT.findall(text) if not _of_all(found)}


def _of_all(document: str) -> bool:
    """True for laws, decrees and circulars: they hold in every city."""
    return bool(_NATIONAL.search(document))


def _sources(site: Settings) -> Iterator[str]:
    yield site.process.name
    yield from (handoff.source for handoff in site.process.handoffs.values())
    yield from asdict(site.units.sources).values()


def _called(*sites: Settings) -> set[str]:
    """What only one city says: the authority, and who signs and is addressed in its letters."""
    return {text for site in sites for text in _names(site.units) if text}


def _names(units: Units) -> Iterator[str]:
    """A head who is named after what this city calls its own units is its own."""
    yield units.authority.name
    for kind in units.kinds.values():
        yield from (line for line in kind.issuer if "{" not in line)
        yield kind.head
