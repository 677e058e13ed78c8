-- Buyers by the month of their first sale, and what they bought in the months after.
with sales as (
    select
        buyer_id,
        date_trunc('month', placed_on)::date as month_on,
        count(*) as orders,
        sum(subtotal_poisha - discount_poisha) as sales_poisha
    from {{ ref('fct_orders') }}
    where is_sale
    group by buyer_id, date_trunc('month', placed_on)
),

cohorts as (
    select
        buyer_id,
        min(month_on) as cohort_on
    from sales
    group by buyer_id
),

sizes as (
    select
        cohort_on,
        count(*)::integer as cohort_buyers
    from cohorts
    group by cohort_on
)

select
    cohorts.cohort_on,
    (
        extract(year from age(sales.month_on, cohorts.cohort_on)) * 12
        + extract(month from age(sales.month_on, cohorts.cohort_on))
    )::integer as months_after,
    min(sizes.cohort_buyers) as cohort_buyers,
    count(*)::integer as buyers,
    sum(sales.orders)::bigint as orders,
    sum(sales.sales_poisha)::bigint as sales_poisha,
    count(*)::double precision / min(sizes.cohort_buyers) as retained_ratio
from sales
inner join cohorts using (buyer_id)
inner join sizes using (cohort_on)
group by cohorts.cohort_on, sales.month_on
