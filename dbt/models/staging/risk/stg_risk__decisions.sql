select
    id as decision_id,
    group_id,
    action,
    score,
    reasons,
    source,
    model_version,
    latency_ms,
    features,
    decided_at,
    {{ business_date('decided_at') }} as decided_on
from {{ source('raw', 'risk__decisions') }}
