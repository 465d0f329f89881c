"""The ledger's tables. State and history are two tables that only ever move together."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator


def _few(name: str, column: str, which: str) -> Index:
    """An index of the few rows that are asked for among all there ever were."""
    return Index(name, column, sqlite_where=text(which), postgresql_where=text(which))


class Instant(TypeDecorator[datetime]):
    """A moment: aware in the program, UTC without a zone in the database (SQLite has no zones)."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware time into UTC. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was given to the ledger")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the stored UTC time its zone back."""
        return value.replace(tzinfo=UTC) if value is not None else None


class PathText(TypeDecorator[str]):
    """A path as its server spells it, bytes that are no UTF-8 included.

    Python carries such bytes as lone surrogates, which no database takes; they are stored as
    characters of a private plane that no file name uses.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Put private characters for the undecodable bytes."""
        return value.translate(_PRIVATE) if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Put the undecodable bytes back."""
        return value.translate(_BYTES) if value is not None else None


_PRIVATE = {0xDC00 + byte: 0x10FE00 + byte for byte in range(0x80, 0x100)}
_BYTES = {private: surrogate for surrogate, private in _PRIVATE.items()}

SERVER_ALONE = {"dialect": "postgresql"}
"""What there is only where several daemons may share the ledger."""

metadata = MetaData()

