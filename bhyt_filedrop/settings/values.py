"""The configuration as values: what the rest of the product is given instead of files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.ports import Limits

TIME_ZONE = "Asia/Ho_Chi_Minh"
"""Every due date and every mail is on the city's clock, whatever the machine's is."""


@dataclass(frozen=True, slots=True)
class TreeSettings:
    """One tree to watch.

    `root` is an absolute local path for `local`, the path on the server otherwise. `credential` and
    `key_credential` are names for `secret()`, never the secrets themselves. Times in seconds;
    `port` 0 means the protocol's own.
    """

    id: str
    kind: str = "local"
    root: str = ""
    host: str = ""
    port: int = 0
    username: str = ""
    credential: str = ""
    key_credential: str = ""
    key_file: Path | None = None
    use_agent: bool = False
    known_hosts: Path | None = None
    fingerprint: str = ""
    tls_ca: Path | None = None
    poll_seconds: float = 60.0
    timeout_seconds: float = 30.0

    @property
    def is_local(self) -> bool:
        """True for a tree on this machine's disks."""
        return self.kind == "local"


@dataclass(frozen=True, slots=True)
class BouncesSettings:
    """Where mails come back to that tell of letters which did not arrive: `none`, a Maildir of this
    machine, or a folder of an IMAP account. Times in seconds; `port` 0 means the usual one."""

    kind: str = "none"
    maildir: Path = Path("bounces")
    host: str = ""
    port: int = 0
    tls: str = "implicit"
    username: str = ""
    credential: str = ""
    folder: str = "INBOX"
    ca_file: Path | None = None
    timeout_seconds: float = 30.0
    interval_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How letters leave: kept in a Maildir until an SMTP server is named.

    `flood_letters` letters of arrivals within `flood_minutes` for one address become one.
    `attach_max_bytes` is the largest annotated copy that goes along with its letter.
    `envelope_from` is where bounces go ("" = to the sender).
    """

    kind: str = "maildir"
    maildir: Path = Path("mail")
    sender: str = "bhyt-filedrop@localhost"
    sender_name: str = ""
    reply_to: str = ""
    envelope_from: str = ""
    host: str = ""
    port: int = 0
    tls: str = "starttls"
    username: str = ""
    credential: str = ""
    ca_file: Path | None = None
    timeout_seconds: float = 30.0
    rate_per_minute: int = 60
    flood_letters: int = 5
    flood_minutes: int = 10
    give_up_days: int = 3
    attach_max_bytes: int = 3 * 2**20
    bounces: BouncesSettings = BouncesSettings()


@dataclass(frozen=True, slots=True)
class SweepSettings:
    """When a file counts as settled, and how often the trees are looked over."""

    watch: bool = True
    interval_seconds: float = 15.0
    quiet_seconds: float = 0.5
    quiet_seconds_without_lease: float = 10.0
    patience_minutes: float = 10.0


@dataclass(frozen=True, slots=True)
class RegisterSettings:
    """A table with the cards of children: the secret that holds its SQLAlchemy URL, its name, and
    which column is which field. Empty = there is none; an export may be dropped instead."""

    credential: str = ""
    table: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogSettings:
    """How the log is written: `json` or `console`, and from which level on."""

    format: str = "json"
    level: str = "info"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that `config/` says, checked."""

    config_dir: Path
    state_dir: Path
    process: Process
    units: Units
    forms: tuple[FormSpec, ...]
    trees: tuple[TreeSettings, ...]
    ledger_url: str
    mail: MailSettings = field(default_factory=MailSettings)
    sweep: SweepSettings = field(default_factory=SweepSettings)
    limits: Limits = field(default_factory=Limits)
    log: LogSettings = field(default_factory=LogSettings)
    register: RegisterSettings = field(default_factory=RegisterSettings)
    aliases: Mapping[str, str] = field(default_factory=dict)
    """How people write places → what it means, from `place-aliases.csv`."""
    facilities: frozenset[str] = frozenset()
    """Known codes of hospitals; empty = no directory, so no code is called unknown."""
    holidays: Mapping[str, object] = field(default_factory=dict)
    """`holidays.toml` as parsed."""
    also_open: frozenset[Round] = frozenset()
    """Rounds kept open by hand besides those the calendar opens."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of every date."""
        return ZoneInfo(TIME_ZONE)

    @property
    def archive_dir(self) -> Path:
        """Where the original bytes of every drop are kept."""
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
