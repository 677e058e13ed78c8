"""Dated rates of other currencies, to show about what taka are worth.

Revision 0024, after 0023.
"""

import sqlalchemy as sa
from alembic import op


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('rates',
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('micro_taka', sa.BigInteger(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('imported_by', sa.UUID(), nullable=False),
    sa.Column('imported_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("currency in ('USD', 'INR', 'EUR', 'GBP', 'SAR', 'AED', 'MYR')", name=op.f('ck_rates_currency')),
    sa.CheckConstraint('micro_taka > 0', name=op.f('ck_rates_positive')),
    sa.PrimaryKeyConstraint('currency', 'effective_on', name=op.f('pk_rates')),
    schema='currencies'
    )
