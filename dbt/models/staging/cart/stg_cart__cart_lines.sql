select
    buyer_id,
    offer_id,
    quantity,
    seen_price_poisha,
    is_saved,
    added_at,
    {{ business_date('added_at') }} as added_on
from {{ source('raw', 'cart__cart_lines') }}
