{{ config(indexes=[{'columns': ['order_id'], 'unique': true}]) }}
-- Delivered orders whose money waits for the buyer, and what keeps it.
select
    holds.order_id,
    holds.seller_id,
    holds.state,
    holds.delivered_at,
    holds.release_at,
    holds.released_at,
    holds.released_by,
    holds.reserve_poisha,
    orders.total_poisha,
    count(freezes.cause)::integer as freezes,
    (count(freezes.cause) filter (where freezes.lifted_at is null))::integer as freezes_open
from {{ ref('stg_ledger__escrow_holds') }} as holds
left join {{ ref('stg_orders__orders') }} as orders using (order_id)
left join {{ ref('stg_ledger__escrow_freezes') }} as freezes using (order_id)
group by
    holds.order_id, holds.seller_id, holds.state, holds.delivered_at, holds.release_at, holds.released_at,
    holds.released_by, holds.reserve_poisha, orders.total_poisha
