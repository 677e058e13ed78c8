select
    id as set_aside_id,
    offer_id,
    hub_id,
    quantity,
    opened_at,
    {{ business_date('opened_at') }} as opened_on,
    closed_at,
    {{ business_date('closed_at') }} as closed_on
from {{ source('raw', 'inventory__set_asides') }}
