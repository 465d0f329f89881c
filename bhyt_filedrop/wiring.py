"""The only place that names concrete edges: settings go in, things that run come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bhyt_filedrop import resources
from bhyt_filedrop.domain.declared import World
from bhyt_filedrop.domain.derive.drafts import RegisterRow
from bhyt_filedrop.domain.forms.spec import FormSpec
from bhyt_filedrop.domain.letters.bounce_reading import MAX_BYTES
from bhyt_filedrop.domain.owed.obligations import Facts, RoundStatus, owed_once, status
from bhyt_filedrop.domain.places.gazetteer import Gazetteer
from bhyt_filedrop.domain.process.folders import Routes
from bhyt_filedrop.domain.process.rounds import Round
from bhyt_filedrop.domain.reports.model import Report
from bhyt_filedrop.edges.archive import FolderArchive
from bhyt_filedrop.edges.bell import TreeBell
from bhyt_filedrop.edges.holidays import working_days
from bhyt_filedrop.edges.ledger.approvals import LedgerApprovals
from bhyt_filedrop.edges.ledger.bouncebook import LedgerBounces
from bhyt_filedrop.edges.ledger.dropbook import LedgerDrops
from bhyt_filedrop.edges.ledger.factbook import LedgerFacts
from bhyt_filedrop.edges.ledger.letterbook import LedgerLetters
from bhyt_filedrop.edges.ledger.reportbook import LedgerReports
from bhyt_filedrop.edges.ledger.store import (
    HEAD,
    ledger_exists,
    migrate,
    open_engine,
    version,
)
from bhyt_filedrop.edges.mail.bounce_maildir import MaildirMailbox
from bhyt_filedrop.edges.mail.compose import From, LetterComposer
from bhyt_filedrop.edges.mail.maildir import MaildirMailer
from bhyt_filedrop.edges.mail.smtp import SmtpMailer
from bhyt_filedrop.edges.mail.templates import MailTemplates
from bhyt_filedrop.edges.systemd import notify as notify
from bhyt_filedrop.edges.trees.local.tree import LocalTree
from bhyt_filedrop.edges.trees.names import is_ignored_name as is_ignored_name
from bhyt_filedrop.edges.workbooks.marking.annotator import WorkbookAnnotator
from bhyt_filedrop.edges.workbooks.reading.reader import WorkbookReader
from bhyt_filedrop.edges.workbooks.sniffing import sniff
from bhyt_filedrop.edges.workbooks.write import write_layouts
from bhyt_filedrop.ports import (
    Clock,
    Mailbox,
    Mailer,
    NeverWorks,
    Reader,
    Sighting,
    Tree,
)
from bhyt_filedrop.settings import (
    BouncesSettings,
    MailSettings,
    Settings,
    TreeSettings,
    secret,
    variable,
)
from bhyt_filedrop.work.arrival.journey import Journey
from bhyt_filedrop.work.arrival.outage import Outage, WatchedTree
from bhyt_filedrop.work.arrival.sweep import Sweep
from bhyt_filedrop.work.daemon import Daemon, Reminding, Worker
from bhyt_filedrop.work.derived.approve import Approving
from bhyt_filedrop.work.derived.keep_up import Deriving
from bhyt_filedrop.work.derived.publish import Publisher
from bhyt_filedrop.work.post.inbox import Inbox
from bhyt_filedrop.work.post.outbox import Outbox, OutboxRules
from bhyt_filedrop.work.rounds.balance import Balancing
from bhyt_filedrop.work.rounds.reopened import Supplements

UNLIMITED = 1_000_000
"""Mails a minute into a Maildir, which nobody has to be spared."""


def real_clock() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


def world_of(settings: Settings) -> World:
    """Work out everything that judgements need from the settings."""
    labels = {form.id: label_of(form) for form in settings.forms}
    return World(
        process=settings.process,
        units=settings.units,
        forms=settings.forms,
        forms_by_id={form.id: form for form in settings.forms},
        gazetteer=Gazetteer.of(settings.units, settings.aliases),
        facilities=settings.facilities,
        days=working_days(settings.holidays),
        routes=Routes.of(settings.process, settings.units, labels),
        also_open=settings.also_open,
    )


def label_of(form: FormSpec) -> str:
    """Return what people call a form: its name up to the dash (`Mẫu 3`)."""
    return form.name.split(" – ")[0]


@dataclass(frozen=True)
class Books:
    """The ledger, by the questions that are asked of it."""

    engine: Engine
    drops: LedgerDrops
    letters: LedgerLetters
    facts: LedgerFacts
    archive: FolderArchive
    bounces: LedgerBounces

    def close(self) -> None:
        """Let go of the database; SQLite then takes its write-ahead log in."""
        self.engine.dispose()


def open_books(settings: Settings) -> Books:
    """Open the ledger (made or migrated where needed) and the archive."""
    settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = open_engine(settings.ledger_url)
    migrate(engine)
    return Books(
        engine,
        LedgerDrops(engine),
        LedgerLetters(engine),
        LedgerFacts(engine),
        FolderArchive(settings.archive_dir),
        LedgerBounces(engine),
    )


def open_tree(tree: TreeSettings) -> Tree:
    """Open the tree that some settings describe.

    Libraries for a connection are imported only where one is configured. Raises NeverWorks where
    a secret that the settings name is not to be had.
    """
    if tree.kind == "local":
        return LocalTree(tree.id, Path(tree.root))
    return _sftp(tree) if tree.kind == "sftp" else _ftp(tree)


def _sftp(tree: TreeSettings) -> Tree:
    from bhyt_filedrop.edges.trees.sftp.connect import SftpAccess, sftp_tree

    key = _password(tree.key_credential) if tree.key_credential else ""
    access = SftpAccess(
        tree.host,
        tree.username,
        tree.port or 22,
        tree.root,
        tree.known_hosts,
        tree.fingerprint,
        tree.key_file,
        private_key="" if tree.key_file else key,
        passphrase=key if tree.key_file else "",
        use_agent=tree.use_agent,
        password=_password(tree.credential) if tree.credential else "",
        timeout=tree.timeout_seconds,
    )
    return sftp_tree(tree.id, access)


def _ftp(tree: TreeSettings) -> Tree:
    from bhyt_filedrop.edges.trees.ftp.connect import FtpAccess, ftp_tree

    access = FtpAccess(
        tree.host,
        tree.username or "anonymous",
        tree.port or 21,
        tree.root,
        password=_password(tree.credential) if tree.credential else "",
        tls=tree.kind == "ftps",
        tls_ca=tree.tls_ca,
        timeout=tree.timeout_seconds,
    )
    return ftp_tree(tree.id, access)


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
        password=_password(mail.credential) if mail.username else "",
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
        _password(bounces.credential),
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


def _password(name: str) -> str:
    found = secret(name)
    if found is None:
        raise NeverWorks(
            f"the credential {name!r} is missing: set {variable(name)} or systemd's LoadCredential"
        )
    return found


def outbox_of(settings: Settings, books: Books) -> Outbox:
    """Return the outbox that sends the ledger's letters."""
    mail = settings.mail
    templates = MailTemplates(resources.templates_dir() / "mail")
    sender = From(mail.sender, mail.sender_name or "BHXH TP. Hồ Chí Minh", mail.reply_to)

    def fetch(sha256: str) -> bytes:
        return books.archive.path(sha256).read_bytes()

    rules = OutboxRules(
        rate_per_minute=mail.rate_per_minute if mail.kind == "smtp" else UNLIMITED,
        flood_letters=mail.flood_letters,
        flood_window=timedelta(minutes=mail.flood_minutes),
        give_up_after=timedelta(days=mail.give_up_days),
        admin=settings.process.admin,
    )
    composer = LetterComposer(templates, settings.units, sender, fetch)
    return Outbox(books.letters, mailer_of(mail), composer, rules)


