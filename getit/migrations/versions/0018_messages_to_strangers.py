"""Messages may go to people who have no account yet: one-time codes, invitations.

Revision 0018, after 0017.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("messages", "user_id", nullable=True, schema="notifications")
