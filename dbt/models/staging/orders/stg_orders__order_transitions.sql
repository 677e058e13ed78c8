select
    id as transition_id,
    order_id,
    from_status,
    to_status,
    reason,
    actor_id,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_on
from {{ source('raw', 'orders__order_transitions') }}
