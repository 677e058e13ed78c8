select
    message_id,
    seller_id,
    asked_at,
    {{ business_date('asked_at') }} as asked_on,
    answered_at,
    {{ business_date('answered_at') }} as answered_on
from {{ source('raw', 'engagement__answers') }}
