select
    id as tracking_event_id,
    courier,
    event_id,
    shipment_id,
    raw_event,
    state,
    reason,
    is_applied,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_on,
    received_at,
    {{ business_date('received_at') }} as received_on
from {{ source('raw', 'shipping__tracking_events') }}
