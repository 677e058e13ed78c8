select
    id as transfer_id,
    offer_id,
    from_hub_id,
    to_hub_id,
    quantity,
    state,
    sent_at,
    {{ business_date('sent_at') }} as sent_on,
    ended_at,
    {{ business_date('ended_at') }} as ended_on
from {{ source('raw', 'inventory__transfers') }}
