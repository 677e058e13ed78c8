select
    id as user_id,
    kind,
    phone_index,
    email_index,
    scopes,
    locale,
    district_code,
    is_synthetic,
    created_at,
    {{ business_date('created_at') }} as created_on,
    is_guest,
    phone_verified_at,
    {{ business_date('phone_verified_at') }} as phone_verified_on
from {{ source('raw', 'identity__users') }}
