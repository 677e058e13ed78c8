select
    delivery_id,
    try_no,
    status_code,
    duration_ms,
    attempted_at,
    {{ business_date('attempted_at') }} as attempted_on
from {{ source('raw', 'webhooks__attempts') }}
