"""Start a proof as a process of its own, and say why this machine cannot run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.proof import disks

REPOSITORY = Path(__file__).resolve().parents[2]
MEMORY_DISK = Path("/dev/shm")


def must_be_possible() -> None:
    """Skip a proof with the machine's reason; in CI, which has what it needs, that is a failure."""
    why = disks.missing()
    if why and os.environ.get("CI") == "true" and os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"{why}, and REQUIRE_SERVERS=1 says that proofs must run")
    if why:
        pytest.skip(why)


def played(module: str, *words: str, seconds: float = 1100) -> Iterator[dict[str, Any]]:
    """Run `tests.proof.MODULE` in a folder of its own; yield what it tells, line by line.

    It has its own view of the mounted file systems: whatever becomes of it, none stays mounted.
    """
    within = MEMORY_DISK if MEMORY_DISK.is_dir() else None
    with TemporaryDirectory(dir=within) as directory:
        command = [
            "unshare",
            "-m",
            sys.executable,
            "-m",
            f"tests.proof.{module}",
            directory,
            *words,
        ]
        with subprocess.Popen(
            ["timeout", str(seconds), *command],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONUTF8": "1"},
            stdout=subprocess.PIPE,
            stderr=(log := (Path(directory) / "log").open("w+b")),
            text=True,
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield json.loads(line)
        log.seek(0)
        said = log.read()[-2000:].decode()
        log.close()
        assert process.returncode == 0, said


def of_scenes(scenes: Sequence[str], step: int) -> list[str]:
    """Each scene with how many of its moments to take."""
    return [f"{scene}:{step}" for scene in scenes]
