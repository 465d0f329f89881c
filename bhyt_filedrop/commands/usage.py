"""A wrong call, told in one line and in the language that was chosen.

click prints four lines, in English, whatever the program speaks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import click
from click.exceptions import MissingParameter, NoArgsIsHelpError, NoSuchOption

from bhyt_filedrop.domain.process.file_names import visible
from bhyt_filedrop.language import say

_SAID: Sequence[tuple[str, str]] = (
    (r"'(.*)' is not one of (.+)\.", r"không có '\1'; chỉ nhận: \2"),
    (r"(.+) is not in the range (.+)\.", r"\1 nằm ngoài khoảng \2"),
    (r"'(.*)' is not a valid integer(?: range)?\.", r"'\1' không phải số nguyên"),
    (r"(?:File|Directory|Path) '(.*)' does not exist\.", r"không có '\1'"),
    (r"Directory '(.*)' is a file\.", r"'\1' là tệp, không phải thư mục"),
    (r"(?:File|Path) '(.*)' is a directory\.", r"'\1' là thư mục, không phải tệp"),
    (r"No such command '(.*)'\.", r"không có lệnh '\1'"),
    (r"Option '(.*)' requires an argument\.", r"tùy chọn \1 cần một giá trị"),
    (r"Option '(.*)' does not take a value\.", r"tùy chọn \1 không có giá trị"),
    (r"Got unexpected extra arguments? \((.*)\)", r"thừa: \1"),
)
"""What click says of a wrong call → the same in Vietnamese."""


def tell_usage(error: click.ClickException) -> None:
    """Print a wrong call on standard error; one without any argument gets the help instead."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
    else:
        click.echo(f"bhyt-filedrop: {visible(one_line(error))}", err=True)


def one_line(error: click.ClickException) -> str:
    """Return what is wrong and where the help is."""
    text = " ".join(_words_of(error).split())
    if isinstance(error, click.UsageError) and error.ctx:
        help_ = f"{error.ctx.command_path} --help"
        text += say(f" (xem: {help_})", f" (see: {help_})")
    return text


def _words_of(error: click.ClickException) -> str:
    if isinstance(error, NoSuchOption):
        return _no_such_option(error)
    if isinstance(error, MissingParameter):
        return say("thiếu ", "missing ") + _place(error)
    message = _translated(error.message)
    return f"{_place(error)}: {message}" if isinstance(error, click.BadParameter) else message


def _no_such_option(error: NoSuchOption) -> str:
    name = error.option_name
    text = say(f"không có tùy chọn {name}", f"there is no option {name}")
    near = error.possibilities or ()
    return text + say("; có phải là ", "; did you mean ") + f"{near[0]}?" if near else text


def _place(error: click.BadParameter) -> str:
    hint = error.param_hint
    if hint is None and error.param is not None and error.ctx is not None:
        hint = error.param.get_error_hint(error.ctx)
    text = hint if isinstance(hint, str) else ", ".join(hint or ())
    return text.replace("'", "")


def _translated(message: str) -> str:
    for pattern, vietnamese in _SAID:
        if re.fullmatch(pattern, message):
            return say(re.sub(pattern, vietnamese, message), message)
    return message
