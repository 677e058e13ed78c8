select
    id as transfer_id,
    kind,
    reference,
    business_on,
    posted_at,
    {{ business_date('posted_at') }} as posted_on
from {{ source('raw', 'ledger__transfers') }}
