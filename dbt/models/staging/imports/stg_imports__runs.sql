select
    id as run_id,
    source,
    file_name,
    file_sha256,
    mapping_sha256,
    report,
    started_at,
    {{ business_date('started_at') }} as started_on,
    finished_at,
    {{ business_date('finished_at') }} as finished_on
from {{ source('raw', 'imports__runs') }}
