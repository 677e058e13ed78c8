select
    request_id as return_id,
    line_no,
    quantity,
    accepted,
    good
from {{ source('raw', 'returns__request_lines') }}
