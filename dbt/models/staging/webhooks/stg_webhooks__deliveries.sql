select
    id as delivery_id,
    endpoint_id,
    event_id,
    replay_no,
    event_type,
    state,
    tries,
    next_try_at,
    {{ business_date('next_try_at') }} as next_try_on,
    created_at,
    {{ business_date('created_at') }} as created_on,
    closed_at,
    {{ business_date('closed_at') }} as closed_on
from {{ source('raw', 'webhooks__deliveries') }}
