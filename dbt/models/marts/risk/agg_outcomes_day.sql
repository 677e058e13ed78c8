{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='placed_on',
    indexes=[{'columns': ['placed_on']}]
) }}
-- How orders ended, by day of placement: refusals at the door, cancellations, fraud as far as it is known.
with verdicts as (
    select
        group_id,
        bool_or(is_fraud) as is_fraud
    from {{ ref('fct_labels') }}
    group by group_id
)

select
    order_groups.placed_on,
    order_groups.channel,
    order_groups.payment_method,
    order_groups.district_code,
    count(*)::integer as order_groups,
    count(*) filter (where order_groups.is_refused)::integer as refused,
    count(*) filter (where order_groups.is_cancelled)::integer as cancelled,
    count(verdicts.group_id)::integer as labels_known,
    count(*) filter (where verdicts.is_fraud)::integer as frauds_known,
    sum(order_groups.total_poisha)::bigint as total_poisha,
    coalesce(sum(order_groups.total_poisha) filter (where order_groups.is_refused), 0)::bigint as refused_poisha,
    coalesce(sum(order_groups.total_poisha) filter (where verdicts.is_fraud), 0)::bigint as fraud_poisha
from {{ ref('fct_order_groups') }} as order_groups
left join verdicts using (group_id)
where {{ in_window('order_groups.placed_on') }}
group by
    order_groups.placed_on, order_groups.channel, order_groups.payment_method, order_groups.district_code
