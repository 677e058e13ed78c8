{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='sold_on',
    indexes=[{'columns': ['sold_on']}, {'columns': ['product_id', 'sold_on']}]
) }}
select
    lines.placed_on as sold_on,
    lines.product_id,
    lines.offer_id,
    lines.seller_id,
    products.category_path,
    products.department,
    products.category,
    products.uom,
    products.is_countable,
    lines.units,
    lines.sales_poisha,
    lines.discount_poisha,
    lines.orders
from (
    select
        placed_on,
        product_id,
        offer_id,
        seller_id,
        sum(quantity)::numeric(18, 3) as units,
        sum(total_poisha)::bigint as sales_poisha,
        sum(discount_poisha)::bigint as discount_poisha,
        count(distinct order_id)::integer as orders
    from {{ ref('fct_order_lines') }}
    where is_sale and {{ in_window('placed_on') }}
    group by placed_on, product_id, offer_id, seller_id
) as lines
inner join {{ ref('dim_product') }} as products using (product_id)
