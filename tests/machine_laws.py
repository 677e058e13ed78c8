"""What must hold for a shop after every step, whatever happened; and at the end, when all that was under way has come to rest.

Each law is a query written anew from what the tables mean, not taken from the product, that names what breaks it.
"""

from uuid import UUID

import psycopg

MINE = """
with mine as materialized (select * from orders.orders where seller_id = any(%(sellers)s)),
entries as materialized (
    select e.* from ledger.entries e
    where e.transfer_id in (select transfer_id from ledger.entries where order_id in (select id from mine))
),
refunds as materialized (select * from payments.refunds where order_id in (select id from mine)),
captured as materialized (
    select (s ->> 'order_id')::uuid as order_id, sum((s ->> 'amount_poisha')::bigint) as poisha
    from payments.attempts a cross join jsonb_array_elements(a.shares) as s
    where a.state = 'captured' and (a.group_id in (select group_id from mine) or a.order_id in (select id from mine))
    group by 1
)
"""

ALWAYS = {
    "a transfer sums to zero": """
        select transfer_id::text from entries group by transfer_id having sum(amount_poisha) <> 0""",
    "captured = in escrow + released + refunded": """
        select m.id::text from mine m left join captured c on c.order_id = m.id
        where coalesce(c.poisha, 0) <>
            coalesce((select -sum(e.amount_poisha) from entries e where e.order_id = m.id and e.account_code = 'escrow'), 0)
            + coalesce((select sum(e.amount_poisha) from entries e join ledger.transfers t on t.id = e.transfer_id
                where e.order_id = m.id and e.account_code = 'escrow' and t.kind in ('order.released', 'order.clawback')), 0)
            + coalesce((select sum(r.amount_poisha) from refunds r where r.order_id = m.id), 0)""",
    "escrow owes, it never lends": """
        select order_id::text from entries where account_code = 'escrow' and order_id in (select id from mine)
        group by order_id having sum(amount_poisha) > 0""",
    "refunded at most what was captured": """
        select r.order_id::text from refunds r left join captured c using (order_id)
        group by r.order_id, c.poisha having sum(r.amount_poisha) > coalesce(c.poisha, 0)""",
    "taken back at most what was ordered": """
        select v.order_id::text from orders.reversals v join mine m on m.id = v.order_id
        group by v.order_id, m.total_poisha having sum(v.total_poisha) > m.total_poisha""",
    "stock is conserved": """
        select offer_id::text from inventory.stock where offer_id = any(%(offers)s)
            and (received <> on_hand + shipped + written_off or reserved < 0 or reserved > on_hand)""",
    "reserved is what holds reserve": """
        select s.offer_id::text from inventory.stock s where s.offer_id = any(%(offers)s) and s.reserved <> coalesce(
            (select sum(h.quantity) from inventory.holds h
             where h.offer_id = s.offer_id and h.hub_id = s.hub_id and h.state = 'reserved'), 0)""",
    "what is on hand is the replay of movements": """
        select s.offer_id::text from inventory.stock s where s.offer_id = any(%(offers)s) and s.on_hand <> coalesce(
            (select sum(m.quantity) from inventory.movements m
             where m.offer_id = s.offer_id and m.hub_id = s.hub_id), 0)""",
    "an order's state is the replay of its transitions": """
        select m.id::text from mine m where m.status <> coalesce(
            (select t.to_status from orders.order_transitions t where t.order_id = m.id order by t.id desc limit 1), m.status)""",
    "an order's state is the replay of its events": """
        select m.id::text from mine m where m.status in ('shipped', 'delivered', 'refused', 'cancelled') and 'order.' || m.status
        is distinct from (select o.event_type from platform.outbox o where o.xid >= %(since)s::xid8 and o.aggregate_id = m.id::text and o.event_type in
            ('order.shipped', 'order.delivered', 'order.refused', 'order.cancelled') order by o.xid desc, o.seq desc limit 1)""",
    "a payment's state is the replay of its transitions": """
        select a.id::text from payments.attempts a where a.group_id in (select group_id from mine) and a.state <> coalesce(
            (select t.to_state from payments.attempt_transitions t where t.attempt_id = a.id order by t.id desc limit 1), 'created')""",
    "a return's state is the replay of its transitions": """
        select r.id::text from returns.requests r where r.seller_id = any(%(sellers)s) and r.state <> coalesce(
            (select t.to_state from returns.transitions t where t.subject_id = r.id order by t.id desc limit 1), 'requested')""",
    "a dispute's state is the replay of its transitions": """
        select d.id::text from returns.disputes d where d.seller_id = any(%(sellers)s) and d.state <> coalesce(
            (select t.to_state from returns.transitions t where t.subject_id = d.id order by t.id desc limit 1), 'opened')""",
    "payouts under way are what clearing holds": """
        select coalesce(sum(i.amount_poisha), 0)::text from payouts.items i where i.state in ('pending', 'submitted', 'unknown')
        having coalesce(sum(i.amount_poisha), 0) <> coalesce(
            (select -sum(e.amount_poisha) from ledger.entries e where e.account_code = 'payout_clearing'), 0)""",
    "a payout is never more than was ever owed": """
        select i.seller_id::text from payouts.items i where i.seller_id = any(%(sellers)s)
            and i.state in ('pending', 'submitted', 'unknown', 'paid')
        group by i.seller_id having sum(i.amount_poisha) > (
            select coalesce(-sum(e.amount_poisha), 0) from ledger.entries e join ledger.transfers t on t.id = e.transfer_id
            where e.account_code = 'seller_payable:' || i.seller_id and e.amount_poisha < 0 and t.kind not like 'payout.%%')""",
    "money is not paid out while a case is open": """
        select h.order_id::text from ledger.escrow_holds h join returns.requests r on r.order_id = h.order_id
        where h.seller_id = any(%(sellers)s) and h.state = 'released' and r.closed_at is null
            and h.released_at > r.created_at""",
}

