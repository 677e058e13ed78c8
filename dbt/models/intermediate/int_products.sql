with categorised as (
    select
        products.product_id,
        products.code,
        products.title_en,
        products.title_bn,
        categories.path as category_path,
        split_part(categories.path, ' > ', 1) as department,
        coalesce(nullif(split_part(categories.path, ' > ', 2), ''), split_part(categories.path, ' > ', 1)) as category,
        nullif(split_part(categories.path, ' > ', 3), '') as product_type,
        products.brand,
        products.package_size,
        products.uom,
        products.is_synthetic,
        products.created_at
    from {{ ref('stg_catalog__products') }} as products
    inner join {{ ref('stg_catalog__categories') }} as categories using (category_id)
)

select
    *,
    uom = 'each'
    and department not in ({{ "'" ~ var('uncountable_departments') | join("', '") ~ "'" }})
    and category not in ({{ "'" ~ var('uncountable_categories') | join("', '") ~ "'" }}) as is_countable
from categorised
