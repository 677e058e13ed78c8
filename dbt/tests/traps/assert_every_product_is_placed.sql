{{ config(meta={'dagster': {'ref': {'name': 'dim_product'}}}) }}
-- Products without a category (there are some in the panel) get one at import: an inner join must not lose any.
select
    products.product_id
from {{ ref('stg_catalog__products') }} as products
left join {{ ref('dim_product') }} as placed using (product_id)
where placed.product_id is null or placed.department = ''
