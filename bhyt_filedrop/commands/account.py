"""`account`: who may use the status page."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bhyt_filedrop.commands.common import (
    as_json_fields,
    books_of,
    config_option,
    json_option,
    local_text,
    print_json,
    settings_of,
    tell,
)
from bhyt_filedrop.commands.tables import print_table
from bhyt_filedrop.domain.access.accounts import (
    NEEDS_UNIT,
    ROLE_NAMES,
    Account,
    AccountRole,
    is_account_name,
)
from bhyt_filedrop.language import say
from bhyt_filedrop.settings import Settings

if TYPE_CHECKING:
    from bhyt_filedrop.web.office import PageAccounts

_FIELDS = ("name", "role", "unit", "title", "active", "created_at")


@click.group(help=say("Tài khoản của trang theo dõi.", "Accounts of the status page."))
def account() -> None:
    pass


@account.command(
    help=say(
        "Thêm một tài khoản; in ra đường dẫn dùng một lần để chọn mật khẩu.",
        "Add an account; prints the one-time link by which its password is chosen.",
    )
)
@click.argument("name")
@click.option(
    "--role",
    required=True,
    type=click.Choice([one.value for one in AccountRole]),
    help=say(
        "unit: chỉ thấy đơn vị mình và cấp dưới; viewer: xem tất cả; department: phòng của "
        "BHXH tỉnh, thành phố; admin: quản trị.",
        "unit: sees itself and those below; viewer: sees the city; department: a city department; "
        "admin.",
    ),
)
@click.option("--unit", default="", help=say("Mã đơn vị.", "Unit id."))
@click.option("--title", default="", help=say("Tên hiển thị.", "The name that is shown."))
@config_option
def add(name: str, role: str, unit: str, title: str, config: Path | None) -> None:
    settings = settings_of(config)
    new = Account(name.lower(), AccountRole(role), unit, title.strip(), datetime.now(UTC))
    wrong = _wrong(new, settings)
    if wrong:
        raise click.UsageError(wrong)
    from bhyt_filedrop.wiring.page import accounts_of

    accounts = accounts_of(books_of(settings, writes=True))
    if not accounts.add(new):
        raise click.ClickException(
            say(f"Đã có tài khoản {new.name}.", f"There is an account {new.name} already.")
        )
    _tell_link(settings, accounts, new.name)


def _wrong(new: Account, settings: Settings) -> str:
    if not is_account_name(new.name):
        return say(
            f"{new.name!r}: tên tài khoản gồm 2 đến 64 chữ thường không dấu, số, dấu . _ @ -",
            f"{new.name!r}: a name has 2 to 64 small letters, digits, or . _ @ -",
        )
    if new.role in NEEDS_UNIT and new.unit not in settings.units:
        return say(
            f"Vai {new.role.value} cần --unit là mã một đơn vị trong units.csv.",
            f"The role {new.role.value} needs --unit with the id of a unit of units.csv.",
        )
    if new.unit and new.unit not in settings.units:
        return say(f"Không có đơn vị {new.unit}.", f"There is no unit {new.unit}.")
    return ""


@account.command(name="list", help=say("Liệt kê tài khoản.", "List the accounts."))
@config_option
@json_option
def list_(config: Path | None, as_json: bool) -> None:
    from bhyt_filedrop.wiring.page import accounts_of

    settings = settings_of(config)
    found = accounts_of(books_of(settings)).accounts()
    if as_json:
        for one in found:
            print_json({**as_json_fields(one, _FIELDS), "one_time": bool(one.one_time)})
        return
    print_table(
        [say("Tài khoản", "Account"), say("Vai", "Role"), say("Đơn vị", "Unit"),
         say("Tên", "Title"), say("Trạng thái", "State"), say("Lập lúc", "Since")],
        [_row(one, settings) for one in found],
    )  # fmt: skip


def _row(one: Account, settings: Settings) -> list[str]:
    unit = settings.units.by_id.get(one.unit)
    state = say("đang dùng", "active") if one.active else say("đã khóa", "ended")
    if one.active and not one.password:
        state = say("chưa chọn mật khẩu", "no password chosen yet")
    return [
        one.name,
        say(ROLE_NAMES[one.role], one.role.value),
        settings.units.full_name(unit) if unit else one.unit,
        one.title,
        state,
        local_text(one.created_at),
    ]


@account.command(
    help=say(
        "In đường dẫn dùng một lần để chọn mật khẩu mới; tài khoản đã khóa thì mở lại.",
        "Print a one-time link to choose a new password; an ended account is let in again.",
    )
)
@click.argument("name")
@click.option("--no-codes", is_flag=True, help=say("Bỏ mã xác thực.", "Take the codes away."))
@config_option
def link(name: str, no_codes: bool, config: Path | None) -> None:
    from bhyt_filedrop.wiring.page import accounts_of

    settings = settings_of(config)
    accounts = accounts_of(books_of(settings, writes=True))
    _must_be_there(accounts.account(name), name)
    accounts.set_active(name, True)
    if no_codes:
        accounts.set_one_time(name, "")
    _tell_link(settings, accounts, name)


@account.command(
    help=say(
        "Khóa một tài khoản: mọi phiên của nó chấm dứt ngay.",
        "End an account: all its sessions end at once.",
    )
)
@click.argument("name")
@config_option
def revoke(name: str, config: Path | None) -> None:
    from bhyt_filedrop.wiring.page import accounts_of

    accounts = accounts_of(books_of(settings_of(config), writes=True))
    _must_be_there(accounts.account(name), name)
    accounts.set_active(name, False)
    tell(say(f"Đã khóa {name}.", f"{name} is ended."))


def _must_be_there(found: Account | None, name: str) -> None:
    if found is None:
        raise click.ClickException(
            say(f"Không có tài khoản {name}.", f"There is no account {name}.")
        )


def _tell_link(settings: Settings, accounts: PageAccounts, name: str) -> None:
    from bhyt_filedrop.web.signing_in import INVITED_FOR, invite

    secret = invite(accounts, name, datetime.now(UTC))
    hours = int(INVITED_FOR.total_seconds()) // 3600
    tell(f"{settings.web.address}/invitation/{secret}")
    tell(
        say(
            f"Đường dẫn của {name}, dùng một lần, trong {hours} giờ: mở để chọn mật khẩu.",
            f"The link of {name}, for one use within {hours} hours: open it to choose a password.",
        )
    )
    if not settings.web.enabled:
        tell(
            say(
                "Trang theo dõi đang tắt: đặt [web] enabled = true trong bhyt-filedrop.toml.",
                "The page is off: set [web] enabled = true in bhyt-filedrop.toml.",
            )
        )
