"""Fixtures of the journey tests: one laid-out site to copy, one warm reader."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import pytest

from bhyt_filedrop.ports import Limits
from bhyt_filedrop.settings import Settings, fingerprint, load
from bhyt_filedrop.simulate.people import InventedChild
from bhyt_filedrop.wiring import mail, workbooks
from tests.journey.parties import RETURNING, SENDING, kids, send
from tests.journey.remote_site import far_tree
from tests.journey.site import SharedReader, Site, copied, lay_out


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that is only ever copied."""
    return lay_out(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def round_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that is only ever copied, with the whole process as it is shipped."""
    return lay_out(tmp_path_factory.mktemp("round"), derived=True)


@pytest.fixture(scope="session")
def reader() -> Iterator[SharedReader]:
    """A real reader whose child starts once for all tests."""
    shared = SharedReader()
    yield shared
    super(SharedReader, shared).close()


@pytest.fixture
def shared_reader(reader: SharedReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every daemon of a test use the one warm reader, and what else is the same for all."""

    def shared(_limits: Limits) -> SharedReader:
        return reader

    monkeypatch.setattr(workbooks, "WorkbookReader", shared)
    monkeypatch.setattr(mail, "MailTemplates", _templates)
    monkeypatch.setattr("tests.journey.site.load", _loaded)


_templates = functools.cache(mail.MailTemplates)
_load = functools.lru_cache(maxsize=8)(lambda config, _mark: load(config))


def _loaded(config: Path) -> Settings:
    """The settings of a site; a changed configuration is loaded anew."""
    return _load(config, fingerprint(config))


@pytest.fixture
def site(template: Path, tmp_path: Path, shared_reader: None) -> Site:
    """A fresh small site on which people hand everything over themselves."""
    return copied(template, tmp_path)


@pytest.fixture(
    params=[
        "local",
        pytest.param("openssh", marks=pytest.mark.server),
        *(
            pytest.param(kind, marks=[pytest.mark.server, pytest.mark.long])
            for kind in ("vsftpd-tls", "pyftpdlib")
        ),
    ]
)
def anywhere(request: pytest.FixtureRequest, site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The small site with its tree on this disk, and behind a server of each protocol."""
    if request.param == "local":
        return site
    far = far_tree(request.param)
    for name, value in far.environment.items():
        monkeypatch.setenv(name, value)
    if request.param != "openssh":  # which shows every place
        site = copied(site.directory, far.home())
    return far.serve(site)


@pytest.fixture
def round_site(round_template: Path, tmp_path: Path, shared_reader: None) -> Site:
    """A fresh small site on which the product makes its own lists too."""
    return copied(round_template, tmp_path)


@pytest.fixture(scope="module")
def sent_template(
    request: pytest.FixtureRequest, round_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A site on which the list of a module's `CHILDREN` was split already; only ever copied."""
    site = copied(round_template, tmp_path_factory.mktemp("sent"))
    site.clock.now = SENDING
    send(site, kids(site, request.module.CHILDREN))
    return site.directory


@pytest.fixture
def sent(
    request: pytest.FixtureRequest, sent_template: Path, tmp_path: Path, shared_reader: None
) -> Site:
    """A site on which every unit has its list, `SEEN` in the weeks in which units answer."""
    site = copied(sent_template, tmp_path)
    site.clock.now = getattr(request.module, "SEEN", RETURNING)
    return site


@pytest.fixture
def mine(request: pytest.FixtureRequest, sent: Site) -> list[InventedChild]:
    """The children on the first ward's list."""
    return [c for c in kids(sent, request.module.CHILDREN) if c.ward == sent.ward(0)]
