{{ config(materialized='view') }}
-- Depth and age of commerce's queues, sampled at every ingest.
select
    sampled_at,
    {{ business_date('sampled_at') }} as sampled_on,
    queue,
    waiting,
    oldest_s
from {{ source('quality', 'queue_samples') }}
