"""The configuration as values: what the rest of the product is given instead of files.

The classes of `bhyt-filedrop.toml`'s tables are at once what the file is checked against: each key
stands here with its type, its bounds and its default, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field

from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.ports import Limits
from bhyt_filedrop.settings.fields import (
    NOWHERE,
    AtLeastNothing,
    Count,
    MaybePath,
    PortNumber,
    Positive,
    RoundName,
    ShortName,
    StrictTable,
    TrueOrFalse,
    WrittenPath,
)
from bhyt_filedrop.settings.keeping import ArchiveSettings, LedgerSettings, RegisterSettings
from bhyt_filedrop.settings.openid import OpenIdSettings

LEDGER_SECRET = "ledger"
"""The name of the ledger's password, where it is on a server."""

TIME_ZONE = "Asia/Ho_Chi_Minh"
"""Every due date and every mail is on the city's clock, whatever the machine's is."""


@dataclass(frozen=True, slots=True)
class TreeSettings(StrictTable):
    """One tree to watch.

    `root` is an absolute local path for `local`, the path on the server otherwise. `credential` and
    `key_credential` are names for `secret()`, never the secrets themselves. Times in seconds;
    `port` 0 means the protocol's own.
    """

    id: ShortName
    kind: Literal["local", "sftp", "ftp", "ftps"] = "local"
    root: str = ""
    host: str = ""
    port: PortNumber = 0
    username: str = ""
    credential: str = ""
    key_credential: str = ""
    key_file: MaybePath = None
    use_agent: TrueOrFalse = False
    known_hosts: MaybePath = None
    fingerprint: Annotated[str, Field(pattern=r"^(SHA256:[A-Za-z0-9+/]{43}=?)?$")] = ""
    tls_ca: MaybePath = None
    poll_seconds: Positive = 60.0
    timeout_seconds: Positive = 30.0
    connections: Annotated[int, Field(ge=1, le=20)] = 8

    @property
    def is_local(self) -> bool:
        """True for a tree on this machine's disks."""
        return self.kind == "local"


@dataclass(frozen=True, slots=True)
class BouncesSettings(StrictTable):
    """Where mails come back to that tell of letters which did not arrive: `none`, a Maildir of this
    machine, or a folder of an IMAP account. Times in seconds; `port` 0 means the usual one."""

    kind: Literal["none", "maildir", "imap"] = "none"
    maildir: WrittenPath = NOWHERE
    host: str = ""
    port: PortNumber = 0
    tls: Literal["implicit", "starttls"] = "implicit"
    username: str = ""
    credential: str = ""
    folder: Annotated[str, Field(pattern=r"^[^\x00-\x1f]+$")] = "INBOX"
    ca_file: MaybePath = None
    timeout_seconds: Positive = 30.0
    interval_seconds: Positive = 60.0


@dataclass(frozen=True, slots=True)
class MailSettings(StrictTable):
    """How letters leave: kept in a Maildir until an SMTP server is named.

    `flood_letters` letters of arrivals within `flood_minutes` for one address become one.
    `attach_max_bytes` is the largest annotated copy that goes along with its letter.
    `envelope_from` is where bounces go ("" = to the sender). `contact` says whom to call ("" = the
    office that leads the process, as the table of units has it).
    """

    kind: Literal["maildir", "smtp"] = "maildir"
    maildir: WrittenPath = NOWHERE
    sender: Annotated[str, Field(alias="from")] = "bhyt-filedrop@localhost"
    sender_name: Annotated[str, Field(alias="from_name")] = ""
    reply_to: str = ""
    contact: str = ""
    envelope_from: str = ""
    host: str = ""
    port: PortNumber = 0
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str = ""
    credential: str = ""
    ca_file: MaybePath = None
    timeout_seconds: Positive = 30.0
    rate_per_minute: Count = 60
    flood_letters: Count = 5
    flood_minutes: Count = 10
    give_up_days: Count = 3
    attach_max_bytes: Annotated[int, Field(ge=0, strict=True)] = 3 * 2**20
    bounces: BouncesSettings = BouncesSettings()


@dataclass(frozen=True, slots=True)
class SweepSettings(StrictTable):
    """When a file counts as settled, and how often the trees are looked over."""

    watch: TrueOrFalse = True
    interval_seconds: Positive = 15.0
    quiet_seconds: AtLeastNothing = 0.0
    quiet_seconds_without_lease: AtLeastNothing = 10.0
    quiet_seconds_without_end: AtLeastNothing = 180.0
    patience_minutes: AtLeastNothing = 10.0
    tell_hours: AtLeastNothing = 4.0
    survey_minutes: AtLeastNothing = 30.0


@dataclass(frozen=True, slots=True)
class ScanSettings(StrictTable):
    """Whom to ask whether a file carries malware before it is read: the socket of a clamd on this
    machine ("" = nobody). Time in seconds, of one file."""

    clamd: MaybePath = None
    timeout_seconds: Positive = 60.0


