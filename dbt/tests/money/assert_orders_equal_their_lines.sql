{{ config(meta={'dagster': {'ref': {'name': 'fct_orders'}}}) }}
-- An order is the sum of its lines; delivery comes on top.
with lines as (
    select
        order_id,
        sum(subtotal_poisha) as subtotal_poisha,
        sum(discount_poisha) as discount_poisha
    from {{ ref('fct_order_lines') }}
    where {{ rebuilt('placed_on') }}
    group by order_id
)

select orders.order_id
from {{ ref('fct_orders') }} as orders
left join lines using (order_id)
where
    {{ rebuilt('orders.placed_on') }}
    and (
        orders.subtotal_poisha is distinct from lines.subtotal_poisha
        or orders.discount_poisha is distinct from lines.discount_poisha
        or orders.total_poisha <> orders.subtotal_poisha - orders.discount_poisha + orders.shipping_poisha
    )
