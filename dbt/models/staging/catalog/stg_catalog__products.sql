select
    id as product_id,
    code,
    category_id,
    title_en,
    title_bn,
    brand,
    package_size,
    uom,
    is_active,
    is_synthetic,
    created_at,
    {{ business_date('created_at') }} as created_on
from {{ source('raw', 'catalog__products') }}
