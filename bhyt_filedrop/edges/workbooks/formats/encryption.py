"""Files behind a password: refused, unless the password is the one that Excel itself tries.

A workbook whose structure is protected is stored encrypted under a password that every Excel
knows, so its owner never typed one and would not understand a refusal.
"""

from __future__ import annotations

from io import BytesIO

from bhyt_filedrop.edges.workbooks.child.problems import ENCRYPTED, UnreadableError
from bhyt_filedrop.edges.workbooks.sniffing import sniff

_DEFAULT_PASSWORD = "VelvetSweatshop"


def open_by_default_password(data: bytes) -> tuple[bytes, str]:
    """Return the plain bytes and their format. Raises UnreadableError (`file.encrypted`)."""
    import msoffcrypto

    plain = BytesIO()
    try:
        office = msoffcrypto.OfficeFile(BytesIO(data))
        office.load_key(password=_DEFAULT_PASSWORD)
        office.decrypt(plain)
    except MemoryError:
        raise
    except Exception as err:
        raise UnreadableError(ENCRYPTED) from err
    opened = plain.getvalue()
    kind = sniff.format_of(opened[: sniff.HEAD], opened[-sniff.TAIL :], _directory(opened))
    if kind == sniff.ENCRYPTED or not kind:
        raise UnreadableError(ENCRYPTED)
    return opened, kind


def _directory(data: bytes) -> bytes:
    from bhyt_filedrop.edges.workbooks.sniffing.ole_bytes import directory_offset

    at = directory_offset(data[: sniff.HEAD])
    return data[at : at + 16384] if at is not None else b""
