{{ config(indexes=[{'columns': ['buyer_id'], 'unique': true}]) }}
-- Recency, frequency and money of every buyer, in fifths, and what a model of lifetime value starts from.
with days as (
    -- What is bought on one day counts as one purchase: a checkout at two shops is no sign of coming back.
    select
        buyer_id,
        placed_on,
        count(*) as orders,
        sum(subtotal_poisha - discount_poisha) as sales_poisha,
        placed_on - lag(placed_on) over (partition by buyer_id order by placed_on) as gap_days
    from {{ ref('fct_orders') }}
    where is_sale
    group by buyer_id, placed_on
),

last_day as (
    select max(placed_on) as last_on from {{ ref('fct_orders') }}
),

buyers as (
    select
        days.buyer_id,
        min(days.placed_on) as first_on,
        max(days.placed_on) as last_on,
        count(*)::integer as purchase_days,
        sum(days.orders)::integer as orders,
        sum(days.sales_poisha)::bigint as sales_poisha,
        avg(days.gap_days)::double precision as gap_days_mean,
        (max(last_day.last_on) - max(days.placed_on))::integer as recency_days,
        (max(last_day.last_on) - min(days.placed_on))::integer as age_days
    from days
    cross join last_day
    group by days.buyer_id
),

scored as (
    select
        *,
        ntile(5) over (order by recency_days desc, buyer_id)::integer as recency_score,
        ntile(5) over (order by purchase_days, buyer_id)::integer as frequency_score,
        ntile(5) over (order by sales_poisha, buyer_id)::integer as money_score
    from buyers
)

select
    buyer_id,
    first_on,
    last_on,
    purchase_days,
    orders,
    sales_poisha,
    recency_days,
    age_days,
    purchase_days - 1 as repeat_days,
    gap_days_mean,
    sales_poisha / purchase_days as sales_per_day_poisha,
    recency_score,
    frequency_score,
    money_score,
    case
        when recency_score >= 4 and frequency_score >= 4 then 'loyal'
        when recency_score >= 4 and purchase_days = 1 then 'new'
        when recency_score >= 3 then 'active'
        when frequency_score >= 4 then 'at risk'
        else 'lapsed'
    end as segment
from scored
