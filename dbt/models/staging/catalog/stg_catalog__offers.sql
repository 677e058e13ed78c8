select
    id as offer_id,
    product_id,
    seller_id,
    price_poisha,
    status,
    created_at,
    {{ business_date('created_at') }} as created_on,
    updated_at,
    {{ business_date('updated_at') }} as updated_on,
    variant_id,
    sku,
    list_price_poisha,
    condition,
    handling_days,
    version
from {{ source('raw', 'catalog__offers') }}
