"""A lost tree comes back from the archive; an older ledger learns what the tree still tells."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import make_url

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.domain.process.folders import GUIDE
from bhyt_filedrop.site.mastery import MARK
from bhyt_filedrop.wiring.books import open_books
from bhyt_filedrop.work.post.resending import Resending
from tests.journey.scenes import d03, form_3, form_4
from tests.journey.site import DISTRICT, Site


def rebuild(site: Site, *words: str) -> Result:
    call = ["rebuild-tree", "--config", str(site.config), *words]
    return CliRunner().invoke(cli, call, standalone_mode=False)


def files_in(root: Path) -> dict[str, bytes]:
    """What was delivered; a site's mark and the guides in it are made anew, not put back."""
    every = {str(p.relative_to(root)): p for p in root.rglob("*") if p.is_file()}
    ours = (MARK, GUIDE)
    return {name: p.read_bytes() for name, p in every.items() if not name.endswith(ours)}


def backed_up(site: Site) -> Path:
    """The ledger as the handbook's backup takes it."""
    copy = site.directory / "backup.sqlite3"
    with (
        sqlite3.connect(str(make_url(site.settings.ledger_url).database)) as ledger,
        sqlite3.connect(copy) as to,
    ):
        ledger.backup(to)
    ledger.close()
    to.close()
    return copy


def restore(site: Site, copy: Path) -> None:
    ledger = Path(str(make_url(site.settings.ledger_url).database))
    for part in ledger.parent.glob(f"{ledger.name}*"):
        part.unlink()
    shutil.copy(copy, ledger)


def date_by_the_given_clock(site: Site) -> None:
    """Give each original the time at which the clock of the test says that it was put."""
    for drop in site.drops():
        for path in site.root.rglob(f"Đã nhận/*/*{drop.id}*"):
            put = drop.arrived_at.timestamp()
            os.utime(path, (put, put))


def what_became(site: Site) -> dict[str, tuple[str, State, str]]:
    return {drop.id: (drop.name, drop.state, drop.handoff) for drop in site.drops()}


def busy_day(site: Site) -> None:
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop(site.ward(), "mẫu 4.xlsx", form_4(site))
    site.once()
    site.drop(DISTRICT, "mẫu 3 (sửa).xlsx", form_3(site, count=9))
    site.drop(site.ward(), "D03.xlsx", d03(site))
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.birth-date-missing"))
    site.once()


def test_a_lost_tree_is_put_back_from_the_archive(site: Site):
    busy_day(site)
    before, guides = files_in(site.root), set(site.root.rglob(GUIDE))
    shutil.rmtree(site.root)
    site.root.mkdir()

    shown = rebuild(site, "--json", "--dry-run")
    assert json.loads(shown.output)["put"] == len(before)
    assert files_in(site.root) == {}
    site.root.rmdir()
    done = rebuild(site, "--json")
    again = rebuild(site, "--json")

    assert done.return_value == 0, done.output
    assert json.loads(done.output) == {"put": len(before), "there": 0, "lost": [], "taken_in": 0}
    assert json.loads(again.output)["there"] == len(before)
    assert files_in(site.root) == before
    assert set(site.root.rglob(GUIDE)) == guides
    site.once()
    assert files_in(site.root) == before


