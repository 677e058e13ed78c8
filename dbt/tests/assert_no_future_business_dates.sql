-- Nothing is sold tomorrow. Five minutes cover the skew between the clocks of two machines.
select
    group_id,
    placed_at
from {{ ref('fct_order_groups') }}
where {{ rebuilt('placed_on') }} and placed_at > now() + interval '5 minutes'
