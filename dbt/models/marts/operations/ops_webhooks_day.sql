-- Deliveries of webhooks by day and seller, and how their endpoints answered.
with tries as (
    select
        delivery_id,
        avg(duration_ms) as duration_ms
    from {{ ref('stg_webhooks__attempts') }}
    group by delivery_id
)

select
    deliveries.created_on,
    endpoints.seller_id,
    count(*)::integer as deliveries,
    count(*) filter (where deliveries.closed_at is null)::integer as open,
    avg(deliveries.tries)::double precision as tries_mean,
    avg(tries.duration_ms)::double precision as duration_ms_mean
from {{ ref('stg_webhooks__deliveries') }} as deliveries
inner join {{ ref('stg_webhooks__endpoints') }} as endpoints using (endpoint_id)
left join tries using (delivery_id)
group by deliveries.created_on, endpoints.seller_id
