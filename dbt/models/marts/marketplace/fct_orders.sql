{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='placed_on',
    indexes=[{'columns': ['placed_on']}, {'columns': ['order_id'], 'unique': true}, {'columns': ['seller_id', 'placed_on']}]
) }}
with orders as (
    select * from {{ ref('int_orders') }}
    where {{ instant_in_window('placed_at') }}
),

line_sums as (
    select
        lines.order_id,
        count(*)::integer as line_count,
        sum(lines.quantity) as quantity,
        sum(lines.quantity) filter (where products.is_countable) as units,
        max(lines.subtotal_poisha) as max_line_poisha
    from {{ ref('stg_orders__order_lines') }} as lines
    inner join orders using (order_id)
    inner join {{ ref('dim_product') }} as products using (product_id)
    where {{ is_sound_line('lines') }}
    group by lines.order_id
)

select
    orders.order_id,
    orders.group_id,
    orders.buyer_id,
    orders.seller_id,
    sellers.name as seller_name,
    orders.hub_id,
    orders.status,
    orders.is_sale,
    orders.courier,
    orders.payment_method,
    orders.channel,
    orders.source,
    orders.district_code,
    districts.district_name_en as district_name,
    orders.placed_at,
    orders.placed_on,
    orders.shipped_at,
    orders.closed_at,
    coalesce(line_sums.line_count, 0) as line_count,
    coalesce(line_sums.quantity, 0)::numeric(18, 3) as quantity,
    coalesce(line_sums.units, 0)::numeric(18, 3) as units,
    coalesce(line_sums.max_line_poisha, 0) as max_line_poisha,
    orders.subtotal_poisha,
    orders.discount_poisha,
    orders.shipping_poisha,
    orders.total_poisha,
    orders.commission_poisha,
    orders.vat_poisha,
    orders.is_synthetic
from orders
left join line_sums using (order_id)
left join {{ ref('dim_seller') }} as sellers using (seller_id)
left join {{ ref('dim_district') }} as districts on orders.district_code = districts.district_code
