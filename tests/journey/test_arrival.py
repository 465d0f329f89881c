"""Arrival: nothing is missed, nothing is taken twice, nothing is taken too early."""

from __future__ import annotations

import os
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.wiring.daemon import Running, bells
from bhyt_filedrop.work.arrival.sweep import Look
from tests.journey.scenes import form_3
from tests.journey.site import DISTRICT, OTHER_DISTRICT, Site
from tests.waiting import until

EXE = b"MZ" + bytes(200)
"""Something that nobody takes for a workbook: it goes back with a word why."""


@contextmanager
def served(site: Site) -> Iterator[Running]:
    """The real daemon with its threads and doorbells, as the service runs it."""
    with site.running() as running:
        ringers = bells(running)
        for ringer in ringers:
            ringer.start()
        serving = Thread(target=running.daemon.run, args=(lambda: None,))
        serving.start()
        try:
            yield running
        finally:
            running.daemon.stop.set()
            serving.join(120)
            for ringer in ringers:
                ringer.stop()


def look_at(running: Running, now: float) -> Look:
    """Look once at a given steady time, and handle what is settled."""
    worker = running.daemon.workers["main"]
    worker.steady = lambda: now
    look = worker.work()
    assert look is not None
    return look


# --- watching and sweeping -------------------------------------------------------------------


def test_a_dropped_list_is_handled_within_a_second_or_so_of_its_arrival(site: Site):
    site.set("interval_seconds = 15", "interval_seconds = 300")
    data = form_3(site)
    with served(site) as running:
        time.sleep(0.3)
        site.drop(DISTRICT, "mẫu 3.xlsx", data)
        until(lambda: running.books.drops.counts().get("accepted") == 1)

    assert site.states() == {"mẫu 3.xlsx": State.ACCEPTED}


def test_with_the_watching_turned_off_the_sweep_alone_finds_everything(site: Site):
    site.set("watch = true", "watch = false")
    site.set("interval_seconds = 15", "interval_seconds = 0.2")
    with served(site) as running:
        assert bells(running) == ()
        site.drop(DISTRICT, "một.exe", EXE)
        until(lambda: running.books.drops.counts().get("returned") == 1)
        site.drop(DISTRICT, "hai.exe", EXE + b"2", below="mới/trong mới")
        until(lambda: running.books.drops.counts().get("returned") == 2)


def test_files_in_a_brand_new_nested_folder_are_noticed(site: Site):
    site.set("interval_seconds = 15", "interval_seconds = 300")
    with served(site) as running:
        time.sleep(0.3)
        below = site.folder(DISTRICT) / "năm 2015" / "quý 1" / "bản chính"
        below.mkdir(parents=True)
        (below / "tệp.exe").write_bytes(EXE)
        until(lambda: running.books.drops.counts().get("returned") == 1)


def test_a_folder_moved_in_as_a_whole_is_taken_file_by_file(site: Site):
    outside = site.directory / "on my disk"
    (outside / "sâu" / "hơn").mkdir(parents=True)
    for n, place in enumerate((outside, outside / "sâu", outside / "sâu" / "hơn")):
        (place / f"tệp {n}.exe").write_bytes(EXE + bytes([n]))
    outside.rename(site.folder(DISTRICT) / "cả thư mục")

    site.once()

    assert set(site.states()) == {"tệp 0.exe", "tệp 1.exe", "tệp 2.exe"}
    assert not [p for p in (site.folder(DISTRICT) / "cả thư mục").rglob("*") if p.is_file()]


def test_what_the_product_itself_put_into_a_folder_is_no_drop(site: Site):
    for what in ("inbox", "received", "returned"):
        own = site.own(DISTRICT, what)
        own.mkdir(parents=True, exist_ok=True)
        (own / "của hệ thống.exe").write_bytes(EXE)

    site.once()

    assert site.drops() == []


# --- names -----------------------------------------------------------------------------------


def test_names_and_folders_written_by_a_mac_are_the_same_names(site: Site):
    decomposed = unicodedata.normalize("NFD", "Danh sách trẻ em Phường Bến Nghé.xlsx")
    site.drop(DISTRICT, decomposed, form_3(site))

    site.once()

    drop = site.only()
    assert drop.state is State.ACCEPTED
    assert drop.name == decomposed
    (received,) = site.found(DISTRICT, "received")
    assert received == f"Danh sách trẻ em Phường Bến Nghé - {drop.id}.xlsx"


def test_a_tree_whose_folders_are_all_spelled_decomposed_works_the_same(site: Site):
    base = site.root / "05-QLTHU"
    for folder in sorted((p for p in base.rglob("*") if p.is_dir()), key=lambda p: -len(p.parts)):
        folder.rename(folder.with_name(unicodedata.normalize("NFD", folder.name)))
    folder = next(p for p in base.rglob("*") if unicodedata.normalize("NFC", p.name) == "Quận 1")
    (folder / "mẫu 3.xlsx").write_bytes(form_3(site))

    site.once()

    assert site.only().state is State.ACCEPTED
    assert [p.name for p in folder.parent.iterdir() if p.name == "Quận 1"] == []


