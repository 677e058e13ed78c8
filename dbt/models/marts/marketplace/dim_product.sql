{{ config(indexes=[{'columns': ['product_id'], 'unique': true}]) }}
select
    product_id,
    code,
    title_en,
    title_bn,
    category_path,
    department,
    category,
    product_type,
    brand,
    package_size,
    uom,
    is_countable,
    is_synthetic,
    created_at
from {{ ref('int_products') }}
