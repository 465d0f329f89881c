"""texts of any length on a server, as SQLite has them

SQLite keeps no bound of a text; PostgreSQL refuses a longer one, and a drop would wait for a person
because of a number that nobody chose for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    found = sa.inspect(bind)
    for table in found.get_table_names():
        for column in found.get_columns(table):
            kind = column["type"]
            if isinstance(kind, sa.String) and kind.length and table != "alembic_version":
                op.alter_column(table, column["name"], type_=sa.Text())


def downgrade() -> None:
    """Nothing: what is longer by now would not fit."""