def test_a_name_of_250_bytes_is_taken_and_given_back_within_255(site: Site):
    name = "ư" * 122 + ".xlsx"
    assert len(name.encode()) == 249
    site.drop(DISTRICT, name, form_3(site))
    site.drop(OTHER_DISTRICT, name, EXE)

    site.once()

    assert {d.state for d in site.drops()} == {State.ACCEPTED, State.RETURNED}
    given = [*site.found(DISTRICT, "received"), *site.found(OTHER_DISTRICT, "returned")]
    assert len(given) == 3
    assert all(len(one.encode()) <= 255 for one in given)
    assert all(any(d.id in one for d in site.drops()) for one in given)


def test_a_name_in_an_old_encoding_stops_nobody(site: Site):
    """Old FTP clients send cp1258 or TCVN3 bytes that are no UTF-8."""
    folder = os.fsencode(site.folder(DISTRICT))
    with open(folder + b"/danh s\xe1ch qu\xfd 1.xlsx", "wb") as out:  # noqa: PTH123
        out.write(form_3(site))
    site.drop(OTHER_DISTRICT, "khác.exe", EXE)

    site.once()

    assert sorted(d.state for d in site.drops()) == ["accepted", "returned"]
    (received,) = site.found(DISTRICT, "received")
    received.encode()
    assert site.facts(site.drops()[0])["path"].isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "~$mẫu 3.xlsx", ".in.mẫu 3.xlsx.", ".sftpgo-upload.abc.xlsx", "mẫu 3.xlsx.partial",
        "mẫu 3.xlsx.filepart", "mẫu 3.part", "mẫu 3.xlsx.TMP", "Thumbs.db",
    ],
)  # fmt: skip
def test_temporary_and_lock_names_are_left_alone(site: Site, name: str):
    left = site.drop(DISTRICT, name, EXE)

    site.once()

    assert site.drops() == []
    assert left.exists()


def test_links_and_special_files_are_never_followed(site: Site):
    secret = site.directory / "secret"
    secret.mkdir()
    (secret / "mẫu 3.xlsx").write_bytes(form_3(site))
    folder = site.folder(DISTRICT)
    (folder / "tệp.xlsx").symlink_to(secret / "mẫu 3.xlsx")
    (folder / "thư mục").symlink_to(secret)
    os.mkfifo(folder / "ống.xlsx")

    site.once()

    assert site.drops() == []
    assert (secret / "mẫu 3.xlsx").exists()


# --- still being written ---------------------------------------------------------------------


def test_a_file_is_not_taken_while_somebody_holds_it_open(site: Site):
    data = form_3(site)
    path = site.folder(DISTRICT) / "mẫu 3.xlsx"
    with site.running() as running:
        with path.open("wb") as slowly:
            slowly.write(data)
            slowly.flush()
            assert look_at(running, 100.0).waiting == 1
            assert look_at(running, 200.0).settled == ()
        assert len(look_at(running, 201.0).settled) == 1

    assert site.states() == {"mẫu 3.xlsx": State.ACCEPTED}


def test_a_run_that_ends_by_itself_does_not_wait_for_ever_for_an_open_file(site: Site):
    waited: list[float] = []
    with (site.folder(DISTRICT) / "mẫu 3.xlsx").open("wb") as never_ends, site.running() as running:
        never_ends.write(b"PK")
        running.daemon.once(waited.append)

    assert sum(waited) <= 120
    assert site.drops() == []


def test_a_list_cut_off_mid_upload_is_returned_as_damaged_when_patience_ends(site: Site):
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site)[:4000])
    with site.running() as running:
        first = look_at(running, 0.0)
        assert (first.settled, first.look_again_in) == ((), 600.0)
        assert look_at(running, 599.0).settled == ()
        (settled,) = look_at(running, 600.0).settled
        assert settled.incomplete

    drop = site.only()
    assert drop.state is State.RETURNED
    assert site.codes(drop) == ["file.damaged"]


def test_a_list_that_goes_on_arriving_gets_its_patience_anew(site: Site):
    data = form_3(site)
    path = site.drop(DISTRICT, "mẫu 3.xlsx", data[:4000])
    with site.running() as running:
        look_at(running, 0.0)
        path.write_bytes(data[:6000])
        assert look_at(running, 601.0).look_again_in == 600.0
        path.write_bytes(data)
        assert len(look_at(running, 700.0).settled) == 1

    assert site.only().state is State.ACCEPTED


def test_an_empty_file_is_returned_when_patience_ends(site: Site):
    site.drop(DISTRICT, "trống.xlsx", b"")
    with site.running() as running:
        assert look_at(running, 0.0).settled == ()
        look_at(running, 601.0)

    drop = site.only()
    assert (drop.state, site.codes(drop)) == (State.RETURNED, ["file.empty"])


