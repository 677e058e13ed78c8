select
    offer_id,
    lead_time_days_mean,
    lead_time_days_sd,
    minimum_order_quantity,
    pack_size,
    unit_cost_poisha,
    is_synthetic
from {{ source('raw', 'inventory__supply_terms') }}
