"""The parts of `make proof`: what each runs, and how its section tells what it came to."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.proof import hostile, machines, storm
from tests.proof.clocks import LEAPS
from tests.proof.failing import EVERYTHING
from tests.proof.page import table
from tests.proof.play import of_scenes, played
from tests.proof.test_power_cut import EVERY_SCENE

_HOURS = 6 * 3600.0
_FAILING = ("an accepted list", "a zip of two lists and a scan", "a corrected split")
Told = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One proof: its heading, what it plays, how that is told, what was asked of it."""

    heading: str
    plays: Callable[[Namespace], Iterator[Told]]
    tells: Callable[[list[Told]], tuple[list[str], bool]]
    asked: Callable[[Namespace], str]


def _each(step: int, what: str) -> str:
    return f"every {what}" if step == 1 else f"one in {step} of each kind of {what}"


def _count(found: Iterable[Told]) -> tuple[int, int, int]:
    """Points, those that were hit, those after which something was wrong."""
    told = list(found)
    return (
        sum(one["points"] for one in told),
        sum(one["hit"] for one in told),
        sum(len(one["wrong"]) for one in told),
    )


# --- the power is cut ------------------------------------------------------------------------


def _cuts(asked: Namespace) -> Iterator[Told]:
    yield from played("power", *of_scenes(EVERY_SCENE, asked.power_step), seconds=_HOURS)
    for told in played("power", f"{EVERY_SCENE[0]}:1:lying", seconds=_HOURS):
        yield told | {"lying": True}


def _tell_cuts(found: list[Told]) -> tuple[list[str], bool]:
    lies = [one for one in found if one.get("lying")]
    cuts = [one for one in found if not one.get("lying")]
    points, hit, wrong = _count(cuts)
    lied, _, noticed = _count(lies)
    lines = [
        "Tree and state lie on ext4 images. The service is killed at its n-th `fsync` or "
        "`fdatasync`, the images are copied as the disks have them, and the service starts on the "
        "copies. Between two syncs the disk does not change, so every sync is every moment. "
        "“Wrong” counts the cuts after which a state, a delivery, a letter, a mail or a file of "
        "the tree differs from the undisturbed run, the ledger is not sound by SQLite's own check, "
        "or a file of the archive is not what its name says.",
        "",
        f"Points hit {hit} of {points}; wrong: {wrong}. With every `fdatasync` made a lie, which "
        f"must be noticed, it was at {noticed} of {lied}.",
        "",
        *table(
            ("scene", "syncs", "points", "hit", "wrong"),
            ((c["scene"], c["syncs"], c["points"], c["hit"], len(c["wrong"])) for c in cuts),
        ),
    ]
    return lines, hit == points and not wrong and noticed > 0


# --- calls fail ------------------------------------------------------------------------------


def _calls(asked: Namespace) -> Iterator[Told]:
    wanted = [one.format(step=asked.call_step) for one in EVERYTHING]
    for scene in _FAILING:
        for told in played("failing", scene, *wanted, seconds=_HOURS):
            if told["points"]:
                yield told | {"scene": scene}


def _tell_calls(found: list[Told]) -> tuple[list[str], bool]:
    points, hit, wrong = _count(found)
    alike: dict[tuple[str, str], list[Told]] = {}
    for one in found:
        alike.setdefault((one["call"], one["error"]), []).append(one)
    scenes = ", ".join(dict.fromkeys(f"“{one['scene']}”" for one in found))
    lines = [
        f"In the scenes {scenes} the n-th call of a name fails with an error, once or from then on "
        "until the service ends; then it runs on a sound machine. “Wrong” counts the runs that "
        "ended in anything but the undisturbed outcome or one line that says why the service "
        "cannot begin.",
        "",
        f"Failures felt {hit} of {points}; wrong: {wrong}.",
        "",
        *table(
            ("call", "error", "points", "felt", "wrong"),
            ((*which, *_count(ones)) for which, ones in alike.items()),
        ),
    ]
    return lines, hit == points and not wrong


# --- the clock leaps -------------------------------------------------------------------------


def _leaps(asked: Namespace) -> Iterator[Told]:
    for scene in EVERY_SCENE[:: asked.clock_step]:
        yield from played("clocks", scene, *(f"{leap}:9" for leap in LEAPS), seconds=_HOURS)


