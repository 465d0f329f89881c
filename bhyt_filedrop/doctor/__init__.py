"""`doctor`: looks at everything the daemon will need, and says of each thing what to do about it.

It changes nothing. What it cannot know itself (ledger, mail, remote trees) it asks through
callables that the wiring passes in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bhyt_filedrop.doctor import cities, in_time, machine, sharing, trees, units
from bhyt_filedrop.doctor.checks import Check, Level, bad, ok, warn
from bhyt_filedrop.domain.drops.lying import Lying
from bhyt_filedrop.domain.process.calendar import local_day
from bhyt_filedrop.ports import NeverWorks, Sharing, Tree, TryLater
from bhyt_filedrop.settings import ConfigError, Settings, TreeSettings

__all__ = ["Asked", "Check", "Level", "examine", "refused"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What only the edges can answer; each callable returns None, or one line on what is wrong.

    `ledger` says whether the ledger answers and is this program's, `ledger_awaits` what the next
    start will do to it, `mail` whether letters can be handed
    over, `bounces` whether the mailbox that they come back to can be read. `open_tree` opens one
    tree. `lying` is what the daemon saw in the trees and cannot take. With `online` False nothing
    is asked over the network.
    """

    open_tree: Callable[[TreeSettings], Tree]
    ledger: Callable[[], str | None] | None = None
    mail: Callable[[], str | None] | None = None
    online: bool = False
    now: datetime | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    bounces: Callable[[], str | None] | None = None
    archive: Callable[[], str | None] | None = None
    """What is wrong with the store of the archive; asked only where there is one."""
    ledger_awaits: Callable[[], str | None] | None = None
    last_event: Callable[[], datetime | None] | None = None
    """When the ledger was last written; asked only where it answers."""
    scanner: Callable[[], str | None] | None = None
    """Whether the scanner answers that is asked before a file is read; None where there is none."""
    ledger_is: Callable[[], str] = str
    """Which database the ledger is in, and the version of its tables; asked only where it answers.
    """
    lying: Callable[[], Sequence[Lying]] = tuple
    units_seen: Callable[[], Collection[str]] = tuple
    """The ids of all units of which the ledger knows a file or a list; asked only where it
    answers."""
    sharing: Callable[[], Sharing | None] = lambda: None
    """How several daemons share the ledger, None where it is not shared or does not answer."""


def refused(error: ConfigError) -> tuple[Check, ...]:
    """Return a configuration's problems as checks."""
    return tuple(bad("config", str(problem), "") for problem in error.problems)


def examine(settings: Settings, asked: Asked) -> tuple[Check, ...]:
    """Examine one site; every check is one line, in an order to read from the top."""
    return tuple(_all(settings, asked))


def _all(settings: Settings, asked: Asked) -> Iterator[Check]:
    yield _config(settings)
    today = local_day(asked.now or datetime.now(UTC))
    yield from units.declared(settings, today)
    yield from cities.foreign(settings)
    shared = _sharing(asked)
    for tree in settings.trees:
        yield from trees.examined(
            settings, tree, asked.open_tree, today, online=asked.online, sharing=shared
        )
    yield from trees.lying(asked.lying())
    yield from machine.lease(settings)
    yield from machine.bells(settings)
    yield from machine.disk(settings)
    yield from machine.private(settings)
    ledger = _ledger(asked)
    yield ledger
    if ledger.level is Level.OK:
        yield from in_time.taken_out(settings.units, asked.units_seen())
        yield from sharing.shared(shared)
    last_event = asked.last_event if ledger.level is Level.OK else None
    yield from machine.clock(asked.now, last_event=last_event() if last_event else None)
    yield from machine.secrets(settings, asked.environ)
    yield from _archive(settings, asked)
    yield from _mail(settings, asked)
    yield from _bounces(settings, asked)
    if asked.scanner:
        yield _answer("scan", asked.scanner, "clamd trả lời.", "Xem clamd và mục [scan].")
    yield from machine.unit(settings)
    yield from machine.tools()


