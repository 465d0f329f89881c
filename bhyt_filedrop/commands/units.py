"""For administrators: carry units in and out, and reorganise them on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from bhyt_filedrop.commands.common import (
    DAY,
    OUT_FILE,
    books_of,
    by_option,
    config_option,
    given_or_now,
    known_city,
    settings_of,
    tell,
    why_option,
)
from bhyt_filedrop.language import say
from bhyt_filedrop.ports import NeverWorks
from bhyt_filedrop.settings import Settings


@click.group(help=say("Nhập, xuất danh sách đơn vị.", "Import or export the units."))
def units() -> None:
    pass


@units.command("import", help=say("Nhập từ CSV hoặc xlsx.", "Import from CSV or xlsx."))
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@config_option
@click.option(
    "--dry-run", "--preview", is_flag=True, help=say("Chỉ xem thay đổi.", "Only show the change.")
)
@click.option("--why", default="", help=say("Lý do.", "The reason."))
@by_option
def import_(source: Path, config: Path | None, dry_run: bool, why: str, by: str) -> None:
    from bhyt_filedrop.site.unit_book import import_units, preview

    settings = settings_of(config)
    lines = preview(source, settings.config_dir)
    for line in lines[:_SHOWN]:
        tell(line.text)
    if len(lines) > _SHOWN:
        tell(f"… (+{len(lines) - _SHOWN})")
    change = import_units(source, settings.config_dir, dry_run=dry_run)
    if change and not dry_run:
        _note_version(settings, why or f"nhập {source.name}", by)
    tell(
        say(
            f"Thêm {len(change.added)}, bỏ {len(change.removed)}, sửa {len(change.changed)} đơn vị"
            + (" (chưa ghi)." if dry_run else "."),
            f"{len(change.added)} added, {len(change.removed)} removed, "
            f"{len(change.changed)} changed" + (" (not written)." if dry_run else "."),
        )
    )
    if change.reused:
        names = ", ".join(change.reused)
        tell(
            say(
                f"! Mã đã dùng cho đơn vị khác: {names}. Lịch sử của đơn vị cũ sẽ mang tên đơn vị "
                "mới: giữ dòng cũ với valid_to, successors và cho đơn vị mới một mã chưa ai dùng.",
                f"! Ids that another unit had: {names}. The history of the old unit would bear the "
                "new one's name: keep its line, with valid_to and successors, and give the new "
                "unit an id that nobody had.",
            ),
            err=True,
        )
    if change.ignored:
        names = ", ".join(change.ignored)
        tell(say(f"Cột không dùng: {names}.", f"Columns of no use: {names}."), err=True)


_SHOWN = 40
"""Changes that a screen has room for."""


def _note_version(settings: Settings, why: str, by: str) -> None:
    """Keep the configuration that is in force from now on, with the reason; where the ledger is
    another account's the service keeps it, without the reason, when it reads it."""
    from bhyt_filedrop.site.versions import files_in
    from bhyt_filedrop.wiring.books import has_ledger, versions_of

    if not has_ledger(settings):
        return
    try:
        versions = versions_of(books_of(settings, writes=True))
    except NeverWorks:
        tell(say("Lý do chưa ghi được vào sổ.", "The reason could not be written down."), err=True)
    else:
        versions.note(files_in(settings.config_dir), by, why, given_or_now(None))


@units.command(
    "set-contact",
    help=say(
        "Sửa thư điện tử, điện thoại của một đơn vị.",
        "Change a unit's mail addresses and telephone.",
    ),
)
@click.argument("unit_id", metavar="ID")
@click.option(
    "--email",
    multiple=True,
    help=say("Thư điện tử; ghi nhiều lần cho nhiều địa chỉ, '' để bỏ.", "An address; repeatable."),
)
@click.option("--phone", help=say("Điện thoại.", "The telephone."))
@why_option
@by_option
@config_option
def set_contact(
    unit_id: str, email: tuple[str, ...], phone: str | None, why: str, by: str, config: Path | None
) -> None:
    from bhyt_filedrop.site.unit_book import set_contact as change_contact

    settings = settings_of(config)
    if unit_id not in settings.units:
        raise click.UsageError(say(f"không có đơn vị {unit_id}", f"there is no unit {unit_id}"))
    if not email and phone is None:
        raise click.UsageError(say("Cần --email hoặc --phone.", "Give --email or --phone."))
    addresses = tuple(filter(None, (one.strip() for one in email))) if email else None
    lines = change_contact(settings.config_dir, unit_id, addresses, phone)
    for line in lines:
        tell(line.text)
    if lines:
        _note_version(settings, why, by)
    else:
        tell(say("Không có gì thay đổi.", "Nothing changes."))


