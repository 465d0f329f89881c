"""The command line: names of commands and where they live; no logic.

A command's module is imported only when that command runs or shows its help, so that a short
command starts fast.
"""

from __future__ import annotations

import importlib
import io
import sys
from typing import Any

import click

from bhyt_filedrop.collector import passing_by
from bhyt_filedrop.language import choose, say

_COMMANDS: dict[str, tuple[str, str, str]] = {
    "init": ("site", "Lập một nơi làm việc mới", "Lay out a new site"),
    "run": ("site", "Chạy dịch vụ", "Run the daemon"),
    "demo": ("demo", "Lập nơi làm việc mẫu với dữ liệu giả", "Lay out a demo with made-up data"),
    "check": ("check", "Kiểm tra tệp danh sách", "Check workbooks"),
    "explain": ("admin", "Giải thích một đường dẫn", "Explain what a path would meet"),
    "status": ("rounds", "Ai đã nộp, ai còn nợ, ai trễ", "Who delivered, who owes, who is late"),
    "history": ("history", "Các đợt của một đơn vị", "The rounds of one unit"),
    "calendar": ("calendar", "Lịch của một đợt", "A round's calendar"),
    "debt": ("debts", "Gia hạn, hẹn, ghi nhận khoản nợ", "Extend, snooze, acknowledge a debt"),
    "papers": ("papers", "Bản sao khai sinh, chứng sinh", "Paper copies of certificates"),
    "remind": ("reminders", "Thư nhắc phải gửi lúc này", "The reminders owed at a moment"),
    "report": ("reports", "Báo cáo tồn đọng, đợt, chất lượng", "Backlog, round, quality reports"),
    "trace": ("reports", "Theo từng trẻ qua các bước", "Follow every child through the hops"),
    "person": (
        "privacy",
        "Dữ liệu về một trẻ, ai đã nhận",
        "What is held of a child, and who has it",
    ),
    "entitlement": ("reports", "Thẻ đến khi nào, đóng từ đâu", "Until when a card is valid"),
    "arrivals": ("drops", "Các tệp đã nhận", "What arrived"),
    "show": ("drops", "Mọi điều về một tệp nộp", "Everything about one drop"),
    "hand-in": ("hand_in", "Nộp tệp thay một đơn vị", "Hand files in for a unit"),
    "retry": ("decisions", "Xử lý lại tệp đang chờ người", "Handle a waiting drop again"),
    "release": (
        "decisions",
        "Cho tệp đang giữ đi tiếp, duyệt nháp",
        "Let a held drop, a draft go on",
    ),
    "reject": ("decisions", "Trả lại tệp đang chờ", "Send a waiting drop back"),
    "account": ("account", "Tài khoản của trang theo dõi", "Accounts of the status page"),
    "resend": ("letters", "Gửi lại thư đã gác lại", "Send letters again that were set aside"),
    "config": ("config", "Thử, đổi, xem lại cấu hình", "Try, change, go back to configurations"),
    "units": ("units", "Nhập, xuất danh sách đơn vị", "Import or export the units"),
    "backup": ("backup", "Sao lưu sổ, kho lưu, cấu hình", "Back up ledger, archive, configuration"),
    "restore": ("backup", "Khôi phục từ bản sao lưu", "Restore from a backup"),
    "ledger": (
        "ledger",
        "Chuyển sổ sang cơ sở dữ liệu khác",
        "Move the ledger to another database",
    ),
    "audit": ("backup", "Kiểm toán sổ, kho lưu, tệp", "Audit ledger, archive, deliveries"),
    "retention": ("privacy", "Xóa dữ liệu các đợt cũ", "Erase what is held of old rounds"),
    "rebuild-tree": ("rebuild", "Dựng lại sau khôi phục", "Bring the trees back after a restore"),
    "trust-clock": ("rebuild", "Xác nhận đồng hồ máy đúng", "Say that the clock is right"),
    "drop-in": ("admin", "Phần bổ sung cho systemd", "The drop-in for systemd"),
    "doctor": ("admin", "Khám cấu hình và máy", "Examine configuration and machine"),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return the command."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"bhyt_filedrop.commands.{_COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an act that is refused is told in one line, as a wrong call is."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            from bhyt_filedrop.ports import ActRefused

            if not isinstance(error, ActRefused):
                raise
            raise click.ClickException(say(error.told, str(error))) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any of them."""
        with formatter.section(say("Các lệnh", "Commands")):
            formatter.write_dl([(name, say(vi, en)) for name, (_, vi, en) in _COMMANDS.items()])


def _tell_version(ctx: click.Context) -> None:
    """That of the installed package; a checkout that was never installed knows its release."""
    from importlib.metadata import PackageNotFoundError, version

    from bhyt_filedrop import __version__

    try:
        number = version("bhyt-filedrop")
    except PackageNotFoundError:
        number = __version__
    click.echo(f"bhyt-filedrop, version {number}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--lang",
    type=click.Choice(["vi", "en"]),
    is_eager=True,
    expose_value=False,
    callback=lambda _ctx, _param, value: choose(value) if value else None,
    help="Ngôn ngữ / language.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=lambda ctx, _param, value: _tell_version(ctx) if value else None,
    help="Show the version and exit.",
)
def cli() -> None:
    """Theo dõi cây thư mục FTP, kiểm tra và chuyển danh sách trẻ em KCB bằng GKS-CS.

    Watch an FTP tree for children's lists, check them and pass them on.
    """
    context = click.get_current_context()
    if context.invoked_subcommand != "run":  # that one has a log
        from bhyt_filedrop.commands.waiting import waiting

        context.with_resource(waiting(context.invoked_subcommand or ""))


def main() -> None:
    """Run the command line; a problem that is the caller's ends in one line and exit status 2.

    What tells of problems is imported when there is one: it knows the whole configuration.
    """
    with passing_by():
        _main()


def _main() -> None:
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no Vietnamese, or a name that is no UTF-8, is no reason to fail.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        sys.exit(cli.main(prog_name="bhyt-filedrop", standalone_mode=False) or 0)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        from bhyt_filedrop.commands.usage import tell_usage

        tell_usage(error)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:
        from bhyt_filedrop.commands.common import one_line_of, tell

        text = one_line_of(error)
        if text is None:
            raise
        tell(f"bhyt-filedrop: {text}", err=True)
        sys.exit(2)
