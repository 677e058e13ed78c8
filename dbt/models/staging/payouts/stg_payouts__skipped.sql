select
    batch_id,
    seller_id,
    reason,
    balance_poisha
from {{ source('raw', 'payouts__skipped') }}