def _config(settings: Settings) -> Check:
    return ok(
        "config",
        f"Cấu hình {settings.config_dir} hợp lệ: {len(settings.process.handoffs)} bước chuyển, "
        f"{len(settings.forms)} mẫu biểu, {len(settings.units.by_id)} đơn vị.",
    )


def _sharing(asked: Asked) -> Sharing | None:
    """What hinders the ledger is told where it is examined."""
    try:
        return asked.sharing()
    except (TryLater, NeverWorks, OSError):
        return None


def _ledger(asked: Asked) -> Check:
    found = _answer("ledger", asked.ledger, "Sổ dùng được.", "Xem sổ (mục ledger) và chạy lại.")
    if found.level is not Level.OK:
        return found
    awaits = asked.ledger_awaits() if asked.ledger_awaits else None
    if awaits:
        return warn("ledger", awaits, "Sao lưu sổ trước khi chạy.")
    return ok("ledger", f"{found.message} {asked.ledger_is()}".rstrip())


def _answer(name: str, question: Callable[[], str | None] | None, good: str, remedy: str) -> Check:
    if question is None:
        return warn(name, "Chưa kiểm tra.", "Chạy doctor trên máy chạy dịch vụ.")
    try:
        wrong = question()
    except (TryLater, NeverWorks, OSError) as err:  # a secret that is missing, a full disk
        wrong = " ".join(str(err).split())
    return bad(name, wrong, remedy) if wrong else ok(name, good)


def _archive(settings: Settings, asked: Asked) -> Iterator[Check]:
    named = settings.archive
    if not named.is_store:
        return
    yield from trees.in_the_clear(named.host, named.endpoint.startswith("http://"), "[archive]")
    if not asked.online:
        yield ok("archive", f"Kho lưu ở {named.url} ({named.host}); thêm --online để thử.")
    elif asked.archive is not None:
        yield _answer(
            "archive",
            asked.archive,
            f"Kho lưu {named.url}: ghi, đọc lại, xóa được.",
            "Xem mục [archive]; khóa truy cập phải được liệt kê, ghi, đọc và xóa trong kho này.",
        )


def _mail(settings: Settings, asked: Asked) -> Iterator[Check]:
    mail = settings.mail
    if mail.kind == "maildir":
        yield warn(
            "mail",
            f"Thư chỉ được giữ lại ở {mail.maildir}, không gửi đi đâu.",
            "Khai báo máy chủ thư ở mục [mail], kind = “smtp”, khi đưa vào dùng thật.",
        )
    else:
        yield from trees.in_the_clear(mail.host, mail.tls == "none", "[mail]")
    if mail.kind == "smtp" and not asked.online:
        yield ok("mail", f"Thư gửi qua {mail.host}; thêm --online để thử kết nối.")
        return
    if asked.mail is not None:
        yield _answer("mail", asked.mail, "Giao thư được.", "Xem mục [mail] và máy chủ thư.")


def _bounces(settings: Settings, asked: Asked) -> Iterator[Check]:
    bounces = settings.mail.bounces
    if bounces.kind == "none":
        if settings.mail.kind == "smtp":
            yield warn(
                "bounces",
                "Chưa đọc thư báo lỗi trả về, nên status không biết thư nào không đến nơi.",
                "Khai báo hộp thư nhận thư trả về ở mục [mail.bounces].",
            )
    elif bounces.kind == "imap" and not asked.online:
        yield ok("bounces", f"Thư báo lỗi đọc ở {bounces.host}; thêm --online để thử kết nối.")
    elif asked.bounces is not None:
        yield _answer(
            "bounces",
            asked.bounces,
            "Đọc được hộp thư nhận thư báo lỗi.",
            "Xem mục [mail.bounces] và quyền của hộp thư.",
        )
