select
    purchase_order_id,
    offer_id,
    quantity,
    received,
    unit_cost_poisha
from {{ source('raw', 'inventory__purchase_order_lines') }}