@units.command(
    help=say(
        "Sắp xếp lại từ một ngày: đưa các đơn vị của cấu hình đi kèm CITY vào bảng, với ngày và "
        "đơn vị kế thừa.",
        "Reorganise on a day: take the units of the shipped city CITY into the table, with days "
        "and successors.",
    )
)
@click.argument("city", metavar="CITY", callback=known_city)
@click.option("--on", type=DAY, required=True, help=say("Ngày đầu tiên.", "The first day."))
@config_option
@click.option("--dry-run", is_flag=True, help=say("Chỉ xem thay đổi.", "Only show the change."))
@click.option("--why", default="", help=say("Lý do.", "The reason."))
@by_option
def reorganise(city: str, on: date, config: Path | None, dry_run: bool, why: str, by: str) -> None:
    from bhyt_filedrop.site.lay_out import SiteError
    from bhyt_filedrop.site.reorganise import reorganise as take_in

    settings = settings_of(config)
    try:
        made = take_in(settings.config_dir, city, on, dry_run=dry_run)
    except SiteError as error:
        raise click.ClickException(str(error)) from error
    if not dry_run:
        _note_version(settings, why or f"units reorganise {city} --on {on}", by)
    tell(
        say(
            f"Từ ngày {on:%d/%m/%Y}: {len(made.closed)} đơn vị không còn, {len(made.begun)} đơn vị "
            f"mới, {len(made.going_on)} đơn vị giữ nguyên",
            f"From {on}: {len(made.closed)} units close, {len(made.begun)} begin, "
            f"{len(made.going_on)} go on",
        )
        + (say(" (chưa ghi).", " (not written).") if dry_run else ".")
    )
    if made.without_successor:
        names = ", ".join(made.units.full_name(unit) for unit in made.without_successor)
        tell(
            say(
                f"Chưa rõ đơn vị kế thừa, hãy điền cột successors trong units.csv: {names}.",
                f"No successor is known, fill in the column successors of units.csv: {names}.",
            )
        )
    if not dry_run:
        tell(
            say(
                "Tiếp theo: điền thư điện tử của đơn vị mới trong units.csv, chạy init để lập thư "
                "mục, rồi doctor để kiểm tra.",
                "Next: fill in the addresses of the new units in units.csv, run init for the "
                "folders, then doctor to look it over.",
            )
        )


@units.command(help=say("Xuất ra CSV hoặc xlsx (theo đuôi tệp).", "Export to CSV or xlsx."))
@click.argument("target", type=OUT_FILE, required=False)
@click.option("--out", type=OUT_FILE, help=say("Tệp cần ghi.", "The file to write."))
@config_option
def export(target: Path | None, out: Path | None, config: Path | None) -> None:
    from bhyt_filedrop.site.unit_book import export_units

    if (target is None) == (out is None):
        raise click.UsageError(say("Cần đúng một tệp: --out TỆP.", "Name one file: --out FILE."))
    target = out or target
    assert target is not None

    found = settings_of(config).units
    export_units(found, target)
    tell(f"{target}: {len(found.by_id)}")


@units.command(
    help=say(
        "In tài khoản và thư mục của từng đơn vị có tài khoản riêng (access.owner).",
        "Print the account and the folder of each unit that has one (access.owner).",
    )
)
@config_option
def accounts(config: Path | None) -> None:
    from bhyt_filedrop.site.lay_out import accounts_of

    for owner, folder in accounts_of(settings_of(config)):
        tell(f"{owner}\t{folder}")
