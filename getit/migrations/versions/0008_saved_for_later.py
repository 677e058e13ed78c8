"""Lines of the cart that are saved for later.

Revision 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

import foundation.tables

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('cart_lines', sa.Column('is_saved', sa.Boolean(), server_default=sa.text('false'), nullable=False), schema='cart')
