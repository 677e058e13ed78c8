select
    id as coin_entry_id,
    user_id,
    kind,
    coins,
    reference,
    expires_at,
    {{ business_date('expires_at') }} as expires_on,
    recorded_at,
    {{ business_date('recorded_at') }} as recorded_on
from {{ source('raw', 'engagement__coin_entries') }}
