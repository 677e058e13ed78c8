select
    order_id,
    seller_id,
    state,
    delivered_at,
    {{ business_date('delivered_at') }} as delivered_on,
    release_at,
    {{ business_date('release_at') }} as release_on,
    released_at,
    {{ business_date('released_at') }} as released_on,
    released_by,
    reserve_poisha,
    reserve_until,
    reserve_paid_at,
    {{ business_date('reserve_paid_at') }} as reserve_paid_on
from {{ source('raw', 'ledger__escrow_holds') }}