def _tell_leaps(found: list[Told]) -> tuple[list[str], bool]:
    points, hit, wrong = _count(found)
    lines = [
        "The clock leaps at one of its readings, or while the service is off, and is put right "
        "afterwards. “Wrong” counts the runs after which a state, a delivery, a letter, a mail or a"
        " file differs from the undisturbed run.",
        "",
        f"Leaps {hit} of {points}; wrong: {wrong}.",
        "",
        *table(
            ("scene", "leap", "points", "hit", "wrong"),
            ((o["scene"], o["leap"], o["points"], o["hit"], len(o["wrong"])) for o in found),
        ),
    ]
    return lines, hit == points and not wrong


# --- files made to harm ----------------------------------------------------------------------


def _harmful(asked: Namespace) -> Iterator[Told]:
    yield from hostile.every(asked.files, asked.seconds)


# --- several daemons -------------------------------------------------------------------------


def _machines(asked: Namespace) -> Iterator[Told]:
    yield from machines.every(asked.seeds, asked.quarter)


def _tell_machines(found: list[Told]) -> tuple[list[str], bool]:
    lines = [
        "Daemons share a ledger on PostgreSQL, an archive and a tree with a full folder. Meanwhile "
        "they are killed at random, frozen for longer than their leases, cut off without a reset, "
        "set ten minutes apart, and the server is killed. Every drop, letter and delivery must be "
        "as one daemon with SQLite leaves them, none void and none doubled, and what one leaves "
        "must be taken up within 30 seconds. A quarter that three daemons and their workers "
        "share (small: six districts and 250 children; whole: all districts and wards and 10,000) "
        "must end with nothing amiss, and as on one daemon with SQLite.",
        "",
        *table(("what happens", "as it must be"), ((o["what"], o["outcome"]) for o in found)),
    ]
    return lines, bool(found) and all(one["outcome"] == "passed" for one in found)


# --- a storm ---------------------------------------------------------------------------------


def _storms(asked: Namespace) -> Iterator[Told]:
    for kind in asked.trees.split(","):
        yield dict(storm.played(storm.Asked(kind, asked.minutes, rest=asked.rest)))
        yield dict(storm.played(storm.Asked(kind, asked.minutes, kills=round(asked.minutes * 6))))


def _tell_storms(found: list[Told]) -> tuple[list[str], bool]:
    lines = [
        "Offices write at once, whole files, slowly, and corrections under the same name; the "
        "configuration is loaded anew and lines to servers break; with kills the service dies at "
        "moments that chance chooses, every second time while the system's calls fail. Then every "
        "file that was sent is asked for: none lost, none taken or delivered twice, no mail twice, "
        "nothing left half made. One that is not killed rests afterwards; what it holds then, at "
        "the start, in the middle and at the end, shows whether it grows.",
        "",
        *table(
            ("tree", "sent", "kills", "calls that failed", "lines broken", "reloads",
             "own memory at rest, MiB", "open files at rest", "wrong"),
            map(_storm, found),
        ),
    ]  # fmt: skip
    return lines, not any(one["wrong"] for one in found)


def _storm(told: Told) -> tuple[object, ...]:
    rest = [told["rest"][name] for name in ("start", "middle", "end") if name in told["rest"]]
    return (
        told["kind"], told["sent"], told["ended"].get("killed", 0), told["calls that failed"],
        told["network"], told["reloads"],
        ", ".join(f"{size['own'] / 1024:.1f}" for size in rest),
        ", ".join(str(size["handles"]) for size in rest), len(told["wrong"]),
    )  # fmt: skip


PARTS: Mapping[str, Part] = {
    "power": Part(
        "Killed at a sync, the power cut at that moment",
        _cuts, _tell_cuts, lambda asked: _each(asked.power_step, "sync"),
    ),
    "calls": Part(
        "Each system call fails",
        _calls, _tell_calls, lambda asked: _each(asked.call_step, "call"),
    ),
    "clocks": Part(
        "The clock leaps",
        _leaps, _tell_leaps, lambda asked: _each(asked.clock_step, "scene"),
    ),
    "hostile": Part(
        "Files made to harm",
        _harmful, hostile.tell, lambda asked: f"{asked.files} files spoilt at random",
    ),
    "storm": Part(
        "A storm",
        _storms, _tell_storms,
        lambda asked: f"{asked.minutes:g} minutes each, {asked.rest:g} of rest",
    ),
    "machines": Part(
        "Several daemons on one ledger",
        _machines, _tell_machines,
        lambda asked: f"killed at random {asked.seeds} times; {asked.quarter} quarter",
    ),
}  # fmt: skip
"""In the order of the page."""
