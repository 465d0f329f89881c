"""The configuration as values: what the rest of the product is given instead of files.

The classes of `bhyt-filedrop.toml`'s tables are at once what the file is checked against: each key
stands here with its type, its bounds and its default, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, GetPydanticSchema, Strict
from pydantic_core import core_schema

from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.places.old import NOTHING_OLD, OldPlaces
from bhyt_filedrop.domain.process.handoffs import Process
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Units
from bhyt_filedrop.ports import Limits

LEDGER_SECRET = "ledger"
"""The name of the ledger's password, where it is on a server."""

TIME_ZONE = "Asia/Ho_Chi_Minh"
"""Every due date and every mail is on the city's clock, whatever the machine's is."""

NOWHERE = Path()
"""What an empty path reads as: the place that the product chooses, or none."""


def _written(schema: Any) -> GetPydanticSchema:
    """Let a value be written as text in the file; `schema` makes the value of it."""
    return GetPydanticSchema(
        lambda _source, handler: core_schema.no_info_after_validator_function(schema, handler(str))
    )


def _some_path(text: str) -> Path:
    return Path(text).expanduser() if text else NOWHERE


def _maybe_path(text: str) -> Path | None:
    return _some_path(text) if text else None


_Port = Annotated[int, Strict(), Field(ge=0, le=65535)]
_Positive = Annotated[float, Strict(), Field(gt=0)]
_Least0 = Annotated[float, Strict(), Field(ge=0)]
_Count = Annotated[int, Strict(), Field(ge=1)]
_Bool = Annotated[bool, Strict()]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
_Path = Annotated[Path, _written(_some_path)]
_MaybePath = Annotated[Path | None, _written(_maybe_path)]
_Round = Annotated[str, Field(pattern=r"^\d{4}Q[1-4]$")]
if TYPE_CHECKING:
    _RegisterField = str
else:
    _RegisterField = Literal["name", "birth", "card", "parent", "facility", "facility_name",
                             "address", "sex", "id_number"]  # fmt: skip


class _StrictTable:
    """A table of the file: a key that it does not know is refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True)
class TreeSettings(_StrictTable):
    """One tree to watch.

    `root` is an absolute local path for `local`, the path on the server otherwise. `credential` and
    `key_credential` are names for `secret()`, never the secrets themselves. Times in seconds;
    `port` 0 means the protocol's own.
    """

    id: _Name
    kind: Literal["local", "sftp", "ftp", "ftps"] = "local"
    root: str = ""
    host: str = ""
    port: _Port = 0
    username: str = ""
    credential: str = ""
    key_credential: str = ""
    key_file: _MaybePath = None
    use_agent: _Bool = False
    known_hosts: _MaybePath = None
    fingerprint: Annotated[str, Field(pattern=r"^(SHA256:[A-Za-z0-9+/]{43}=?)?$")] = ""
    tls_ca: _MaybePath = None
    poll_seconds: _Positive = 60.0
    timeout_seconds: _Positive = 30.0
    connections: Annotated[int, Field(ge=1, le=20)] = 8

    @property
    def is_local(self) -> bool:
        """True for a tree on this machine's disks."""
        return self.kind == "local"


@dataclass(frozen=True, slots=True)
class BouncesSettings(_StrictTable):
    """Where mails come back to that tell of letters which did not arrive: `none`, a Maildir of this
    machine, or a folder of an IMAP account. Times in seconds; `port` 0 means the usual one."""

    kind: Literal["none", "maildir", "imap"] = "none"
    maildir: _Path = NOWHERE
    host: str = ""
    port: _Port = 0
    tls: Literal["implicit", "starttls"] = "implicit"
    username: str = ""
    credential: str = ""
    folder: Annotated[str, Field(pattern=r"^[^\x00-\x1f]+$")] = "INBOX"
    ca_file: _MaybePath = None
    timeout_seconds: _Positive = 30.0
    interval_seconds: _Positive = 60.0


@dataclass(frozen=True, slots=True)
class MailSettings(_StrictTable):
    """How letters leave: kept in a Maildir until an SMTP server is named.

    `flood_letters` letters of arrivals within `flood_minutes` for one address become one.
    `attach_max_bytes` is the largest annotated copy that goes along with its letter.
    `envelope_from` is where bounces go ("" = to the sender). `contact` says whom to call ("" = the
    office that leads the process, as the table of units has it).
    """

    kind: Literal["maildir", "smtp"] = "maildir"
    maildir: _Path = NOWHERE
    sender: Annotated[str, Field(alias="from")] = "bhyt-filedrop@localhost"
    sender_name: Annotated[str, Field(alias="from_name")] = ""
    reply_to: str = ""
    contact: str = ""
    envelope_from: str = ""
    host: str = ""
    port: _Port = 0
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str = ""
    credential: str = ""
    ca_file: _MaybePath = None
    timeout_seconds: _Positive = 30.0
    rate_per_minute: _Count = 60
    flood_letters: _Count = 5
    flood_minutes: _Count = 10
    give_up_days: _Count = 3
    attach_max_bytes: Annotated[int, Strict(), Field(ge=0)] = 3 * 2**20
    bounces: BouncesSettings = BouncesSettings()


