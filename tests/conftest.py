"""Which tests take long, and how Hypothesis looks for examples.

The long tests run by `make acceptance` and in CI, not at each `make test`. Hypothesis tries the
same examples in every run, however slow the machine is: a change is judged by what it changes.
`--hypothesis-profile=explore` looks for new ones.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.language import choose
from bhyt_filedrop.settings import headings, layers, tables
from bhyt_filedrop.settings.reading import Gathered

settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("steady")

LONG = {
    "test_demo.py": "the demo's morning, each of its files to the end",
    "test_derivation_killed.py": "the daemon is killed at every change while lists are derived",
    "test_mail_network_failures.py": "every failure of the line to the mail server",
    "test_odd_trees.py": "journeys on servers that refuse something, and full disks",
    "test_far_arrival.py": "arrival on servers: listings that fail, clocks that differ",
    "test_installed.py": "the install page followed on a booted systemd",
    "test_hostile_files.py": "files made to harm, and a thousand spoilt at random",
    "test_on_every_tree.py": "whole journeys on every kind of server",
    "test_quarter.py": "a whole quarter of 24 districts and 322 wards",
    "test_quarter_of_today.py": "a quarter of 36 offices and 168 communes, with old addresses",
    "test_quarter_of_two_levels.py": "a quarter of a made-up province of two levels",
    "test_reorganised_city.py": "the units of 2015 give way to those of 2025 at four moments",
    "test_several_trees.py": "trees on servers and on disk at once, one of them down",
    "test_small_quarters.py": "twenty quarters with smaller casts",
    "test_three_trees.py": "a round through three servers at once",
    "test_tree_network_failures.py": "every failure of the network in every step of every protocol",
}


@pytest.fixture(autouse=True, scope="session")
def the_same_forms_are_read_once() -> Iterator[None]:
    """A thousand tests have a site of their own, and nearly all of them the forms that ship: to
    read those costs more than the rest of a configuration."""
    read: dict[tuple[tuple[str, bytes], ...], tuple[FormSpec, ...]] = {}

    def read_forms(config_dir: Path, found: Gathered) -> tuple[FormSpec, ...]:
        files = layers.files(*layers.of(config_dir))
        told = tuple(
            (name, path.read_bytes())
            for name, path in files.items()
            if name.startswith(f"{layers.FORMS}/") or name == headings.FILE
        )
        if told in read:
            return read[told]
        inner = Gathered()
        forms = really(config_dir, inner)
        found.extend(inner.problems)
        return forms if inner.problems else read.setdefault(told, forms)

    really = tables.read_forms
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "read_forms", read_forms)
        yield


@pytest.fixture(autouse=True, scope="session")
def the_collector_passes_over_the_tests_themselves() -> Iterator[None]:
    """A service that starts looks through all that its process holds, once. Here that would be
    thousands of tests each time."""
    gc.collect()
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "unfreeze", lambda: None)
        yield


@pytest.fixture(autouse=True)
def the_language_is_chosen_anew() -> Iterator[None]:
    """What one test says with `--lang` is not said in the next one of the same process."""
    choose("vi")
    yield
    choose("vi")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.name in LONG:
            item.add_marker(pytest.mark.long)
