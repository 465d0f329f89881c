"""Two ext4 file systems on images: what a power cut would leave of a site can be copied.

The kernel writes an image when a file is synced and, with `commit=3600` and a run of seconds, at no
other time. A copy of the image taken while the process is dead and the file system still mounted is
therefore what a disk holds after a power cut at that moment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import until

PARTS = ("tree", "state")
"""The folders of a site that lie on a disk of their own."""
_SIZE = "48M"
_OPTIONS = "commit=3600,noauto_da_alloc,noatime"
"""Nothing is written before it is asked for; a rename over a file does not sync it by itself."""


def missing() -> str:
    """Say why this machine cannot do it; empty where it can."""
    if os.geteuid():
        return "mounting an image needs root"
    for program in ("mkfs.ext4", "losetup", "mount", "strace"):
        if shutil.which(program, path=_PATH) is None:
            return f"{program} is not installed"
    try:
        device = _said("losetup", "-f")
    except subprocess.CalledProcessError as error:
        return f"no loop device: {error.stderr.strip()}"
    return "" if Path(device).exists() else f"no loop device: {device} is not there"


_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def run(*words: str | Path) -> None:
    """Run a program of the system that must succeed."""
    subprocess.run(words, check=True, capture_output=True, text=True, env=_environment())


def _said(*words: str) -> str:
    done = subprocess.run(words, check=True, capture_output=True, text=True, env=_environment())
    return done.stdout.strip()


def _environment() -> Mapping[str, str]:
    return {**os.environ, "PATH": _PATH}


@dataclass(frozen=True)
class Disks:
    """One image for each part of a site; they lie in a folder and are mounted below another."""

    images: Path

    @classmethod
    def made(cls, images: Path, site: Path) -> Disks:
        """Make images that hold what the site's parts hold now."""
        disks = cls(images)
        images.mkdir(parents=True)
        for part in PARTS:
            run("truncate", "-s", _SIZE, disks.image(part))
            run("mkfs.ext4", "-q", "-J", "size=4", "-E", "lazy_itable_init=0", disks.image(part))
        with disks.mounted(images / "mounted"):
            for part in PARTS:
                shutil.rmtree(images / "mounted" / part / "lost+found")
                shutil.copytree(site / part, images / "mounted" / part, dirs_exist_ok=True)
        return disks

    def image(self, part: str) -> Path:
        """The file that is a part's disk."""
        return self.images / f"{part}.img"

    def copied(self, images: Path) -> Disks:
        """Copy the disks as they are now, into a new folder: never is an image used twice."""
        images.mkdir(parents=True)
        copy = Disks(images)
        for part in PARTS:
            run("cp", "--sparse=always", self.image(part), copy.image(part))
        return copy

    @contextmanager
    def mounted(self, site: Path) -> Iterator[None]:
        """Mount each disk where the site has that part; detach both for certain."""
        undo: list[Callable[[], None]] = []
        try:
            for part in PARTS:
                undo += _mount(self.image(part), site / part)
            yield
        finally:
            for step in reversed(undo):
                step()

    def remove(self) -> None:
        """Remove the images."""
        shutil.rmtree(self.images)


def _mount(image: Path, folder: Path) -> list[Callable[[], None]]:
    folder.mkdir(parents=True, exist_ok=True)
    device = _said("losetup", "-f", "--show", str(image))
    try:
        run("mount", "-t", "ext4", "-o", _OPTIONS, device, folder)
    finally:
        # While it is mounted, this only says that it is to go with the mount, whoever ends that.
        run("losetup", "-d", device)
    return [lambda: _is_detached(image), lambda: run("umount", folder)]


def _is_detached(image: Path) -> None:
    """The kernel lets go of an image a moment after its file system is gone; see it done."""
    until(lambda: not _said("losetup", "-j", str(image)), "the end of a loop device's hold")