def test_what_the_archive_lacks_is_named_and_the_rest_put_back(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    before = files_in(site.root)
    for kept in (site.directory / "state" / "archive").glob("??/*"):
        kept.unlink()
    shutil.rmtree(site.root)

    done = rebuild(site, "--json")

    assert done.return_value == 1
    assert sorted(json.loads(done.output)["lost"]) == sorted(before)


def test_a_ledger_of_yesterday_learns_from_the_tree_what_came_since(site: Site):
    """The very drops, under their own ids, with their lists, versions and files as they were."""
    site.drop(DISTRICT, "hôm qua.xlsx", form_3(site, count=7))
    site.once()
    copy = backed_up(site)
    busy_day(site)
    before, files = what_became(site), files_in(site.root)
    versions = {d.id: site.facts(d)["lists"] for d in site.drops()}
    date_by_the_given_clock(site)
    restore(site, copy)

    site.once()

    kept = {name: one for name, one in before.items() if one[1] is not State.RETURNED}
    assert len(kept) == 5
    assert what_became(site) == kept, "what was sent back is its sender's, who was told"
    assert {d.id: site.facts(d)["lists"] for d in site.drops()} == {n: versions[n] for n in kept}
    assert files_in(site.root) == files


def test_what_a_restored_ledger_takes_in_again_is_not_told_again_but_for_the_last_hour(site: Site):
    """Letters of the last hour may have waited for a mail server when the ledger was lost."""
    site.drop(DISTRICT, "hôm qua.xlsx", form_3(site, count=7))
    site.once()
    copy = backed_up(site)
    busy_day(site)
    date_by_the_given_clock(site)
    last = next(drop for drop in site.drops() if drop.name == "mẫu 3 (sửa).xlsx")
    for drop in site.drops():
        for path in site.root.rglob(f"Đã nhận/*/*{drop.id}*"):
            put = path.stat().st_mtime + (0 if drop.id == last.id else -7200)
            os.utime(path, (put, put))
    restore(site, copy)
    yesterday = {drop.id for drop in site.drops()}
    shutil.rmtree(site.directory / "state" / "mail")

    site.once()

    assert len(site.drops()) == 5
    books = open_books(site.settings)
    letters = {drop.id: books.letters.of_drop(drop.id) for drop in site.drops()}
    books.close()
    states = {name: {state for _, state, _ in letters[name]} for name in letters.keys() - yesterday}
    assert states.pop(last.id) == {"sent"}
    assert set(map(frozenset, states.values())) == {frozenset({"told-before"})}
    assert len(site.mails()) == len(letters[last.id])


def test_a_letter_that_is_not_told_again_can_be_sent_again_by_hand(site: Site):
    site.drop(DISTRICT, "hôm qua.xlsx", form_3(site, count=7))
    site.once()
    copy = backed_up(site)
    busy_day(site)
    for n, path in enumerate(sorted(site.root.rglob("Đã nhận/*/*D150420*"))):
        os.utime(path, (n * 7200, n * 7200))
    restore(site, copy)
    site.once()
    books = open_books(site.settings)
    (key, *_) = (
        key
        for drop in site.drops()
        for key, state, _ in books.letters.of_drop(drop.id)
        if state == "told-before"
    )
    sent = len(site.mails())

    Resending(books.letters, site.units).copy(key, "không nhận được", "", site.clock())
    books.close()
    site.once()

    assert len(site.mails()) == sent + 1


def test_a_start_looks_only_where_something_was_put_since_the_ledgers_last_look(site: Site):
    """The received folders of years are not read through at every start."""
    site.drop(DISTRICT, "hôm qua.xlsx", form_3(site, count=7))
    site.once()
    copy = backed_up(site)
    busy_day(site)
    before = what_became(site)
    folders = [path for path in site.root.rglob("*") if path.is_dir()]
    for folder in folders:
        os.utime(folder, (0, 0))
    restore(site, copy)

    site.once()
    assert len(site.drops()) == 1, "no folder says that anything was put"
    for folder in folders:
        if "Đã nhận" in folder.parts:
            now = site.clock().timestamp()
            os.utime(folder, (now, now))
    site.once()

    kept = {name for name, one in before.items() if one[1] is not State.RETURNED}
    assert {drop.id for drop in site.drops()} == kept


def test_a_claim_that_the_tree_has_long_handled_is_not_void(site: Site):
    """The backup was taken while a drop was on its way."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    done = site.only()
    books = open_books(site.settings)
    with books.engine.begin() as tx:
        for table in ("events", "letters", "deliveries", "findings", "roll", "lists", "drops"):
            tx.exec_driver_sql(f"DELETE FROM {table}")
    books.drops.claim([replace(done, state=State.CLAIMED, sha256=None, handoff="", round=None,
                               closed_at=None)])  # fmt: skip
    books.close()

    site.once()

    assert (site.only().id, site.only().state) == (done.id, State.ACCEPTED)
    assert site.only().sha256 == done.sha256


def test_a_claim_of_which_only_the_marked_copy_is_left_waits_for_a_person(site: Site):
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.birth-date-missing"))
    site.once()
    done = site.only()
    assert done.state is State.RETURNED
    books = open_books(site.settings)
    with books.engine.begin() as tx:
        for table in ("events", "letters", "deliveries", "findings", "roll", "lists", "drops"):
            tx.exec_driver_sql(f"DELETE FROM {table}")
    books.drops.claim([replace(done, state=State.CLAIMED, sha256=None, closed_at=None)])
    books.close()

    site.once()

    assert site.only().state is State.SET_ASIDE
    assert "Trả lại" in site.only().reason


def test_a_ledger_begun_anew_takes_nothing_in_until_it_is_asked_to(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    before = what_became(site)
    shutil.move(site.directory / "state", site.directory / "state-before")

    site.once()
    assert what_became(site) == {}
    asked = rebuild(site)
    site.once()

    assert "nhận lại khi chạy dịch vụ: 1" in asked.output
    assert what_became(site) == before


def test_the_tree_is_not_rebuilt_under_a_running_service(site: Site):
    from bhyt_filedrop.service import only_one

    with only_one(site.settings.state_dir):
        refused = rebuild(site)

    assert "another bhyt-filedrop" in str(refused.exception)
