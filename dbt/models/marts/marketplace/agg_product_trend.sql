{{ config(indexes=[{'columns': ['product_id'], 'unique': true}, {'columns': ['category']}]) }}
-- What sold in the last four weeks beside the four before, for every product that sold in either.
with today as (
    select {{ business_date('now()') }} as today_on
),

recent as (
    select
        sales.product_id,
        coalesce(sum(sales.units) filter (where sales.sold_on > today.today_on - 28), 0) as units_28d,
        coalesce(sum(sales.units) filter (where sales.sold_on <= today.today_on - 28), 0) as units_prior_28d,
        coalesce(sum(sales.sales_poisha) filter (where sales.sold_on > today.today_on - 28), 0) as sales_28d_poisha
    from {{ ref('fct_sales_daily_product') }} as sales
    cross join today
    where sales.sold_on > today.today_on - 56
    group by sales.product_id
)

select
    products.product_id,
    products.title_en,
    products.department,
    products.category,
    products.uom,
    products.is_countable,
    recent.units_28d::numeric(18, 3) as units_28d,
    recent.units_prior_28d::numeric(18, 3) as units_prior_28d,
    recent.sales_28d_poisha::bigint as sales_28d_poisha
from recent
inner join {{ ref('dim_product') }} as products using (product_id)
