"""FTP servers: Debian's vsftpd (no MLSD), proftpd, and pyftpdlib in a thread."""

from __future__ import annotations

import functools
import grp
import logging
import os
import pwd
import shutil
import subprocess
import threading
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers.certificates import certificates
from tests.servers.pages import block
from tests.servers.process import Program, ports, scratch

PASSIVE = 40
"""Ports a server may use for data connections at a time."""
PASSWORD = "mat-khau-thu"


@dataclass(frozen=True)
class FtpServer:
    """A running server: `disk` is what its clients see as `top`."""

    port: int
    disk: Path
    username: str
    password: str
    tls: bool
    data_ports: range
    program: Program | None = None
    top: str = ""


def found(program: str) -> str | None:
    """Find a server program; `BHYT_TEST_SERVERS` may name a folder with unpacked packages.

    Debian lets only one FTP server be installed at a time, so the others lie beside it.
    """
    beside = Path(os.environ.get("BHYT_TEST_SERVERS", "/nonexistent")) / "usr/sbin" / program
    return shutil.which(program, path=f"/usr/sbin:{os.environ['PATH']}") or (
        str(beside) if beside.exists() else None
    )


def _ports() -> tuple[int, range]:
    """Return a control port and a range of data ports."""
    reserved = ports()
    return reserved[0], reserved[1 : 1 + PASSIVE]


@functools.cache
def vsftpd(tls: bool, nobody: bool = False, more: str = "", passive: int = PASSIVE) -> FtpServer:
    """Start vsftpd for anonymous uploads; with TLS it insists on TLS and on session reuse.

    It runs as whoever runs the tests, or as `nobody`, who may not read everything. `more` are
    further lines of its configuration.
    """
    folder = scratch("vsftpd")
    disk = folder / "disk"
    disk.mkdir()
    port, data = _ports()
    data = data[:passive]
    conf = folder / "vsftpd.conf"
    conf.write_text(
        f"""listen=YES
listen_address=127.0.0.1
listen_port={port}
background=NO
seccomp_sandbox=NO
run_as_launching_user=YES
anonymous_enable=YES
no_anon_password=YES
anon_root={disk}
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_world_readable_only=NO
anon_umask=022
write_enable=YES
xferlog_enable=NO
pasv_min_port={data[0]}
pasv_max_port={data[-1]}
pasv_address=127.0.0.1
"""
        + more
        + (
            block("connections-ftp.md", "vsftpd")
            + f"""allow_anon_ssl=YES
force_anon_logins_ssl=YES
force_anon_data_ssl=YES
rsa_cert_file={certificates().server}
"""
            if tls
            else ""
        )
    )
    conf.chmod(0o600)
    command = [str(found("vsftpd")), str(conf)]
    if nobody:
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
        os.chown(conf, 65534, 65534)
    program = Program(command, port, folder / "log")
    return FtpServer(port, disk, "anonymous", "", tls, data, program, top=str(disk))


def _proftpd_at(binary: str) -> list[str]:
    """Return how proftpd is called where it lies, with the libraries unpacked beside it."""
    libraries = ":".join(str(one) for one in (Path(binary).parents[1] / "lib").glob("*-linux-gnu"))
    return (
        [binary]
        if binary.startswith("/usr/sbin")
        else ["env", f"LD_LIBRARY_PATH={libraries}", binary]
    )


def has_proftpd() -> bool:
    """Tell whether proftpd is here with its TLS module and libraries."""
    binary = found("proftpd")
    if binary is None or not (Path(binary).parents[1] / "lib/proftpd/mod_tls.so").exists():
        return False
    return subprocess.run([*_proftpd_at(binary), "-v"], capture_output=True).returncode == 0


@functools.cache
def proftpd() -> FtpServer:
    """Start proftpd with TLS, a user of its own, and MLSD."""
    folder = scratch("proftpd")
    disk = folder / "disk"
    disk.mkdir()
    port, data = _ports()
    users = folder / "passwd"
    users.write_text(f"bhyt:{_hashed(PASSWORD)}:{os.getuid()}:{os.getgid()}::{disk}:/bin/false\n")
    users.chmod(0o600)
    binary = Path(str(found("proftpd")))
    modules = binary.parents[1] / "lib/proftpd"
    conf = folder / "proftpd.conf"
    conf.write_text(
        f"""ModulePath "{modules}"
LoadModule mod_tls.c
ServerType standalone
DefaultServer on
ServerName thu
Port {port}
DefaultAddress 127.0.0.1
SocketBindTight on
UseIPv6 off
User {pwd.getpwuid(os.getuid()).pw_name}
Group {grp.getgrgid(os.getgid()).gr_name}
RootLogin on
RequireValidShell off
AuthOrder mod_auth_file.c
AuthUserFile {users}
WtmpLog off
TransferLog none
DelayEngine off
PidFile {folder}/pid
ScoreboardFile {folder}/scoreboard
PassivePorts {data[0]} {data[-1]}
AllowOverwrite on
DefaultRoot ~
Umask 022
MaxInstances 50
TLSEngine on
TLSRequired on
TLSProtocol TLSv1.2 TLSv1.3
TLSECCertificateFile {certificates().server}
TLSECCertificateKeyFile {certificates().server}
TLSVerifyClient off
"""
    )
    command = [*_proftpd_at(str(binary)), "-n", "-q", "-c", str(conf)]
    program = Program(command, port, folder / "log")
    return FtpServer(port, disk, "bhyt", PASSWORD, True, data, program)


