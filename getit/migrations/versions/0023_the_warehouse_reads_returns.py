"""The warehouse reads returns, disputes and payouts.

Revision 0023, after 0022.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

MARKED = "returns.requests returns.request_lines returns.disputes payouts.batches payouts.items payouts.skipped".split()


def upgrade() -> None:
    for table in MARKED:
        op.execute(f"alter table {table} add column changed_xid xid8 not null default pg_current_xact_id()")
        op.execute(
            f"create trigger touch_changed_xid before update on {table} "
            "for each row execute function platform.touch_changed_xid()"
        )
    with op.get_context().autocommit_block():
        for table in MARKED:
            name = table.partition(".")[2]
            op.execute(f"create index concurrently if not exists ix_{name}_changed_xid on {table} (changed_xid)")
