"""the few letters that failed are found without reading all that ever went out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_FEW = {
    "letters_in_trouble": sa.text("error <> ''"),
    "letters_refused": sa.text("refused IS NOT NULL"),
}


def upgrade() -> None:
    """An index holds none of the others, and costs them nothing."""
    for name, which in _FEW.items():
        op.create_index(name, "letters", ["created_at"], sqlite_where=which, postgresql_where=which)


def downgrade() -> None:
    for name in _FEW:
        op.drop_index(name, "letters")
