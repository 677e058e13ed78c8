select
    id as payout_id,
    batch_id,
    seller_id,
    state,
    amount_poisha,
    account_id,
    method,
    reference,
    failure,
    tries,
    locked_until,
    created_at,
    {{ business_date('created_at') }} as created_on,
    resolved_at,
    {{ business_date('resolved_at') }} as resolved_on
from {{ source('raw', 'payouts__items') }}
