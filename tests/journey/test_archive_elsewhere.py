"""A site whose archive lies in an S3 store, or on a folder that several share: the same journey."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.drops.states import State
from bhyt_filedrop.settings import load, variable
from bhyt_filedrop.site.drop_in import drop_in
from bhyt_filedrop.wiring import journeys, judges
from tests.journey.scenes import d03, form_3, form_4, packed
from tests.journey.site import DISTRICT, PDF, Site
from tests.servers.pages import block
from tests.servers.s3 import SECRET_KEY, S3Server, s3_server

SHOWN = "https://s3.bhyt.example:9000"


def said(site: Site, *words: str) -> Result:
    call = [*words, "--config", str(site.config)]
    return CliRunner().invoke(cli, call, standalone_mode=False)


def told(site: Site, *words: str) -> dict[str, Any]:
    result = said(site, *words, "--json")
    assert result.exception is None, result.exception
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def keep_in(site: Site, table: str) -> None:
    machine = site.config / "bhyt-filedrop.toml"
    machine.write_text(f"{machine.read_text('utf-8')}\n{table}", "utf-8")


@pytest.fixture
def server() -> S3Server:
    return s3_server()


@pytest.fixture
def in_store(site: Site, server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Site:
    """As docs/elsewhere.md shows it, with a server and a bucket of the test's own."""
    shown = block("elsewhere.md", "toml", 1)
    assert shown.count(SHOWN) == shown.count("bhyt-kho") == 1
    here = shown.replace(SHOWN, server.endpoint).replace("bhyt-kho", server.bucket())
    keep_in(site, here)
    monkeypatch.setenv(variable("archive"), SECRET_KEY)
    return site


@pytest.fixture
def on_a_share(site: Site) -> Site:
    shown = block("elsewhere.md", "toml", 2)
    assert shown.count("/mnt/bhyt-kho") == 1
    keep_in(site, shown.replace("/mnt/bhyt-kho", str(site.directory / "share")))
    return site


@pytest.fixture(params=[pytest.param("in_store", marks=pytest.mark.server), "on_a_share"])
def elsewhere(request: pytest.FixtureRequest) -> Iterator[Site]:
    yield request.getfixturevalue(request.param)


def a_day(site: Site) -> None:
    """A list, one with faults, and a zip of two lists and their scan."""
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.drop(DISTRICT, "sai.xlsx", form_3(site, "row.birth-date-missing"))
    site.drop(site.ward(), "hồ sơ.zip", a_zip(site))
    site.once()


def a_zip(site: Site) -> bytes:
    parts = {"mau 4.xlsx": form_4(site), "D03.xlsx": d03(site), "ký tên.pdf": PDF}
    return packed(**{name.replace(".", "__"): part for name, part in parts.items()})


BECAME = {
    "mẫu 3.xlsx": State.ACCEPTED,
    "sai.xlsx": State.RETURNED,
    "hồ sơ.zip": State.ACCEPTED,
}


def forget_what_is_near(site: Site) -> None:
    """What another machine has of the store: nothing."""
    shutil.rmtree(site.directory / "state/archive/copies", ignore_errors=True)


def test_a_site_works_with_its_archive_elsewhere_and_all_of_it_is_audited(elsewhere: Site):
    site = elsewhere
    a_day(site)

    assert site.states() == BECAME
    assert not list((site.directory / "state/archive").glob("[0-9a-f][0-9a-f]"))
    forget_what_is_near(site)
    audit = told(site, "audit", "verify")
    assert audit["sound"]
    assert audit["kept"] >= 6
    assert audit["delivered"] >= 6
    assert site.half_made() == []


@pytest.mark.long
def test_its_backup_is_whole_and_comes_back_into_a_folder_and_from_there_into_a_store(
    elsewhere: Site, tmp_path_factory: pytest.TempPathFactory
):
    site = elsewhere
    a_day(site)
    forget_what_is_near(site)
    backup = tmp_path_factory.mktemp("backup")
    assert said(site, "backup", str(backup)).return_value == 0
    kept = told(site, "audit", "verify")["kept"]
    assert len(list((backup / "archive").glob("??/*"))) == kept
    assert "chép thêm 0 tệp" in said(site, "backup", str(backup)).output

    other = Site(tmp_path_factory.mktemp("other"), site.clock)
    shutil.copytree(site.root, other.root)
    shutil.copytree(backup / "config", other.config)
    machine = other.config / "bhyt-filedrop.toml"
    text = machine.read_text("utf-8").partition("[archive]")[0]
    machine.write_text(text.replace(str(site.directory), str(other.directory)), "utf-8")
    assert said(other, "restore", str(backup)).return_value == 0
    audit = told(other, "audit", "verify")
    assert (audit["sound"], audit["kept"]) == (True, kept)
    assert (other.directory / "state/archive/site-id").read_bytes() == (
        site.directory / "state/archive/site-id"
    ).read_bytes()

    keep_in(other, f'[archive]\nurl = "file://{other.directory / "share"}"\n')
    assert not told(other, "audit", "verify")["sound"]
    assert said(other, "restore", str(backup), "--replace").return_value == 0
    assert told(other, "audit", "verify")["sound"]


@pytest.mark.long
def test_a_lost_tree_is_put_back_from_it(elsewhere: Site):
    site = elsewhere
    a_day(site)
    there = site.found(DISTRICT, "received")
    forget_what_is_near(site)
    for folder in (site.own(DISTRICT, "received"), site.own(site.ward(), "received")):
        shutil.rmtree(folder)
    done = told(site, "rebuild-tree")

    assert done["lost"] == []
    assert done["put"] >= 2
    assert site.found(DISTRICT, "received") == there


