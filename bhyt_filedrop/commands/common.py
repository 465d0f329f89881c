"""What the commands share: options, times, and problems told in one line."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bhyt_filedrop import resources
from bhyt_filedrop.commands.waiting import saying
from bhyt_filedrop.domain.process.calendar import ZONE, short_moment
from bhyt_filedrop.domain.process.file_names import visible
from bhyt_filedrop.domain.process.made import MADE
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import LedgerAway, LostRace, NeverWorks, NotOurs, TryLater
from bhyt_filedrop.settings import ConfigError, Settings, load

if TYPE_CHECKING:
    from bhyt_filedrop.wiring.books import Books

F = TypeVar("F", bound=Callable[..., Any])

CONFIG_VARIABLE = "BHYT_FILEDROP_CONFIG"


def one_line_of(error: Exception) -> str | None:
    """Return what an expected problem says; None for an error of our own, which must be seen."""
    if isinstance(error, ConfigError):
        return "\n".join(str(problem) for problem in error.problems)
    if isinstance(error, LedgerAway):
        return _ledger_says(str(error))
    if isinstance(error, NotOurs):
        return say(error.told, str(error))
    if isinstance(error, TryLater | NeverWorks | LostRace):
        return str(error)
    if isinstance(error, OSError):
        text = _SYSTEM_SAYS.get(error.errno or 0, lambda: error.strerror or str(error))()
        return f"{error.filename}: {text}" if error.filename else text
    return _ledger_trouble(error)


def _ledger_trouble(error: Exception) -> str | None:
    """Say that the database cannot be used; None where our own statement is at fault."""
    from sqlalchemy.exc import DatabaseError, OperationalError

    if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
        return None
    return _ledger_says(str(error.orig))


def _ledger_says(told: str) -> str:
    """A server adds lines of advice for programmers."""
    text = told.partition("\n")[0].rstrip(". ")
    return say(
        f"Không dùng được sổ: {text}. Hãy chạy bhyt-filedrop doctor.",
        f"The ledger cannot be used: {text}. Run bhyt-filedrop doctor.",
    )


_SYSTEM_SAYS: Mapping[int, Callable[[], str]] = {
    errno.ENOENT: lambda: say("không có tệp hay thư mục này", "no such file or folder"),
    errno.EACCES: lambda: say("không có quyền", "permission denied"),
    errno.EPERM: lambda: say("không có quyền", "not permitted"),
    errno.ENOSPC: lambda: say("đĩa đã đầy", "the disk is full"),
    errno.EROFS: lambda: say("đĩa chỉ cho đọc", "the disk is read-only"),
    errno.EISDIR: lambda: say("là thư mục, không phải tệp", "is a folder, not a file"),
    errno.ENOTDIR: lambda: say("không nằm trong thư mục nào", "lies in no folder"),
}


def config_option(command: F) -> F:
    """Add `--config DIR`."""
    return click.option(
        "--config",
        "config",
        type=click.Path(file_okay=False, path_type=Path),
        envvar=CONFIG_VARIABLE,
        help=say("Thư mục cấu hình.", "The configuration folder."),
    )(command)


def city_option(command: F) -> F:
    """Add `--city CITY`; "" where it is not given."""
    return click.option(
        "--city",
        default="",
        metavar="CITY",
        callback=known_city,
        help=say(
            f"Tỉnh, thành phố có sẵn trong cấu hình đi kèm ({resources.DEFAULT_CITY}).",
            f"A city whose configuration ships ({resources.DEFAULT_CITY}).",
        ),
    )(command)


def known_city(_context: click.Context, _option: click.Parameter, city: str) -> str:
    """Take a city that ships. Raises a usage error naming those that do."""
    if city and city not in resources.cities():
        there = ", ".join(resources.cities())
        raise click.BadParameter(say(f"{city}: chỉ có {there}", f"{city}: there are {there}"))
    return city


def json_option(command: F) -> F:
    """Add `--json`."""
    return click.option("--json", "as_json", is_flag=True, help=say("In ra JSON.", "Print JSON."))(
        command
    )


def now_option(command: F) -> F:
    """Add `--now TIME`, so that a quarter can be played in a minute."""
    return click.option(
        "--now",
        type=TIME,
        help=say(
            "Coi lúc này là TIME (giờ Việt Nam), ví dụ 2015-06-20T09:00.",
            "Take this as the time (Viet Nam's clock), e.g. 2015-06-20T09:00.",
        ),
    )(command)


def _given(_ctx: click.Context, _param: click.Parameter, why: str) -> str:
    if not why.strip():
        raise click.BadParameter(say("phải ghi lý do", "a reason is needed"))
    return why


def why_option(command: F) -> F:
    """Add `--why REASON`, which must not be empty."""
    return click.option("--why", required=True, callback=_given, help=say("Lý do.", "The reason."))(
        command
    )


def by_option(command: F) -> F:
    """Add `--by NAME`: who does it, as the account that runs the command unless it is said."""
    return click.option(
        "--by",
        default=_account,
        callback=lambda _ctx, _param, name: name.strip() or _account(),
        help=say("Ai làm việc này (mặc định: tài khoản đang dùng).", "Who does it."),
    )(command)


def _account() -> str:
    """The person behind `sudo`, else the account."""
    import getpass

    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def settings_of(config: Path | None) -> Settings:
    """Load the configuration that was named. Raises a usage error where none was."""
    if config is None:
        raise click.UsageError(
            say(
                f"Hãy cho biết thư mục cấu hình: --config DIR (hoặc biến {CONFIG_VARIABLE}).",
                f"Name the configuration folder: --config DIR (or set {CONFIG_VARIABLE}).",
            )
        )
    return load(config)


def books_of(settings: Settings, *, writes: bool = False) -> Books:
    """Open the ledger for the command that runs; it is closed when that ends.

    Raises NeverWorks where it `writes` and the site is another account's.
    """
    if writes:
        from bhyt_filedrop.site.ownership import must_be_ours

        must_be_ours(settings.state_dir)
    from bhyt_filedrop.wiring.books import open_books

    return click.get_current_context().with_resource(closing(open_books(settings)))


FIRST_YEAR, LAST_YEAR = 1990, 2100
"""Years that a command is asked about: at the ends of the calendar no quarter can be counted."""


def _other_times(value: object) -> str:
    return say(
        f"{value}: chỉ từ năm {FIRST_YEAR} đến năm {LAST_YEAR}",
        f"{value}: years {FIRST_YEAR} to {LAST_YEAR} only",
    )


class _Time(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        """Read an ISO date or time; without a zone it is Viet Nam's."""
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                say(
                    f"{value!r} không phải thời điểm; viết như 2015-06-20T09:00",
                    f"{value!r} is not a time; write it as 2015-06-20T09:00",
                ),
                param,
                ctx,
            )
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail(_other_times(value), param, ctx)
        if len(value) <= 10:
            found = datetime.combine(found, time(9))
        return found if found.tzinfo else found.replace(tzinfo=ZONE)


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Read an ISO date."""
        try:
            found = value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(
                say(
                    f"{value!r} không phải ngày; viết như 2015-06-20",
                    f"{value!r} is not a day; write it as 2015-06-20",
                ),
                param,
                ctx,
            )
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            self.fail(_other_times(value), param, ctx)
        return found


class _RoundType(click.ParamType[Round]):
    name = "round"

    def convert(self, value: Any, param: Any, ctx: Any) -> Round:
        """Read `2015Q1`."""
        try:
            return value if isinstance(value, Round) else Round.parse(value)
        except ValueError as error:
            told = f"{value!r} không phải một đợt; viết như 2015Q1"
            self.fail(say(told, str(error)), param, ctx)


class _OutFile(click.Path):
    """A file to write: that its folder is missing is told before any work is done."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the path of a file that can be made where it is wanted."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            told = say(f"không có thư mục {path.parent}", f"there is no folder {path.parent}")
            self.fail(told, param, ctx)
        if path.exists() and not path.is_file():  # what is written takes the place of a device
            told = say(f"{path} không phải tệp thường", f"{path} is no ordinary file")
            self.fail(told, param, ctx)
        return path


