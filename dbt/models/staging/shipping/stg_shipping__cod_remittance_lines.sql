select
    remittance_id,
    line_no,
    consignment_id,
    shipment_id,
    collected_poisha,
    delivery_fee_poisha,
    cod_fee_poisha,
    cleared_poisha
from {{ source('raw', 'shipping__cod_remittance_lines') }}
