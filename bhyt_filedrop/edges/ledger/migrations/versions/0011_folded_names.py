"""of each child its name without case and diacritics, by which the page finds it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Rows of before keep "": their names are folded when they are asked for."""
    op.add_column("roll", sa.Column("folded", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("roll") as roll:
        roll.drop_column("folded")
