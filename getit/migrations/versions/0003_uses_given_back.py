"""A voucher's use that is given back stays as a row: the warehouse reads changes, and a deleted row is none.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("redemptions", sa.Column("given_back_at", sa.DateTime(timezone=True)), schema="promotions")
    op.drop_constraint("pk_redemptions", "redemptions", schema="promotions")
    op.drop_index("ix_redemptions_group_id", "redemptions", schema="promotions")
    op.create_primary_key("pk_redemptions", "redemptions", ["group_id", "code"], schema="promotions")
    op.create_index(
        "uq_redemptions_standing",
        "redemptions",
        ["code", "buyer_id", "use_no"],
        unique=True,
        schema="promotions",
        postgresql_where=sa.text("given_back_at is null"),
    )
