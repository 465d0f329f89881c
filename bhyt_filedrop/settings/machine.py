"""`bhyt-filedrop.toml`: this machine's trees, mail, limits and log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import Limits
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, field_names, read_toml, validated
from bhyt_filedrop.settings.values import (
    BouncesSettings,
    LogSettings,
    MailSettings,
    RegisterSettings,
    SweepSettings,
    TreeSettings,
)

FILE = "bhyt-filedrop.toml"

_Port = Annotated[int, Field(ge=0, le=65535)]
_Positive = Annotated[float, Field(gt=0)]
_Count = Annotated[int, Field(ge=1)]
_Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Tree(_Strict):
    id: _Name
    kind: Literal["local", "sftp", "ftp", "ftps"] = "local"
    root: str = ""
    host: str = ""
    port: _Port = 0
    username: str = ""
    credential: str = ""
    key_credential: str = ""
    key_file: str = ""
    use_agent: bool = False
    known_hosts: str = ""
    fingerprint: Annotated[str, Field(pattern=r"^(SHA256:[A-Za-z0-9+/]{43}=?)?$")] = ""
    tls_ca: str = ""
    poll_seconds: _Positive = 60.0
    timeout_seconds: _Positive = 30.0


class _Bounces(_Strict):
    kind: Literal["none", "maildir", "imap"] = "none"
    maildir: str = ""
    host: str = ""
    port: _Port = 0
    tls: Literal["implicit", "starttls"] = "implicit"
    username: str = ""
    credential: str = ""
    folder: Annotated[str, Field(pattern=r"^[^\x00-\x1f]+$")] = "INBOX"
    ca_file: str = ""
    timeout_seconds: _Positive = 30.0
    interval_seconds: _Positive = 60.0


class _Mail(_Strict):
    kind: Literal["maildir", "smtp"] = "maildir"
    maildir: str = ""
    sender: str = Field("bhyt-filedrop@localhost", alias="from")
    sender_name: str = Field("", alias="from_name")
    reply_to: str = ""
    envelope_from: str = ""
    host: str = ""
    port: _Port = 0
    tls: Literal["starttls", "implicit", "none"] = "starttls"
    username: str = ""
    credential: str = ""
    ca_file: str = ""
    timeout_seconds: _Positive = 30.0
    rate_per_minute: _Count = 60
    flood_letters: _Count = 5
    flood_minutes: _Count = 10
    give_up_days: _Count = 3
    attach_max_bytes: Annotated[int, Field(ge=0)] = 3 * 2**20
    bounces: _Bounces = _Bounces()


class _Sweep(_Strict):
    watch: bool = True
    interval_seconds: _Positive = 15.0
    quiet_seconds: Annotated[float, Field(ge=0)] = 0.5
    quiet_seconds_without_lease: Annotated[float, Field(ge=0)] = 10.0
    patience_minutes: Annotated[float, Field(ge=0)] = 10.0


class _Limits(_Strict):
    max_bytes: _Count = 64 * 2**20
    max_cells: _Count = 5_000_000
    max_unpacked: _Count = 512 * 2**20
    seconds: _Positive = 60.0
    memory: Annotated[int, Field(ge=128 * 2**20)] = 2 * 2**30


class _Log(_Strict):
    format: Literal["json", "console"] = "json"
    level: Literal["debug", "info", "warning", "error"] = "info"


class _Ledger(_Strict):
    url: str = ""


class _Register(_Strict):
    credential: str = ""
    table: str = ""
    columns: dict[
        Literal["name", "birth", "card", "parent", "facility", "facility_name", "address", "sex",
                "id_number"],
        Annotated[str, Field(min_length=1)],
    ] = {}  # fmt: skip


class _Rounds(_Strict):
    also_open: list[Annotated[str, Field(pattern=r"^\d{4}Q[1-4]$")]] = []


class _Machine(_Strict):
    state: str = "state"
    tree: list[_Tree] = [_Tree(id="main", root="tree")]
    ledger: _Ledger = _Ledger()
    mail: _Mail = _Mail()
    sweep: _Sweep = _Sweep()
    limits: _Limits = _Limits()
    log: _Log = _Log()
    card_register: _Register = _Register()
    rounds: _Rounds = _Rounds()


KEYS = field_names(_Machine)
"""Every key of this file."""


def defaults() -> dict[str, Any]:
    """Return what holds where the file says nothing, by key."""
    return _Machine().model_dump(by_alias=True)


@dataclass(frozen=True, slots=True)
class Machine:
    """What `bhyt-filedrop.toml` gives, paths made absolute."""

    state_dir: Path
    ledger_url: str
    trees: tuple[TreeSettings, ...]
    mail: MailSettings
    sweep: SweepSettings
    limits: Limits
    log: LogSettings
    register: RegisterSettings
    also_open: frozenset[Round]


def read(config_dir: Path, found: Gathered) -> Machine | None:
    """Read the file; one that is absent gives the defaults. Relative paths start at the parent."""
    data = read_toml(config_dir / FILE, found)
    if data is None:
        return None
    given = validated(_Machine.model_validate, data, FILE, found, KEYS)
    if given is None:
        return None
    machine = _convert(given, config_dir.absolute().parent)
    found.extend(_wrong(given, machine))
    return machine


def _convert(given: _Machine, base: Path) -> Machine:
    state = _path(base, given.state)
    return Machine(
        state_dir=state,
        ledger_url=given.ledger.url or f"sqlite:///{state / 'ledger.sqlite3'}",
        trees=tuple(_tree(tree, base) for tree in given.tree),
        mail=_mail(given.mail, base, state),
        sweep=SweepSettings(**given.sweep.model_dump()),
        limits=Limits(**given.limits.model_dump()),
        log=LogSettings(**given.log.model_dump()),
        register=RegisterSettings(**given.card_register.model_dump()),
        also_open=frozenset(map(Round.parse, given.rounds.also_open)),
    )


def _path(base: Path, text: str) -> Path:
    return Path(base, Path(text).expanduser())


def _maybe(base: Path, text: str) -> Path | None:
    return _path(base, text) if text else None


def _tree(given: _Tree, base: Path) -> TreeSettings:
    values = given.model_dump()
    for key in ("key_file", "known_hosts", "tls_ca"):
        values[key] = _maybe(base, values[key])
    if given.kind == "local":
        values["root"] = str(_path(base, given.root))
    return TreeSettings(**values)


def _mail(given: _Mail, base: Path, state: Path) -> MailSettings:
    values = given.model_dump()
    values["ca_file"] = _maybe(base, given.ca_file)
    values["maildir"] = _path(base, given.maildir) if given.maildir else state / "mail"
    values["bounces"] = _bounces(given.bounces, base)
    return MailSettings(**values)


def _bounces(given: _Bounces, base: Path) -> BouncesSettings:
    values = given.model_dump()
    values["ca_file"] = _maybe(base, given.ca_file)
    values["maildir"] = _path(base, given.maildir or "bounces")
    return BouncesSettings(**values)


# --- what single keys cannot tell ----------------------------------------------------------------


def _wrong(given: _Machine, machine: Machine) -> Iterator[Problem]:
    if not given.tree:
        yield Problem(FILE, "tree", "", "phải có ít nhất một cây thư mục")
    yield from _repeated(given.tree)
    for tree in given.tree:
        yield from _wrong_tree(tree)
    yield from _wrong_mail(given.mail)
    yield from _wrong_ledger(given.ledger.url)
    yield from _wrong_register(given.card_register)
    yield from _nested(machine)


def _wrong_register(register: _Register) -> Iterator[Problem]:
    given = (register.credential, register.table, register.columns)
    if any(given) and not all(given):
        yield Problem(
            FILE, "card_register", "", "phải ghi đủ credential, table và columns, hoặc bỏ cả mục"
        )
    for name in ("name", "birth", "card"):
        if register.columns and name not in register.columns:
            yield Problem(FILE, f"card_register.columns.{name}", "", "phải ghi tên cột này")


def _repeated(trees: Sequence[_Tree]) -> Iterator[Problem]:
    ids = [tree.id for tree in trees]
    for tree_id in sorted({name for name in ids if ids.count(name) > 1}):
        yield Problem(FILE, f"tree[{tree_id}].id", tree_id, "hai cây thư mục trùng tên")


def _wrong_tree(tree: _Tree) -> Iterator[Problem]:
    key = f"tree[{tree.id}]"
    if tree.kind == "local":
        if not tree.root:
            yield Problem(FILE, f"{key}.root", "", "cây local phải ghi thư mục gốc")
        return
    for name in ("host", "username"):
        if not getattr(tree, name):
            yield Problem(FILE, f"{key}.{name}", "", f"cây {tree.kind} phải ghi khóa này")
    if tree.kind == "sftp":
        yield from _wrong_sftp(tree, key)
    elif not tree.credential:
        yield Problem(
            FILE, f"{key}.credential", "", "phải ghi tên của mật khẩu (không ghi mật khẩu)"
        )


def _wrong_sftp(tree: _Tree, key: str) -> Iterator[Problem]:
    if not (tree.known_hosts or tree.fingerprint):
        yield Problem(
            FILE, f"{key}.fingerprint", "", "phải ghi known_hosts hoặc dấu vân tay khóa của máy chủ"
        )
    if not (tree.credential or tree.key_credential or tree.key_file or tree.use_agent):
        yield Problem(
            FILE,
            f"{key}.credential",
            "",
            "phải chọn cách đăng nhập: credential, key_credential, key_file hoặc use_agent",
        )


def _wrong_mail(mail: _Mail) -> Iterator[Problem]:
    addresses = {
        "from": mail.sender,
        "reply_to": mail.reply_to,
        "envelope_from": mail.envelope_from,
    }
    for key, address in addresses.items():
        if address and not is_address(address):
            yield Problem(FILE, f"mail.{key}", address, "không phải địa chỉ thư điện tử")
    if not mail.sender:
        yield Problem(FILE, "mail.from", "", "phải ghi địa chỉ người gửi")
    if mail.kind == "smtp" and not mail.host:
        yield Problem(FILE, "mail.host", "", "mail.kind là smtp thì phải ghi máy chủ thư")
    if mail.username and not mail.credential:
        yield Problem(FILE, "mail.credential", "", "phải ghi tên của mật khẩu (không ghi mật khẩu)")
    if mail.username and mail.tls == "none" and mail.host not in {"localhost", "127.0.0.1", "::1"}:
        yield Problem(FILE, "mail.tls", mail.tls, "không gửi mật khẩu qua đường không mã hóa")
    yield from _wrong_bounces(mail.bounces)


def _wrong_bounces(bounces: _Bounces) -> Iterator[Problem]:
    needed = {"maildir": ("maildir",), "imap": ("host", "username", "credential"), "none": ()}
    for name in needed[bounces.kind]:
        if not getattr(bounces, name):
            yield Problem(
                FILE, f"mail.bounces.{name}", "", f"hộp thư {bounces.kind} phải ghi khóa này"
            )


def is_address(text: str) -> bool:
    """Tell whether a text can be one e-mail address (no spaces, no header tricks)."""
    return re.fullmatch(r"[^\s@,;<>\"()\\]+@[^\s@,;<>\"()\\]+", text) is not None


def _wrong_ledger(url: str) -> Iterator[Problem]:
    if not url:
        return
    if re.match(r"[^:]+://[^/@]*:[^/@]+@", url):
        yield Problem(
            FILE, "ledger.url", "***", "bỏ mật khẩu khỏi địa chỉ; cấp nó bằng bí mật tên ledger"
        )
    elif not url.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        yield Problem(FILE, "ledger.url", url, "chỉ nhận sqlite:///… hoặc postgresql+psycopg://…")


def _nested(machine: Machine) -> Iterator[Problem]:
    """What lies inside a tree is taken as dropped: another tree, the state, a mailbox must not."""
    local = [(tree.id, Path(tree.root)) for tree in machine.trees if tree.is_local]
    for name, root in local:
        if machine.state_dir.is_relative_to(root):
            yield Problem(FILE, "state", str(machine.state_dir), f"nằm trong cây thư mục {name}")
        bounces = machine.mail.bounces
        if bounces.kind == "maildir" and bounces.maildir.is_relative_to(root):
            inside = f"nằm trong cây thư mục {name}"
            yield Problem(FILE, "mail.bounces.maildir", str(bounces.maildir), inside)
        for other, above in local:
            if name != other and root.is_relative_to(above):
                yield Problem(FILE, f"tree[{name}].root", str(root), f"nằm trong cây {other}")
