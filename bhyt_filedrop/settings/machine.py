"""`bhyt-filedrop.toml`: this machine's trees, mail, limits and log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

from pydantic import TypeAdapter

from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.ports import Limits
from bhyt_filedrop.settings import layers
from bhyt_filedrop.settings.fields import NOWHERE
from bhyt_filedrop.settings.keeping import ArchiveSettings, RegisterSettings
from bhyt_filedrop.settings.openid import OpenIdSettings
from bhyt_filedrop.settings.problems import Problem
from bhyt_filedrop.settings.reading import Gathered, field_names, read_toml, validated
from bhyt_filedrop.settings.values import (
    BouncesSettings,
    LogSettings,
    MachineSettings,
    MailSettings,
    ScanSettings,
    SweepSettings,
    TreeSettings,
    WebSettings,
)

FILE = "bhyt-filedrop.toml"

_FILE_CHECK = TypeAdapter(MachineSettings)

KEYS = field_names(MachineSettings)
"""Every key of this file."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What `bhyt-filedrop.toml` gives, paths made absolute."""

    state_dir: Path
    ledger_url: str
    ledger_workers: int
    trees: tuple[TreeSettings, ...]
    mail: MailSettings
    sweep: SweepSettings
    limits: Limits
    scan: ScanSettings
    log: LogSettings
    register: RegisterSettings
    web: WebSettings
    archive: ArchiveSettings
    also_open: frozenset[Round]
    first_round: Round | None


def read(config_dir: Path, found: Gathered) -> Machine | None:
    """Read the file; one that is absent gives the defaults. Relative paths start at the parent."""
    data = read_toml(layers.find(config_dir, FILE), found)
    if data is None:
        return None
    given = validated(_FILE_CHECK.validate_python, data, FILE, found, KEYS)
    if given is None:
        return None
    machine = _converted(given, config_dir.absolute().parent)
    found.extend(_wrong(given, machine))
    return machine


def _converted(given: MachineSettings, base: Path) -> Machine:
    state = base / given.state
    return Machine(
        state_dir=state,
        ledger_url=given.ledger.url or f"sqlite:///{state / 'ledger.sqlite3'}",
        ledger_workers=given.ledger.workers,
        trees=tuple(_tree(tree, base) for tree in given.tree),
        mail=_mail(given.mail, base, state),
        sweep=given.sweep,
        limits=given.limits,
        scan=replace(given.scan, clamd=_maybe(base, given.scan.clamd)),
        log=given.log,
        register=given.card_register,
        web=given.web,
        archive=replace(given.archive, ca_file=_maybe(base, given.archive.ca_file)),
        also_open=frozenset(map(Round.parse, given.rounds.also_open)),
        first_round=Round.parse(given.rounds.first) if given.rounds.first else None,
    )


def _maybe(base: Path, path: Path | None) -> Path | None:
    return base / path if path is not None else None


def _tree(given: TreeSettings, base: Path) -> TreeSettings:
    root = str(base / Path(given.root).expanduser()) if given.is_local else given.root
    return replace(
        given,
        root=root,
        key_file=_maybe(base, given.key_file),
        known_hosts=_maybe(base, given.known_hosts),
        tls_ca=_maybe(base, given.tls_ca),
    )


def _mail(given: MailSettings, base: Path, state: Path) -> MailSettings:
    bounces = given.bounces
    return replace(
        given,
        ca_file=_maybe(base, given.ca_file),
        maildir=state / "mail" if given.maildir == NOWHERE else base / given.maildir,
        bounces=replace(
            bounces,
            ca_file=_maybe(base, bounces.ca_file),
            maildir=base / bounces.maildir,
        ),
    )


# --- what single keys cannot tell ----------------------------------------------------------------


def _wrong(given: MachineSettings, machine: Machine) -> Iterator[Problem]:
    if not given.tree:
        yield Problem(FILE, "tree", "", "phải có ít nhất một cây thư mục")
    yield from _repeated(given.tree)
    for tree in given.tree:
        yield from _wrong_tree(tree)
    yield from _wrong_mail(given.mail)
    yield from wrong_ledger(given.ledger.url)
    yield from _wrong_archive(given.archive)
    yield from _wrong_register(given.card_register)
    yield from _wrong_web(given.web)
    yield from _nested(machine)


def _wrong_register(register: RegisterSettings) -> Iterator[Problem]:
    given = (register.credential, register.table, register.columns)
    if any(given) and not all(given):
        yield Problem(
            FILE, "card_register", "", "phải ghi đủ credential, table và columns, hoặc bỏ cả mục"
        )
    for name in ("name", "birth", "card"):
        if register.columns and name not in register.columns:
            yield Problem(FILE, f"card_register.columns.{name}", "", "phải ghi tên cột này")


