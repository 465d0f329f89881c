"""one and the same schema for every ledger that 0.1.0 made

While 0.1.0 was in the making, its migration was edited: ledgers of different days bear the number
0001 and differ. What is missing is added here; where all is there already, nothing happens.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INDEXES = (
    ("deliveries_by_path", "deliveries", ["path"], None),
    ("letters_by_message", "letters", ["message_id"], None),
    ("letters_by_drop", "letters", ["drop_id"], None),
    ("drops_left_there", "drops", ["tree"], "work_path = path"),
)


def upgrade() -> None:
    found = sa.inspect(op.get_bind())
    if not found.has_table("mailed"):
        _make_mailed()
    if "completed_at" not in {column["name"] for column in found.get_columns("lists")}:
        op.add_column("lists", sa.Column("completed_at", sa.DateTime(), nullable=True))
    for name, table, columns, where in _INDEXES:
        if name not in {index["name"] for index in found.get_indexes(table)}:
            only = sa.text(where) if where else None
            op.create_index(name, table, columns, sqlite_where=only, postgresql_where=only)


def _make_mailed() -> None:
    op.create_table(
        "mailed",
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("outcome_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "address"),
    )
    op.create_index("mailed_by_outcome", "mailed", ["outcome", "outcome_at"])


def downgrade() -> None:
    """Nothing: 0001 as it is now makes all of this too."""
