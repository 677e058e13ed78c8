select
    id as receipt_id,
    purchase_order_id,
    offer_id,
    quantity,
    received_by,
    received_at,
    {{ business_date('received_at') }} as received_on
from {{ source('raw', 'inventory__receipts') }}
