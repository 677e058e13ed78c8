select
    id as endpoint_id,
    seller_id,
    event_types,
    state,
    failures,
    created_at,
    {{ business_date('created_at') }} as created_on
from {{ source('raw', 'webhooks__endpoints') }}
