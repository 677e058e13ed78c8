{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='placed_on',
    indexes=[{'columns': ['placed_on']}]
) }}
select
    lines.order_id,
    lines.line_no,
    orders.group_id,
    orders.seller_id,
    lines.offer_id,
    lines.product_id,
    orders.channel,
    orders.source,
    orders.district_code,
    orders.is_sale,
    orders.placed_on,
    lines.quantity::numeric(14, 3) as quantity,
    lines.subtotal_poisha,
    lines.discount_poisha,
    lines.total_poisha
from {{ ref('stg_orders__order_lines') }} as lines
inner join {{ ref('fct_orders') }} as orders using (order_id)
where {{ in_window('orders.placed_on') }} and {{ is_sound_line('lines') }}
