-- Buyers of each month: new ones, those who had bought before, and wishes and follows they left.
with buyers as (
    select
        date_trunc('month', orders.placed_on)::date as month_on,
        orders.buyer_id,
        bool_or(worth.first_on < date_trunc('month', orders.placed_on)::date) as is_repeat,
        sum(orders.subtotal_poisha - orders.discount_poisha) as sales_poisha
    from {{ ref('fct_orders') }} as orders
    inner join {{ ref('dim_buyer_value') }} as worth using (buyer_id)
    where orders.is_sale
    group by date_trunc('month', orders.placed_on), orders.buyer_id
)

select
    month_on,
    count(*)::integer as buyers,
    count(*) filter (where is_repeat)::integer as repeat_buyers,
    count(*) filter (where is_repeat)::double precision / count(*) as repeat_ratio,
    sum(sales_poisha)::bigint as sales_poisha,
    coalesce(sum(sales_poisha) filter (where is_repeat), 0)::bigint as repeat_sales_poisha
from buyers
group by month_on
