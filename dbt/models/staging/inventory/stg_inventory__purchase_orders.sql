select
    id as purchase_order_id,
    number,
    seller_id,
    hub_id,
    state,
    expected_on,
    created_by,
    approved_by,
    created_at,
    {{ business_date('created_at') }} as created_on,
    closed_at,
    {{ business_date('closed_at') }} as closed_on
from {{ source('raw', 'inventory__purchase_orders') }}
