"""What a form sends: fields, and files where its route takes some.

A form with files is taken in as it comes: in memory while it is small, else in a file without a
name, which is gone with the request whatever happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import parse_qsl

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

MAX_FORM = 64 * 1024
"""Bytes of a form without its files."""

MAX_FIELDS = 50

MAX_FILES = 10
"""Files of one form."""

_PATIENCE = 600.0
"""Seconds that a form may take to come in."""

_DRAINED = 8
"""So many times what is allowed is read and thrown away, so that the browser hears why."""


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file of a form: the name that the browser says, its bytes from the start, how many."""

    name: str
    file: BinaryIO
    size: int


@dataclass(frozen=True)
class SentForm:
    """What was sent. Files are gone once it is closed."""

    fields: Mapping[str, str] = field(default_factory=dict)
    files: tuple[SentFile, ...] = ()

    def close(self) -> None:
        """Let go of the files."""
        for one in self.files:
            one.file.close()


async def read_form(request: Request, max_files_bytes: int) -> SentForm | None:
    """Read a form; `max_files_bytes` is what its files may have together, 0 = it takes none.

    None where it is bigger than that, announced so or not, breaks off, or is no form at all.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        async with asyncio.timeout(_PATIENCE):
            if kind != "multipart/form-data":
                return await _fields_of(request)
            if max_files_bytes:
                return await _with_files(request, max_files_bytes + MAX_FORM)
    except (MultiPartException, TimeoutError, ClientDisconnect):
        pass
    return None


async def _fields_of(request: Request) -> SentForm | None:
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > MAX_FORM:
            return None
    try:
        fields = parse_qsl(data.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    return SentForm(dict(fields))


async def _with_files(request: Request, most: int) -> SentForm:
    parser = MultiPartParser(
        request.headers,
        _at_most(request, most),
        max_files=MAX_FILES,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FORM,
    )
    items = (await parser.parse()).multi_items()
    fields = {name: value for name, value in items if isinstance(value, str)}
    every = [value for _, value in items if isinstance(value, UploadFile)]
    return SentForm(
        fields,
        tuple(SentFile(one.filename or "", one.file, one.size or 0) for one in every),
    )


async def _at_most(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """Yield what comes. What is too much is read to its end all the same: a browser that is cut off
    while it still sends shows no answer."""
    seen = 0
    async for chunk in request.stream():
        seen += len(chunk)
        if seen <= most:
            yield chunk
        elif seen > most * _DRAINED:
            break
    if seen > most:
        raise MultiPartException("too much")