def test_a_file_that_changes_between_look_and_claim_is_left_for_the_next_look(site: Site):
    path = site.drop(DISTRICT, "mẫu 3.xlsx", EXE)
    with site.running() as running:
        worker = running.daemon.workers["main"]
        look = worker.sweep.look(running.world.routes, 0.0)
        path.write_bytes(form_3(site))
        (drop,) = running.journey.claiming.register("main", list(look.settled))
        assert running.journey.advance(drop) is State.VOID
        assert path.exists()
        look_at(running, 1.0)

    assert [d.state for d in site.drops()] == [State.ACCEPTED]


def test_a_file_that_vanishes_during_the_look_disturbs_no_other(site: Site):
    site.drop(DISTRICT, "a.xlsx", EXE)
    site.drop(DISTRICT, "b.exe", EXE)
    with site.running() as running:
        sweep = running.daemon.workers["main"].sweep
        asked = sweep._ends
        sweep._ends = lambda tree, one: (tree.remove(one.path), asked(tree, one))[1]
        look = sweep.look(running.world.routes, 0.0)

    assert look.settled == ()


def test_the_same_name_uploaded_again_while_the_first_is_handled_is_a_second_drop(site: Site):
    first, second = form_3(site), form_3(site, count=6)
    site.drop(DISTRICT, "mẫu 3.xlsx", first)
    with site.running() as running:
        reading = running.journey.gathering.judging.reader
        read = reading.read

        def read_slowly(path: Path, name: str) -> object:
            if not (site.folder(DISTRICT) / "mẫu 3.xlsx").exists():
                site.drop(DISTRICT, "mẫu 3.xlsx", second)
            return read(path, name)

        running.journey.gathering.judging.reader = _with(reading, read_slowly)
        look_at(running, 0.0)
        running.journey.gathering.judging.reader = reading
        look_at(running, 1.0)

    assert [d.state for d in site.drops()] == [State.ACCEPTED, State.ACCEPTED]
    assert sorted(site.found(DISTRICT, "received").values()) == sorted([first, second])
    assert sorted(site.found("thu", "inbox").values()) == sorted([first, second])


def test_the_same_name_again_before_the_first_is_claimed_is_not_taken_for_it(site: Site):
    """A claim that waits (a locked file) keeps its path; the newcomer waits for its turn."""
    path = site.drop(DISTRICT, "mẫu 3.xlsx", EXE)
    with site.running() as running:
        worker = running.daemon.workers["main"]
        look = worker.sweep.look(running.world.routes, 0.0)
        running.journey.claiming.register("main", list(look.settled))
        path.unlink()
        site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
        assert look_at(running, 1.0).settled == ()
        assert len(look_at(running, 2.0).settled) == 1

    assert [d.state for d in site.drops()] == [State.ACCEPTED]


def _with(reader: object, read: object) -> object:
    """A reader that does one thing differently."""
    return type("Slow", (), {"read": staticmethod(read), "unpack": reader.unpack})()  # type: ignore[attr-defined]


def test_two_files_never_get_one_number(site: Site):
    """Of ten thousand drops in a day two draw one number once in twenty days."""
    drawn = iter("222222" * 5 + "333333" * 5 + "444444" * 5)
    with site.running() as running:
        claiming = running.journey.claiming
        claiming.choose = lambda _letters: next(drawn)
        site.drop(DISTRICT, "một.xlsx", form_3(site))
        look = running.daemon.workers["main"].sweep.look(running.world.routes, 0.0)
        first = claiming.register("main", list(look.settled))
        second = claiming.new_ids(2)

    assert [drop.id[-6:] for drop in first] == ["222222"]
    assert sorted(name[-6:] for name in second) == ["333333", "444444"]


# --- bursts ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_burst_of_ten_thousand_files_is_taken_to_the_last(site: Site):
    """Claims and archive alone: reading ten thousand workbooks is the next test's, in small."""
    folder = site.folder(DISTRICT) / "đổ vào"
    folder.mkdir()
    for n in range(10_000):
        (folder / f"{n}.exe").write_bytes(b"MZ%d" % n)
    with site.running() as running:
        journey = running.journey
        tree = running.trees["main"]
        tree._durable = False  # type: ignore[attr-defined]
        look = running.daemon.workers["main"].sweep.look(running.world.routes, 0.0)
        drops = journey.claiming.register("main", list(look.settled))
        taken = [journey.claiming.take(drop) for drop in drops[:300]]
        again = running.daemon.workers["main"].sweep.look(
            running.world.routes, 1.0, running.books.drops.unclaimed_paths("main")
        )

    assert len(look.settled) == len({d.id for d in drops}) == 10_000
    assert len({one.sha256 for one in taken if one}) == 300
    assert again.settled == ()


@pytest.mark.slow
def test_a_burst_of_files_ends_in_one_closed_state_each(site: Site):
    data = form_3(site)
    for n in range(40):
        site.drop(DISTRICT, f"mẫu 3 lần {n}.xlsx", data, below="đổ vào")
    site.once()

    counts = site.states()
    assert len(counts) == 40
    assert set(counts.values()) == {State.ACCEPTED}
    assert len(site.found("thu", "inbox")) == 1
