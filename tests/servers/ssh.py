"""SSH servers with SFTP: Debian's OpenSSH, and asyncssh as the second implementation."""

from __future__ import annotations

import asyncio
import atexit
import functools
import getpass
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from tests.servers.pages import block
from tests.servers.process import Program, ports, scratch

PASSWORD = "mật khẩu thử"


@dataclass(frozen=True)
class SshServer:
    """A running server: where it is, its public host key, and the key that it lets in."""

    port: int
    username: str
    host_key: Path
    client_key: Path
    program: Program | None = None

    @property
    def fingerprint(self) -> str:
        """The host key's fingerprint, as an admin reads it on the server."""
        show = ["ssh-keygen", "-lf", str(self.host_key)]
        return subprocess.run(show, capture_output=True, text=True, check=True).stdout.split()[1]

    def known_hosts(self, folder: Path) -> Path:
        """Write a known_hosts file that knows the server."""
        kind, key, *_ = self.host_key.read_text().split()
        file = folder / "known_hosts"
        file.write_text(f"[127.0.0.1]:{self.port} {kind} {key}\n")
        return file


def new_key(folder: Path, name: str, kind: str = "ed25519", passphrase: str = "") -> Path:
    """Make a key pair; returns the private key's file, the public one lies beside it."""
    file = folder / name
    make = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(file)]
    subprocess.run(make, check=True)
    return file


def has_sshd() -> bool:
    """Tell whether OpenSSH's server is installed."""
    return Path("/usr/sbin/sshd").exists() and shutil.which("ssh-keygen") is not None


@functools.cache
def sshd() -> SshServer:
    """Start OpenSSH with a configuration of its own; once for all tests."""
    folder = scratch("sshd")
    host_key, client_key = new_key(folder, "host"), new_key(folder, "client")
    port = ports()[0]
    (folder / "authorized_keys").write_text(client_key.with_suffix(".pub").read_text())
    (folder / "sshd.conf").write_text(
        f"""Port {port}
ListenAddress 127.0.0.1
HostKey {host_key}
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin yes
MaxStartups 100
LogLevel ERROR
Subsystem sftp internal-sftp
"""
        + block("connections-sftp.md", "sshd_config")
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    command = ["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "sshd.conf")]
    program = Program(command, port, folder / "log")
    return SshServer(port, getpass.getuser(), host_key.with_suffix(".pub"), client_key, program)


class _Passwords(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("bhyt", PASSWORD)


@contextmanager
def serve_asyncssh(
    host_keys: Sequence[Path],
    *,
    server_factory: type[asyncssh.SSHServer] = _Passwords,
    sftp_factory: type[asyncssh.SFTPServer] = asyncssh.SFTPServer,
) -> Iterator[SshServer]:
    """Run asyncssh in a thread of this process; it knows one key, and one password."""
    client_key = new_key(scratch("asyncssh"), "client")
    port = ports()[0]
    loop = asyncio.new_event_loop()

    async def listen() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            port,
            server_factory=server_factory,
            server_host_keys=[str(key) for key in host_keys],
            authorized_client_keys=str(client_key.with_suffix(".pub")),
            sftp_factory=sftp_factory,
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(listen(), loop).result(120)
    yield SshServer(port, "bhyt", host_keys[0].with_suffix(".pub"), client_key)
    asyncio.run_coroutine_threadsafe(_end(acceptor), loop).result(120)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


async def _end(acceptor: asyncssh.SSHAcceptor) -> None:
    acceptor.close()
    serving = asyncio.all_tasks() - {asyncio.current_task()}
    for task in serving:
        task.cancel()
    await asyncio.gather(*serving, return_exceptions=True)


@functools.cache
def asyncssh_server() -> SshServer:
    """Start asyncssh once for all tests; it ends with them."""
    running = ExitStack()
    atexit.register(running.close)
    return running.enter_context(serve_asyncssh([new_key(scratch("asyncssh"), "host")]))
