select
    order_id,
    cause,
    frozen_at,
    {{ business_date('frozen_at') }} as frozen_on,
    lifted_at,
    {{ business_date('lifted_at') }} as lifted_on
from {{ source('raw', 'ledger__escrow_freezes') }}
