{{ config(indexes=[{'columns': ['seller_id'], 'unique': true}]) }}
-- How each seller served in the 90 days up to the last one with orders: outcomes, promises, ratings, answers.
with period as (
    select max(placed_on) - 90 as after_on from {{ ref('fct_orders') }}
),

orders as (
    select
        orders.seller_id,
        count(*)::integer as orders,
        count(*) filter (where orders.status = 'delivered')::integer as delivered,
        count(*) filter (where orders.status = 'refused')::integer as refused,
        count(*) filter (where orders.status = 'cancelled')::integer as cancelled,
        coalesce(sum(orders.subtotal_poisha - orders.discount_poisha) filter (where orders.is_sale), 0)::bigint
            as sales_poisha,
        avg(extract(epoch from orders.shipped_at - orders.placed_at) / 3600) as handover_hours_mean
    from {{ ref('fct_orders') }} as orders
    cross join period
    where orders.placed_on > period.after_on
    group by orders.seller_id
),

promises as (
    select
        orders.seller_id,
        count(*)::integer as promises,
        count(*) filter (where promises.is_kept)::integer as promises_kept
    from {{ ref('fct_promises') }} as promises
    inner join {{ ref('fct_orders') }} as orders using (order_id)
    cross join period
    where promises.kind = 'handover' and promises.is_kept is not null and orders.placed_on > period.after_on
    group by orders.seller_id
),

ratings as (
    select
        reviews.seller_id,
        count(*)::integer as ratings,
        avg(reviews.rating) as rating_mean
    from {{ ref('stg_reviews__reviews') }} as reviews
    where reviews.state = 'published'
    group by reviews.seller_id
),

answers as (
    select
        seller_id,
        count(*)::integer as answers,
        percentile_cont(0.5) within group (order by extract(epoch from answered_at - asked_at) / 3600)
            as answer_hours_median
    from {{ ref('stg_engagement__answers') }}
    group by seller_id
)

select
    sellers.seller_id,
    sellers.name as seller_name,
    sellers.status,
    sellers.tier,
    coalesce(orders.orders, 0) as orders,
    coalesce(orders.delivered, 0) as delivered,
    coalesce(orders.refused, 0) as refused,
    coalesce(orders.cancelled, 0) as cancelled,
    coalesce(orders.sales_poisha, 0) as sales_poisha,
    orders.cancelled::double precision / nullif(orders.orders, 0) as cancelled_ratio,
    orders.refused::double precision / nullif(orders.orders, 0) as refused_ratio,
    orders.handover_hours_mean::double precision as handover_hours_mean,
    promises.promises_kept::double precision / nullif(promises.promises, 0) as promises_kept_ratio,
    coalesce(ratings.ratings, 0) as ratings,
    ratings.rating_mean::double precision as rating_mean,
    coalesce(answers.answers, 0) as answers,
    answers.answer_hours_median::double precision as answer_hours_median
from {{ ref('stg_sellers__sellers') }} as sellers
left join orders using (seller_id)
left join promises using (seller_id)
left join ratings using (seller_id)
left join answers using (seller_id)
