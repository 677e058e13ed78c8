{{ config(indexes=[{'columns': ['offer_id']}]) }}
-- Spells in which an offer was on no shelf, and what it would have sold by its own pace of the four weeks before.
with shelves as (
    select
        offer_id,
        movement_id,
        occurred_at,
        sum(quantity) over (partition by offer_id order by movement_id) as on_hand
    from {{ ref('stg_inventory__movements') }}
),

turns as (
    select
        offer_id,
        occurred_at,
        movement_id,
        on_hand <= 0 as is_out,
        lag(on_hand <= 0) over (partition by offer_id order by movement_id) as was_out
    from shelves
),

spells as (
    select
        offer_id,
        is_out,
        occurred_at as from_at,
        lead(occurred_at) over (partition by offer_id order by movement_id) as until_at
    from turns
    where was_out is null or was_out <> is_out
),

outs as (
    select
        offer_id,
        from_at,
        until_at,
        {{ business_date('from_at') }} as from_on,
        {{ business_date('coalesce(until_at, now())') }} - {{ business_date('from_at') }} as days
    from spells
    where is_out
),

pace as (
    select
        outs.offer_id,
        outs.from_at,
        sum(sales.units) / 28 as units_per_day,
        sum(sales.sales_poisha) / 28 as sales_per_day_poisha
    from outs
    inner join {{ ref('fct_sales_daily_product') }} as sales
        on outs.offer_id = sales.offer_id and sales.sold_on between outs.from_on - 28 and outs.from_on - 1
    group by outs.offer_id, outs.from_at
)

select
    outs.offer_id,
    offers.product_id,
    offers.seller_id,
    outs.from_at,
    outs.from_on,
    outs.until_at,
    outs.days as nights,
    outs.until_at is null as is_open,
    coalesce(pace.units_per_day * outs.days, 0)::numeric(18, 3) as lost_units,
    coalesce(pace.sales_per_day_poisha * outs.days, 0)::bigint as lost_sales_poisha
from outs
inner join {{ ref('stg_catalog__offers') }} as offers using (offer_id)
left join pace using (offer_id, from_at)
