select
    id as break_id,
    remittance_id,
    shipment_id,
    consignment_id,
    kind,
    expected_poisha,
    got_poisha,
    state,
    resolved_by,
    found_at,
    {{ business_date('found_at') }} as found_on,
    resolved_at,
    {{ business_date('resolved_at') }} as resolved_on
from {{ source('raw', 'shipping__reconciliation_breaks') }}
