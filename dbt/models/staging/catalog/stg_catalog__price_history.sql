select
    id as price_id,
    offer_id,
    price_poisha,
    from_at,
    {{ business_date('from_at') }} as from_on,
    changed_by
from {{ source('raw', 'catalog__price_history') }}
