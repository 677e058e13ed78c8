{{ config(
    materialized='incremental',
    incremental_strategy='window',
    unique_key='placed_on',
    indexes=[{'columns': ['placed_on']}, {'columns': ['group_id'], 'unique': true}]
) }}
with order_groups as (
    select * from {{ ref('stg_orders__order_groups') }}
    where {{ instant_in_window('placed_at') }}
),

orders as (
    select
        group_id,
        count(distinct seller_id)::integer as seller_count,
        round(sum(quantity))::integer as item_count,
        max(max_line_poisha) as max_line_poisha,
        bool_or(status = 'refused') as is_refused,
        bool_and(status = 'cancelled') as is_cancelled
    from {{ ref('fct_orders') }}
    where {{ in_window('placed_on') }}
    group by group_id
),

payers as (
    select distinct on (attempts.group_id)
        attempts.group_id,
        attempts.payer_index
    from {{ ref('stg_payments__attempts') }} as attempts
    inner join order_groups using (group_id)
    where attempts.payer_index is not null
    order by attempts.group_id, attempts.created_at desc
)

select
    order_groups.group_id,
    order_groups.number,
    order_groups.buyer_id,
    order_groups.channel,
    coalesce(order_groups.source, 'live-' || order_groups.channel) as source,
    order_groups.payment_method,
    order_groups.district_code,
    order_groups.device_index,
    order_groups.phone_index,
    payers.payer_index,
    order_groups.voucher_code,
    order_groups.placed_at,
    order_groups.placed_on,
    order_groups.subtotal_poisha,
    order_groups.discount_poisha,
    order_groups.shipping_poisha,
    order_groups.total_poisha,
    coalesce(orders.item_count, 0) as item_count,
    coalesce(orders.seller_count, 0) as seller_count,
    coalesce(orders.max_line_poisha, 0) as max_line_poisha,
    coalesce(orders.is_refused, false) as is_refused,
    coalesce(orders.is_cancelled, false) as is_cancelled,
    decisions.action as decision_action,
    decisions.score as decision_score,
    decisions.source as decision_source,
    decisions.model_version,
    order_groups.is_synthetic
from order_groups
left join orders using (group_id)
left join payers using (group_id)
left join {{ ref('stg_risk__decisions') }} as decisions using (group_id)
