select
    id as bundle_id,
    code,
    name_en,
    seller_id,
    discount_bp,
    platform_bp,
    starts_at,
    {{ business_date('starts_at') }} as starts_on,
    ends_at,
    {{ business_date('ends_at') }} as ends_on
from {{ source('raw', 'promotions__bundles') }}
