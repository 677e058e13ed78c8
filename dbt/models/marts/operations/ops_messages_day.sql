-- Messages to people by day, channel and template: sent, failed, still on their way, and how long they took.
select
    created_on,
    channel,
    template,
    count(*)::integer as messages,
    count(*) filter (where state = 'sent')::integer as sent,
    count(*) filter (where state = 'failed')::integer as failed,
    count(*) filter (where closed_at is null)::integer as open,
    avg(tries)::double precision as tries_mean,
    percentile_cont(0.95) within group (order by extract(epoch from closed_at - created_at))::double precision
        as seconds_p95
from {{ ref('stg_notifications__messages') }}
group by created_on, channel, template
