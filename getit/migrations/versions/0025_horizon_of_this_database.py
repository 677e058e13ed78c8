"""The horizon leaves out transactions of other databases: a build of the warehouse no longer holds back an order's events.

Revision 0025, after 0024.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# A snapshot lists what is open in the whole server, but a transaction writes into one database only. Whoever is not
# known to be elsewhere counts as open here: a prepared transaction, one that ended since, one whose holder is unseen,
# and the caller's own, which a snapshot does not list.
HORIZON = """
create function platform.horizon() returns xid8 language sql stable parallel restricted
set search_path = pg_catalog
begin atomic
    select least(
        pg_current_xact_id_if_assigned(),
        (
            select min(open.xid)
            from pg_snapshot_xip(pg_current_snapshot()) as open (xid)
            where open.xid::xid not in (
                select locks.transactionid
                from pg_locks as locks join pg_stat_activity as holders on holders.pid = locks.pid
                where locks.locktype = 'transactionid' and locks.granted and locks.mode = 'ExclusiveLock'
                and holders.datname <> current_database()
            )
        ),
        pg_snapshot_xmax(pg_current_snapshot())
    );
end
"""


def upgrade() -> None:
    op.execute(HORIZON)


def downgrade() -> None:
    op.execute("drop function platform.horizon()")
