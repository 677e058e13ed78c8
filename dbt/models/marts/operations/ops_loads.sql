{{ config(materialized='view') }}
-- Up to when each raw table is complete. A view: it must be true even when the last build failed.
select
    table_name,
    changed_xid,
    batch_rows,
    loaded_at
from {{ source('raw', 'extract_cursors') }}
