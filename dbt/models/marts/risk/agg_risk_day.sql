-- One row per day, decision and decider. Small, and labels change the past: rebuilt whole.
with verdicts as (
    select
        group_id,
        bool_or(is_fraud) as is_fraud
    from {{ ref('fct_labels') }}
    group by group_id
)

select
    decisions.decided_on,
    decisions.action,
    decisions.source,
    decisions.model_version,
    count(*)::integer as decisions,
    count(verdicts.group_id)::integer as labels_known,
    count(*) filter (where verdicts.is_fraud)::integer as frauds_known,
    avg(decisions.score)::double precision as score_mean,
    avg(decisions.latency_ms)::double precision as latency_ms_mean
from {{ ref('stg_risk__decisions') }} as decisions
left join verdicts using (group_id)
group by decisions.decided_on, decisions.action, decisions.source, decisions.model_version