def format_ends(tree: Tree, sighting: Sighting) -> bool | None:
    """Ask a file's own format whether it is all there; None where it has no end mark."""
    if sighting.size == 0:
        return False
    head = tree.read_range(sighting.path, 0, sniff.HEAD)
    tail = tree.read_range(sighting.path, -min(sniff.TAIL, sighting.size), sniff.TAIL)
    return sniff.ends(head, tail, sighting.size)


def reader_of(settings: Settings) -> WorkbookReader:
    """Return a reader of its own; it ends its child when it is left as a context."""
    return WorkbookReader(settings.limits)


def annotator_of(settings: Settings, reader: Reader, *, warm: bool = False) -> WorkbookAnnotator:
    """Return what marks errors in a copy; `warm` = its child is kept until it is closed."""
    return WorkbookAnnotator(reader, limits=settings.limits, warm=warm)


def ledger_trouble(settings: Settings) -> str | None:
    """Say in one line why the ledger cannot be used, None where it can; changes nothing."""
    engine = open_engine(settings.ledger_url)
    try:
        found = version(engine) if ledger_exists(settings.ledger_url) else HEAD
    except SQLAlchemyError as error:
        return str(error).splitlines()[0]
    finally:
        engine.dispose()
    return None if found == HEAD else f"the ledger is at version {found}, wanted is {HEAD}"


@dataclass(frozen=True)
class Running:
    """A wired daemon with what its commands may want to ask."""

    settings: Settings
    world: World
    books: Books
    trees: Mapping[str, Tree]
    journey: Journey
    daemon: Daemon


