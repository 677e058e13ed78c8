{{ config(indexes=[{'columns': ['seller_id']}, {'columns': ['category']}]) }}
-- Stock by seller and category now: what is there, what is gone, what will not last until a delivery could arrive.
with today as (
    select {{ business_date('now()') }} as today_on
),

sold as (
    select
        sales.offer_id,
        sum(sales.units) as units_28d
    from {{ ref('fct_sales_daily_product') }} as sales
    cross join today
    where sales.sold_on > today.today_on - 28
    group by sales.offer_id
),

offers as (
    select
        offer_id,
        product_id,
        seller_id,
        sum(on_hand) as on_hand,
        sum(available) as available,
        max(lead_time_days_mean) as lead_time_days_mean,
        max(unit_cost_poisha) as unit_cost_poisha
    from {{ ref('fct_stock') }}
    where offer_status = 'active'
    group by offer_id, product_id, seller_id
)

select
    offers.seller_id,
    sellers.name as seller_name,
    products.department,
    products.category,
    count(*)::integer as offers,
    count(*) filter (where offers.available <= 0)::integer as offers_out,
    count(*) filter (
        where offers.available > 0 and offers.available < sold.units_28d / 28 * offers.lead_time_days_mean
    )::integer as offers_short,
    count(sold.offer_id)::integer as offers_selling,
    sum(offers.on_hand)::bigint as on_hand,
    coalesce(sum(offers.on_hand * offers.unit_cost_poisha), 0)::bigint as stock_value_poisha,
    coalesce(sum(sold.units_28d), 0)::numeric(18, 3) as units_28d
from offers
inner join {{ ref('dim_product') }} as products using (product_id)
left join {{ ref('dim_seller') }} as sellers using (seller_id)
left join sold using (offer_id)
where products.is_countable
group by offers.seller_id, sellers.name, products.department, products.category
