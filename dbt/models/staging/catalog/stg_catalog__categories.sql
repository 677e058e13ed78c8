select
    id as category_id,
    parent_id,
    path,
    name_en,
    name_bn
from {{ source('raw', 'catalog__categories') }}