@contextmanager
def wired(settings: Settings, clock: Clock = real_clock) -> Iterator[Running]:
    """Put everything together; on leaving, children are ended and connections closed."""
    with ExitStack() as stack:
        books = stack.enter_context(closing(open_books(settings)))
        books.archive.prepare()
        outages = {
            tree.id: Outage(tree.id, settings.process.admin, books.letters, clock)
            for tree in settings.trees
        }
        trees: dict[str, Tree] = {
            tree.id: WatchedTree(open_tree(tree), outages[tree.id]) for tree in settings.trees
        }
        for tree in trees.values():
            stack.callback(tree.close)
        reader = reader_of(settings)
        stack.callback(reader.close)
        annotator = annotator_of(settings, reader, warm=True)
        stack.callback(annotator.close)
        world = world_of(settings)
        journey = Journey(
            trees=trees,
            archive=books.archive,
            drops=books.drops,
            lists=books.facts,
            reader=reader,
            annotator=annotator,
            world=world,
            clock=clock,
            publish=Publisher(
                world, books.facts.children, write_layouts, register_of(settings) or tuple
            ),
            attach_max_bytes=settings.mail.attach_max_bytes,
        )
        deriving = Deriving(
            books.drops,
            books.facts,
            world,
            clock,
            journey.new_id,
            Balancing(reports_of(books), world).alarms,
            books.letters.put_letters,
            register_of(settings),
        )
        workers = {
            tree.id: _worker(tree, settings, journey, books, outages[tree.id])
            for tree in settings.trees
        }
        workers[_steadiest(settings.trees)].derive = deriving.work
        reminding = reminding_of(world, books, clock)
        daemon = Daemon(
            workers,
            reminding,
            outbox_of(settings, books),
            clock,
            inbox=inbox_of(settings, books),
            inbox_seconds=settings.mail.bounces.interval_seconds,
        )
        yield Running(settings, world, books, trees, journey, daemon)


def reminding_of(world: World, books: Books, clock: Clock) -> Reminding:
    """Return what asks the ledger whom to remind."""
    supplements = Supplements(reports_of(books), world)

    def delivered(rounds: list[str]) -> Facts:
        again = supplements.of(Round.parse(one) for one in rounds)
        return books.facts.delivered(rounds, owed_once(world.process), again)

    return Reminding(world, books.letters, delivered, books.facts.rounds, clock)


def status_of(world: World, books: Books, round_: Round, now: datetime) -> RoundStatus:
    """Return how a round stands at a moment."""
    again = Supplements(reports_of(books), world).of([round_])
    facts = books.facts.delivered([str(round_)], owed_once(world.process), again)
    return status(world.process, world.units, round_, facts, now, world.days)


def reports_of(books: Books) -> LedgerReports:
    """Return what reports and traces ask of the ledger."""
    return LedgerReports(books.engine)


def save_report(report: Report, to: Path) -> None:
    """Write a report as a page where the file's name ends so, else as a workbook."""
    if to.suffix.lower() in (".html", ".htm"):
        from bhyt_filedrop.edges.reports.html import write_page

        write_page(report, to, resources.templates_dir() / "reports")
        return
    from bhyt_filedrop.edges.reports.xlsx import write_report

    write_report(report, to)


def register_of(settings: Settings) -> Callable[[], Sequence[RegisterRow]] | None:
    """Return what reads the card register of a database, None where none is configured."""
    register = settings.register
    if not register.table:
        return None

    def read() -> Sequence[RegisterRow]:
        from bhyt_filedrop.edges.register import TableSource, read_table

        url = _password(register.credential)
        return read_table(TableSource(url, register.table, register.columns))

    return read


def approving_of(settings: Settings, books: Books) -> Approving:
    """Return what takes drafts for lists that their offices dropped."""
    world = world_of(settings)
    return Approving(
        books.facts,
        books.drops,
        LedgerApprovals(books.engine),
        books.archive,
        Publisher(world, books.facts.children, write_layouts),
        world,
    )


def _steadiest(trees: Sequence[TreeSettings]) -> str:
    """The tree whose worker derives: a local one where there is one, for no server stalls it."""
    return min(trees, key=lambda tree: not tree.is_local).id


def _worker(
    tree: TreeSettings, settings: Settings, journey: Journey, books: Books, outage: Outage
) -> Worker:
    sweep = Sweep(journey.trees[tree.id], settings.sweep, format_ends, is_ignored_name)
    interval = settings.sweep.interval_seconds if tree.is_local else tree.poll_seconds
    return Worker(tree.id, sweep, journey, books.drops, outage, interval)


def bells(running: Running) -> tuple[TreeBell, ...]:
    """Return a doorbell for each local tree; none where watching is turned off."""
    if not running.settings.sweep.watch:
        return ()
    return tuple(
        TreeBell(Path(tree.root), running.daemon.workers[tree.id].bell)
        for tree in running.settings.trees
        if tree.is_local
    )
