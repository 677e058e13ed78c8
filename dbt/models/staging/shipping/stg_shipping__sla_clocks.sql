select
    order_id,
    kind,
    is_legal,
    due_at,
    {{ business_date('due_at') }} as due_on,
    stopped_at,
    {{ business_date('stopped_at') }} as stopped_on,
    breached_at,
    {{ business_date('breached_at') }} as breached_on
from {{ source('raw', 'shipping__sla_clocks') }}
