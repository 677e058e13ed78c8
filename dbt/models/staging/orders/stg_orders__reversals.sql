select
    id as reversal_id,
    order_id,
    line_no,
    quantity,
    subtotal_poisha,
    discount_poisha,
    shipping_poisha,
    total_poisha,
    cause,
    cause_key,
    created_at,
    {{ business_date('created_at') }} as created_on
from {{ source('raw', 'orders__reversals') }}
