"""keep of each card its number proper, by which all its spellings are found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        sa.text("UPDATE roll SET card = substr(card, length(card) - 9) WHERE length(card) > 10")
    )


def downgrade() -> None:
    """Nothing to put back: the whole card stands with its child."""
