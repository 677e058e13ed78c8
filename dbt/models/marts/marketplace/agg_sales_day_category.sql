{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='sold_on',
    indexes=[{'columns': ['sold_on']}, {'columns': ['category', 'sold_on']}]
) }}
select
    lines.placed_on as sold_on,
    products.department,
    products.category,
    count(distinct lines.order_id)::integer as orders,
    coalesce(sum(lines.quantity) filter (where products.is_countable), 0)::numeric(18, 3) as units,
    sum(lines.total_poisha)::bigint as sales_poisha,
    sum(lines.discount_poisha)::bigint as discount_poisha
from {{ ref('fct_order_lines') }} as lines
inner join {{ ref('dim_product') }} as products using (product_id)
where lines.is_sale and {{ in_window('lines.placed_on') }}
group by lines.placed_on, products.department, products.category
