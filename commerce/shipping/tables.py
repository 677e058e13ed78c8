"""Tables of shipping: parcels, what was seen of them, promised days, couriers' payments and what is wrong with them.

Not here: the order's own state (orders), balances (ledger).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from commerce.shipping.rules import TRANSITIONS
from foundation.tables import changed_xid, extracted, instant, metadata, poisha, reference, uuid_key, word

shipments = extracted(
    Table(
        "shipments",
        metadata,
        uuid_key(),
        reference("order_id"),
        reference("seller_id"),
        word("courier", "pathao"),
        word("state", *TRANSITIONS, default="created"),
        # What the courier knows us by: committed before it is asked, so that its webhook finds the parcel.
        Column("merchant_reference", Text, nullable=False, unique=True),
        Column("consignment_id", Text),
        poisha("cod_poisha"),
        Column("collect_taka", Integer, nullable=False),
        poisha("collected_poisha", nullable=True),
        poisha("delivery_fee_poisha", nullable=True),
        Column("weight_grams", Integer, nullable=False, server_default=text("500")),
        Column("refusal", Text),
        instant("accepted_at", nullable=True),
        # The moment before the courier is called; set and not answered for long: nobody knows whether it acted.
        instant("called_at", nullable=True),
        instant("looked_at", nullable=True),
        instant("booked_at", nullable=True),
        instant("closed_at", nullable=True),
        instant("created_at"),
        changed_xid(),
        UniqueConstraint("courier", "consignment_id"),
        CheckConstraint("cod_poisha >= 0 and collect_taka * 100 <= cod_poisha", name="cash"),
        schema="shipping",
    )
)
# A second parcel for an order is booked only after the first was called off.
Index("uq_shipments_one_parcel", shipments.c.order_id, unique=True, postgresql_where=text("state <> 'cancelled'"))
Index(
    "ix_shipments_open",
    shipments.c.state,
    shipments.c.looked_at,
    postgresql_where=text("state in ('submitted', 'booked', 'picked_up', 'in_transit', 'refused')"),
)

tracking_events = extracted(
    Table(
        "tracking_events",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("courier", Text, nullable=False),
        Column("event_id", Text, nullable=False),
        reference("shipment_id", nullable=True),
        Column("raw_event", Text, nullable=False),
        Column("state", Text),
        Column("reason", Text),
        Column("is_applied", Boolean, nullable=False),
        instant("occurred_at"),
        instant("received_at"),
        changed_xid(),
        UniqueConstraint("courier", "event_id"),
        schema="shipping",
    )
)
Index("ix_tracking_events_shipment_id", tracking_events.c.shipment_id)

shipment_transitions = extracted(
    Table(
        "shipment_transitions",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        reference("shipment_id"),
        Column("from_state", Text, nullable=False),
        Column("to_state", Text, nullable=False),
        reference("actor_id", nullable=True),
        instant("occurred_at"),
        changed_xid(),
        schema="shipping",
    )
)
Index("ix_shipment_transitions_shipment_id", shipment_transitions.c.shipment_id)

sla_clocks = extracted(
    Table(
        "sla_clocks",
        metadata,
        reference("order_id"),
        word("kind", "handover", "delivery"),
        # The law sets the days of prepaid orders; for cash on delivery they are our promise only.
        Column("is_legal", Boolean, nullable=False),
        instant("due_at"),
        # Met, or nothing to keep any more (cancelled, refused).
        instant("stopped_at", nullable=True),
        instant("breached_at", nullable=True),
        changed_xid(),
        PrimaryKeyConstraint("order_id", "kind"),
        schema="shipping",
    )
)
Index(
    "ix_sla_clocks_running",
    sla_clocks.c.due_at,
    postgresql_where=text("stopped_at is null and breached_at is null"),
)

cod_remittances = extracted(
    Table(
        "cod_remittances",
        metadata,
        uuid_key(),
        word("courier", "pathao"),
        Column("invoice_id", Text, nullable=False),
        Column("position", Text, nullable=False),
        poisha("collected_poisha"),
        poisha("fee_poisha"),
        poisha("paid_poisha"),
        instant("paid_at"),
        instant("imported_at"),
        changed_xid(),
        UniqueConstraint("courier", "invoice_id"),
        schema="shipping",
    )
)

cod_remittance_lines = extracted(
    Table(
        "cod_remittance_lines",
        metadata,
        reference("remittance_id"),
        Column("line_no", Integer, nullable=False),
        Column("consignment_id", Text, nullable=False),
        reference("shipment_id", nullable=True),
        poisha("collected_poisha"),
        poisha("delivery_fee_poisha"),
        poisha("cod_fee_poisha"),
        poisha("cleared_poisha"),
        changed_xid(),
        PrimaryKeyConstraint("remittance_id", "line_no"),
        schema="shipping",
    )
)
# A parcel's cash is cleared by one payment.
Index(
    "uq_cod_remittance_lines_cleared",
    cod_remittance_lines.c.shipment_id,
    unique=True,
    postgresql_where=text("shipment_id is not null"),
)

reconciliation_breaks = extracted(
    Table(
        "reconciliation_breaks",
        metadata,
        uuid_key(),
        reference("remittance_id"),
        reference("shipment_id", nullable=True),
        Column("consignment_id", Text, nullable=False),
        word("kind", "unknown_parcel", "paid_twice", "fee", "short", "over", "sum"),
        poisha("expected_poisha"),
        poisha("got_poisha"),
        word("state", "open", "resolved", default="open"),
        Column("resolution", Text),
        reference("resolved_by", nullable=True),
        instant("found_at"),
        instant("resolved_at", nullable=True),
        changed_xid(),
        schema="shipping",
    ),
    private=("resolution",),
)
Index("ix_reconciliation_breaks_state", reconciliation_breaks.c.state, reconciliation_breaks.c.id)
