select
    id as batch_id,
    state,
    until_on,
    minimum_poisha,
    proposed_by,
    proposed_at,
    {{ business_date('proposed_at') }} as proposed_on,
    decided_by,
    decided_at,
    {{ business_date('decided_at') }} as decided_on,
    closed_at,
    {{ business_date('closed_at') }} as closed_on
from {{ source('raw', 'payouts__batches') }}
