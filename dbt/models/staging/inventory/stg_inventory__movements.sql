select
    id as movement_id,
    offer_id,
    hub_id,
    kind,
    quantity,
    reference,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_on
from {{ source('raw', 'inventory__movements') }}
