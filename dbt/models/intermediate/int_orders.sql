select
    orders.order_id,
    orders.group_id,
    orders.seller_id,
    orders.hub_id,
    orders.status,
    orders.status in ({{ "'" ~ var('sale_statuses') | join("', '") ~ "'" }}) as is_sale,
    orders.courier,
    orders.subtotal_poisha,
    orders.discount_poisha,
    orders.shipping_poisha,
    orders.total_poisha,
    orders.commission_poisha,
    orders.vat_poisha,
    orders.placed_at,
    orders.placed_on,
    orders.shipped_at,
    orders.closed_at,
    order_groups.buyer_id,
    order_groups.channel,
    -- Where an order came from: the imported source, or the channel it was placed through live.
    coalesce(order_groups.source, 'live-' || order_groups.channel) as source,
    order_groups.payment_method,
    order_groups.district_code,
    order_groups.is_synthetic
from {{ ref('stg_orders__orders') }} as orders
inner join {{ ref('stg_orders__order_groups') }} as order_groups using (group_id)
