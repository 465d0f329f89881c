"""A file handed in for a unit by command: into its folder on every kind of tree, then a drop."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.file_names import mark_in_name
from bhyt_filedrop.edges.ledger.handinbook import LedgerHandIns
from bhyt_filedrop.wiring.books import open_books
from tests.journey.parties import SENDING, form, kids
from tests.journey.remote_site import far_tree
from tests.journey.site import Site, copied


@pytest.fixture(
    params=[
        "local",
        pytest.param("openssh", marks=[pytest.mark.server, pytest.mark.long]),
        pytest.param("vsftpd-tls", marks=[pytest.mark.server, pytest.mark.long]),
    ]
)
def site(request: pytest.FixtureRequest, round_site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site whose tree is here, or behind a server."""
    round_site.clock.now = SENDING
    if request.param == "local":
        return round_site
    found = far_tree(request.param)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    here = round_site
    if request.param != "openssh":  # which shows every place
        here = copied(round_site.directory, found.home())
        here.clock.now = SENDING
    return found.serve(here)


def hand_in(site: Site, *words: str) -> Result:
    return CliRunner().invoke(cli, ["hand-in", *words, "--config", str(site.config)])


def test_it_is_taken_as_any_drop_and_nothing_is_written_over(site: Site, tmp_path: Path):
    given = tmp_path / "mẫu 2.xlsx"
    given.write_bytes(form(site, "form-2", "cntt", kids(site)))
    words = ["cntt", str(given), "--why", "phòng gửi qua thư", "--by", "Nguyễn Văn A"]
    first, second = hand_in(site, *words), hand_in(site, *words)
    site.once()

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    taken = sorted(site.drops(), key=lambda one: one.arrived_at)
    mine = [one for one in taken if one.name.startswith("mẫu 2 - nộp ")]
    assert [one.state for one in mine] == [State.ACCEPTED, State.ACCEPTED]
    assert len({one.path for one in mine}) == 2
    books = open_books(site.settings)
    noted = LedgerHandIns(books.engine).of_mark(mark_in_name(mine[0].name))
    books.close()
    assert noted and (noted.by, noted.why) == ("Nguyễn Văn A", "phòng gửi qua thư")
    assert noted.is_of(mine[0].tree, mine[0].path, mine[0].sha256)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nowhere",), "không có đơn vị nowhere"),
        (("cntt", "--why", " "), "phải ghi lý do"),
        (("cntt", "--into", "../thu"), "Không có thư mục con này"),
    ],
)
def test_what_cannot_be_handed_in_is_one_line(
    round_site: Site, tmp_path: Path, words: tuple[str, ...], says: str
):
    given = tmp_path / "mẫu 2.xlsx"
    given.write_bytes(b"x")
    unit, *rest = words
    why = [] if "--why" in rest else ["--why", "thử"]
    ran = hand_in(round_site, unit, str(given), *rest, *why)

    assert ran.exit_code != 0 and says in ran.output
    assert "Traceback" not in ran.output
    assert not [*round_site.folder("cntt").glob("*.xlsx")]
