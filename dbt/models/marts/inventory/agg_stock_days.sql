{{ config(indexes=[{'columns': ['offer_id'], 'unique': true}]) }}
-- For how many days the stock of each offer lasts at the pace of the last four weeks with sales.
with last_day as (
    select max(sold_on) as last_on from {{ ref('fct_sales_daily_product') }}
),

sold as (
    select
        sales.offer_id,
        sum(sales.units) / 28 as units_per_day
    from {{ ref('fct_sales_daily_product') }} as sales
    cross join last_day
    where sales.sold_on > last_day.last_on - 28
    group by sales.offer_id
),

stock as (
    select
        offer_id,
        product_id,
        seller_id,
        sum(on_hand)::bigint as on_hand,
        sum(available)::bigint as available,
        (sum(on_hand * unit_cost_poisha))::bigint as stock_value_poisha
    from {{ ref('fct_stock') }}
    group by offer_id, product_id, seller_id
)

select
    stock.offer_id,
    stock.product_id,
    stock.seller_id,
    stock.on_hand,
    stock.available,
    coalesce(stock.stock_value_poisha, 0) as stock_value_poisha,
    coalesce(sold.units_per_day, 0)::numeric(18, 3) as units_per_day,
    (stock.available / nullif(sold.units_per_day, 0))::double precision as stock_days,
    stock.available <= 0 as is_out
from stock
left join sold using (offer_id)
