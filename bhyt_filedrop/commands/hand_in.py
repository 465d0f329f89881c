"""`hand-in`: put files into a unit's drop folder, with who and why in the ledger."""

from __future__ import annotations

from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    books_of,
    by_option,
    config_option,
    given_or_now,
    settings_of,
    tell,
    why_option,
)
from bhyt_filedrop.language import say


@click.command(
    help=say(
        "Nộp tệp thay một đơn vị: đặt vào thư mục nộp của đơn vị (kể cả ở máy chủ khác), ghi ai "
        "nộp, vì sao.",
        "Hand files in for a unit: into its drop folder, on far trees too, noting who and why.",
    )
)
@click.argument("unit_id", metavar="UNIT")
@click.argument(
    "files",
    metavar="FILE…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--into",
    "subfolder",
    default="",
    metavar="FOLDER",
    help=say("Thư mục con của thư mục nộp.", "A folder below the drop folder."),
)
@why_option
@by_option
@config_option
def hand_in(
    unit_id: str, files: tuple[Path, ...], subfolder: str, why: str, by: str, config: Path | None
) -> None:
    from bhyt_filedrop.wiring.declared import world_of
    from bhyt_filedrop.wiring.handing_in import handing_in_of
    from bhyt_filedrop.work.arrival.examine import hash_only
    from bhyt_filedrop.work.arrival.handing_in import Hands

    settings = settings_of(config)
    if unit_id not in settings.units:
        raise click.UsageError(say(f"không có đơn vị {unit_id}", f"there is no unit {unit_id}"))
    handing_in = handing_in_of(settings, world_of(settings), books_of(settings, writes=True))
    unit, hands = settings.units[unit_id], Hands(by, why, "", given_or_now(None))
    paths = [handing_in.path_for(unit, subfolder, file.name, hands.at) for file in files]
    for file, path in zip(files, paths, strict=True):
        handing_in.hand_in(unit, path, file, hash_only(file), file.stat().st_size, hands)
        tell(say(f"Đã nộp {path}", f"Handed in {path}"))
