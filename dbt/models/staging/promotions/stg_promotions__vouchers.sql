select
    code as voucher_code,
    discount_bp,
    max_discount_poisha,
    min_subtotal_poisha,
    limit_total,
    limit_per_buyer,
    redeemed,
    funded_by,
    starts_at,
    {{ business_date('starts_at') }} as starts_on,
    ends_at,
    {{ business_date('ends_at') }} as ends_on
from {{ source('raw', 'promotions__vouchers') }}