drops = Table(
    "drops",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("tree", String(64), nullable=False),
    Column("path", PathText, nullable=False),
    Column("unit", String(32), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime", Float, nullable=False),
    Column("work_path", PathText, nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("sha256", String(64)),
    Column("handoff", String(64), nullable=False, default=""),
    Column("round", String(6)),
    Column("late", Boolean, nullable=False, default=False),
    Column("incomplete", Boolean, nullable=False, default=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("recoveries", Integer, nullable=False, default=0),
    Column("next_at", Instant),
    Column("reason", Text, nullable=False, default=""),
    Column("override", JSON),
    Column("plan", JSON),
    Column("closed_at", Instant),
    Index("drops_by_state", "state", "next_at"),
    Index("drops_by_sha256", "sha256"),
    Index("drops_by_arrival", "arrived_at"),
    # Holds only drops that lie where they were put: asked for at each look, true of hardly any.
    # The migration says so; to say it here loads PostgreSQL's dialect in every command.
    Index("drops_left_there", "tree"),
    # Holds only drops whose bytes are not in the archive yet.
    Index("drops_being_taken", "tree", "path", unique=True, info=SERVER_ALONE).ddl_if(
        dialect="postgresql"
    ),
)

lists = Table(
    "lists",
    metadata,
    Column("drop_id", ForeignKey("drops.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("handoff", String(64), nullable=False),
    Column("round", String(6), nullable=False),
    Column("sender", String(32), nullable=False),
    Column("receiver", String(32), nullable=False),
    Column("part", Integer, nullable=False),
    Column("form", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("file", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("basis", String(64), nullable=False, default=""),
    Column("completed_at", Instant),
    Index("lists_by_key", "handoff", "round", "sender", "receiver", "part"),
    Index("lists_by_round", "round", "state"),
)

roll = Table(
    "roll",
    metadata,
    Column("drop_id", String(16), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("code", String(32), nullable=False),
    Column("card", String(20), nullable=False),
    Column("person", String(64), nullable=False),
    Column("child", JSON, nullable=False),
    Column("folded", Text, nullable=False, default=""),
    ForeignKeyConstraint(["drop_id", "seq"], ["lists.drop_id", "lists.seq"]),
    Index("roll_by_card", "card"),
    Index("roll_by_person", "person"),
    Index("roll_by_code", "code"),
)
"""The children of every list. `person` is a digest of name, birth and parent, and `card` the last
ten digits of the card, to find the same person and the same card again however it is written;
`folded` is the name as a search compares it ("" = written before it was kept)."""

findings = Table(
    "findings",
    metadata,
    Column("drop_id", ForeignKey("drops.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("code", String(64), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("file", Text, nullable=False),
    Column("sheet", Text),
    Column("cell", String(16)),
    Column("row", Integer),
    Column("field", String(64)),
    Column("value", Text),
    Column("message", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    Index("findings_by_code", "code"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("drop_id", ForeignKey("drops.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("role", String(16), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("tree", String(64), nullable=False),
    Column("path", Text, nullable=False),
    Column("source", String(64), nullable=False),
    Column("sha256", String(64)),
    Column("file", Text, nullable=False),
    Column("recipe", JSON),
    Column("access", JSON, nullable=False),
    Column("done_at", Instant),
    UniqueConstraint("drop_id", "tree", "path", name="one_delivery_a_place"),
    Index("deliveries_by_path", "path"),
)

looks = Table(
    "looks",
    metadata,
    Column("tree", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("waiting", JSON, nullable=False, default=list),
)
"""When the last look over each tree began: what lies there at the next start may have come since.
`waiting` are the units whose files it left, because they were still on their way.
"""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant, nullable=False),
)
"""Which daemon does what, where several share the ledger (`leasebook.py`)."""

lying = Table(
    "lying",
    metadata,
    Column("tree", String(64), primary_key=True),
    Column("path", PathText, primary_key=True),
    Column("why", String(16), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("since", Instant, nullable=False),
)
"""Files that lie in a tree and are not taken, as of the last look: why, and whose they seem."""

derivations = Table(
    "derivations",
    metadata,
    Column("round", String(6), primary_key=True),
    Column("handoff", String(64), primary_key=True),
    Column("mark", String(64), nullable=False),
    Column("at", Instant, nullable=False),
)
"""What each derived hand-off was last made from; it is looked at again when its mark differs."""

arrangements = Table(
    "arrangements",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("handoff", Text, nullable=False),
    Column("round", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("until", Date),
    Column("why", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),
    Index("arrangements_by_round", "round", "handoff"),
)
"""What people arranged about lists that are owed: extensions, appointments, acknowledgements."""

paper_steps = Table(
    "paper_steps",
    metadata,
    Column("round", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("step", Text, primary_key=True),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
)
"""Which step the paper copies for a unit have made in a round."""

config_versions = Table(
    "config_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("files", JSON, nullable=False),
)
"""The configurations that were in force, whole, by file name."""

letters = Table(
    "letters",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("drop_id", ForeignKey("drops.id")),
    Column("letter", Text, nullable=False),
    Column("remaining", JSON, nullable=False),
    Column("batch", String(200), nullable=False, default=""),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("message_id", String(255)),
    Column("error", Text, nullable=False, default=""),
    Column("refused", JSON),
    Index("letters_by_state", "state", "next_at"),
    Index("letters_by_message", "message_id"),
    Index("letters_by_drop", "drop_id"),
    _few("letters_in_trouble", "created_at", "error <> ''"),
    _few("letters_refused", "created_at", "refused IS NOT NULL"),
)

mailed = Table(
    "mailed",
    metadata,
    Column("message_id", String(255), primary_key=True),
    Column("address", String(320), primary_key=True),
    Column("unit", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", String(16)),
    Column("outcome_at", Instant),
    Column("reason", Text, nullable=False, default=""),
    Index("mailed_by_outcome", "outcome", "outcome_at"),
)
"""Each address that a mail was handed over for, and what was heard of it later (bounces)."""

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("drop_id", ForeignKey("drops.id")),
    Column("kind", String(32), nullable=False),
    Column("detail", JSON, nullable=False),
    Index("events_by_drop", "drop_id"),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("unit", Text, nullable=False, default=""),
    Column("title", Text, nullable=False, default=""),
    Column("password", Text, nullable=False, default=""),
    Column("one_time", Text, nullable=False, default=""),
    Column("invited", Text, nullable=False, default=""),
    Column("invited_until", Instant),
    Column("active", Boolean, nullable=False, default=True),
    Column("created_at", Instant, nullable=False),
)
"""Who may use the status page. `password` is a hash (argon2), `one_time` the key of one-time codes
("" = none), `invited` the digest of the link by which a password is chosen."""

sessions = Table(
    "sessions",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("account", ForeignKey("accounts.name"), nullable=False),
    Column("token", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Index("sessions_by_account", "account"),
)
"""Who is signed in: the SHA-256 of each cookie, and the token that its forms carry."""

accesses = Table(
    "accesses",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("did", Text, nullable=False),
    Column("unit", Text, nullable=False, default=""),
    Column("drop_id", Text, nullable=False, default=""),
    Column("what", Text, nullable=False, default=""),
    Index("accesses_by_time", "at"),
)
"""Who opened or downloaded what of whom, from where; not a reference, for it outlives accounts."""

seals = Table(
    "seals",
    metadata,
    Column("upto", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("events", Integer, nullable=False),
    Column("digest", Text, nullable=False),
)
"""The chain over the events (`auditbook.py`)."""
