"""A fault put into a module that is imported already: other code for the function that has it.

To import the package and its tests anew for each fault takes longer than the tests that notice it.
What is worked out at import can be put in no other way, and `put_in` says so.
"""

from __future__ import annotations

import ast
import functools
import gc
import inspect
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType

_AT_ONCE = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


def put_in(file: Path, sound: str, faulty: str) -> bool:
    """Give the functions of an imported file the code that another source of it has for them;
    False where more than the inside of functions differs."""
    before, after = _Parts(sound), _Parts(faulty)
    if before.outside != after.outside or before.functions.keys() != after.functions.keys():
        return False
    changed: dict[str, CodeType] = {}
    for name, codes in after.functions.items():
        if list(map(_told, codes)) != list(map(_told, before.functions[name])):
            if len(codes) > 1:
                return False
            changed[name] = codes[0]
    try:
        for one in _living(file, changed):
            one.__code__ = changed[one.__code__.co_qualname]
    except ValueError:  # it takes other names from the function around it
        return False
    return True


class _Parts:
    """The functions of a source by their qualified names, and all that is around them."""

    def __init__(self, source: str) -> None:
        self.functions: dict[str, list[CodeType]] = defaultdict(list)
        # Lines count from the same start in both, however the source was written.
        self.outside = list(self._around(compile(ast.unparse(ast.parse(source)), "", "exec")))

    def _around(self, code: CodeType) -> Iterator[object]:
        yield _bare(code)
        for one in _inner(code):
            if one.co_name in _AT_ONCE:
                yield _told(one)
            elif one.co_flags & inspect.CO_OPTIMIZED:
                self._keep(one)
            else:
                yield from self._around(one)

    def _keep(self, code: CodeType) -> None:
        if code.co_name not in _AT_ONCE:
            self.functions[code.co_qualname].append(code)
        for one in _inner(code):
            self._keep(one)


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (one for one in code.co_consts if isinstance(one, CodeType))


def _told(code: CodeType) -> object:
    return _bare(code), [_told(one) for one in _inner(code)]


def _bare(code: CodeType) -> object:
    # 1, 1.0 and True are equal, and not the same.
    values = [repr(one) for one in code.co_consts if not isinstance(one, CodeType)]
    return code.co_code, code.co_exceptiontable, code.co_names, code.co_varnames, values


def _living(file: Path, names: dict[str, CodeType]) -> Iterator[FunctionType]:
    here = str(file.absolute())
    for one in gc.get_objects():
        if type(one) is not FunctionType or one.__code__.co_filename != here:
            continue
        if one.__code__.co_qualname in names:
            yield one


def forget(package: str) -> None:
    """Empty the caches of a package's functions."""
    for one in gc.get_objects():
        if type(one) is functools._lru_cache_wrapper and one.__module__.startswith(package):
            one.cache_clear()
