select
    id as transition_id,
    seller_id,
    from_status,
    to_status,
    actor_id,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_on
from {{ source('raw', 'sellers__transitions') }}
