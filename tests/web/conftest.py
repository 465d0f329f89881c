"""One played round for all tests of the page; its page is served once, and only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from bhyt_filedrop.web import signing_in
from tests.journey.site import Site, lay_out
from tests.web.played import PlayedPage, fresh, play, served


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A hash takes a tenth of a second and 64 MiB on purpose; tests ask for hundreds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing_in, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64))
        yield


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site that is only ever copied or read."""
    template = lay_out(tmp_path_factory.mktemp("laid-out"), derived=True)
    return play(template, tmp_path_factory.mktemp("played"))


@pytest.fixture(scope="session")
def page(played: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayedPage]:
    """The page of the played site, for tests that change nothing but sessions."""
    with served(fresh(played, tmp_path_factory.mktemp("page"))) as found:
        yield found


@pytest.fixture
def own_page(played: Site, tmp_path: Path) -> Iterator[PlayedPage]:
    """The page of a copy, for tests that change something."""
    with served(fresh(played, tmp_path)) as found:
        yield found
