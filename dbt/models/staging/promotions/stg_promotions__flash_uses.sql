select
    group_id,
    slot_id,
    buyer_id,
    quantity,
    given_back_at,
    {{ business_date('given_back_at') }} as given_back_on
from {{ source('raw', 'promotions__flash_uses') }}
