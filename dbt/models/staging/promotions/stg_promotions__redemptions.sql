select
    code as voucher_code,
    buyer_id,
    use_no,
    group_id,
    discount_poisha,
    redeemed_at,
    {{ business_date('redeemed_at') }} as redeemed_on,
    given_back_at,
    {{ business_date('given_back_at') }} as given_back_on
from {{ source('raw', 'promotions__redemptions') }}
