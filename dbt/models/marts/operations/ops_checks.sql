{{ config(materialized='view') }}
-- The last result of every check that pipelines ran.
select
    check_name,
    subject,
    is_passed,
    detail,
    checked_at,
    run_id
from {{ source('quality', 'check_results') }}
