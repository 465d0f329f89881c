"""This machine's systemd, booted a second time in namespaces of its own, on an overlay of the root.

What is installed, made and started in it is gone with the test; the machine itself stays as it is.
It needs root, systemd and a kernel with overlays, which a container may not have: then it says why.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

from tests.servers.process import scratch
from tests.waiting import until

SYSTEMD = Path("/lib/systemd/systemd")

_BOOT = """
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$R"
mkdir "$R/up" "$R/wk" "$R/root"
mount -t overlay overlay -o lowerdir=/,upperdir="$R/up",workdir="$R/wk" "$R/root"
cd "$R/root"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs dev -o mode=755
for d in null zero full random urandom tty; do touch dev/$d; mount --bind /dev/$d dev/$d; done
mkdir dev/pts dev/shm
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=666
ln -s pts/ptmx dev/ptmx
mount -t tmpfs tmpfs dev/shm
mount -t tmpfs tmpfs run -o mode=755
mkdir -p opt/bhyt-libraries
mount --bind "$LIBRARIES" opt/bhyt-libraries
mount -t tmpfs tmpfs tmp -o mode=1777
ip link set lo up
mkdir old
pivot_root . old
umount -l old
# As a machine has it: else the secrets of a unit stay behind in the namespace that makes them.
mount --make-rshared /
exec env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin \\
    /lib/systemd/systemd --log-target=null --unit=basic.target
"""


def why_not() -> str:
    """Say what keeps this machine from booting one, "" where nothing does."""
    if os.geteuid() != 0:
        return "root"
    if not SYSTEMD.exists():
        return "systemd"
    lacks = [name for name in ("unshare", "nsenter", "ip") if shutil.which(name) is None]
    if lacks:
        return lacks[0]
    return "" if _cgroups() else "cgroup2"


def _cgroups() -> Path | None:
    """Where this machine keeps its unified control groups."""
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, *_ = line.split()
        if kind == "cgroup2" and os.access(place, os.W_OK):
            return Path(place)
    return None


class Booted:
    """A booted systemd. `run` gives it a shell script, as an administrator types it.

    `/opt/bhyt-libraries` in there is a folder of this machine (`libraries`).
    """

    def __init__(self, libraries: Path) -> None:
        self._folder = scratch("booted")
        cgroups = _cgroups()
        assert cgroups is not None
        self._group = cgroups / f"{self._folder.name}-{os.getpid()}"
        self._group.mkdir(exist_ok=True)
        join = f"echo $$ > {self._group}/cgroup.procs; exec unshare --pid --fork --kill-child "
        command = join + f"--mount --uts --ipc --net --cgroup bash -c '{_BOOT}'"
        self._shell = subprocess.Popen(
            ["bash", "-c", command],
            env={"R": str(self._folder), "LIBRARIES": str(libraries),
                 "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until(lambda: self._init() or self._shell.poll() is not None, "the boot")
            assert self._shell.poll() is None, "the namespaces cannot be made"
            until(lambda: self.run("systemctl is-active -q basic.target", check=False)[1] == 0)
        except BaseException:
            self.end()
            raise

    def _init(self) -> int:
        """The process that is number 1 in there, 0 until systemd is it."""
        pid = self._shell.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if b"systemd" in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")[0]:
                return int(child)
        return 0

    def run(self, script: str, *, check: bool = True, typed: str = "") -> tuple[str, int]:
        """Run a script as root in there; return what it printed, and its status. `typed` is what
        somebody types when it asks."""
        ran = subprocess.run(
            ["nsenter", "-t", str(self._init()), "-m", "-u", "-i", "-n", "-p", "-C", "--",
             "env", "-i", "HOME=/root", "LANG=C.UTF-8",
             "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
             "bash", "-c", f"cd /root; sudo() {{ \"$@\"; }}; set -e -o pipefail\n{script}"],
            capture_output=True, text=True, timeout=900, input=typed,
        )  # fmt: skip
        told = ran.stdout + ran.stderr
        assert not check or ran.returncode == 0, f"{script}\n{told}"
        return told, ran.returncode

    def put(self, path: str, data: bytes) -> None:
        """Make a file in there."""
        subprocess.run(
            ["nsenter", "-t", str(self._init()), "-m", "--", "tee", path],
            input=data, check=True, capture_output=True, timeout=60,
        )  # fmt: skip

    def end(self) -> None:
        """Take it down with all that runs in it."""
        init = self._init() if self._shell.poll() is None else 0
        if init:
            os.kill(init, signal.SIGKILL)
        self._shell.kill()
        self._shell.wait()
        (self._group / "cgroup.kill").write_text("1")
        events = self._group / "cgroup.events"
        until(lambda: "populated 0" in events.read_text(), "the end of its processes")
        for group in sorted(self._group.rglob("*/"), reverse=True):
            if group.is_dir():
                group.rmdir()
        self._group.rmdir()
