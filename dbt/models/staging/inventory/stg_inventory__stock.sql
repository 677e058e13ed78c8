select
    offer_id,
    hub_id,
    received,
    on_hand,
    reserved,
    shipped,
    written_off,
    is_synthetic,
    updated_at,
    {{ business_date('updated_at') }} as updated_on
from {{ source('raw', 'inventory__stock') }}
