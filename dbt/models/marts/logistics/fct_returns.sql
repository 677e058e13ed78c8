{{ config(indexes=[{'columns': ['return_id'], 'unique': true}]) }}
-- Requests to send goods back: pieces asked, accepted and fit to sell again, what was paid back, whether it was disputed.
with lines as (
    select
        return_id,
        sum(quantity)::integer as asked,
        sum(accepted)::integer as accepted,
        sum(good)::integer as good
    from {{ ref('stg_returns__request_lines') }}
    group by return_id
),

disputes as (
    select
        return_id,
        max(state) as dispute_state
    from {{ ref('stg_returns__disputes') }}
    where return_id is not null and state <> 'withdrawn'
    group by return_id
),

paid as (
    select
        cause_key,
        sum(total_poisha)::bigint as returned_poisha
    from {{ ref('stg_orders__reversals') }}
    where cause = 'returned'
    group by cause_key
)

select
    requests.return_id,
    requests.order_id,
    requests.buyer_id,
    requests.seller_id,
    requests.state,
    requests.reason,
    requests.reason <> 'changed_mind' as is_sellers_fault,
    requests.wish,
    lines.asked,
    lines.accepted,
    lines.good,
    coalesce(paid.returned_poisha, 0) as returned_poisha,
    disputes.dispute_state,
    requests.created_at,
    requests.created_on,
    requests.closed_at
from {{ ref('stg_returns__requests') }} as requests
inner join lines using (return_id)
left join disputes using (return_id)
left join paid on paid.cause_key = 'return:' || requests.return_id
