select
    id as dispute_id,
    order_id,
    request_id as return_id,
    buyer_id,
    seller_id,
    kind,
    state,
    decided_by,
    due_at,
    {{ business_date('due_at') }} as due_on,
    created_at,
    {{ business_date('created_at') }} as created_on,
    closed_at,
    {{ business_date('closed_at') }} as closed_on
from {{ source('raw', 'returns__disputes') }}