@pytest.mark.long
def test_what_is_held_of_old_rounds_is_erased_there_too(elsewhere: Site):
    site = elsewhere
    a_day(site)
    site.clock.now += timedelta(minutes=5)
    before = told(site, "audit", "verify")["kept"]
    done = told(site, "retention", "--before", "2016Q1", "--why", "hết thời hạn lưu")

    assert done["unkept"] == before
    assert told(site, "audit", "verify")["kept"] == 0
    assert not list(site.directory.glob("state/archive/copies/*/*"))


def judged_by_two(*known: Any) -> judges.Judges:
    return judges.Judges(*known[:3], count=2, many=2)


@pytest.mark.long
def test_what_judges_unpack_ahead_is_in_it_as_well(elsewhere: Site, monkeypatch: Any):
    """They hold no secret, so what they keep goes through the daemon."""
    site = elsewhere
    monkeypatch.setattr(journeys, "Judges", judged_by_two)
    for n in range(4):
        site.drop(site.ward(n), "hồ sơ.zip", packed(d03__xlsx=d03(site, ward=n), scan__pdf=PDF))
    with site.running() as running:
        running.daemon.workers["main"].work()
        begun = [one for one in running.journey.gathering.ahead._judges if one._process]

    assert begun
    assert len(site.drops()) == 4
    forget_what_is_near(site)
    assert told(site, "audit", "verify")["missing"] == []


@pytest.mark.server
@pytest.mark.long
def test_files_wait_while_the_store_is_away_and_go_on_by_themselves(
    in_store: Site, server: S3Server
):
    site = in_store
    site.once()
    machine = site.config / "bhyt-filedrop.toml"
    before = machine.read_text("utf-8")
    away = before.replace(server.endpoint, "http://127.0.0.1:1") + "timeout_seconds = 1\n"
    machine.write_text(away, "utf-8")
    site.drop(DISTRICT, "mẫu 3.xlsx", form_3(site))
    site.once()
    waiting = site.only()
    assert waiting.state is State.CLAIMED
    assert "the archive" in waiting.reason

    machine.write_text(before, "utf-8")
    site.clock.now += timedelta(minutes=30)
    site.once()
    assert site.states() == {"mẫu 3.xlsx": State.ACCEPTED}


def doctors(site: Site, *more: str) -> dict[str, tuple[str, str]]:
    lines = said(site, "doctor", "--json", *more).stdout.splitlines()
    return {one["name"]: (one["level"], one["message"]) for one in map(json.loads, lines)}


@pytest.mark.server
@pytest.mark.long
def test_doctor_tries_the_store_where_it_may_go_online(
    in_store: Site, server: S3Server, monkeypatch: pytest.MonkeyPatch
):
    site = in_store
    site.once()
    level, said_of_it = doctors(site)["archive"]
    assert (level, "--online" in said_of_it) == ("ok", True)
    level, said_of_it = doctors(site, "--online")["archive"]
    assert (level, "ghi, đọc lại, xóa được" in said_of_it) == ("ok", True)
    site.set(server.endpoint, "http://127.0.0.1:1")
    assert doctors(site, "--online")["archive"][0] == "bad"
    monkeypatch.delenv(variable("archive"))
    assert doctors(site, "--online")["secret"][0] == "bad"


@pytest.mark.server
@pytest.mark.parametrize("way", ["secret", "library"])
def test_without_its_secret_or_its_library_it_is_one_line_that_says_what_to_do(
    in_store: Site, monkeypatch: pytest.MonkeyPatch, way: str
):
    if way == "secret":
        monkeypatch.delenv(variable("archive"))
    else:
        monkeypatch.setitem(__import__("sys").modules, "obstore.store", None)
    refused = str(said(in_store, "arrivals").exception)
    assert {"secret": "BHYT_FILEDROP_ARCHIVE", "library": "bhyt-filedrop[s3]"}[way] in refused
    assert "\n" not in refused


REFUSED: dict[str, tuple[Callable[[Path], str], str]] = {
    "a store without a key": (lambda _: 'url = "s3://kho/hcm"', "archive.access_key"),
    "inside of a tree": (lambda root: f'url = "file://{root}/kho"', "archive.url"),
    "neither folder nor store": (lambda _: 'url = "ftp://kho"', "archive.url"),
    "a password in the address": (lambda _: 'endpoint = "https://a:b@s3"', "archive.endpoint"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_archive_that_cannot_be_one_is_a_problem_of_the_configuration(site: Site, case: str):
    table, key = REFUSED[case]
    keep_in(site, f"[archive]\n{table(site.root)}\n")
    told_of_it = str(said(site, "arrivals").exception)
    assert key in told_of_it


def test_systemd_opens_what_an_archive_elsewhere_needs(site: Site):
    keep_in(site, '[archive]\nurl = "file:///mnt/bhyt-kho"\n')
    assert 'ReadWritePaths="-/mnt/bhyt-kho"' in drop_in(load(site.config))
    site.set(
        'url = "file:///mnt/bhyt-kho"\n',
        'url = "s3://kho"\naccess_key = "a"\ncredential = "archive"\n',
    )
    asked = drop_in(load(site.config))
    assert "LoadCredential=archive:" in asked
    assert "# By name: s3.us-east-1.amazonaws.com" in asked
