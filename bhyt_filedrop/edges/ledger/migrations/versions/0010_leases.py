"""which daemon does what, where several share a ledger; a file that is being taken has one drop"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    with op.batch_alter_table("looks") as looks:
        looks.add_column(sa.Column("waiting", sa.JSON(), nullable=False, server_default="[]"))
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "drops_being_taken",
            "drops",
            ["tree", "path"],
            unique=True,
            postgresql_where=sa.text("state = 'claimed' AND sha256 IS NULL"),
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("drops_being_taken", "drops")
    with op.batch_alter_table("looks") as looks:
        looks.drop_column("waiting")
    op.drop_table("leases")
