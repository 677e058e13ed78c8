{{ config(meta={'dagster': {'ref': {'name': 'stg_payments__attempts'}}}) }}
-- A payment of exactly a hundredth (or a hundred times) of what is due was counted in taka, not in poisha.
select
    attempts.attempt_id,
    attempts.amount_poisha,
    coalesce(orders.total_poisha, order_groups.total_poisha) as due_poisha
from {{ ref('stg_payments__attempts') }} as attempts
left join {{ ref('stg_orders__orders') }} as orders on attempts.order_id = orders.order_id
left join {{ ref('stg_orders__order_groups') }} as order_groups on attempts.group_id = order_groups.group_id
where
    attempts.amount_poisha * 100 = coalesce(orders.total_poisha, order_groups.total_poisha)
    or attempts.amount_poisha = coalesce(orders.total_poisha, order_groups.total_poisha) * 100
