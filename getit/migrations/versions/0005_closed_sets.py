"""The closed sets of states and kinds as CHECK constraints: the first migration had left them out.

Added unvalidated and then validated: the first takes its lock for a moment only, the second blocks no writer.

Revision 0005, after 0004.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SETS = {
    "catalog.offers.status": "active paused withdrawn",
    "identity.users.kind": "shopper seller courier staff",
    "inventory.holds.state": "reserved claimed released",
    "ledger.accounts.kind": "provider_clearing courier_clearing escrow seller_payable commission vat_payable "
    "shipping_income promotion_expense refund_clearing opening_balance",
    "orders.order_groups.payment_method": "cod bkash",
    "orders.order_groups.channel": "web market import",
    "orders.orders.status": "pending_payment on_hold placed shipped delivered refused cancelled",
    "payments.attempts.provider": "cod bkash",
    "payments.attempts.state": "created submitted captured declined unknown",
    "payments.refunds.state": "created submitted refunded failed unknown",
    "platform.idempotency_keys.state": "started done",
    "promotions.vouchers.funded_by": "platform seller",
    "risk.decisions.action": "allow review decline",
    "risk.labels.origin": "refused_parcel wallet_dispute analyst delivered",
    "scoring.decisions.action": "allow review decline",
    "sellers.sellers.status": "onboarding approved suspended",
}


def upgrade() -> None:
    for column, words in SETS.items():
        schema, table, name = column.split(".")
        allowed = ", ".join(f"'{word}'" for word in words.split())
        check = f"ck_{table}_{name}"
        op.execute(f"alter table {schema}.{table} add constraint {check} check ({name} in ({allowed})) not valid")
        op.execute(f"alter table {schema}.{table} validate constraint {check}")
