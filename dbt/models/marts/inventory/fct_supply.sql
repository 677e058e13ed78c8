-- Orders to suppliers line by line: what has come, and how many days it took.
with arrived as (
    select
        purchase_order_id,
        offer_id,
        sum(quantity)::integer as received,
        min(received_at) as first_received_at,
        max(received_at) as last_received_at
    from {{ ref('stg_inventory__receipts') }}
    group by purchase_order_id, offer_id
)

select
    lines.purchase_order_id,
    orders.number,
    lines.offer_id,
    orders.seller_id,
    orders.hub_id,
    orders.state,
    orders.expected_on,
    lines.quantity,
    lines.received,
    coalesce(arrived.received, 0) as receipts_quantity,
    lines.unit_cost_poisha,
    orders.created_at,
    arrived.first_received_at,
    (extract(epoch from arrived.last_received_at - orders.created_at) / 86400)::double precision as lead_days
from {{ ref('stg_inventory__purchase_order_lines') }} as lines
inner join {{ ref('stg_inventory__purchase_orders') }} as orders using (purchase_order_id)
left join arrived using (purchase_order_id, offer_id)
