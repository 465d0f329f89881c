"""The journey tests' small site with its tree behind a server: nothing else about it changes.

The tests go on playing the clerks on the folder behind the server; the product sees it only through
the connection that the site's configuration names, as an admin would write it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bhyt_filedrop.settings.secrets import variable
from tests.journey.site import Site
from tests.servers.certificates import certificates
from tests.servers.ftp import FtpServer, found, has_proftpd, proftpd, pyftpdlib_server, vsftpd
from tests.servers.kinds import missing
from tests.servers.ssh import SshServer, asyncssh_server, has_sshd, sshd

REAL = ("openssh", "vsftpd", "vsftpd-tls")
"""Each protocol on a server from Debian."""
KINDS = (*REAL, "asyncssh", "pyftpdlib", "pyftpdlib-list", "pyftpdlib-tls") + (
    ("proftpd-tls",) if has_proftpd() else ()
)
"""Each protocol on at least two servers: vsftpd and `pyftpdlib-list` only know LIST, the other FTP
servers MLSD too. proftpd is taken along where it lies beside the one that Debian lets be installed.
"""

CREDENTIAL = "tree-login"
_HANDED_ON = "BHYT_TEST_FAR_TREE"
_TREE = re.compile(r"\[\[tree\]\]\n.*?(?=\n\[mail\])", re.DOTALL)


@dataclass(frozen=True)
class FarTree:
    """A running server, as a configuration names it.

    `disk` is the folder behind it and `top` what its clients call that folder; `more` are the
    lines that only this protocol wants, `data_ports` where FTP's second connections go.
    """

    kind: str
    port: int
    username: str
    disk: str
    top: str
    more: str
    password: str = ""
    data_ports: tuple[int, ...] = ()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process needs in its environment to get in, and to know this server itself."""
        return {variable(CREDENTIAL): self.password, _HANDED_ON: json.dumps(asdict(self))}

    def home(self) -> Path:
        """A fresh folder that the server can show; a site may be laid out in it."""
        made = Path(self.disk) / uuid.uuid4().hex
        made.mkdir()
        return made

    def serve(self, site: Site, host: str = "127.0.0.1") -> Site:
        """Put a site's tree behind this server; the site lies below `disk`."""
        _trees(site, lambda _local: self.block(site.root, host))
        return site

    def take(self, site: Site, host: str = "127.0.0.1") -> Site:
        """Put the districts and wards of a site behind this server, as a second tree `far`, and
        leave the city's departments on the local one. Return the site as the former see it.
        """
        root = self.home()
        shutil.copytree(site.root, root, dirs_exist_ok=True)
        _trees(site, lambda local: local + "\n" + self.block(root, host, "far"))
        for kind in ("district", "ward"):
            site.set(f'[folders.{kind}]\ntree = "main"', f'[folders.{kind}]\ntree = "far"',
                     "process.toml")  # fmt: skip
        return FarSite(site.directory, site.clock, root)

    def block(self, root: Path, host: str = "127.0.0.1", tree: str = "main") -> str:
        """The lines of `bhyt-filedrop.toml` that make `root` a tree behind this server."""
        inside = root.resolve().relative_to(Path(self.disk).resolve())
        return (
            f'[[tree]]\nid = "{tree}"\nkind = "{self.kind}"\nhost = "{host}"\nport = {self.port}\n'
            f'username = "{self.username}"\nroot = "{self.top}/{inside}"\n'
            f"poll_seconds = 0.3\ntimeout_seconds = 60\n{self.more}"
        )


@dataclass
class FarSite(Site):
    """A site as the parties see it whose folders are in its far tree."""

    far_root: Path = Path()

    @property
    def root(self) -> Path:
        """The far tree's root."""
        return self.far_root


def _trees(site: Site, change: Callable[[str], str]) -> None:
    machine = site.config / "bhyt-filedrop.toml"
    text = machine.read_text(encoding="utf-8")
    changed, count = _TREE.subn(lambda found: change(found[0]), text)
    assert count == 1
    machine.write_text(changed, encoding="utf-8")


def handed_on() -> FarTree | None:
    """The server that the starting process named in the environment; None for a local tree."""
    text = os.environ.get(_HANDED_ON)
    return FarTree(**json.loads(text)) if text else None


def far_tree(kind: str) -> FarTree:
    """Start a server of a kind, or skip where it is not installed."""
    if kind == "openssh" and not has_sshd():
        missing("openssh-server")
    if kind.startswith("vsftpd") and found("vsftpd") is None:
        missing("vsftpd")
    if kind in ("openssh", "asyncssh"):
        return behind_ssh(sshd() if kind == "openssh" else asyncssh_server())
    tls = kind.endswith("-tls")
    if kind.startswith("vsftpd"):
        return behind_ftp(vsftpd(tls))
    if kind.startswith("proftpd"):
        return behind_ftp(proftpd())
    return behind_ftp(pyftpdlib_server(tls=tls, mlsd=not kind.endswith("-list")))


def behind_ssh(server: SshServer) -> FarTree:
    """The tree of an SSH server, which shows every place."""
    more = f'fingerprint = "{server.fingerprint}"\nkey_file = "{server.client_key}"\n'
    return FarTree("sftp", server.port, server.username, "/", "", more)


def behind_ftp(server: FtpServer) -> FarTree:
    """The tree of an FTP server."""
    more = f'credential = "{CREDENTIAL}"\n'
    if server.tls:
        more += f'tls_ca = "{certificates().authority}"\n'
    kind = "ftps" if server.tls else "ftp"
    disk = str(server.disk)
    return FarTree(
        kind,
        server.port,
        server.username,
        disk,
        server.top,
        more,
        server.password,
        tuple(server.data_ports),
    )
