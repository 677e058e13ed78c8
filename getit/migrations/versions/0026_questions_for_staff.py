"""Held questions and answers are found by staff without reading all of them.

Revision 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table in ("questions", "answers"):
            op.create_index(
                f"ix_{table}_unseen",
                table,
                ["id"],
                schema="reviews",
                postgresql_where=sa.text("state <> 'published'"),
                postgresql_concurrently=True,
                if_not_exists=True,
            )


def downgrade() -> None:
    for table in ("questions", "answers"):
        op.drop_index(f"ix_{table}_unseen", table_name=table, schema="reviews")
