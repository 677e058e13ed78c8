{{ config(indexes=[{'columns': ['order_id', 'kind'], 'unique': true}]) }}
-- Promised days, and whether they were kept; not known yet: neither kept nor broken.
select
    clocks.order_id,
    clocks.kind,
    clocks.is_legal,
    clocks.due_at,
    clocks.due_on,
    clocks.stopped_at,
    clocks.breached_at,
    case
        when clocks.breached_at is not null or clocks.stopped_at > clocks.due_at then false
        when clocks.stopped_at is not null then true
    end as is_kept
from {{ ref('stg_shipping__sla_clocks') }} as clocks
