"""What a configuration asks of systemd beyond the shipped unit, as a drop-in for it.

The unit opens to the service what every site needs: its state and the shipped place of the tree,
and no network. Whatever else is configured stands in the configuration already, and is written down
a second time by a program rather than by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from bhyt_filedrop.settings import Settings, WebSettings

CREDENTIALS = Path("/etc/bhyt-filedrop/credentials")
"""Where the handbook keeps secrets, a file each, readable by root alone."""

TREE, STATE = Path("/srv/ftp/trao-doi-nghiep-vu"), Path("/var/lib/bhyt-filedrop")
"""What the shipped unit opens."""

_HIDDEN = tuple(map(Path, ("/home", "/root", "/run/user")))
"""What `ProtectHome=` hides."""

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


def drop_in(settings: Settings, credentials: Path = CREDENTIALS) -> str:
    """Return the drop-in for `bhyt-filedrop.service`; only a comment where nothing is asked."""
    lines = [*_folders(settings), *_secrets(settings, credentials), *_network(settings)]
    head = (
        f"# Made from {settings.config_dir} by `bhyt-filedrop drop-in`: make it again after a\n"
        "# change of trees, mail, page, ledger, archive or secrets there. Own changes belong in\n"
        "# another drop-in.\n"
    )
    return head + ("\n".join(["[Service]", *lines, ""]) if lines else "")


def _folders(settings: Settings) -> Iterator[str]:
    """Folders outside the shipped ones that the service writes to."""
    places = [settings.state_dir]
    places += [Path(tree.root) for tree in settings.trees if tree.is_local]
    places += [settings.mail.maildir] if settings.mail.kind == "maildir" else []
    places += [settings.mail.bounces.maildir] if settings.mail.bounces.kind == "maildir" else []
    places += [settings.archive.folder] if settings.archive.folder else []
    if settings.ledger_url.startswith("sqlite:///"):
        places.append(Path(settings.ledger_url.removeprefix("sqlite:///")).parent)
    wanted = [place for place in dict.fromkeys(places) if not _is_below(place, (TREE, STATE))]
    hidden = [place for place in wanted if _is_below(place, _HIDDEN)]
    yield from (f"ReadWritePaths={_quoted(place)}" for place in wanted)
    yield from ["ProtectHome=tmpfs"] if hidden else []
    yield from (f"BindPaths={_quoted(place)}" for place in hidden)


def _is_below(place: Path, folders: Iterable[Path]) -> bool:
    return any(place.is_relative_to(folder) for folder in folders)


def _quoted(place: Path) -> str:
    """One that is not there must not keep the service from starting: the tree tells of it."""
    return '"-' + str(place).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%") + '"'


def _secrets(settings: Settings, credentials: Path) -> Iterator[str]:
    for name in settings.secret_names:
        yield f"LoadCredential={name}:{credentials / name}"


def _network(settings: Settings) -> Iterator[str]:
    """The addresses that are configured, or all where names are: what a name means may change while
    the service runs, and a list of addresses would one day cut it off."""
    hosts = list(dict.fromkeys(_hosts(settings)))
    if not hosts:
        return
    yield "PrivateNetwork=no"
    yield "RestrictAddressFamilies=AF_INET AF_INET6"
    names = [host for host in hosts if host not in _THIS_MACHINE and not _is_address(host)]
    if names:
        yield f"# By name: {', '.join(names)}"
        yield "IPAddressDeny="
    else:
        yield from (f"IPAddressAllow={host}" for host in sorted({"localhost", *hosts}))
    yield from _rights(settings)


def _rights(settings: Settings) -> Iterator[str]:
    """What the network opens is closed elsewhere, as far as it can be: a service that gives no
    file to another account needs no right to, and one without a local tree asks for no lease."""
    rules = [*settings.process.folders.values()]
    rules += [one for era in settings.process.earlier for one in era.folders.values()]
    if any(rule.access.gives_away for rule in rules):
        return
    keeps = ["CAP_LEASE"] if any(tree.is_local for tree in settings.trees) else []
    for key in ("CapabilityBoundingSet", "AmbientCapabilities"):
        yield from (f"{key}={value}" for value in ("", *keeps))
    yield "SystemCallFilter=~@chown"


def _hosts(settings: Settings) -> Iterator[str]:
    yield from (tree.host for tree in settings.trees if not tree.is_local)
    if settings.mail.kind == "smtp":
        yield settings.mail.host
    if settings.mail.bounces.kind == "imap":
        yield settings.mail.bounces.host
    if not settings.ledger_url.startswith("sqlite"):
        yield from filter(None, [urlsplit(settings.ledger_url).hostname])  # else by its socket
    yield from filter(None, [settings.archive.host])
    if settings.register.table:
        yield "register"
    if settings.web.enabled:
        yield from _askers(settings.web)
        yield from filter(None, [settings.web.openid.host])


def _askers(web: WebSettings) -> Iterator[str]:
    """Who asks for the page: this machine, or the servers before it; all where none is named."""
    if web.host in _THIS_MACHINE or (_is_address(web.host) and ip_address(web.host).is_loopback):
        yield "localhost"
    else:
        yield from web.trusted_proxies or ("page",)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
