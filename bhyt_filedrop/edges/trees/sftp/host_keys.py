"""Whether a server is the one an admin knows: never guessed, never learned on the way.

A key that is not known yet and one that has changed look alike to somebody in the middle of the
line, so both are refused, and the refusal says how to pin the key once a person has compared it.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import paramiko
from paramiko.hostkeys import HostKeyEntry

from bhyt_filedrop.edges.trees.remote.session import CannotConnect

_RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")


def fingerprint(key: paramiko.PKey) -> str:
    """Return a key's fingerprint as `ssh-keygen -l` prints it."""
    digest = base64.b64encode(hashlib.sha256(key.asbytes()).digest())
    return "SHA256:" + digest.decode("ascii").rstrip("=")


def known_keys(file: Path, host: str, port: int) -> dict[str, paramiko.PKey]:
    """Return the keys that a known_hosts file holds for a server, by type.

    Hashed names and `[host]:port` are understood; `@cert-authority` lines are not used. Raises
    CannotConnect where the file cannot be read.
    """
    name = _listed_as(host, port)
    entries = (_entry(line) for line in _lines(file))
    mine = (entry for entry in entries if entry is not None and _is_for(entry, name))
    return {entry.key.get_name(): entry.key for entry in mine}


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").splitlines()
    except OSError as err:
        raise CannotConnect(
            f"known_hosts cannot be read: {err.strerror}",
            f"không đọc được tệp known_hosts {file} ({err.strerror}).",
        ) from err


def _entry(line: str) -> HostKeyEntry | None:
    """Read one line; paramiko's own reader gives up the whole file at a line with a marker."""
    if not line.strip() or line.lstrip()[0] in "#@":
        return None
    try:
        return HostKeyEntry.from_line(line.strip())
    except (paramiko.SSHException, ValueError):
        return None


def _is_for(entry: HostKeyEntry, name: str) -> bool:
    return any(
        listed == name
        or (listed.startswith("|1|") and paramiko.HostKeys.hash_host(name, listed) == listed)
        for listed in entry.hostnames
    )


def is_revoked(file: Path, key: paramiko.PKey) -> bool:
    """Tell whether a known_hosts file marks a key `@revoked`, for whatever host."""
    lines = (line.split() for line in _lines(file))
    wanted = key.get_base64()
    return any(line[:1] == ["@revoked"] and wanted in line for line in lines)


def preferred_types(offered: tuple[str, ...], known: dict[str, paramiko.PKey]) -> tuple[str, ...]:
    """Return the key types to ask for, those we know first.

    Without this a server with three keys shows its newest, and a known older one looks changed.
    """
    wanted = [name for kind in known for name in (_RSA if kind == "ssh-rsa" else (kind,))]
    return tuple(sorted(offered, key=lambda name: name not in wanted))


def verify(key: paramiko.PKey, host: str, port: int, known_hosts: Path | None, pinned: str) -> None:
    """Return if the server's key is the pinned or a known one; else raise CannotConnect."""
    shown = fingerprint(key)
    if pinned:
        if shown != pinned.strip().rstrip("="):
            raise _changed(host, port, f"{key.get_name()} {shown}", pinned)
        return
    if known_hosts is None:
        raise _unknown(host, port, shown)
    _verify_known(key, host, port, known_hosts)


def _verify_known(key: paramiko.PKey, host: str, port: int, file: Path) -> None:
    known = known_keys(file, host, port)
    shown = f"{key.get_name()} {fingerprint(key)}"
    if not known:
        raise _unknown(host, port, fingerprint(key))
    if key not in known.values() or is_revoked(file, key):
        listed = ", ".join(fingerprint(each) for each in known.values())
        raise _changed(host, port, shown, listed)


def _unknown(host: str, port: int, shown: str) -> CannotConnect:
    return CannotConnect(
        f"the host key of {host}:{port} is not known ({shown}); compare it with the server's own "
        f'(ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub), then pin it: fingerprint = "{shown}"',
        f"chưa biết khoá của máy chủ ({shown}). Đối chiếu với quản trị máy chủ, nếu đúng thì ghi "
        f'fingerprint = "{shown}" vào bhyt-filedrop.toml.',
    )


def _changed(host: str, port: int, shown: str, expected: str) -> CannotConnect:
    return CannotConnect(
        f"the host key of {host}:{port} is not the pinned one: it shows {shown}, pinned is "
        f"{expected}; somebody may be listening in. If the server really got a new key, pin that",
        f"khoá của máy chủ đã đổi: máy chủ đưa {shown}, đã ghi {expected}. Có thể có người chen "
        "vào đường truyền; chỉ khi quản trị máy chủ xác nhận khoá mới thì mới sửa fingerprint.",
    )


def _listed_as(host: str, port: int) -> str:
    return host if port == 22 else f"[{host}]:{port}"
