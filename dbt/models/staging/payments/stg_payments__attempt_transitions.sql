select
    id as transition_id,
    attempt_id,
    from_state,
    to_state,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_on
from {{ source('raw', 'payments__attempt_transitions') }}
