"""What programs ask: health, metrics, the JSON API, and what the access log tells afterwards."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from bhyt_filedrop.cli import cli
from bhyt_filedrop.domain.cells.text import fold
from bhyt_filedrop.ports import TryLater
from bhyt_filedrop.web.routes import ROUTES
from bhyt_filedrop.wiring.page import accounts_of
from tests.folding import fold_whole
from tests.journey.site import DISTRICT
from tests.web.played import SIGNED_UP, PlayedPage


def samples(text: str) -> dict[str, float]:
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_monitor_on_the_machine_reads_counts_and_ages_and_no_name(page: PlayedPage):
    answer = page.visitor().get("/metrics")
    found = samples(answer.text)

    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert found['bhyt_filedrop_drops{state="held"}'] == 1
    assert found['bhyt_filedrop_drops{state="returned"}'] == 1
    assert found['bhyt_filedrop_overdue{round="2015Q1",handoff="ward-return"}'] == 3
    assert 0 < found['bhyt_filedrop_tree_last_look_seconds{tree="main"}'] < 3600
    assert found['bhyt_filedrop_findings{code="row.birth-date-missing"}'] == 1
    assert found["bhyt_filedrop_outbox_depth"] == 0
    assert "Phường" not in answer.text
    for name in re.findall(r"^# TYPE (\S+) gauge$", answer.text, re.M):
        assert f"# HELP {name} " in answer.text


def test_metrics_logs_and_the_access_record_name_no_child_whoever_looks_for_one(
    page: PlayedPage, caplog: pytest.LogCaptureFixture
):
    """Names go over this page and stand in its addresses: nothing writes them down."""
    caplog.set_level("DEBUG")
    children = [*page.children_of(DISTRICT), *page.children_of("770")]
    admin, stranger = page.visitor("quan-tri"), page.visitor()
    for child in children[:3]:
        for word in (child.name, child.card, f"{child.birth_date:%d/%m/%Y}"):
            found = admin.get(f"/search?q={quote(word)}&children=1")
            assert found.status == 200
            stranger.get(f"/search?q={quote(word)}&children=1")
            admin.get(f"/drops?q={quote(word)}")
            admin.get(f"/{quote(word)}")
    for drop in page.drops:
        admin.get(f"/drops/{drop.id}")
        admin.get(f"/drops/{drop.id}/original")
    metrics = stranger.get("/metrics").text
    with page.books.engine.connect() as connection:
        record = "\n".join(map(str, connection.exec_driver_sql("SELECT * FROM accesses").all()))
    # pytest hears a logger too that hands nothing on; uvicorn's of requests is such a one.
    heard = [one for one in caplog.records if logging.getLogger(one.name).propagate]
    written = fold_whole("\n".join([metrics, record, *(str(vars(one)) for one in heard)]))

    assert "bhyt filedrop drops" in written and "searched" in written
    for child in children:
        assert fold(child.name) not in written
        assert child.card[-10:] not in written
        assert fold(f"{child.birth_date:%d/%m/%Y}") not in written


def test_others_read_no_metrics_unless_they_may_see_the_city(page: PlayedPage):
    far = {"X_Forwarded_For": "10.1.2.3"}

    assert page.visitor().get("/metrics", **far).status == 404
    assert page.visitor("quan-1").get("/metrics", **far).status == 404
    assert page.visitor("ban-giam-doc").get("/metrics", **far).status == 200


def test_health_says_nothing_but_that_all_is_well(page: PlayedPage):
    assert page.visitor().get("/healthz").text == '{"ok":true}'
    assert page.visitor().get("/readyz").text == '{"ok":true}'


def test_a_ledger_that_is_away_is_told_as_that_and_not_as_a_fault(
    own_page: PlayedPage, monkeypatch: pytest.MonkeyPatch
):
    from bhyt_filedrop.ports import LedgerAway

    def away() -> int:
        raise LedgerAway("database is locked")

    object.__setattr__(own_page.server.office, "latest", away)
    answer = own_page.visitor().get("/readyz")

    assert answer.status == 503 and "Sổ đang bận" in answer.text


def test_an_archive_that_is_away_is_told_as_that_too(
    own_page: PlayedPage, monkeypatch: pytest.MonkeyPatch
):
    def away(_sha256: str) -> Path:
        raise TryLater("the archive: no answer")

    monkeypatch.setattr(own_page.server.office.archive, "path", away)
    drop = next(one for one in own_page.drops if one.sha256 and not one.is_own)
    answer = own_page.visitor("quan-tri").get(f"/drops/{drop.id}/original")

    assert answer.status == 503 and "Kho lưu" in answer.text


def test_a_page_that_fails_tells_nothing_of_what_it_held(
    own_page: PlayedPage, caplog: pytest.LogCaptureFixture
):
    def fails(*_: object) -> None:
        raise ValueError("Nguyễn Thị Bí Mật")

    visitor = own_page.visitor("phong-thu")
    object.__setattr__(own_page.server.office, "status", fails)
    answer = visitor.get("/rounds/2015Q1")

    assert answer.status == 500 and "Bí Mật" not in answer.text
    (told,) = (r for r in caplog.records if r.message == "page.failed")
    assert (told.error, told.page) == ("ValueError", "round")  # type: ignore[attr-defined]
    assert "Bí Mật" not in caplog.text


def test_the_api_tells_what_the_page_shows(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    told = json.loads(visitor.get("/api/v1/rounds/2015Q1").text)
    (returns,) = (one for one in told["handoffs"] if one["id"] == "ward-return")
    faces = {one["sender"]: one["face"] for one in returns["units"]}
    drop = page.dropped_by(page.site.ward(0))
    shown = json.loads(visitor.get(f"/api/v1/drops/{drop.id}").text)

    assert faces[page.site.ward(0)] == "sent-back" and faces[page.site.ward(1)] == "part"
    assert (shown["state"], shown["lists"][0]["state"]) == ("returned", "returned")
    assert "row.birth-date-missing" in {one["code"] for one in shown["findings"]}
    assert json.loads(visitor.get("/api/v1/units/760").text)["name"] == "Quận 1"


def test_the_description_of_the_api_names_every_route_of_it_and_each_answers(page: PlayedPage):
    visitor = page.visitor("phong-thu")
    told = json.loads(visitor.get("/api/openapi.json").text)
    routes = {r.path.replace(":path", "") for r in ROUTES if r.path.startswith("/api/v1/")}
    examples = {
        "round": "2015Q1",
        "unit": DISTRICT,
        "drop": page.dropped_by(page.site.ward(0)).id,
        "key": page.letter_to(DISTRICT),
    }

    assert set(told["paths"]) == routes
    for path, methods in told["paths"].items():
        assert methods["get"]["summary"], path
        answer = visitor.get(re.sub(r"\{(\w+)\}", lambda m: examples[m[1]], path))
        assert answer.status == 200 and isinstance(json.loads(answer.text), dict), path


@pytest.mark.parametrize("odd", ["%00", "..%2F..", "' OR 1=1", "%F0%9F%92%A9", "a" * 3000])
def test_what_no_path_can_name_is_answered_in_json_too(page: PlayedPage, odd: str):
    visitor = page.visitor("phong-thu")
    for route in (r for r in ROUTES if r.path.startswith("/api/v1/") and "{" in r.path):
        answer = visitor.get(re.sub(r"\{[^}]+\}", odd.replace(" ", "%20"), route.path))

        assert answer.status == 404 and "error" in json.loads(answer.text), route.name
    for path in ("drops", "letters"):
        query = f"state={odd}&q={odd}&page={odd}".replace(" ", "+")
        assert visitor.get(f"/api/v1/{path}?{query}").status == 200


def test_who_saw_what_of_whom_is_written_down_and_reported(own_page: PlayedPage):
    drop = own_page.dropped_by(own_page.site.ward(0))
    visitor = own_page.visitor("quan-1")
    for path in (f"/drops/{drop.id}", f"/drops/{drop.id}/original", "/rounds/2015Q1"):
        assert visitor.get(path).status == 200
    own_page.visitor("quan-3").get(f"/drops/{drop.id}")
    book = accounts_of(own_page.books)
    found = book.accesses(SIGNED_UP, SIGNED_UP + timedelta(days=1))
    config = str(own_page.site.config)
    call = ["report", "access", "--json", "--config", config, "--now", "2027-01-01"]
    ran = CliRunner().invoke(cli, call)

    assert [(one.account, one.did, one.unit, one.drop_id) for one in found] == [
        ("quan-1", "opened", drop.unit, drop.id),
        ("quan-1", "downloaded", drop.unit, drop.id),
    ]
    assert found[0].address == "127.0.0.1"
    told = json.loads(ran.output)
    assert [(one["account"], one["did"]) for one in told["accesses"]] == [
        ("quan-1", "đã mở"),
        ("quan-1", "đã tải về"),
    ]
    assert own_page.site.units.full_name(own_page.site.units[drop.unit]) in ran.output


def test_a_search_for_a_child_is_written_down_without_its_name(own_page: PlayedPage):
    (child, *_) = own_page.children_of(DISTRICT)
    visitor = own_page.visitor("phong-thu")
    shown = visitor.get(f"/search?children=1&q={quote(child.name)}")
    visitor.get("/search?q=Quan+3")
    found = accounts_of(own_page.books).accesses(SIGNED_UP, SIGNED_UP + timedelta(days=1))

    assert child.name in shown.text
    assert [(one.did, one.what) for one in found] == [("searched", "search")]


def test_who_only_looks_finds_no_child_by_its_name(page: PlayedPage):
    (child, *_) = page.children_of(DISTRICT)
    path = f"/search?children=1&q={quote(child.name)}"

    assert "<table>" in page.visitor("phong-thu").get(path).text
    assert "<table>" not in page.visitor("ban-giam-doc").get(path).text


def test_the_access_log_is_kept_as_long_as_the_rule_says(own_page: PlayedPage):
    drop = own_page.dropped_by(own_page.site.ward(0))
    own_page.visitor("quan-1").get(f"/drops/{drop.id}")
    book = accounts_of(own_page.books)
    own_page.real.now += timedelta(days=729)
    own_page.visitor("quan-1")
    assert len(book.accesses(SIGNED_UP, own_page.real.now)) == 1
    own_page.real.now += timedelta(days=2)
    own_page.visitor("quan-1")

    assert book.accesses(SIGNED_UP, own_page.real.now) == []
