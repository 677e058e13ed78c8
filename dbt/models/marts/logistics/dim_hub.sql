select
    hub_id,
    code,
    name,
    district_code,
    is_synthetic
from {{ ref('stg_inventory__hubs') }}
