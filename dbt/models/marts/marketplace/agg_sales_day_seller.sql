{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='sold_on',
    indexes=[{'columns': ['sold_on']}, {'columns': ['seller_id', 'sold_on']}]
) }}
select
    placed_on as sold_on,
    seller_id,
    min(seller_name) as seller_name,
    count(*)::integer as orders,
    sum(units)::numeric(18, 3) as units,
    sum(subtotal_poisha - discount_poisha)::bigint as sales_poisha,
    sum(discount_poisha)::bigint as discount_poisha,
    sum(commission_poisha)::bigint as commission_poisha
from {{ ref('fct_orders') }}
where is_sale and {{ in_window('placed_on') }}
group by placed_on, seller_id