@dataclass(frozen=True, slots=True)
class LogSettings(StrictTable):
    """How the log is written: `json` or `console`, and from which level on."""

    format: Literal["json", "console"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class RoundSettings(StrictTable):
    """With which round the site begins ("" = the one that is under way), and rounds kept open by
    hand besides those the calendar opens."""

    first: Annotated[str, Field(pattern=r"^(\d{4}Q[1-4])?$")] = ""
    also_open: tuple[RoundName, ...] = ()


@dataclass(frozen=True, slots=True)
class WebSettings(StrictTable):
    """The status page: off, and for this machine alone, unless somebody says otherwise.

    `public_url` is the address that people use where a proxy stands before it ("" = `listen`).
    `trusted_proxies` are the addresses whose `X-Forwarded-…` headers count; where they also name
    who is there, `user_header` says in which header. Times in hours, days.
    """

    enabled: TrueOrFalse = False
    listen: Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+):\d{1,5}$")] = (
        "127.0.0.1:8331"
    )
    public_url: Annotated[str, Field(pattern=r"^(https?://[^/\s]+)?$")] = ""
    trusted_proxies: tuple[str, ...] = ()
    user_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]*$")] = ""
    session_hours: Positive = 12.0
    keep_access_days: Count = 730
    openid: OpenIdSettings = field(default_factory=OpenIdSettings)

    @property
    def host(self) -> str:
        """The address to listen at."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to listen at; 0 = any that is free."""
        return int(self.listen.rpartition(":")[2])

    @property
    def address(self) -> str:
        """Where people find the page, without a slash in the end."""
        return self.public_url or f"http://{self.listen}"


@dataclass(frozen=True, slots=True)
class MachineSettings(StrictTable):
    """`bhyt-filedrop.toml`, table by table."""

    state: WrittenPath = Path("state")
    tree: tuple[TreeSettings, ...] = (TreeSettings(id="main", root="tree"),)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    mail: MailSettings = MailSettings()
    sweep: SweepSettings = SweepSettings()
    limits: Limits = field(default_factory=Limits)
    scan: ScanSettings = ScanSettings()
    log: LogSettings = LogSettings()
    card_register: RegisterSettings = field(default_factory=RegisterSettings)
    rounds: RoundSettings = RoundSettings()
    web: WebSettings = field(default_factory=WebSettings)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `config/` says, checked."""

    config_dir: Path
    state_dir: Path
    city: str
    """Which city's configuration it is: `hcmc-2015`."""
    process: Process
    units: Units
    forms: tuple[FormSpec, ...]
    trees: tuple[TreeSettings, ...]
    ledger_url: str
    ledger_workers: int = 0
    """Processes that lead drops on where the ledger is on a server; 0 = one a core."""
    mail: MailSettings = field(default_factory=MailSettings)
    sweep: SweepSettings = field(default_factory=SweepSettings)
    limits: Limits = field(default_factory=Limits)
    scan: ScanSettings = field(default_factory=ScanSettings)
    log: LogSettings = field(default_factory=LogSettings)
    register: RegisterSettings = field(default_factory=RegisterSettings)
    web: WebSettings = field(default_factory=WebSettings)
    archive: ArchiveSettings = field(default_factory=ArchiveSettings)
    aliases: Mapping[str, str] = field(default_factory=dict)
    """How people write places → what it means, from `place-aliases.csv`."""
    old_places: OldPlaces = NOTHING_OLD
    """What became of the wards of before a reorganisation, from `old-places.csv`."""
    facilities: frozenset[str] = frozenset()
    """Known codes of hospitals; empty = no directory, so no code is called unknown."""
    holidays: Mapping[str, object] = field(default_factory=dict)
    """`holidays.toml` as parsed."""
    also_open: frozenset[Round] = frozenset()
    """Rounds kept open by hand besides those the calendar opens."""
    first_round: Round | None = None
    """The round with which the site begins: of earlier ones nobody is reminded."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every date."""
        return ZoneInfo(TIME_ZONE)

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The names of all secrets that must be given from outside, each once."""
        names = [name for t in self.trees for name in (t.credential, t.key_credential)]
        names += [self.mail.credential, self.mail.bounces.credential, self.register.credential]
        names += [self.archive.credential]
        names += [self.web.openid.credential] if self.web.openid.issuer else []
        names += [LEDGER_SECRET] if urlsplit(self.ledger_url).hostname else []
        return tuple(name for name in dict.fromkeys(names) if name)

    @property
    def shares_ledger(self) -> bool:
        """Whether several daemons may serve the ledger: one on a server, not in a file."""
        return not self.ledger_url.startswith("sqlite")

    @property
    def archive_dir(self) -> Path:
        """The archive's folder on this machine: every byte that was ever claimed, or, where they
        are kept elsewhere (`archive.url`), what is needed for a while. The site's id lies in it."""
        return self.state_dir / "archive"

    def form(self, form_id: str) -> FormSpec:
        """Return one form. Raises KeyError for an unknown id."""
        for form in self.forms:
            if form.id == form_id:
                return form
        raise KeyError(form_id)

    def tree(self, tree_id: str) -> TreeSettings:
        """Return one tree's settings. Raises KeyError for an unknown id."""
        for tree in self.trees:
            if tree.id == tree_id:
                return tree
        raise KeyError(tree_id)
