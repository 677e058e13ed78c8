{{ config(materialized='table') }}
-- Requests, errors and durations of each route by day, from counters that begin at zero whenever a service starts.
with samples as (
    select
        *,
        lag(requests) over from_start as requests_before,
        lag(client_errors) over from_start as client_errors_before,
        lag(server_errors) over from_start as server_errors_before,
        lag(seconds) over from_start as seconds_before,
        lag(within_100ms) over from_start as within_100ms_before
    from {{ source('quality', 'api_samples') }}
    window from_start as (partition by service, method, route order by sampled_at)
),

steps as (
    select
        {{ business_date('sampled_at') }} as sampled_on,
        service,
        method,
        route,
        requests - case when has_gone_on then requests_before else 0 end as requests,
        client_errors - case when has_gone_on then client_errors_before else 0 end as client_errors,
        server_errors - case when has_gone_on then server_errors_before else 0 end as server_errors,
        seconds - case when has_gone_on then seconds_before else 0 end as seconds,
        within_100ms - case when has_gone_on then within_100ms_before else 0 end as within_100ms
    from (select *, coalesce(requests >= requests_before, false) as has_gone_on from samples) as compared
)

select
    sampled_on,
    service,
    method,
    route,
    sum(requests)::bigint as requests,
    sum(client_errors)::bigint as client_errors,
    sum(server_errors)::bigint as server_errors,
    sum(seconds) / sum(requests) as seconds_mean,
    sum(within_100ms)::double precision / sum(requests) as within_100ms_ratio
from steps
group by sampled_on, service, method, route
having sum(requests) > 0
