select
    id as seller_id,
    code,
    name,
    owner_user_id,
    status,
    district_code,
    commission_bp,
    is_synthetic,
    created_at,
    {{ business_date('created_at') }} as created_on,
    tier,
    holiday_until
from {{ source('raw', 'sellers__sellers') }}
