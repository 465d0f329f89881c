"""the ledger's first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "derivations",
        sa.Column("round", sa.String(length=6), nullable=False),
        sa.Column("handoff", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("round", "handoff"),
    )
    op.create_table(
        "drops",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("tree", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mtime", sa.Float(), nullable=False),
        sa.Column("work_path", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("handoff", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=6), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("incomplete", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("recoveries", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override", sa.JSON(), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("drops", schema=None) as batch_op:
        batch_op.create_index("drops_by_arrival", ["arrived_at"], unique=False)
        batch_op.create_index("drops_by_sha256", ["sha256"], unique=False)
        batch_op.create_index("drops_by_state", ["state", "next_at"], unique=False)
        batch_op.create_index(
            "drops_left_there",
            ["tree"],
            unique=False,
            sqlite_where=sa.text("work_path = path"),
            postgresql_where=sa.text("work_path = path"),
        )

    op.create_table(
        "deliveries",
        sa.Column("drop_id", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("tree", sa.String(length=64), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=True),
        sa.Column("access", sa.JSON(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["drop_id"],
            ["drops.id"],
        ),
        sa.PrimaryKeyConstraint("drop_id", "seq"),
        sa.UniqueConstraint("drop_id", "tree", "path", name="one_delivery_a_place"),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index("deliveries_by_path", ["path"], unique=False)

    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("drop_id", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drop_id"],
            ["drops.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("events_by_drop", ["drop_id"], unique=False)

    op.create_table(
        "findings",
        sa.Column("drop_id", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("cell", sa.String(length=16), nullable=True),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=64), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drop_id"],
            ["drops.id"],
        ),
        sa.PrimaryKeyConstraint("drop_id", "seq"),
    )
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.create_index("findings_by_code", ["code"], unique=False)

    op.create_table(
        "letters",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("drop_id", sa.String(length=16), nullable=True),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("remaining", sa.JSON(), nullable=False),
        sa.Column("batch", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(
            ["drop_id"],
            ["drops.id"],
        ),
        sa.PrimaryKeyConstraint("key"),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index("letters_by_drop", ["drop_id"], unique=False)
        batch_op.create_index("letters_by_message", ["message_id"], unique=False)
        batch_op.create_index("letters_by_state", ["state", "next_at"], unique=False)

    op.create_table(
        "lists",
        sa.Column("drop_id", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("handoff", sa.String(length=64), nullable=False),
        sa.Column("round", sa.String(length=6), nullable=False),
        sa.Column("sender", sa.String(length=32), nullable=False),
        sa.Column("receiver", sa.String(length=32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("basis", sa.String(length=64), nullable=False),
        sa.Column("completed_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["drop_id"],
            ["drops.id"],
        ),
        sa.PrimaryKeyConstraint("drop_id", "seq"),
    )
    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.create_index(
            "lists_by_key", ["handoff", "round", "sender", "receiver", "part"], unique=False
        )
        batch_op.create_index("lists_by_round", ["round", "state"], unique=False)

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
    with op.batch_alter_table("mailed", schema=None) as batch_op:
        batch_op.create_index("mailed_by_outcome", ["outcome", "outcome_at"], unique=False)

    op.create_table(
        "roll",
        sa.Column("drop_id", sa.String(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("card", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("child", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["drop_id", "seq"],
            ["lists.drop_id", "lists.seq"],
        ),
        sa.PrimaryKeyConstraint("drop_id", "seq", "n"),
    )
    with op.batch_alter_table("roll", schema=None) as batch_op:
        batch_op.create_index("roll_by_card", ["card"], unique=False)
        batch_op.create_index("roll_by_code", ["code"], unique=False)
        batch_op.create_index("roll_by_person", ["person"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("roll", schema=None) as batch_op:
        batch_op.drop_index("roll_by_person")
        batch_op.drop_index("roll_by_code")
        batch_op.drop_index("roll_by_card")

    op.drop_table("roll")
    with op.batch_alter_table("mailed", schema=None) as batch_op:
        batch_op.drop_index("mailed_by_outcome")

    op.drop_table("mailed")
    with op.batch_alter_table("lists", schema=None) as batch_op:
        batch_op.drop_index("lists_by_round")
        batch_op.drop_index("lists_by_key")

    op.drop_table("lists")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index("letters_by_state")
        batch_op.drop_index("letters_by_message")
        batch_op.drop_index("letters_by_drop")

    op.drop_table("letters")
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_index("findings_by_code")

    op.drop_table("findings")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("events_by_drop")

    op.drop_table("events")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index("deliveries_by_path")

    op.drop_table("deliveries")
    with op.batch_alter_table("drops", schema=None) as batch_op:
        batch_op.drop_index("drops_by_state")
        batch_op.drop_index("drops_by_sha256")
        batch_op.drop_index("drops_left_there")
        batch_op.drop_index("drops_by_arrival")

    op.drop_table("drops")
    op.drop_table("derivations")
