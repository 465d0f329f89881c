"""What an office would write in an afternoon: pandas, ten checks, a move and a mail.

The measure that the durable path is held against. It has no ledger and syncs nothing: killed, it
loses or doubles what it had in hand; a correction meets nothing that came before; a mail that is
not taken is lost. What it checks are ten of the faults that lists have most often.
"""

from __future__ import annotations

import io
import mailbox
import re
import shutil
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pandas

NUMBER, NAME, BIRTH, SEX, PARENT, ADDRESS = range(6)
_CARD = re.compile(r"[A-Z]{2}\d{13}")


def tables_of(file: Path) -> Iterator[pandas.DataFrame]:
    """Every sheet of a workbook, or of the workbooks in an archive, below its row of numbers."""
    books: list[io.BytesIO | Path] = [file]
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as packed:
            books = [io.BytesIO(packed.read(name)) for name in packed.namelist()]
    for book in books:
        for sheet in pandas.read_excel(book, sheet_name=None, header=None, dtype=object).values():
            first = sheet.iloc[:, 0].astype(str).str.strip()
            starts = sheet.index[first.isin(["1", "(1)", "A"])]
            yield sheet.loc[starts[0] + 1 :] if len(starts) else sheet


def faults_of(table: pandas.DataFrame) -> list[str]:
    """Ten checks, one sentence for each row that fails one."""
    rows = table[pandas.to_numeric(table.iloc[:, NUMBER], errors="coerce").notna()]
    text = rows.fillna("").astype(str).apply(lambda column: column.str.strip())
    birth = pandas.to_datetime(rows.iloc[:, BIRTH], errors="coerce", dayfirst=True)
    cards = text.apply(lambda column: column.where(column.str.fullmatch(_CARD), "")).max(axis=1)
    who = text.iloc[:, NAME].str.casefold() + birth.astype(str)
    checks = {
        "no name": text.iloc[:, NAME] == "",
        "a name of one word": ~text.iloc[:, NAME].str.contains(" "),
        "digits in the name": text.iloc[:, NAME].str.contains(r"\d"),
        "no birth date": birth.isna(),
        "older than six": birth < pandas.Timestamp(2009, 1, 1),
        "born after the list": birth > pandas.Timestamp(2015, 12, 31),
        "no parent": text.iloc[:, PARENT] == "",
        "no address": text.iloc[:, ADDRESS] == "",
        "the same child twice": who.duplicated(),
        "the same card twice": (cards != "") & cards.duplicated(),
    }
    return [f"row {at + 1}: {what}" for what, failed in checks.items() for at in rows.index[failed]]


def handle(file: Path, receiver: Path, mails: mailbox.Maildir) -> None:
    """Check one file, put it where it goes, and tell its sender."""
    faults = [one for table in tables_of(file) for one in faults_of(table)]
    kept = file.parent / ("returned" if faults else "received")
    kept.mkdir(exist_ok=True)
    if not faults:
        receiver.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, receiver / f"{file.parent.name} {file.name}")
    shutil.move(file, kept / file.name)
    mail = EmailMessage()
    mail["From"], mail["To"] = "office@bhyt.example", f"{file.parent.name}@bhyt.example"
    mail["Subject"] = f"{file.name}: {'returned' if faults else 'received'}"
    mail.set_content("\n".join(faults) or "Your list was received.")
    mails.add(mail)


def handle_all(folders: list[Path], receiver: Path, mails: mailbox.Maildir) -> int:
    """Handle what lies in some folders; return how many files that were."""
    files = [one for folder in folders for one in sorted(folder.iterdir()) if one.is_file()]
    for file in files:
        handle(file, receiver, mails)
    return len(files)
