select
    label_id,
    group_id,
    is_fraud,
    origin,
    occurred_at,
    known_at,
    known_on
from {{ ref('stg_risk__labels') }}