def _hashed(password: str) -> str:
    make = ["openssl", "passwd", "-6", password]
    return subprocess.run(make, capture_output=True, text=True, check=True).stdout.strip()


@functools.cache
def pyftpdlib_server(
    tls: bool = False,
    mlsd: bool = True,
    old: bool = False,
    expired: bool = False,
    lists: str = "",
    refusing: tuple[tuple[str, str], ...] = (),
    keeps_files: bool = False,
) -> FtpServer:
    """Start pyftpdlib in a thread of this process, with or without MLSD.

    An `expired` one shows a certificate of yesterday's. An `old` one tells no features, never
    renames over a file, and lets nobody into a folder named `closed`. `lists` is an odd manner of
    listing (see `_odd_listing`); `refusing` names commands and the reply that each always gets. One
    that `keeps_files` renames and removes nothing but temporary names.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from pyftpdlib.authorizers import DummyAuthorizer
        from pyftpdlib.handlers import FTPHandler
        from pyftpdlib.ioloop import IOLoop
        from pyftpdlib.servers import FTPServer

    logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)
    disk = scratch("pyftpdlib") / "disk"
    disk.mkdir()
    people = DummyAuthorizer()
    people.add_user("bhyt", PASSWORD, str(disk), perm="elradfmwMT")
    port, data = _ports()
    base: type[Any] = _tls_handler(expired) if tls else FTPHandler
    unknown = ("MLSD", "MLST", "FEAT") if old else () if mlsd else ("MLSD", "MLST")
    commands = {name: how for name, how in base.proto_cmds.items() if name not in unknown}
    settings: dict[str, Any] = {
        "authorizer": people,
        "passive_ports": list(data),
        "proto_cmds": commands,
    }
    settings["auth_failed_timeout"] = 0.1
    if old:
        settings |= {"ftp_RNTO": _rename_to_a_free_name, "ftp_CWD": _enter_but_not_closed}
    if keeps_files:
        settings |= {f"ftp_{verb}": _only_temporary(verb, base) for verb in ("RNFR", "DELE")}
    if lists:
        settings |= _odd_listing(lists, base)
    settings |= {f"ftp_{verb}": _always(reply) for verb, reply in refusing}
    handler = type("Handler", (base,), settings)
    server = FTPServer(("127.0.0.1", port), handler, ioloop=IOLoop())  # else all share one
    run = {"timeout": 0.05, "handle_exit": False}
    threading.Thread(target=server.serve_forever, kwargs=run, daemon=True).start()
    return FtpServer(port, disk, "bhyt", PASSWORD, tls, data)


def _always(reply: str) -> Any:
    return lambda handler, _path: handler.respond(reply)


def _only_temporary(verb: str, base: type[Any]) -> Any:
    def answer(handler: Any, path: str) -> Any:
        if path.endswith((".part", ".tmp")):
            return getattr(base, f"ftp_{verb}")(handler, path)
        return handler.respond("550 Not enough privileges.")

    return answer


def _odd_listing(manner: str, base: type[Any]) -> dict[str, Any]:
    """What a handler needs to list in an odd manner.

    `options are names`: `LIST -a` looks for a file of that name; `riddles`: each line is in a
    format of its own; `one riddle`: that of a name with `hidden` is; `not all`: names with `hidden`
    are left out; `decomposed`: names are told in another Unicode form.
    """

    from pyftpdlib.filesystems import AbstractedFS

    def line_of(line: bytes) -> bytes:
        if manner == "riddles" or (manner == "one riddle" and b"hidden" in line):
            return b"+i8388621,m824255902,/,\t" + line.split()[-1] + b"\r\n"
        if manner == "decomposed":
            return unicodedata.normalize("NFD", line.decode()).encode()
        return b"" if manner == "not all" and b"hidden" in line else line

    class Odd(AbstractedFS):
        def format_list(self, *args: Any, **more: Any) -> Iterator[bytes]:
            yield from map(line_of, super().format_list(*args, **more))

    def pre_process_command(handler: Any, line: str, cmd: str, arg: str) -> None:
        if manner == "options are names" and (cmd, arg) == ("LIST", "-a"):
            handler.push_dtp_data(b"", cmd="LIST")
        else:
            base.pre_process_command(handler, line, cmd, arg)

    return {"abstracted_fs": Odd, "pre_process_command": pre_process_command}


def _rename_to_a_free_name(handler: Any, path: str) -> None:
    from pyftpdlib.handlers import FTPHandler

    if Path(path).exists():
        handler.respond("550 There is a file of that name.")
    else:
        FTPHandler.ftp_RNTO(handler, path)


def _enter_but_not_closed(handler: Any, path: str) -> None:
    from pyftpdlib.handlers import FTPHandler

    if Path(path).name == "closed":
        handler.respond("550 Permission denied.")
    else:
        FTPHandler.ftp_CWD(handler, path)


def _tls_handler(expired: bool) -> type[Any]:
    from pyftpdlib.handlers import TLS_FTPHandler

    settings = {
        "certfile": str(certificates().expired if expired else certificates().server),
        "tls_control_required": True,
        "tls_data_required": True,
    }
    return type("TlsHandler", (TLS_FTPHandler,), settings)
