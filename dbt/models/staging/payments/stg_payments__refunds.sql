select
    id as refund_id,
    attempt_id,
    order_id,
    amount_poisha,
    state,
    provider_refund_id,
    reason,
    created_at,
    {{ business_date('created_at') }} as created_on,
    resolved_at,
    {{ business_date('resolved_at') }} as resolved_on,
    locked_until,
    cause_key
from {{ source('raw', 'payments__refunds') }}
