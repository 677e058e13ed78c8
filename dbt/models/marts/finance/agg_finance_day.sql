{{ config(materialized='incremental', incremental_strategy='window', unique_key='placed_on') }}
-- Gross merchandise value and what the platform takes of it, by day of placement.
select
    orders.placed_on,
    count(*)::integer as orders_placed,
    count(*) filter (where orders.is_sale)::integer as orders_sold,
    sum(orders.subtotal_poisha)::bigint as placed_poisha,
    coalesce(sum(orders.subtotal_poisha) filter (where orders.is_sale), 0)::bigint as gmv_poisha,
    coalesce(sum(orders.discount_poisha) filter (where orders.is_sale), 0)::bigint as discount_poisha,
    coalesce(sum(orders.shipping_poisha) filter (where orders.is_sale), 0)::bigint as shipping_poisha,
    coalesce(sum(orders.commission_poisha) filter (where orders.is_sale), 0)::bigint as commission_poisha,
    coalesce(sum(orders.vat_poisha) filter (where orders.is_sale), 0)::bigint as vat_poisha,
    coalesce(
        sum(orders.commission_poisha) filter (where orders.is_sale)::double precision
        / nullif(sum(orders.subtotal_poisha) filter (where orders.is_sale), 0), 0
    ) as take_rate_ratio
from {{ ref('fct_orders') }} as orders
where {{ in_window('orders.placed_on') }}
group by orders.placed_on
