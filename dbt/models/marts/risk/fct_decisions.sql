{{ config(indexes=[{'columns': ['group_id'], 'unique': true}, {'columns': ['decided_on']}]) }}
-- Every decision at checkout beside what came of it, declined checkouts included.
with verdicts as (
    select
        group_id,
        bool_or(is_fraud) as is_fraud,
        bool_or(is_fraud and origin = 'wallet_dispute') as is_charged_back,
        min(known_at) as known_at
    from {{ ref('fct_labels') }}
    group by group_id
)

select
    decisions.decision_id,
    decisions.group_id,
    decisions.action,
    decisions.score,
    decisions.source,
    decisions.model_version,
    decisions.latency_ms,
    decisions.decided_at,
    decisions.decided_on,
    order_groups.payment_method,
    order_groups.total_poisha,
    coalesce(order_groups.is_refused, false) as is_refused,
    coalesce(order_groups.is_cancelled, false) as is_cancelled,
    verdicts.is_fraud,
    coalesce(verdicts.is_charged_back, false) as is_charged_back,
    verdicts.known_at,
    case
        when verdicts.is_fraud then coalesce(order_groups.total_poisha, 0)
        else 0
    end as lost_poisha
from {{ ref('stg_risk__decisions') }} as decisions
left join {{ ref('fct_order_groups') }} as order_groups using (group_id)
left join verdicts using (group_id)
