{{ config(meta={'dagster': {'ref': {'name': 'fct_payments'}}}) }}
-- No prepaid checkout is charged twice, or more than it costs.
select
    payments.group_id,
    sum(payments.amount_poisha) as captured_poisha
from {{ ref('fct_payments') }} as payments
inner join {{ ref('fct_order_groups') }} as order_groups using (group_id)
where payments.state = 'captured' and {{ rebuilt('order_groups.placed_on') }}
group by payments.group_id, order_groups.total_poisha
having sum(payments.amount_poisha) > order_groups.total_poisha