AT_REST = {
    "no payout is open": """
        select id::text from payouts.items where seller_id = any(%(sellers)s) and state in ('pending', 'submitted', 'unknown')""",
    "no payment is open": """
        select a.id::text from payments.attempts a where a.state in ('submitted', 'unknown')
            and a.group_id in (select group_id from mine)""",
    "no order waits for its payment": "select id::text from mine where status = 'pending_payment'",
    "no refund is open": "select id::text from refunds where state not in ('refunded', 'failed')",
    "no case is open": """
        select r.id::text from returns.requests r where r.seller_id = any(%(sellers)s) and r.closed_at is null
        union all select d.id::text from returns.disputes d where d.seller_id = any(%(sellers)s) and d.state = 'opened'""",
    "nothing of an ended order is held back": """
        select m.id::text from mine m where m.status in ('delivered', 'refused', 'cancelled')
            and not exists (select 1 from returns.disputes d where d.order_id = m.id and d.state = 'answered')
            and coalesce((select sum(e.amount_poisha) from entries e where e.order_id = m.id and e.account_code = 'escrow'), 0) <> 0""",
    "an ended order reserves nothing": """
        select m.id::text from mine m join inventory.holds h on h.order_id = m.id
        where h.state = 'reserved' and m.status not in ('placed', 'on_hold')""",
}


def broken(
    connection: psycopg.Connection, laws: dict[str, str], *, sellers: list[UUID], offers: list[UUID], since: str
) -> list[tuple[str, str]]:
    """(law, what breaks it), of the laws that do not hold; `since`: transaction before the story began."""
    checks = " union all ".join(
        f"(select '{name.replace(chr(39), chr(39) * 2)}' as law, b.* from ({law}) as b)" for name, law in laws.items()
    )
    params = {"sellers": sellers, "offers": offers, "since": since}
    return connection.execute(MINE + checks, params).fetchall()
