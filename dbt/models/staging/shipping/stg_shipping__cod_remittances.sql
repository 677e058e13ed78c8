select
    id as remittance_id,
    courier,
    invoice_id,
    position,
    collected_poisha,
    fee_poisha,
    paid_poisha,
    paid_at,
    {{ business_date('paid_at') }} as paid_on,
    imported_at,
    {{ business_date('imported_at') }} as imported_on
from {{ source('raw', 'shipping__cod_remittances') }}
