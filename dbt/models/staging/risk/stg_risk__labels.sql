select
    id as label_id,
    group_id,
    is_fraud,
    origin,
    occurred_at,
    {{ business_date('occurred_at') }} as occurred_on,
    known_at,
    {{ business_date('known_at') }} as known_on
from {{ source('raw', 'risk__labels') }}
