{{ config(meta={'dagster': {'ref': {'name': 'fct_order_lines'}}}) }}
-- Fuel and coupons are counted in thousandths in some sources: a thousand pieces in one line is no purchase of goods.
select
    lines.order_id,
    lines.line_no,
    lines.quantity
from {{ ref('fct_order_lines') }} as lines
inner join {{ ref('dim_product') }} as products using (product_id)
where {{ rebuilt('lines.placed_on') }} and products.is_countable and lines.quantity >= 1000
