{{ config(meta={'dagster': {'ref': {'name': 'fct_order_groups'}}}) }}
-- A checkout is the sum of its orders, to the poisha.
select
    order_groups.group_id,
    order_groups.total_poisha,
    sum(orders.total_poisha) as orders_poisha
from {{ ref('fct_order_groups') }} as order_groups
left join {{ ref('fct_orders') }} as orders using (group_id)
where {{ rebuilt('order_groups.placed_on') }}
group by order_groups.group_id, order_groups.total_poisha
having
    order_groups.total_poisha is distinct from sum(orders.total_poisha)
