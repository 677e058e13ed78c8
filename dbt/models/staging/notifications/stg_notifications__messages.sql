select
    id as message_id,
    user_id,
    channel,
    template,
    locale,
    state,
    tries,
    next_try_at,
    {{ business_date('next_try_at') }} as next_try_on,
    created_at,
    {{ business_date('created_at') }} as created_on,
    submitted_at,
    {{ business_date('submitted_at') }} as submitted_on,
    closed_at,
    {{ business_date('closed_at') }} as closed_on
from {{ source('raw', 'notifications__messages') }}
