"""A file that wants more memory than the machine gives costs its reader, never the service.

The unit says `MemoryMax=`, which is a limit of the control group that the service and its readers
live in; here such a group is made, smaller than what the readers cap themselves at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bhyt_filedrop.domain.drops.states import State
from tests.harmful import long_row
from tests.journey.scenes import form_3
from tests.journey.service import serving
from tests.journey.site import DISTRICT, Site, copied
from tests.waiting import until

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

LIMIT = 600 * 2**20
"""Room for the service and its children at rest, not for a reader that wants all it may have."""

_GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def limited(to: int) -> Iterator[Path]:
    """A control group of that much memory; where its processes are named."""
    own, limit = _GROUPS / "memory", "memory.limit_in_bytes"
    if not own.is_dir():
        own, limit = _GROUPS, "memory.max"
    group = own / f"bhyt-tests-{os.getpid()}"
    try:
        group.mkdir()
        (group / limit).write_text(str(to))
    except OSError as error:
        pytest.skip(f"no control group with a limit of memory can be made: {error.strerror}")
    try:
        yield group
    finally:
        until(lambda: not (group / "cgroup.procs").read_text(), "the end of its processes")
        group.rmdir()


def kills(group: Path) -> int:
    """How many processes the kernel ended there for want of memory."""
    for name in ("memory.oom_control", "memory.events"):
        if (group / name).exists():
            lines = (line.split() for line in (group / name).read_text().splitlines())
            return int(dict(lines).get("oom_kill", 0))
    return 0


def test_a_reader_that_wants_more_than_the_service_has_dies_alone_and_the_file_is_told(
    template: Path, tmp_path: Path
):
    site = Site(copied(template, tmp_path / "site").directory)
    with limited(LIMIT) as group, serving(site) as service:
        (group / "cgroup.procs").write_text(str(service.process.pid))
        site.drop(DISTRICT, "đúng.xlsx", form_3(site))
        until(lambda: State.ACCEPTED in site.states().values(), "a sound list goes its way")
        pid = service.process.pid

        site.drop(DISTRICT, "quá lớn.xlsx", long_row(4_000_000))
        until(lambda: site.states().get("quá lớn.xlsx") is State.RETURNED, "the file is told")
        site.drop(DISTRICT, "sửa.xlsx", form_3(site, count=7))
        until(lambda: site.states().get("sửa.xlsx") is State.ACCEPTED, "work goes on")

        assert kills(group) >= 1
        assert service.process.pid == pid and service.process.poll() is None
        told = next(drop for drop in site.drops() if drop.name == "quá lớn.xlsx")
        assert site.codes(told) == ["file.unsafe"]
