select
    order_id,
    offer_id,
    hub_id,
    quantity,
    state,
    expires_at,
    {{ business_date('expires_at') }} as expires_on,
    created_at,
    {{ business_date('created_at') }} as created_on
from {{ source('raw', 'inventory__holds') }}
