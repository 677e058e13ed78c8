select
    user_id,
    seller_id,
    followed_at,
    {{ business_date('followed_at') }} as followed_on
from {{ source('raw', 'engagement__follows') }}
