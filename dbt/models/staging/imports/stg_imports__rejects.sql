select
    run_id,
    row_number,
    reason,
    quantity_milli,
    amount_poisha,
    "row" as source_row
from {{ source('raw', 'imports__rejects') }}
