"""Mail: what hands letters over, and what reads those that come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bhyt_filedrop import resources
from bhyt_filedrop.domain.letters.bounce_reading import MAX_BYTES
from bhyt_filedrop.domain.letters.mailing import OutboxRules
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.units import Unit
from bhyt_filedrop.edges.mail.bounce_maildir import MaildirMailbox
from bhyt_filedrop.edges.mail.compose import From, LetterComposer
from bhyt_filedrop.edges.mail.maildir import MaildirMailer
from bhyt_filedrop.edges.mail.smtp import SmtpMailer
from bhyt_filedrop.edges.mail.templates import MailTemplates
from bhyt_filedrop.ports import (
    Mailbox,
    Mailer,
)
from bhyt_filedrop.settings import (
    BouncesSettings,
    MailSettings,
    Settings,
)
from bhyt_filedrop.site.guide import MARK
from bhyt_filedrop.wiring.books import Books
from bhyt_filedrop.wiring.secrets import password
from bhyt_filedrop.work.post.inbox import Inbox
from bhyt_filedrop.work.post.outbox import Outbox

UNLIMITED = 1_000_000
"""Mails a minute into a Maildir, which nobody has to be spared."""


def mailer_of(mail: MailSettings) -> Mailer:
    """Return what hands letters over.

    Raises NeverWorks where a login is configured but its password is not to be had.
    """
    if mail.kind == "maildir":
        return MaildirMailer(mail.maildir)
    return SmtpMailer(
        mail.host,
        mail.port,
        tls=mail.tls,
        username=mail.username,
        password=password(mail.credential) if mail.username else "",
        cafile=mail.ca_file,
        timeout=mail.timeout_seconds,
        envelope_from=mail.envelope_from,
    )


def mailbox_of(bounces: BouncesSettings) -> Mailbox | None:
    """Return the mailbox that bounces come back to, None where none is configured.

    Raises NeverWorks where its password is not to be had.
    """
    if bounces.kind == "none":
        return None
    if bounces.kind == "maildir":
        return MaildirMailbox(bounces.maildir, MAX_BYTES)
    from bhyt_filedrop.edges.mail.imap import ImapMailbox

    return ImapMailbox(
        bounces.host,
        bounces.username,
        password(bounces.credential),
        bounces.port,
        tls=bounces.tls,
        folder=bounces.folder,
        cafile=bounces.ca_file,
        timeout=bounces.timeout_seconds,
        max_bytes=MAX_BYTES,
    )


def inbox_of(settings: Settings, books: Books) -> Inbox | None:
    """Return what reads the bounces, None where no mailbox is configured."""
    mailbox = mailbox_of(settings.mail.bounces)
    return Inbox(books.bounces, mailbox, settings.process.admin) if mailbox else None


def _office(settings: Settings) -> str:
    """Who letters come from: the office that leads the process, and whose it is."""
    process, office = settings.process, settings.units.authority.office
    leader = settings.units.by_id.get(process.digest_to or process.admin)
    return f"{leader.name}, {office}" if leader else office


def composer_of(settings: Settings, books: Books) -> LetterComposer:
    """Return what makes mails of letters."""
    mail = settings.mail
    templates = MailTemplates(resources.templates_dir() / "mail")
    sender = From(
        mail.sender,
        mail.sender_name or _office(settings),
        mail.reply_to,
        mail.contact,
        settings.process.digest_to or settings.process.admin,
    )

    def fetch(sha256: str) -> bytes:
        return books.archive.path(sha256).read_bytes()

    return LetterComposer(templates, settings.units, sender, fetch, _guides_of(settings))


def _guides_of(settings: Settings) -> Callable[[Unit], str]:
    """Return what names a unit's guide; none before `init` has put them there."""
    routes = Routes.of(settings.process, settings.units)
    there = (settings.state_dir / MARK).exists()

    def guide_of(unit: Unit) -> str:
        return routes.guide_path(unit) if there and routes.has_folders(unit) else ""

    return guide_of


def outbox_of(settings: Settings, books: Books, sure: Callable[[], None] = lambda: None) -> Outbox:
    """Return the outbox that sends the ledger's letters; `sure` raises where that is another's."""
    mail = settings.mail
    rules = OutboxRules(
        rate_per_minute=mail.rate_per_minute if mail.kind == "smtp" else UNLIMITED,
        flood_letters=mail.flood_letters,
        flood_window=timedelta(minutes=mail.flood_minutes),
        give_up_after=timedelta(days=mail.give_up_days),
        admin=settings.process.admin,
    )
    return Outbox(books.letters, mailer_of(mail), composer_of(settings, books), rules, sure=sure)
