-- What did not fit when couriers paid, and how long it stayed open.
select
    breaks.break_id,
    breaks.kind,
    breaks.state,
    remittances.courier,
    breaks.shipment_id,
    breaks.expected_poisha,
    breaks.got_poisha,
    breaks.got_poisha - breaks.expected_poisha as difference_poisha,
    breaks.found_at,
    breaks.found_on,
    breaks.resolved_at
from {{ ref('stg_shipping__reconciliation_breaks') }} as breaks
left join {{ ref('stg_shipping__cod_remittances') }} as remittances using (remittance_id)