def _wrong_web(web: WebSettings) -> Iterator[Problem]:
    """Names and cards of children go over this line: only this machine's own may be in the open."""
    if not web.enabled:
        return
    if web.port > 65535:
        yield Problem(FILE, "web.listen", web.listen, "cổng phải từ 0 đến 65535")
    secure = web.public_url.startswith("https://")
    if not secure and not _is_own(web.host):
        yield Problem(
            FILE,
            "web.listen",
            web.listen,
            "chỉ máy này mới được vào không mã hóa; nơi khác vào thì đặt sau máy chủ HTTPS và ghi "
            'public_url = "https://…"',
        )
    for proxy in web.trusted_proxies:
        if not _is_ip(proxy):
            yield Problem(FILE, "web.trusted_proxies", proxy, "phải là địa chỉ IP")
    if web.user_header and not web.trusted_proxies:
        yield Problem(
            FILE, "web.trusted_proxies", "", "có user_header thì phải ghi máy chủ nào được tin"
        )
    yield from _wrong_openid(web.openid)


def _wrong_openid(openid: OpenIdSettings) -> Iterator[Problem]:
    if bool(openid.client_id) is not bool(openid.issuer):
        yield Problem(FILE, "web.openid", "", "phải ghi đủ issuer và client_id, hoặc bỏ cả mục")
    if openid.is_in_the_open:
        yield Problem(FILE, "web.openid.issuer", openid.issuer, "phải là https://")


def _is_own(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ip_address(host).is_loopback)


def _is_ip(text: str) -> bool:
    try:
        return bool(ip_address(text))
    except ValueError:
        return False


def _repeated(trees: Sequence[TreeSettings]) -> Iterator[Problem]:
    ids = [tree.id for tree in trees]
    for tree_id in sorted({name for name in ids if ids.count(name) > 1}):
        yield Problem(FILE, f"tree[{tree_id}].id", tree_id, "hai cây thư mục trùng tên")


def _wrong_tree(tree: TreeSettings) -> Iterator[Problem]:
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


def _wrong_sftp(tree: TreeSettings, key: str) -> Iterator[Problem]:
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


def _wrong_mail(mail: MailSettings) -> Iterator[Problem]:
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


def _wrong_bounces(bounces: BouncesSettings) -> Iterator[Problem]:
    needed = {"maildir": ("maildir",), "imap": ("host", "username", "credential"), "none": ()}
    for name in needed[bounces.kind]:
        if getattr(bounces, name) in {"", NOWHERE}:
            yield Problem(
                FILE, f"mail.bounces.{name}", "", f"hộp thư {bounces.kind} phải ghi khóa này"
            )


def is_address(text: str) -> bool:
    """Tell whether a text can be one e-mail address (no spaces, no header tricks)."""
    return re.fullmatch(r"[^\s@,;<>\"()\\]+@[^\s@,;<>\"()\\]+", text) is not None


def wrong_ledger(url: str) -> Iterator[Problem]:
    """Yield what is wrong with the address of a ledger."""
    if not url:
        return
    if re.match(r"[^:]+://[^/@]*:[^/@]+@", url):
        yield Problem(
            FILE, "ledger.url", "***", "bỏ mật khẩu khỏi địa chỉ; cấp nó bằng bí mật tên ledger"
        )
    elif not url.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        yield Problem(FILE, "ledger.url", url, "chỉ nhận sqlite:///… hoặc postgresql+psycopg://…")


def _wrong_archive(archive: ArchiveSettings) -> Iterator[Problem]:
    if not archive.is_store:
        return
    for name in ("access_key", "credential"):
        if not getattr(archive, name):
            yield Problem(FILE, f"archive.{name}", "", "kho lưu s3://… phải ghi khóa này")


def _nested(machine: Machine) -> Iterator[Problem]:
    """What lies inside a tree is taken as dropped: another tree, the state, a mailbox must not."""
    local = [(tree.id, Path(tree.root)) for tree in machine.trees if tree.is_local]
    for name, root in local:
        if machine.state_dir.is_relative_to(root):
            yield Problem(FILE, "state", str(machine.state_dir), f"nằm trong cây thư mục {name}")
        kept = machine.archive.folder
        if kept and kept.is_relative_to(root):
            yield Problem(FILE, "archive.url", str(kept), f"nằm trong cây thư mục {name}")
        bounces = machine.mail.bounces
        if bounces.kind == "maildir" and bounces.maildir.is_relative_to(root):
            inside = f"nằm trong cây thư mục {name}"
            yield Problem(FILE, "mail.bounces.maildir", str(bounces.maildir), inside)
        for other, above in local:
            if name != other and root.is_relative_to(above):
                yield Problem(FILE, f"tree[{name}].root", str(root), f"nằm trong cây {other}")
