"""One tree has one master: a second site is refused, and says whose the tree is."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.commands.common import one_line_of
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.ports import NotOurs, TryLater
from bhyt_filedrop.service import run_once
from bhyt_filedrop.site import mastery
from bhyt_filedrop.site.mastery import MARK, hold, this_site
from bhyt_filedrop.wiring.trees import open_tree
from tests.journey.remote_site import KINDS, far_tree
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, Site, copied
from tests.waiting import until


@pytest.fixture
def forgotten(site: Site, tmp_path: Path) -> Site:
    """The site that served the tree of `site` before it, and was never switched off."""
    old = copied(site.directory, tmp_path / "old")
    machine = old.config / "bhyt-filedrop.toml"
    text = machine.read_text(encoding="utf-8")
    changed = re.sub(r'^root = ".*"', f'root = "{site.root}"', text, count=1, flags=re.MULTILINE)
    machine.write_text(changed, encoding="utf-8")
    assert old.settings.trees[0].root == site.settings.trees[0].root
    old.once()
    return old


def call(site: Site, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--config", str(site.config)])


def test_a_second_site_is_refused_with_a_sentence_and_touches_nothing(site: Site, forgotten: Site):
    there = site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))

    for words in (["run", "--once"], ["rebuild-tree"]):
        told = call(site, *words)
        assert isinstance(told.exception, NotOurs)
        line = one_line_of(told.exception) or ""
        assert f"Cây thư mục main đang do nơi khác phục vụ: {forgotten.config}" in line
        assert "run --once --take-over" in line
    assert there.exists()
    assert site.drops() == []

    forgotten.once()
    assert forgotten.only().state is State.ACCEPTED


def test_doctor_shows_whose_a_tree_is(site: Site, forgotten: Site):
    def told(by: Site) -> str:
        return next(line for line in call(by, "doctor").output.splitlines() if " master: " in line)

    assert told(forgotten).startswith("ok")
    assert told(site).startswith("bad")
    assert str(forgotten.config) in told(site)
    (site.root / MARK).unlink()
    assert "chưa do nơi nào phục vụ" in told(site)


def test_a_site_that_takes_over_is_the_only_one_from_then_on(site: Site, forgotten: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))

    now = ("--now", "2015-04-20T08:30")
    assert call(site, "run", "--once", "--take-over", *now).exit_code == 0
    assert site.only().state is State.ACCEPTED
    site.once()
    with pytest.raises(NotOurs, match="served by another site"):
        forgotten.once()


def test_a_daemon_whose_tree_is_taken_over_ends(
    site: Site, forgotten: Site, monkeypatch: pytest.MonkeyPatch
):
    """Else both would go on reminding everybody."""
    monkeypatch.setattr(mastery, "LOOK_AGAIN", 0.0)
    looks: list[int] = []
    ended: list[Exception] = []

    def serve() -> None:
        with forgotten.running() as running:
            worker = running.daemon.workers["main"]
            worker.interval = 0.05
            look = worker.sweep.look
            worker.sweep.look = lambda *a: (looks.append(1), look(*a))[1]  # type: ignore[method-assign]
            try:
                running.daemon.run(lambda: None)
            except NotOurs as error:
                ended.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    until(lambda: len(looks) > 1)
    run_once(site.settings, site.clock, lambda _seconds: None, take_over=True)
    thread.join(120)

    assert [str(site.config) in str(error) for error in ended] == [True]


def test_a_site_that_was_there_before_goes_on_and_keeps_its_tree(site: Site):
    """Over restarts, and with its state and archive moved to another folder."""
    site.once()
    mark = (site.root / MARK).read_bytes()
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()

    assert (site.root / MARK).read_bytes() == mark
    assert site.only().state is State.ACCEPTED


def test_a_copy_that_was_restored_on_another_machine_is_a_second_master(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It has the same ledger and the same archive, and the first one may still run."""
    site.once()
    monkeypatch.setattr(mastery, "_MACHINE", tmp_path / "machine-id")
    site.once()  # a machine that has no name of its own is any machine
    (tmp_path / "machine-id").write_text("another")
    with pytest.raises(NotOurs):
        site.once()


def test_a_disk_that_is_not_mounted_is_no_empty_tree_for_all_that_it_bears_a_mark(site: Site):
    site.once()
    aside = site.root.rename(site.root.with_name("unmounted"))
    site.root.mkdir()
    with site.running() as running:
        tree = running.trees["main"]
        with pytest.raises(TryLater, match="is its disk mounted"):
            tree.claim("Quận 1/a.xlsx", ".bhyt-filedrop/work/1")
    assert aside.exists()


@pytest.mark.server
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_tree_has_one_master(kind: str, site: Site, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch):  # fmt: skip
    far = far_tree(kind)
    for name, value in far.environment.items():
        monkeypatch.setenv(name, value)
    first = far.serve(copied(site.directory, far.home()))
    tree = open_tree(first.settings.trees[0])
    try:
        me = this_site(first.settings)
        hold([tree], me, tmp_path)["main"].must_be_ours()
        assert json.loads((first.root / MARK).read_bytes())["site"] == me.site
        hold([tree], me, tmp_path)
        other = this_site(site.settings)
        with pytest.raises(NotOurs):
            hold([tree], other, tmp_path)
        hold([tree], other, tmp_path, take_over=True)
        with pytest.raises(NotOurs):
            hold([tree], me, tmp_path)
    finally:
        tree.close()


def test_a_server_that_is_away_at_the_start_is_asked_before_it_is_first_used(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    """The start waits for nobody; what is another's is refused once it answers."""
    far = far_tree("pyftpdlib")
    for name, value in far.environment.items():
        monkeypatch.setenv(name, value)
    there = far.serve(copied(site.directory, far.home()))
    there.set(f"port = {far.port}", "port = 1")
    with there.running() as running:
        assert running.daemon.workers["main"].work() is None


def test_machines_that_start_at_the_same_moment_on_one_archive_all_find_an_id(site: Site):
    """The ledger that they share then says whose id it is."""
    machines, found = 8, list[str]()
    for _ in range(20):
        (site.settings.archive_dir / "site-id").unlink(missing_ok=True)
        together = threading.Barrier(machines)

        def start(together: threading.Barrier = together) -> None:
            together.wait()
            found.append(this_site(site.settings).site)

        starts = [threading.Thread(target=start) for _ in range(machines)]
        for one in starts:
            one.start()
        for one in starts:
            one.join()

    assert len(found) == 20 * machines
    assert all(found)


@pytest.mark.parametrize("left", [b"", bytes(16)], ids=["nothing", "zeros"])
def test_what_a_power_cut_left_of_an_id_is_no_id(site: Site, left: bytes):
    file = site.settings.archive_dir / "site-id"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(left)

    first, again = this_site(site.settings).site, this_site(site.settings).site

    assert len(first) == 16
    assert again == first
