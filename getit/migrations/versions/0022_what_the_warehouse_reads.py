"""The warehouse reads more: change markers on 36 tables, tombstones and old values of tracked columns (`row_history`).

A column whose default is no volatile expression is added without rewriting the table; indexes are built without
blocking writers. What is there gets this migration's transaction as its change: the first extract reads it in full.

Revision 0022, after 0021.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

import foundation.tables

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

MARKED = """
cart.cart_lines catalog.price_history catalog.seller_standings
engagement.answers engagement.coin_entries engagement.follows engagement.wishes
inventory.movements inventory.purchase_order_lines inventory.purchase_orders inventory.receipts inventory.set_asides
inventory.transfers ledger.escrow_freezes ledger.escrow_holds notifications.messages orders.reversals
payments.attempt_transitions promotions.bundles promotions.campaigns promotions.flash_slots promotions.flash_uses
reviews.reports reviews.reviews sellers.submissions sellers.transitions
shipping.cod_remittance_lines shipping.cod_remittances shipping.reconciliation_breaks shipping.shipment_transitions
shipping.shipments shipping.sla_clocks shipping.tracking_events webhooks.attempts webhooks.deliveries webhooks.endpoints
""".split()

# Table, its key, the columns whose old values are kept.
TRACKED = (
    ("catalog.offers", "id", "price_poisha, status"),
    ("catalog.products", "id", "category_id, is_active"),
    ("sellers.sellers", "id", "tier, status, commission_bp"),
    ("cart.cart_lines", "buyer_id, offer_id", "added_at"),
    ("engagement.wishes", "user_id, product_id", "added_at"),
    ("engagement.follows", "user_id, seller_id", "followed_at"),
)
DELETABLE = ("cart.cart_lines", "engagement.wishes", "engagement.follows")

# Arguments: names of the key's columns, names of the tracked ones. The row is locked by whoever changes it, so `seq`
# and the clock (not the start of the transaction) are in order for each row.
RECORD_CHANGE = """
create function platform.record_change() returns trigger language plpgsql as $$
declare
    before jsonb := to_jsonb(old);
begin
    insert into platform.row_history (table_name, row_key, was, is_deleted, ended_at)
    select
        tg_table_schema || '.' || tg_table_name,
        (select jsonb_object_agg(name, before -> name) from unnest(string_to_array(tg_argv[0], ', ')) as name),
        (select jsonb_object_agg(name, before -> name) from unnest(string_to_array(tg_argv[1], ', ')) as name),
        tg_op = 'DELETE',
        clock_timestamp();
    return null;
end $$
"""


def upgrade() -> None:
    op.create_table(
        "row_history",
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_key", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("was", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "changed_xid",
            foundation.tables.Xid8(),
            server_default=sa.text("pg_current_xact_id()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_row_history")),
        schema="platform",
    )
    op.create_index("ix_row_history_changed_xid", "row_history", ["changed_xid"], schema="platform")
    op.execute(RECORD_CHANGE)
    for table in MARKED:
        op.execute(f"alter table {table} add column changed_xid xid8 not null default pg_current_xact_id()")
    for table in (*MARKED, "platform.row_history"):
        op.execute(
            f"create trigger touch_changed_xid before update on {table} "
            "for each row execute function platform.touch_changed_xid()"
        )
    for table, key, columns in TRACKED:
        old, new = (", ".join(f"{row}.{name}" for name in columns.split(", ")) for row in ("old", "new"))
        op.execute(
            f"create trigger record_change after update of {columns} on {table} for each row "
            f"when (({old}) is distinct from ({new})) execute function platform.record_change('{key}', '{columns}')"
        )
        if table in DELETABLE:
            op.execute(
                f"create trigger record_deletion after delete on {table} for each row "
                f"execute function platform.record_change('{key}', '{columns}')"
            )
    with op.get_context().autocommit_block():
        for table in MARKED:
            name = table.partition(".")[2]
            op.execute(f"create index concurrently if not exists ix_{name}_changed_xid on {table} (changed_xid)")
