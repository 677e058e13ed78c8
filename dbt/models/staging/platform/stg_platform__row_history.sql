select
    seq,
    table_name,
    row_key,
    was,
    is_deleted,
    ended_at,
    {{ business_date('ended_at') }} as ended_on
from {{ source('raw', 'platform__row_history') }}
