-- Disputes of wallets and refusals at the door by month of placement, as shares of what was placed.
with disputed as (
    select distinct group_id
    from {{ ref('fct_labels') }}
    where is_fraud and origin = 'wallet_dispute'
)

select
    date_trunc('month', order_groups.placed_on)::date as month_on,
    order_groups.payment_method,
    count(*)::integer as order_groups,
    count(disputed.group_id)::integer as chargebacks,
    coalesce(sum(order_groups.total_poisha) filter (where disputed.group_id is not null), 0)::bigint
        as chargeback_poisha,
    count(*) filter (where order_groups.is_refused)::integer as refusals,
    count(disputed.group_id)::double precision / count(*) as chargeback_ratio,
    count(*) filter (where order_groups.is_refused)::double precision / count(*) as refusal_ratio
from {{ ref('fct_order_groups') }} as order_groups
left join disputed using (group_id)
group by date_trunc('month', order_groups.placed_on), order_groups.payment_method
