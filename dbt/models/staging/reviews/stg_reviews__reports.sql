select
    review_id,
    reporter_id,
    reason,
    reported_at,
    {{ business_date('reported_at') }} as reported_on
from {{ source('raw', 'reviews__reports') }}
