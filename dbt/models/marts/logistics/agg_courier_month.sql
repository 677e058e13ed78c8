-- Couriers by month of placement: volume, lead times, parcels that came back.
select
    date_trunc('month', placed_on)::date as month_on,
    coalesce(courier, 'none') as courier,
    count(*)::integer as orders,
    count(*) filter (where status = 'delivered')::integer as delivered,
    count(*) filter (where is_returned_to_origin)::integer as returned_to_origin,
    count(*) filter (where is_returned_to_origin)::double precision
    / nullif(count(*) filter (where closed_at is not null), 0) as returned_ratio,
    percentile_cont(0.5) within group (order by handover_hours)::double precision as handover_hours_median,
    percentile_cont(0.5) within group (order by transit_hours)::double precision as transit_hours_median,
    percentile_cont(0.9) within group (order by transit_hours)::double precision as transit_hours_p90
from {{ ref('fct_deliveries') }}
group by date_trunc('month', placed_on), coalesce(courier, 'none')
