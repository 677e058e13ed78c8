{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='sold_on',
    indexes=[{'columns': ['sold_on']}]
) }}
select
    orders.placed_on as sold_on,
    orders.district_code,
    min(districts.district_name_en) as district_name,
    min(districts.division_name_en) as division_name,
    count(*)::integer as orders,
    sum(orders.units)::numeric(18, 3) as units,
    sum(orders.subtotal_poisha - orders.discount_poisha)::bigint as sales_poisha,
    sum(orders.discount_poisha)::bigint as discount_poisha
from {{ ref('fct_orders') }} as orders
left join {{ ref('dim_district') }} as districts on orders.district_code = districts.district_code
where orders.is_sale and {{ in_window('orders.placed_on') }}
group by orders.placed_on, orders.district_code