@dataclass(frozen=True, slots=True)
class SweepSettings(_StrictTable):
    """When a file counts as settled, and how often the trees are looked over."""

    watch: _Bool = True
    interval_seconds: _Positive = 15.0
    quiet_seconds: _Least0 = 0.0
    quiet_seconds_without_lease: _Least0 = 10.0
    quiet_seconds_without_end: _Least0 = 180.0
    patience_minutes: _Least0 = 10.0
    tell_hours: _Least0 = 4.0
    survey_minutes: _Least0 = 30.0


@dataclass(frozen=True, slots=True)
class ScanSettings(_StrictTable):
    """Whom to ask whether a file carries malware before it is read: the socket of a clamd on this
    machine ("" = nobody). Time in seconds, of one file."""

    clamd: _MaybePath = None
    timeout_seconds: _Positive = 60.0


@dataclass(frozen=True, slots=True)
class RegisterSettings(_StrictTable):
    """A table with the cards of children: the secret that holds its SQLAlchemy URL, its name, and
    which column is which field. Empty = there is none; an export may be dropped instead."""

    credential: str = ""
    table: str = ""
    columns: Mapping[_RegisterField, Annotated[str, Field(min_length=1)]] = field(
        default_factory=dict
    )


@dataclass(frozen=True, slots=True)
class LogSettings(_StrictTable):
    """How the log is written: `json` or `console`, and from which level on."""

    format: Literal["json", "console"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class LedgerSettings(_StrictTable):
    """Where the ledger is: a SQLAlchemy URL; "" = a SQLite file in the state folder."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class RoundSettings(_StrictTable):
    """With which round the site begins ("" = the one that is under way), and rounds kept open by
    hand besides those the calendar opens."""

    first: Annotated[str, Field(pattern=r"^(\d{4}Q[1-4])?$")] = ""
    also_open: tuple[_Round, ...] = ()


@dataclass(frozen=True, slots=True)
class WebSettings(_StrictTable):
    """The status page: off, and for this machine alone, unless somebody says otherwise.

    `public_url` is the address that people use where a proxy stands before it ("" = `listen`).
    `trusted_proxies` are the addresses whose `X-Forwarded-…` headers count; where they also name
    who is there, `user_header` says in which header. Times in hours, days.
    """

    enabled: _Bool = False
    listen: Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z.-]+):\d{1,5}$")] = (
        "127.0.0.1:8331"
    )
    public_url: Annotated[str, Field(pattern=r"^(https?://[^/\s]+)?$")] = ""
    trusted_proxies: tuple[str, ...] = ()
    user_header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]*$")] = ""
    session_hours: _Positive = 12.0
    keep_access_days: _Count = 730

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
class MachineSettings(_StrictTable):
    """`bhyt-filedrop.toml`, table by table."""

    state: _Path = Path("state")
    tree: tuple[TreeSettings, ...] = (TreeSettings(id="main", root="tree"),)
    ledger: LedgerSettings = LedgerSettings()
    mail: MailSettings = MailSettings()
    sweep: SweepSettings = SweepSettings()
    limits: Limits = field(default_factory=Limits)
    scan: ScanSettings = ScanSettings()
    log: LogSettings = LogSettings()
    card_register: RegisterSettings = field(default_factory=RegisterSettings)
    rounds: RoundSettings = RoundSettings()
    web: WebSettings = WebSettings()


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
    mail: MailSettings = field(default_factory=MailSettings)
    sweep: SweepSettings = field(default_factory=SweepSettings)
    limits: Limits = field(default_factory=Limits)
    scan: ScanSettings = field(default_factory=ScanSettings)
    log: LogSettings = field(default_factory=LogSettings)
    register: RegisterSettings = field(default_factory=RegisterSettings)
    web: WebSettings = field(default_factory=WebSettings)
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
        names += [LEDGER_SECRET] if urlsplit(self.ledger_url).hostname else []
        return tuple(name for name in dict.fromkeys(names) if name)

    @property
    def shares_ledger(self) -> bool:
        """Whether several daemons may serve the ledger: one on a server, not in a file."""
        return not self.ledger_url.startswith("sqlite")

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
