select
    transfer_id,
    entry_no,
    account_code,
    order_id,
    amount_poisha
from {{ source('raw', 'ledger__entries') }}
