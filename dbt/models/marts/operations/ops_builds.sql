{{ config(materialized='view') }}
-- Builds of the warehouse that succeeded, and the business dates they rebuilt.
select
    built_at,
    batch_hi,
    min_on,
    max_on,
    seconds,
    load_no,
    run_id
from {{ source('quality', 'warehouse_builds') }}
