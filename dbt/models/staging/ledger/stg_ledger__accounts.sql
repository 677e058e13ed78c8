select
    code as account_code,
    kind,
    owner_id
from {{ source('raw', 'ledger__accounts') }}
