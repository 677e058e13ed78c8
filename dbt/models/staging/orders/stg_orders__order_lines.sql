select
    order_id,
    line_no,
    offer_id,
    product_id,
    quantity,
    subtotal_poisha,
    discount_poisha,
    total_poisha
from {{ source('raw', 'orders__order_lines') }}
