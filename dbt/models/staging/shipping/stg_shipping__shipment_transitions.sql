select
    id as transition_id,
    shipment_id,
    from_state,
    to_state,
    actor_id,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_on
from {{ source('raw', 'shipping__shipment_transitions') }}
