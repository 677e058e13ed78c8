{{ config(materialized='incremental', incremental_strategy='window', unique_key='sold_on') }}
select
    placed_on as sold_on,
    channel,
    count(distinct group_id)::integer as order_groups,
    count(*)::integer as orders,
    count(distinct buyer_id)::integer as buyers,
    sum(units)::numeric(18, 3) as units,
    sum(subtotal_poisha - discount_poisha)::bigint as sales_poisha,
    sum(discount_poisha)::bigint as discount_poisha,
    sum(shipping_poisha)::bigint as shipping_poisha,
    sum(commission_poisha)::bigint as commission_poisha
from {{ ref('fct_orders') }}
where is_sale and {{ in_window('placed_on') }}
group by placed_on, channel
