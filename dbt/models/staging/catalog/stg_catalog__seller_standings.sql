select
    seller_id,
    score_bp,
    orders,
    counted_at,
    {{ business_date('counted_at') }} as counted_on
from {{ source('raw', 'catalog__seller_standings') }}
