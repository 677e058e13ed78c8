"""The states behind the online features are kept in PostgreSQL; Valkey is a copy of them.

Revision 0021, after 0020.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feature_states",
        sa.Column("declared", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("declared", "entity", "key", name=op.f("pk_feature_states")),
        schema="scoring",
    )
    op.create_table(
        "feature_cursors",
        sa.Column("declared", sa.Text(), nullable=False),
        sa.Column("xid", foundation.tables.Xid8(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("is_rebuild_asked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("declared", name=op.f("pk_feature_cursors")),
        schema="scoring",
    )
