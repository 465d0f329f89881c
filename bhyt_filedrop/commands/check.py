"""`check`: what the product says about files, without touching any site."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    DAY,
    OUT_FILE,
    ROUND,
    config_option,
    json_option,
    print_json,
    rows_text,
    tell,
)
from bhyt_filedrop.commands.waiting import note
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.findings import Finding, Severity
from bhyt_filedrop.domain.lists.children import ListedChild
from bhyt_filedrop.domain.process.calendar import ZONE, at
from bhyt_filedrop.domain.process.file_names import visible
from bhyt_filedrop.domain.process.handoffs import HandOff
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.domain.words import VERDICTS
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import Reader
from bhyt_filedrop.settings import Settings, load
from bhyt_filedrop.work.check.one_file import Checked, Wish, annotatable, check_file
from bhyt_filedrop.work.check.together import NotAList, children_of, held_against


@click.command(
    help=say(
        "Kiểm tra tệp. Mã thoát: 0 nhận được hết, 1 có tệp phải trả lại, 2 gọi lệnh sai.",
        "Check workbooks. Exit status: 0 all accepted, 1 some returned, 2 a wrong call.",
    )
)
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
@config_option
@json_option
@click.option(
    "--as",
    "handoff",
    metavar="HANDOFF",
    help=say("Bước chuyển (mã hoặc số, như H5).", "The hand-off (id or number)."),
)
@click.option("--unit", metavar="ID", help=say("Đơn vị nộp.", "The unit that sends."))
@click.option("--round", "round_", type=ROUND, help=say("Đợt, ví dụ 2015Q1.", "As 2015Q1."))
@click.option("--today", type=DAY, help=say("Coi hôm nay là DATE.", "Take this as the day."))
@click.option(
    "--against",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=say("Đối chiếu với danh sách đã gửi.", "Reconcile with the list that was sent."),
)
@click.option(
    "--together",
    is_flag=True,
    help=say(
        "Coi các tệp là một lần trả lời (ba danh sách của cấp cơ sở).",
        "Take the files as one return (a ward's three lists).",
    ),
)
@click.option(
    "--annotate",
    metavar="OUT.xlsx",
    type=OUT_FILE,
    help=say("Ghi bản sao có đánh dấu lỗi.", "Write the annotated copy."),
)
def check(
    files: tuple[Path, ...],
    config: Path | None,
    as_json: bool,
    handoff: str | None,
    unit: str | None,
    round_: Round | None,
    today: date | None,
    against: Path | None,
    together: bool,
    annotate: Path | None,
) -> int:
    from bhyt_filedrop import resources
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.workbooks import annotator_of, reader_of

    if annotate and len(files) > 1:
        raise click.UsageError(
            say("--annotate chỉ dùng với một tệp.", "--annotate takes a single file.")
        )
    if annotate:
        _keep_apart(annotate, (*files, *((against,) if against else ())))
    settings = load(config or resources.config_dir())
    wish = Wish(_handoff(settings, handoff), _unit(settings, unit), round_, today)
    now = datetime.now(ZONE)
    world = world_of(settings).at(at(today) if today else now)
    worst = 0
    with reader_of(settings) as reader:
        seconds = settings.limits.drop_seconds
        sent = _sent(against, reader, world, now, seconds) if against else None
        checked = (
            check_file(_file(path), wish, reader, world, now, seconds) for path in _count_off(files)
        )
        for one in _returns(checked, sent, together, wish, world):
            print_json(one.as_json()) if as_json else _print(one, settings)
            worst = max(worst, int(one.returned))
            if annotate:
                annotator = annotator_of(settings, reader)
                annotator.annotate(one.path, one.path.name, annotatable(one), annotate)
    return worst


def _count_off(files: Sequence[Path]) -> Iterator[Path]:
    """Say which of several files it is at."""
    for number, file in enumerate(files, start=1):
        if len(files) > 1:
            note(f"{number}/{len(files)}")
        yield file


def _keep_apart(annotate: Path, given: Iterable[Path]) -> None:
    """The annotated copy never takes the place of a file that is checked."""
    if annotate.resolve() in {path.resolve() for path in given}:
        raise click.BadParameter(
            say(
                f"{annotate} là tệp được kiểm tra; hãy ghi ra tệp khác",
                f"{annotate} is the file that is checked; write to another",
            ),
            param_hint="--annotate",
        )


def _returns(
    files: Iterable[Checked],
    sent: Sequence[ListedChild] | None,
    together: bool,
    wish: Wish,
    world: World,
) -> Iterator[Checked]:
    """Yield each file with its verdict: of its own, or of the return that it is (a part of)."""
    if together:
        yield from held_against(list(files), sent, wish, world)
        return
    for one in files:
        yield from (one,) if sent is None else held_against([one], sent, wish, world)


def _sent(
    path: Path, reader: Reader, world: World, now: datetime, seconds: float
) -> tuple[ListedChild, ...]:
    """Read the list that was sent; what is wrong in it is not this command's matter."""
    try:
        checked = check_file(_file(path, "--against"), Wish(), reader, world, now, seconds)
        return children_of(checked, world)
    except NotAList as error:
        raise click.BadParameter(
            say(f"{path}: không đọc được danh sách trẻ", f"{path}: {error}"),
            param_hint="--against",
        ) from error


def _handoff(settings: Settings, handoff: str | None) -> HandOff | None:
    if handoff is None:
        return None
    wanted = handoff.casefold()
    every = settings.process.handoffs
    numbered = (one for one in every.values() if one.number.casefold() == wanted)
    found = every.get(wanted) or next(numbered, None)
    if found is None:
        known = ", ".join(every)
        raise click.BadParameter(
            say(f"không có bước {handoff!r}; có: {known}", f"no {handoff!r}; there are: {known}"),
            param_hint="--as",
        )
    return found


def _unit(settings: Settings, unit: str | None) -> Unit | None:
    if unit is None:
        return None
    if unit not in settings.units:
        raise click.BadParameter(
            say(f"không có đơn vị {unit!r}", f"there is no unit {unit!r}"), param_hint="--unit"
        )
    return settings.units[unit]


def _file(path: Path, hint: str = "FILE") -> Path:
    if path.is_dir():
        raise click.BadParameter(
            say(f"{path} là thư mục, không phải tệp", f"{path} is a folder, not a file"),
            param_hint=hint,
        )
    if not path.exists():
        raise click.BadParameter(
            say(f"không có tệp {path}", f"there is no file {path}"), param_hint=hint
        )
    if not path.is_file():  # a device or a pipe may never end
        raise click.BadParameter(
            say(f"{path} không phải tệp thường", f"{path} is no ordinary file"), param_hint=hint
        )
    return path


_MARKS = {Severity.BLOCKS: "✗", Severity.WARNS: "!", Severity.NOTES: "·"}


def _print(checked: Checked, settings: Settings) -> None:
    said = [
        visible(str(checked.path)),
        _verdict(checked),
        checked.form or "?",
        rows_text(checked.rows, checked.form or "", settings),
    ]
    if checked.round:
        said.append(checked.round.title)
    tell(" · ".join(said))
    for one in sorted(checked.findings, key=lambda f: list(Severity).index(f.severity)):
        tell(f"  {_MARKS[one.severity]} {one.code}{_where(one)}: {visible(one.message)}")
        tell(f"    → {one.remedy}")


def _verdict(checked: Checked) -> str:
    return say(VERDICTS[checked.verdict], str(checked.verdict)).upper()


def _where(one: Finding) -> str:
    place = "!".join(filter(None, (one.sheet, one.cell)))
    return "".join(f" [{visible(part)}]" for part in (one.file, place) if part)
