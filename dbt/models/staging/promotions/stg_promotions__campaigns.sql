select
    id as campaign_id,
    code,
    name_en,
    name_bn,
    starts_at,
    {{ business_date('starts_at') }} as starts_on,
    ends_at,
    {{ business_date('ends_at') }} as ends_on,
    created_by
from {{ source('raw', 'promotions__campaigns') }}
