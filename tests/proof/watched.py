"""What a process and all its children write, and where: strace tells, `outside` judges."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_WRITES = (
    "openat,open,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "unlink,unlinkat,rmdir,truncate,mknod,mknodat,chmod,fchmodat,chown,fchownat"
)
_STARTS, _REACHES = "execve,execveat", "connect"
_QUOTED = re.compile(r'(?:\d*<([^>]*)>, |AT_FDCWD(?:<([^>]*)>)?, |\()?"((?:[^"\\]|\\.)*)"')
_OPENED = re.compile(r"= \d+<([^>]*)>$")
_CALL = re.compile(r"^\d+ +(\w+)\((.*)")
_WRITABLE = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC")
_NOWHERE = ("/dev/null", "/dev/tty", "/proc/self/", "pipe:", "socket:", "/memfd:")


def run(log: Path, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
    """Run a command, watched. Raises CalledProcessError where it fails."""
    calls = ",".join((_WRITES, _STARTS, _REACHES))
    watch = ["strace", "-f", "--seccomp-bpf", "-y", "-s", "4096", "-qq", "-o", str(log)]
    subprocess.run([*watch, "-e", f"trace={calls}", *words], env=environment, check=True)


def outside(log: Path, inside: Sequence[Path], programs: Sequence[Path]) -> Iterator[str]:
    """Each successful write to a path that is not inside, each start of another program than
    those, and each connection to anything but the machine's own sockets."""
    for line in _whole(log):
        found = _CALL.match(line)
        if found is None or " = -1 " in line:
            continue
        call, rest = found.groups()
        if call in _STARTS.split(","):
            path = _as_named(rest.partition('"')[2].partition('"')[0])
            if not any(Path(path).resolve() == one.resolve() for one in programs):
                yield f"starts {path}"
        elif call == _REACHES:
            if "AF_UNIX" not in rest and "AF_NETLINK" not in rest:
                yield f"connects: {rest[:80]}"
        else:
            yield from (
                f"{call} {path}" for path in _written(call, rest) if not _is_in(path, inside)
            )


def _whole(log: Path) -> Iterator[str]:
    """The calls; one during which another process made one is put together again."""
    begun: dict[str, str] = {}
    for line in log.open(encoding="utf-8", errors="replace"):
        pid, _, rest = line.partition(" ")
        head, unfinished, _ = line.partition(" <unfinished ...>")
        if unfinished:
            begun[pid] = head
        elif "<... " in rest[:10] and " resumed>" in rest:
            yield begun.pop(pid, "") + rest.partition(" resumed>")[2]
        else:
            yield line


def _written(call: str, rest: str) -> Iterator[str]:
    if call.startswith("open"):
        opened = _OPENED.search(rest)
        if opened and any(flag in rest for flag in _WRITABLE):
            yield opened[1]
        return
    for folder, here, name in _QUOTED.findall(rest):
        path = _as_named(name)
        yield path if path.startswith("/") or not (folder or here) else f"{folder or here}/{path}"


def _as_named(told: str) -> str:
    """A path as strace tells it, which spells every byte out that is no ASCII letter."""
    data = told.encode("latin-1", "replace").decode("unicode_escape", "replace")
    return data.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def _is_in(path: str, inside: Sequence[Path]) -> bool:
    if path.startswith(_NOWHERE):
        return True
    if not path.startswith("/"):  # in the folder that the process stands in
        return ".." not in Path(path).parts
    return any(Path(path).is_relative_to(one) for one in inside) and ".." not in Path(path).parts
