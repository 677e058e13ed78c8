select
    id as hub_id,
    code,
    name,
    district_code,
    is_synthetic
from {{ source('raw', 'inventory__hubs') }}
