select
    user_id,
    product_id,
    price_poisha,
    added_at,
    {{ business_date('added_at') }} as added_on
from {{ source('raw', 'engagement__wishes') }}