TIME, DAY, ROUND, OUT_FILE = _Time(), _Day(), _RoundType(), _OutFile()


def given_or_now(now: datetime | None) -> datetime:
    """Return the time that was given, else the real one."""
    return now or datetime.now(ZONE)


def clock_of(now: datetime | None) -> Callable[[], datetime]:
    """Return a clock that goes on from the given time, or the real one."""
    from bhyt_filedrop.wiring.daemon import real_clock

    if now is None:
        return real_clock
    ahead = now - datetime.now(ZONE)
    return lambda: datetime.now(ZONE) + ahead


def print_json(value: Any) -> None:
    """Print one JSON value on one line; moments as ISO text in the city's zone."""
    with saying():
        click.echo(visible(json.dumps(value, ensure_ascii=False, default=_as_text)))


def _as_text(value: object) -> str:
    return value.astimezone(ZONE).isoformat() if isinstance(value, datetime) else str(value)


def tell(text: str = "", *, err: bool = False) -> None:
    """Print a line or several; what a name may hold beside letters is shown, never acted upon."""
    with saying():
        click.echo(visible(text, keep="\n\t"), err=err)


def rows_text(rows: int, form: str, settings: Settings) -> str:
    """Say how many rows a list has: children, or visits, of which a child may have several."""
    charged = form in MADE and MADE[form].charges
    if charged or any(one.id == form and one.rules.visits for one in settings.forms):
        return f"{rows} {say('lượt khám', 'visits')}"
    return f"{rows} {say('trẻ', 'children')}"


def local_text(moment: datetime | None) -> str:
    """Write a moment as clerks do: `14/06/2015 09:05`."""
    return short_moment(moment) if moment else ""


def as_json_fields(value: Any, names: Sequence[str]) -> Mapping[str, Any]:
    """Return some fields of a value, as `print_json` takes them."""
    return {name: getattr(value, name) for name in names}
