"""The package around an xlsx or xlsb: a zip of parts that point at each other."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from lxml import etree

from bhyt_filedrop.edges.workbooks.child.problems import (
    ENCRYPTED,
    UnreadableError,
    damaged,
    unsafe,
)

_MAX_PARTS = 20_000
_SMALL = 64 * 2**20
_RATIO = 400
_SHARED = frozenset({"sharedStrings", "styles"})


def open_zip(data: bytes, max_unpacked: int) -> zipfile.ZipFile:
    """Open a zip whose members, by its own directory, fit into `max_unpacked` bytes.

    What a member unpacks to is never more than the directory says: reading stops there and the
    checksum fails.
    """
    try:
        package = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as err:
        raise damaged() from err
    members = _with_slashes(package)
    unpacked = sum(member.file_size for member in members)
    if len(members) > _MAX_PARTS or unpacked > max_unpacked:
        raise unsafe("unpacked")
    if unpacked > _SMALL and unpacked > _RATIO * len(data):
        raise unsafe("unpacked")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableError(ENCRYPTED)
    return package


def _with_slashes(package: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Name parts as they point at each other: some programs write `xl\\workbook.xml`."""
    members = package.infolist()
    for member in members:
        member.filename = member.filename.replace("\\", "/").lstrip("/")
    package.NameToInfo = {member.filename: member for member in members}
    return members


def read_part(package: zipfile.ZipFile, name: str) -> bytes:
    """Return one part. Raises UnreadableError where it is missing or does not match its sum."""
    try:
        return package.read(name)
    except (KeyError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as err:
        raise damaged() from err


def parse_xml(data: bytes) -> etree._Element:
    """Parse a small part, without entities, doctypes or the network."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


@dataclass(frozen=True, slots=True)
class Relation:
    """One pointer of a part: its id, the last word of its type, where to, and whether outside."""

    id: str
    kind: str
    target: str
    external: bool


def relations(package: zipfile.ZipFile, part: str) -> tuple[Relation, ...]:
    """Return what a part points at; targets inside are full names of parts."""
    folder, name = posixpath.split(part)
    source = posixpath.join(folder, "_rels", f"{name}.rels")
    if source not in package.NameToInfo:
        return ()
    return tuple(_relations(parse_xml(read_part(package, source)), folder, package))


def _relations(root: etree._Element, folder: str, package: zipfile.ZipFile) -> Iterator[Relation]:
    # Pointers need not keep to the letters' case.
    stored = {name.lower(): name for name in package.NameToInfo}
    for element in root.iter("{*}Relationship"):
        target = element.get("Target", "")
        external = element.get("TargetMode", "") == "External"
        if not external:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            target = target if target in package.NameToInfo else stored.get(target.lower(), target)
        kind = element.get("Type", "").rpartition("/")[2]
        yield Relation(element.get("Id", ""), kind, target, external)


def verify_shared(package: zipfile.ZipFile, part: str) -> None:
    """Check the sums of the shared texts and styles, which calamine does not.

    A flipped bit there would be read as another card number. Raises UnreadableError.
    """
    for relation in relations(package, part):
        if relation.kind in _SHARED and relation.target in package.NameToInfo:
            read_part(package, relation.target)


def main_part(package: zipfile.ZipFile, default: str) -> str:
    """Return the name of the workbook's own part."""
    found = (r.target for r in relations(package, "") if r.kind == "officeDocument")
    return next(found, default)
