"""Guards that are not columns: change markers kept by trigger, the ledger's laws, storage settings of hot tables.

Revision 0002, after 0001.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# The tables of that day; a later table brings its own trigger.
EXTRACTED = """
catalog.categories catalog.offers catalog.products identity.users imports.rejects imports.runs
inventory.holds inventory.hubs inventory.stock inventory.supply_terms ledger.accounts ledger.entries ledger.transfers
orders.order_groups orders.order_lines orders.order_transitions orders.orders payments.attempts payments.refunds
promotions.redemptions promotions.vouchers risk.decisions risk.labels scoring.decisions sellers.sellers
""".split()

TOUCH = """
create function platform.touch_changed_xid() returns trigger language plpgsql as $$
begin
    new.changed_xid := pg_current_xact_id();
    return new;
end $$
"""

BALANCED = """
create function ledger.check_balanced() returns trigger language plpgsql as $$
begin
    if (select coalesce(sum(amount_poisha), 0) from ledger.entries where transfer_id = new.transfer_id) <> 0 then
        raise exception using errcode = 'check_violation', message = 'ledger transfer does not sum to zero';
    end if;
    return null;
end $$
"""

IMMUTABLE = """
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception using errcode = 'restrict_violation',
        message = 'ledger rows are immutable: correct them with a new transfer';
end $$
"""


def upgrade() -> None:
    op.execute(TOUCH)
    for table in EXTRACTED:
        op.execute(
            f"create trigger touch_changed_xid before update on {table} "
            "for each row execute function platform.touch_changed_xid()"
        )
    op.execute(BALANCED)
    op.execute(
        "create constraint trigger balanced after insert on ledger.entries deferrable initially deferred "
        "for each row execute function ledger.check_balanced()"
    )
    op.execute(IMMUTABLE)
    for table in ("transfers", "entries"):
        op.execute(
            f"create trigger immutable before update or delete on ledger.{table} "
            "for each row execute function ledger.refuse_change()"
        )
    # Stock rows change at every checkout: room on the page keeps the updates heap-only.
    op.execute("alter table inventory.stock set (fillfactor = 70)")
    op.execute("alter table platform.consumer_cursors set (fillfactor = 50)")


def downgrade() -> None:
    raise NotImplementedError("the first migrations are undone by dropping the database: getit reset")
