select
    id as slot_id,
    campaign_id,
    seller_id,
    offer_id,
    price_poisha,
    quantity,
    per_buyer,
    state,
    admit_at_once,
    admit_per_second,
    starts_at,
    {{ business_date('starts_at') }} as starts_on,
    ends_at,
    {{ business_date('ends_at') }} as ends_on
from {{ source('raw', 'promotions__flash_slots') }}
